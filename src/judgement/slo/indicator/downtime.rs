//! Indicator `downtime`: time that the front door did not answer because of a planned event.

use super::super::{Limit, Measurement, Note, Objective, Unit};
use super::reading::{Indicator, missing};
use super::{Label, Profile, Topic, means};
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan, ProbeKind};
use crate::slo::Unmeasured;

/// 1-second slices that are down, from the event's begin to that of the next one or to the end of the run, whether a phase is judged or
/// not.
pub(super) struct Downtime;

static PROFILE: Profile = Profile {
    name: "downtime",
    label: Label {
        english: "downtime",
        french: "indisponibilité",
    },
    describe: "Seconds in which the front door did not answer, from the event of `during` to the next one or the end of the run.",
    fault: None,
    unit: Unit::Milliseconds,
    floor: false,
    statistics: &[],
    by_share: false,
    needs_threshold: false,
    needs_event: true,
    usual_model: None,
    timed_from: None,
    samples: None,
    probe: Some(ProbeKind::FrontDoor),
    topic: Topic::Failures,
};

impl Indicator for Downtime {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn expected_samples(&self, _plan: &LoadPlan, _expected: &ExpectedEvidence, _objective: &Objective) -> Option<u64> {
        Some(1)
    }

    fn needed_samples(&self, _objective: &Objective, _limit: Limit) -> Option<u64> {
        Some(1)
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let disturbance = means::disturbance(evidence, objective)?;
        let (down, observed) = disturbance
            .down_and_observed()
            .ok_or_else(|| missing(evidence, ProbeKind::FrontDoor))?;
        // A slice that nobody observed may have been down.
        let unobserved = disturbance.slices().saturating_sub(observed);
        let millis = |slices: u64| slices as f64 * 1e3;
        let mut measurement = means::within(
            objective,
            Some(millis(down)),
            millis(down),
            Some(millis(down + unobserved)),
        );
        if unobserved > 0 {
            measurement.notes.push(Note::UnobservedSlices { count: unobserved });
        }
        Ok(measurement)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::Decision;

    fn objective(target: &str, acceptable: &str) -> Objective {
        Objective {
            during: Some("restart".to_owned()),
            ..fixture::objective("downtime", target, acceptable)
        }
    }

    #[test]
    fn seconds_without_an_answer_are_added_up_and_unknown_ones_decide_nothing() {
        let mut run = fixture::Run::new();
        run.event("restart", 20.0, 24.0);
        for second in 10..70 {
            // Those before the event are not its own.
            run.slice(second, !(12..14).contains(&second) && !(20..24).contains(&second));
        }
        let evidence = run.evidence();
        let found = Downtime.measure(&evidence, &objective("3s", "4s")).unwrap();
        assert_eq!((found.point, found.high, found.samples), (Some(4e3), Some(4e3), 1));
        assert_eq!(
            (found.target.decide(), found.acceptable.decide()),
            (Decision::Missed, Decision::Met)
        );
        let mut gap = evidence.clone();
        let door = gap.observations.front_door.as_mut().unwrap();
        door.slices.retain(|slice| !(30..32).contains(&slice.second));
        let found = Downtime.measure(&gap, &objective("3s", "5s")).unwrap();
        assert_eq!((found.point, found.high), (Some(4e3), Some(6e3)));
        assert_eq!(
            (found.target.decide(), found.acceptable.decide()),
            (Decision::Missed, Decision::Undecided)
        );
        assert_eq!(found.notes, [Note::UnobservedSlices { count: 2 }]);
    }

    #[test]
    fn an_event_that_did_not_happen_is_named() {
        let run = fixture::Run::new();
        let never = Downtime.measure(&run.evidence(), &objective("3s", "5s"));
        assert_eq!(never.unwrap_err(), Unmeasured::NoEvent("restart".to_owned()));
    }
}
