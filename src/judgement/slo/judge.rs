//! Judgement of the evidence against the objectives.

use serde::{Deserialize, Serialize};

use super::event_verdict::verdicts;
use super::verdict::{Count, Measurement, Verdict, VerdictWord};
use super::{Objective, Reason, ValidityCheck, overall, validity};
use crate::evidence::{Accept, Decision, Evidence};
use crate::stats::{ALPHA, holm};

/// Conclusion drawn from a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The worst word of the gating objectives, INCONCLUSIVE if there is none; INVALID if a validity rule does not hold that no miss outranks; FAIL if a service
    /// died by itself; at best INCONCLUSIVE for a run that the user stopped.
    pub overall: VerdictWord,
    /// Column of limits that gates.
    pub accept: Accept,
    /// True if the user stopped the run early.
    pub interrupted: bool,
    /// Verdicts on all objectives, in the order of the scenario.
    pub verdicts: Vec<Verdict>,
    /// Results of all validity rules.
    pub validity: Vec<ValidityCheck>,
}

/// Judges the evidence against the objectives. A broken validity rule outranks every verdict but a miss that it cannot undo.
pub fn judge(evidence: &Evidence, objectives: &[Objective], accept: Accept) -> Judgement {
    // The order matters: validity only reads the evidence; verdicts come before Holm, which compares them; the
    // browser's calibration comes last, because it overrules verdicts whatever they were.
    let mut validity = validity::check(evidence, objectives);
    let mut verdicts = verdicts(evidence, objectives);
    // The end of a feeder does not depend on what was measured.
    // Holm assumes a single look. A run that ended early was looked at many times: its e-values need no correction.
    if evidence
        .ended
        .as_ref()
        .is_none_or(|ended| ended.exhausted || ended.burnt.is_some())
    {
        apply_holm(&mut verdicts);
    }
    validity.extend(validity::browser(evidence, &mut verdicts));
    Judgement {
        overall: overall::overall(evidence, accept, &verdicts, &validity),
        accept,
        interrupted: evidence.interrupted,
        verdicts,
        validity,
    }
}

