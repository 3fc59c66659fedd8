//! Indicator `lost`: share of acknowledged writes that are absent after the load.

use super::super::{Limit, Measurement, Objective, Unit};
use super::reading::Indicator;
use super::{Label, Profile, Topic, means};
use crate::evidence::{ConsistencyObservation, Evidence, ExpectedEvidence, LoadPlan};
use crate::slo::Unmeasured;

/// Writes of all comparisons (`[[consistency]]`) that the system acknowledged and whose rows are absent afterwards, as a share of all
/// acknowledged ones, whether a phase is judged or not; with `during` those acknowledged before the end of the event's window.
pub(super) struct Lost;

static PROFILE: Profile = Profile {
    name: "lost",
    label: Label {
        english: "lost writes",
        french: "écritures perdues",
    },
    describe: "Share of the writes acknowledged to users whose rows are absent after the load (`[[consistency]]`).",
    fault: None,
    unit: Unit::Share,
    floor: false,
    statistics: &[],
    by_share: false,
    needs_threshold: false,
    needs_event: false,
    usual_model: None,
    timed_from: None,
    samples: None,
    probe: None,
    topic: Topic::Failures,
};

impl Indicator for Lost {
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
        let comparisons = evidence.observations.consistency.iter();
        let comparisons: Vec<&ConsistencyObservation> = comparisons
            .filter(|comparison| {
                let mut plans = evidence.plan.series.iter();
                plans.any(|plan| plan.name == comparison.series && objective.selects(plan))
            })
            .collect();
        if let Some(failed) = comparisons.iter().find_map(|comparison| comparison.failure.clone()) {
            return Err(Unmeasured::NotCompared(failed));
        }
        let written: u64 = comparisons.iter().map(|comparison| comparison.written()).sum();
        let lost: u64 = comparisons.iter().map(|comparison| comparison.lost()).sum();
        if written == 0 {
            return Err(Unmeasured::NoWrite);
        }
        let share = lost as f64 / written as f64;
        // All of them were looked for: nothing is inferred.
        let mut measurement = means::within(objective, Some(share), share, Some(share));
        measurement.unit = Unit::Share;
        measurement.samples = written;
        for count in [&mut measurement.target, &mut measurement.acceptable] {
            (count.bad, count.total) = (lost, written);
        }
        Ok(measurement)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{VerdictWord, fixture, judge};
    use super::*;
    use crate::evidence::Accept;
    use crate::words::en;

    fn evidence(seconds: &[(u32, u64, u64)], failure: Option<&str>) -> Evidence {
        let mut run = fixture::Run::new();
        run.requests("projects.list", crate::record::Outcome::Success, 50_000, 600);
        run.event("restore", 20.0, 24.0);
        let mut evidence = run.evidence();
        evidence.observations.consistency = vec![ConsistencyObservation {
            name: "tasks".to_owned(),
            series: "projects.list".to_owned(),
            seconds: seconds.to_vec(),
            examples: Vec::new(),
            failure: failure.map(str::to_owned),
        }];
        evidence
    }

    fn word(evidence: &Evidence, during: Option<&str>) -> (VerdictWord, String) {
        let objective = Objective {
            during: during.map(str::to_owned),
            ..fixture::objective("lost", "0 %", "1 %")
        };
        assert_eq!(objective.validate_for(&evidence.plan), Ok(()));
        let verdict = judge(evidence, &[objective], Accept::Target).verdicts.remove(0);
        (verdict.word, en::reason(&verdict))
    }

    #[test]
    fn a_single_lost_write_misses_a_target_of_none() {
        assert_eq!(
            word(&evidence(&[(15, 50, 0), (22, 150, 0)], None), None).0,
            VerdictWord::Pass
        );
        let (found, reason) = word(&evidence(&[(15, 50, 0), (22, 150, 1)], None), None);
        assert_eq!(found, VerdictWord::Warn, "{reason}");
        assert_eq!(word(&evidence(&[(22, 100, 2)], None), None).0, VerdictWord::Fail);
    }

    #[test]
    fn an_event_answers_for_what_was_written_before_its_window_ended() {
        let late = evidence(&[(15, 50, 0), (60, 150, 20)], None);
        assert_eq!(word(&late, Some("restore")).0, VerdictWord::Pass);
        assert_eq!(word(&late, None).0, VerdictWord::Fail);
        let early = evidence(&[(15, 50, 5), (60, 150, 0)], None);
        assert_eq!(word(&early, Some("restore")).0, VerdictWord::Fail);
    }

    #[test]
    fn nothing_written_or_compared_decides_nothing() {
        assert_eq!(word(&evidence(&[], None), None).0, VerdictWord::Inconclusive);
        let (found, reason) = word(&evidence(&[], Some("relation \"tasks\" does not exist")), None);
        assert_eq!(found, VerdictWord::Inconclusive);
        assert!(reason.contains("does not exist"), "{reason}");
    }
}
