//! Indicator `recovery`: time from the end of a planned event until users are served as before.

use super::super::disturbance::{CALM, RequestSums};
use super::super::{Limit, Measurement, Note, Objective, Unit};
use super::reading::Indicator;
use super::{Label, Profile, TimeOrigin, Topic, means};
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan};
use crate::slo::Unmeasured;
use crate::units::Span;

/// Share of requests that may take longer than the threshold in a calm stretch, as a p95 allows it.
const ALLOWED: f64 = 0.05;

/// From the event's end to the first of five seconds in a row in which at most 5 % of the selected requests fail or take longer than the
/// threshold, and in all of which the front door answers.
pub(super) struct Recovery;

static PROFILE: Profile = Profile {
    name: "recovery",
    label: Label {
        english: "recovery",
        french: "retour à la normale",
    },
    describe: "Time from the end of the event of `during` until 95 % of the requests of five seconds in a row succeed within `threshold`.",
    fault: None,
    unit: Unit::Milliseconds,
    floor: false,
    statistics: &[],
    by_share: false,
    needs_threshold: true,
    needs_event: true,
    usual_model: None,
    timed_from: Some(TimeOrigin::Event),
    samples: None,
    probe: None,
    topic: Topic::Failures,
};

impl Indicator for Recovery {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn expected_samples(&self, _plan: &LoadPlan, _expected: &ExpectedEvidence, _objective: &Objective) -> Option<u64> {
        Some(1)
    }

    fn needed_samples(&self, _objective: &Objective, _limit: Limit) -> Option<u64> {
        Some(1)
    }

    fn counted_limits(&self, objective: &Objective) -> Vec<Span> {
        objective.threshold.into_iter().collect()
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let threshold = objective.threshold.ok_or(Unmeasured::NoThreshold)?;
        if evidence.recording.limit_index(threshold.as_micros()).is_none() {
            return Err(Unmeasured::ThresholdNotCounted(threshold));
        }
        let disturbance = means::disturbance(evidence, objective)?;
        let sums = RequestSums::new(evidence, Some(threshold), ALLOWED, |series| objective.selects(series));
        let recovery = disturbance.recovery(&sums).map(|seconds| seconds * 1e3);
        // No stretch that ended while it was watched was calm; one that began later may be.
        let watched = (f64::from(disturbance.end()) - f64::from(CALM) - disturbance.ended).max(0.0);
        let mut measurement = means::within(objective, recovery, recovery.unwrap_or(watched * 1e3), recovery);
        if recovery.is_none() {
            measurement.notes.push(Note::NotRecovered {
                seconds: (disturbance.last - disturbance.ended).max(0.0),
            });
        }
        Ok(measurement)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::Decision;
    use crate::record::Outcome;

    fn objective(target: &str, acceptable: &str) -> Objective {
        Objective {
            during: Some("restart".to_owned()),
            threshold: Some(Span::from_millis(100)),
            ..fixture::objective("recovery", target, acceptable)
        }
    }

    /// An event from second 20 to second 24, after which requests are slow until that second.
    fn run(slow_until: u32) -> Evidence {
        let mut run = fixture::Run::new();
        run.event("restart", 20.0, 24.0);
        for second in 10..70 {
            let micros = if (20..slow_until).contains(&second) {
                200_000
            } else {
                50_000
            };
            run.requests_at(second, "projects.list", Outcome::Success, micros, 10);
        }
        run.evidence()
    }

    #[test]
    fn recovery_is_measured_from_the_end_of_the_event() {
        let found = Recovery.measure(&run(33), &objective("5s", "10s")).unwrap();
        assert_eq!((found.point, found.samples), (Some(9e3), 1));
        assert_eq!(
            (found.target.decide(), found.acceptable.decide()),
            (Decision::Missed, Decision::Met)
        );
        let at_once = Recovery.measure(&run(22), &objective("5s", "10s")).unwrap();
        assert_eq!((at_once.point, at_once.target.decide()), (Some(0.0), Decision::Met));
    }

    #[test]
    fn what_did_not_recover_misses_what_was_watched_and_leaves_the_rest_open() {
        let found = Recovery.measure(&run(70), &objective("30s", "45s")).unwrap();
        // 46 s were watched: a stretch that begins after 41 s would have ended later.
        assert_eq!((found.point, found.low), (None, Some(41e3)));
        assert_eq!(
            (found.target.decide(), found.acceptable.decide()),
            (Decision::Missed, Decision::Undecided)
        );
        assert_eq!(found.notes, [Note::NotRecovered { seconds: 46.0 }]);
    }
}
