//! Was the browser itself as fast during the load as before? Where not, slow pages are not the system's fault alone.

use super::super::{Decision, Evidence, Indicator, Objective};
use super::{ValidityCheck, rule};

const PROBE: &str = "browser";

/// Why what the browser measured carries no verdict: the harness's own page, too, loaded slower than it may.
pub(in crate::slo) fn slowed(evidence: &Evidence) -> Option<String> {
    let calibration = evidence.observations.browser.as_ref()?.calibration.as_ref()?;
    let window = evidence.plan.judged_window();
    let factor = calibration.slowdown(window).filter(|_| calibration.slowed(window))?;
    let times = if factor.is_finite() {
        format!("{factor:.1} times slower than before the load")
    } else {
        "so slow that most loads of the harness's own page did not end".to_owned()
    };
    Some(format!("the browser itself was {times}"))
}

/// Whether its target is met. A browser that is slowed makes pages look slower than they are, never faster: what is met stands.
fn is_met(evidence: &Evidence, objective: &Objective) -> bool {
    let measured = objective
        .indicator()
        .ok()
        .map(|indicator| indicator.measure(evidence, objective));
    measured.is_some_and(|measured| measured.is_ok_and(|measurement| measurement.target.decide() == Decision::Met))
}

/// One rule where a gating objective reads the browser and the browser was calibrated.
pub(super) fn calibration(evidence: &Evidence, objectives: &[Objective]) -> Option<ValidityCheck> {
    let reads = |objective: &&Objective| {
        let probe = objective.indicator().ok().and_then(Indicator::probe);
        objective.gate && probe == Some(PROBE)
    };
    let mut asked = objectives.iter().filter(reads).peekable();
    asked.peek()?;
    let calibration = evidence.observations.browser.as_ref()?.calibration.as_ref()?;
    let window = evidence.plan.judged_window();
    let before = calibration.before_ms()?;
    let measured = match calibration.during_ms(window) {
        Some((during, count)) => {
            format!("{before:.0} ms before the load, {during:.0} ms during it (median of {count})")
        }
        None => format!("{before:.0} ms before the load, too few loads during it to tell"),
    };
    Some(rule(
        "browser calibration",
        slowed(evidence).is_none() || asked.all(|objective| is_met(evidence, objective)),
        measured,
        format!(
            "the harness's own page loads at most {} times slower, or every gating objective on pages is met all the same",
            calibration.limit
        ),
        "give the browser a core that the system under test does not use, or mark the objectives on pages advisory",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Accept, Gate, Word, fixture, judge};
    use super::*;
    use crate::record::Outcome;

    fn run(millis: f64) -> fixture::Run {
        with_loads(9_000.0, millis)
    }

    fn with_loads(load: f64, millis: f64) -> fixture::Run {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        for index in 0..20_u32 {
            run.page_load(12.0 + f64::from(index), Some(load));
        }
        run.calibration(millis);
        run
    }

    fn objectives(gate: bool) -> [Objective; 2] {
        let mut loads = fixture::objective("page-load", "2s", "5s");
        loads.quantile = "p75".parse().ok();
        loads.gate = gate;
        [fixture::response_time(), loads]
    }

    #[test]
    fn a_slowed_browser_makes_its_verdicts_invalid_and_leaves_the_others() {
        // 50 ms before the load: 80 ms are 1.6 times that, over the limit of 1.5.
        let judgement = judge(&run(80.0).evidence(), &objectives(true), Accept::Target);
        let words: Vec<Word> = judgement.verdicts.iter().map(|verdict| verdict.word).collect();
        assert_eq!(words, [Word::Pass, Word::Invalid]);
        let pages = &judgement.verdicts[1];
        assert!(pages.measurement.is_some(), "the figure is shown all the same");
        assert!(
            pages.reason.starts_with("the browser itself was 1.6 times slower"),
            "{}",
            pages.reason
        );
        assert_eq!((judgement.overall, judgement.gate()), (Word::Invalid, Gate::Invalid));
    }

    #[test]
    fn pages_that_are_fast_in_a_slowed_browser_are_fast() {
        let judgement = judge(&with_loads(500.0, 80.0).evidence(), &objectives(true), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, Word::Pass);
        assert_eq!((judgement.overall, judgement.gate()), (Word::Pass, Gate::Passed));
    }

    #[test]
    fn a_browser_as_fast_as_before_leaves_the_verdict() {
        let judgement = judge(&run(70.0).evidence(), &objectives(true), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, Word::Fail);
        let check = calibration(&run(70.0).evidence(), &objectives(true)).unwrap();
        assert_eq!(check.measured, "50 ms before the load, 70 ms during it (median of 60)");
    }

    #[test]
    fn an_advisory_objective_makes_no_run_invalid() {
        let judgement = judge(&run(80.0).evidence(), &objectives(false), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, Word::Invalid);
        assert_eq!((judgement.overall, judgement.gate()), (Word::Pass, Gate::Passed));
        assert!(calibration(&run(80.0).evidence(), &objectives(false)).is_none());
    }
}
