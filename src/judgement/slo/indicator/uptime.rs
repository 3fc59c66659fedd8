//! Indicator `uptime`: share of seconds in which the front door answered.

use super::super::{Limit, Measurement, Note, Objective, Unit};
use super::reading::{EffectiveSizes, Indicator, missing};
use super::{Label, Profile, Samples, Topic, shares};
use crate::evidence::front_door::Slice;
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan, ProbeKind};
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;

/// Seconds of a month of 30 days.
const MONTH: f64 = 30.0 * 24.0 * 3600.0;

/// 1-second slices of the judged window; a slice in which the front door did not answer is down. The limit is a lower bound.
pub(super) struct Uptime;

fn judged(evidence: &Evidence) -> impl Iterator<Item = &Slice> {
    let window = evidence.plan.judged_window();
    let slices = evidence.observations.front_door.iter().flat_map(|door| &door.slices);
    slices.filter(move |slice| window.contains_secs(f64::from(slice.second)))
}

static PROFILE: Profile = Profile {
    name: "uptime",
    label: Label {
        english: "uptime",
        french: "disponibilité",
    },
    describe: "Share of 1-second slices in which the front door answered in time with a status below 500.",
    fault: Some(Label {
        english: "down",
        french: "en panne",
    }),
    unit: Unit::Share,
    floor: true,
    statistics: &[],
    by_share: true,
    needs_threshold: false,
    needs_event: false,
    usual_model: None,
    timed_from: None,
    samples: Some(Samples::Slices),
    probe: Some(ProbeKind::FrontDoor),
    topic: Topic::Failures,
};

impl Indicator for Uptime {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn expected_samples(&self, _plan: &LoadPlan, expected: &ExpectedEvidence, _objective: &Objective) -> Option<u64> {
        expected.slices
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        if evidence.observations.front_door.is_none() {
            return Err(missing(evidence, ProbeKind::FrontDoor));
        }
        let total = judged(evidence).count() as u64;
        if total == 0 {
            return Err(Unmeasured::NoSlice);
        }
        let down = judged(evidence).filter(|slice| !slice.up).count() as u64;
        let mut measurement = shares::measurement(
            self,
            objective,
            &EffectiveSizes::new(self, evidence, objective),
            down,
            total,
        );
        let allowed = self.profile().allowed(objective, objective.target);
        measurement.notes.push(Note::ErrorBudget {
            target: objective.target,
            seconds: allowed * MONTH,
            down,
            observed: total,
        });
        // Slices that the probe could not observe count neither as up nor as down, and the reader is told.
        let window = evidence.plan.judged_window();
        let left_out = (window.start.as_secs()..window.end.as_secs())
            .filter(|second| u32::try_from(*second).is_ok_and(|second| evidence.is_left_out(second)))
            .count() as u64;
        let unseen = window.length().as_secs().saturating_sub(total + left_out);
        if unseen > 0 {
            measurement.notes.push(Note::UnobservedSlices { count: unseen });
        }
        Ok(measurement)
    }

    fn seconds(&self, evidence: &Evidence, _objective: &Objective, _limit: Limit) -> Vec<SecondCount> {
        let counts = judged(evidence).map(|slice| (slice.second, u64::from(!slice.up), 1));
        counts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::Decision;

    #[test]
    fn a_minute_of_good_slices_meets_nothing_at_three_nines() {
        let mut run = fixture::Run::new();
        for second in 0..70 {
            run.slice(second, second >= 10);
        }
        let objective = fixture::objective("uptime", "99.9 %", "99.5 %");
        let found = Uptime.measure(&run.evidence(), &objective).unwrap();
        assert_eq!((found.samples, found.target.bad, found.point), (60, 0, Some(1.0)));
        assert!((found.target.allowed - 0.001).abs() < 1e-15);
        // 0.05^(1/60) = 0.951297: the true uptime may be as low as that.
        assert!((found.low.unwrap() - 0.951_297).abs() < 1e-6);
        assert_eq!(found.target.decide(), Decision::Undecided);
        let budget = |down, observed| Note::ErrorBudget {
            target: objective.target,
            // 0.1 % of 30 days.
            seconds: 2_592.0,
            down,
            observed,
        };
        assert_eq!(found.notes, [budget(0, 60)]);
    }

    #[test]
    fn an_outage_is_a_certain_miss() {
        let mut run = fixture::Run::new();
        for second in 10..65 {
            run.slice(second, !(30..36).contains(&second));
        }
        let objective = fixture::objective("uptime", "99.9 %", "99.5 %");
        let found = Uptime.measure(&run.evidence(), &objective).unwrap();
        assert_eq!((found.target.bad, found.samples), (6, 55));
        // One outage of 6 s in a minute: at 99.9 % too unlikely, at 99.5 % there may be one every 20 minutes.
        assert_eq!(found.target.decide(), Decision::Missed);
        assert_eq!(found.acceptable.decide(), Decision::Undecided);
        assert_eq!(found.notes.len(), 2);
        assert!(
            matches!(
                found.notes[0],
                Note::ErrorBudget {
                    down: 6,
                    observed: 55,
                    ..
                }
            ),
            "{:?}",
            found.notes
        );
        assert_eq!(found.notes[1], Note::UnobservedSlices { count: 5 });
        assert_eq!(Uptime.worst_window(&run.evidence(), &objective), Some((30, 0.6)));
    }
}