/// Applies Holm's correction to the misses of gating objectives: without it each of m objectives at its limit would be missed
/// by chance in one of twenty runs, and the run would fail by any one of them. A pass needs no correction, since all
/// objectives must be met.
fn apply_holm(verdicts: &mut [Verdict]) {
    let gating = |verdict: &&mut Verdict| verdict.objective.gate && verdict.measurement.is_some();
    let mut gating: Vec<&mut Verdict> = verdicts.iter_mut().filter(gating).collect();
    let count = gating.len();
    let certain = |tier: fn(&Measurement) -> &Count| {
        let measured = gating.iter().filter_map(|verdict| verdict.measurement.as_ref());
        let counts: Vec<&Count> = measured.map(tier).collect();
        let probabilities: Vec<f64> = counts.iter().map(|count| count.missed_p()).collect();
        let certain = holm(&probabilities, ALPHA).into_iter().zip(counts);
        // A miss in some window only (`in-every`) has been corrected over the windows already.
        let certain = certain.map(|(certain, count)| certain || count.decide() != Decision::Missed);
        certain.collect::<Vec<bool>>()
    };
    let (target, acceptable) = (certain(|all| &all.target), certain(|all| &all.acceptable));
    for (verdict, (target, acceptable)) in gating.iter_mut().zip(target.into_iter().zip(acceptable)) {
        let mut weakened = false;
        for (decision, certain) in [(&mut verdict.target, target), (&mut verdict.acceptable, acceptable)] {
            if *decision == Decision::Missed && !certain {
                *decision = Decision::Undecided;
                weakened = true;
            }
        }
        if weakened {
            verdict.word = VerdictWord::from_decisions(verdict.target, verdict.acceptable);
            if let Reason::Facts(circumstances) = &mut verdict.reason {
                circumstances.corrected_over = Some(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Gate, fixture};
    use super::*;
    use crate::evidence::ProbeKind;
    use crate::record::Outcome;
    use crate::words::en;

    fn judged(run: &fixture::Run, objectives: &[Objective]) -> Judgement {
        judge(&run.evidence(), objectives, Accept::Target)
    }

    #[test]
    fn each_word_from_its_counts() {
        // 1,000 requests against p95 < 100 ms, acceptable 300 ms: (number over 100 ms, number of these over 300 ms).
        for (over_target, over_acceptable, word, gate) in [
            (30, 0, VerdictWord::Pass, Gate::Passed),
            (50, 0, VerdictWord::Inconclusive, Gate::Undecided),
            (100, 10, VerdictWord::Warn, Gate::Missed),
            (100, 50, VerdictWord::Inconclusive, Gate::Missed),
            (100, 100, VerdictWord::Fail, Gate::Missed),
        ] {
            let mut run = fixture::Run::new();
            run.requests("projects.list", Outcome::Success, 50_000, 1_000 - over_target);
            run.requests(
                "projects.list",
                Outcome::Success,
                200_000,
                over_target - over_acceptable,
            );
            run.requests("projects.list", Outcome::Success, 400_000, over_acceptable);
            let judgement = judged(&run, &[fixture::response_time()]);
            assert_eq!(judgement.overall, word, "{:?}", judgement.verdicts[0].reason);
            assert_eq!(judgement.gate(), gate);
        }
    }

    #[test]
    fn the_reason_holds_the_figures() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 900);
        run.requests("projects.list", Outcome::Success, 200_000, 100);
        let judgement = judged(&run, &[fixture::response_time()]);
        assert_eq!(
            en::reason(&judgement.verdicts[0]),
            "target missed: 100 of 1,000 over 100 ms (10 %, 5 % allowed); \
             acceptable met: 0 of 1,000 over 300 ms (0 %, 5 % allowed)"
        );
        let judgement = judged(&run, &[fixture::objective("error-rate", "0.1 %", "1 %")]);
        assert_eq!(
            en::reason(&judgement.verdicts[0]),
            "target undecided: 0 of 1,000 failed (0 %, 0.1 % allowed); \
             acceptable met: 0 of 1,000 failed (0 %, 1 % allowed); the target needs at least 2,995 samples"
        );
    }

    #[test]
    fn advisory_objectives_are_shown_and_do_not_decide() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        let mut errors = fixture::objective("error-rate", "0.1 %", "0.2 %");
        errors.gate = false;
        let judgement = judged(&run, &[fixture::response_time(), errors]);
        assert_eq!(judgement.verdicts[1].word, VerdictWord::Inconclusive);
        assert_eq!((judgement.overall, judgement.gate()), (VerdictWord::Pass, Gate::Passed));
    }

    #[test]
    fn a_limit_whose_baseline_is_not_known_decides_nothing_and_the_other_tier_does() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        let mut objective = fixture::response_time();
        objective.target = fixture::limit("baseline + 10 %");
        assert_eq!(objective.validate_for(&fixture::plan()), Ok(()));
        let open = judged(&run, std::slice::from_ref(&objective));
        let verdict = &open.verdicts[0];
        assert_eq!(
            (verdict.target, verdict.acceptable, verdict.word),
            (Decision::Undecided, Decision::Met, VerdictWord::Inconclusive)
        );
        assert!(
            en::reason(verdict).starts_with("target not judged: it is baseline + 10 %"),
            "{:?}",
            verdict.reason
        );
        // The measurement is present, so that the next run can be compared with it.
        assert!((verdict.measurement.as_ref().unwrap().point.unwrap() - 50.0).abs() < 0.1);
        // 90.909 ms + 10 % is 100 ms, against which this recording counted.
        let closed = judged(&run, &[objective.against(90.909).unwrap()]);
        assert_eq!(closed.verdicts[0].word, VerdictWord::Pass, "{:?}", closed.verdicts[0]);
        // A limit of 0 plus 10 % allows nothing. A target looser than the acceptable limit is refused once its baseline is
        // known.
        let mut errors = fixture::objective("error-rate", "baseline + 10 %", "1 %");
        assert_eq!(errors.validate_for(&fixture::plan()), Ok(()));
        assert!(errors.against(0.0).unwrap().validate_for(&fixture::plan()).is_err());
        assert!(errors.against(0.02).unwrap().validate_for(&fixture::plan()).is_err());
        errors.target = fixture::limit("baseline + 10ms");
        assert!(errors.validate_for(&fixture::plan()).is_err());
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        let mut loads = fixture::objective("page-load", "2s", "5s");
        loads.quantile = "p75".parse().ok();
        let absent = judged(&run, std::slice::from_ref(&loads));
        assert_eq!(
            (absent.overall, absent.gate()),
            (VerdictWord::Inconclusive, Gate::Undecided)
        );
        run.probe_failure(ProbeKind::Browser, "failed to start chromedriver");
        let broken = judged(&run, &[loads]);
        assert_eq!((broken.overall, broken.gate()), (VerdictWord::Invalid, Gate::Invalid));
        assert!(en::reason(&broken.verdicts[0]).contains("failed to start chromedriver"));
    }

    #[test]
    fn a_run_that_was_cut_short_is_at_best_inconclusive() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        run.interrupt();
        let judgement = judged(&run, &[fixture::response_time()]);
        assert_eq!(judgement.verdicts[0].word, VerdictWord::Pass);
        assert_eq!(
            (judgement.overall, judgement.gate()),
            (VerdictWord::Inconclusive, Gate::Undecided)
        );
    }

    #[test]
    fn a_broken_measurement_outranks_every_word() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 400_000, 1_000);
        run.requests("projects.list", Outcome::RateLimited, 1_000, 10);
        let judgement = judged(&run, &[fixture::response_time()]);
        assert_eq!(judgement.verdicts[0].word, VerdictWord::Fail);
        assert_eq!(
            (judgement.overall, judgement.gate()),
            (VerdictWord::Invalid, Gate::Invalid)
        );
    }

    #[test]
    fn a_judgement_survives_being_saved() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        let judgement = judged(&run, &[fixture::response_time()]);
        let text = serde_json::to_string(&judgement).unwrap();
        assert_eq!(serde_json::from_str::<Judgement>(&text).unwrap(), judgement);
    }
}
