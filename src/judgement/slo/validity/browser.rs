//! Validity rule on the browser: if the browser itself was slower during the load than before, slow pages are not caused by
//! the system alone.

use super::super::indicator::page_load;
use super::super::{Count, Limit, Reason, SlowedBrowser, TimeOrigin, Verdict, VerdictWord};
use super::{Facts, ValidityCheck};
use crate::evidence::{Decision, Evidence, ProbeKind};

/// Slowdown of the browser, if it is above the limit.
fn slowed(evidence: &Evidence) -> Option<f64> {
    let calibration = evidence.observations.browser.as_ref()?.calibration.as_ref()?;
    let window = evidence.plan.page_window();
    calibration.slowdown(window).filter(|_| calibration.slowed(window))
}

/// True if the slowness of the browser may be the reason why the verdict is no better. A PASS stands, since slowness cannot
/// make a page fast. A verdict without any load over the target stands, since too few loads are its only cause. A miss stands
/// if the wait for the document alone misses the limit, since the browser cannot slow the server.
fn doubtful(evidence: &Evidence, verdict: &Verdict) -> bool {
    let Some(measured) = &verdict.measurement else {
        return false;
    };
    let objective = &verdict.objective;
    let timed = objective.profile().and_then(|profile| profile.timed_from);
    let waits = timed == Some(TimeOrigin::Navigation);
    let stands = match verdict.word {
        VerdictWord::Pass => true,
        VerdictWord::Warn | VerdictWord::Inconclusive => {
            waits && missed_by_waiting(evidence, &measured.target, objective.target)
        }
        VerdictWord::Fail => waits && missed_by_waiting(evidence, &measured.acceptable, objective.acceptable),
        VerdictWord::Invalid => false,
    };
    !stands && measured.target.bad > 0
}

/// True if the time to the first byte of the document misses the limit by itself. The whole load time of the harness's own
/// page (median during the load) is subtracted first, as the greatest share that the browser may have in it.
fn missed_by_waiting(evidence: &Evidence, count: &Count, limit: Limit) -> bool {
    let waited = || {
        let calibration = evidence.observations.browser.as_ref()?.calibration.as_ref()?;
        let (own, _) = calibration.during_ms(evidence.plan.page_window())?;
        let limit = limit.micros()? as f64 / 1e3;
        let longer = page_load::judged(evidence).filter(|load| load.ttfb_ms.is_some_and(|wait| wait - own > limit));
        Some(longer.count() as u64)
    };
    // A ruling (on a mean or a maximum) cannot be repeated without the share of the browser.
    let decided = waited()
        .filter(|_| count.ruling.is_none())
        .map(|bad| Count { bad, ..*count }.decide());
    decided == Some(Decision::Missed)
}

/// Turns doubtful verdicts on indicators of the browser into INVALID if the browser itself was slowed. The rule does not hold
/// if one of these verdicts gates. `None` if no gating objective reads the browser, or if it was not calibrated.
pub(in crate::slo) fn judged(evidence: &Evidence, verdicts: &mut [Verdict]) -> Option<ValidityCheck> {
    let reads =
        |verdict: &Verdict| verdict.objective.profile().and_then(|profile| profile.probe) == Some(ProbeKind::Browser);
    let slowed = slowed(evidence);
    let mut broken = false;
    if let Some(factor) = slowed {
        for verdict in verdicts
            .iter_mut()
            .filter(|verdict| reads(verdict) && doubtful(evidence, verdict))
        {
            verdict.word = VerdictWord::Invalid;
            if let Reason::Facts(circumstances) = &mut verdict.reason {
                circumstances.slowed_browser = Some(SlowedBrowser {
                    factor: Some(factor).filter(|factor| factor.is_finite()),
                });
            }
            broken |= verdict.objective.gate;
        }
    }
    verdicts
        .iter()
        .find(|verdict| verdict.objective.gate && reads(verdict))?;
    let calibration = evidence.observations.browser.as_ref()?.calibration.as_ref()?;
    let during = calibration.during_ms(evidence.plan.page_window());
    Some(ValidityCheck {
        valid: !broken,
        facts: Facts::BrowserCalibration {
            before_ms: calibration.before_ms()?,
            during: during.map(|(millis, count)| (Some(millis).filter(|millis| millis.is_finite()), count)),
            limit: calibration.limit.get(),
            spared: slowed.is_some() && !broken,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{Gate, Judgement, Objective, VerdictWord, fixture, judge};
    use super::super::Rule;
    use super::*;
    use crate::evidence::Accept;
    use crate::record::Outcome;
    use crate::words::en;

    fn run(millis: f64) -> fixture::Run {
        loading(9_000.0, millis)
    }

    /// Page loads of `load` ms, with loads of the harness's own page of `millis` ms during the load.
    fn loading(load: f64, millis: f64) -> fixture::Run {
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

    fn check(judgement: &Judgement) -> Option<&ValidityCheck> {
        let mut checks = judgement.validity.iter();
        checks.find(|check| check.rule() == Rule::BrowserCalibration)
    }

    #[test]
    fn pages_that_are_fast_in_a_slowed_browser_are_fast() {
        let judgement = judge(&loading(500.0, 200.0).evidence(), &objectives(true), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, VerdictWord::Pass);
        assert_eq!(judgement.gate(), Gate::Passed);
        let check = check(&judgement).unwrap();
        assert!(
            check.valid && en::validity::check(check).measured.ends_with("no verdict hangs on it"),
            "{check:?}"
        );
    }

    #[test]
    fn a_browser_is_held_against_the_phase_that_has_the_pages() {
        let mut run = run(200.0);
        let browser = run.browser();
        // Times divided by ten, to 1–7 s: in the warm-up.
        for load in &mut browser.loads {
            load.at /= 10.0;
        }
        for own in browser.calibration.iter_mut().flat_map(|seen| &mut seen.during) {
            own.at /= 10.0;
        }
        let mut evidence = run.evidence();
        let word = |evidence: &Evidence| judge(evidence, &objectives(true), Accept::Target).verdicts[1].word;
        assert_ne!(word(&evidence), VerdictWord::Fail, "no page load in the judged phase");
        evidence.plan.phases[0].pages = true;
        let judgement = judge(&evidence, &objectives(true), Accept::Target);
        assert!(en::reason(&judgement.verdicts[1]).starts_with("the browser itself was 4.0 times slower"));
        // The browser was as fast as before: the miss stands.
        for own in run.browser().calibration.iter_mut().flat_map(|seen| &mut seen.during) {
            own.load_ms = Some(50.0);
        }
        let mut evidence = run.evidence();
        evidence.plan.phases[0].pages = true;
        assert_eq!(word(&evidence), VerdictWord::Fail);
    }

    /// Judges loads of 9 s in a browser four times as slow as before, whose document came after `wait` ms.
    fn waiting(wait: f64) -> VerdictWord {
        let mut run = run(200.0);
        for load in &mut run.browser().loads {
            load.ttfb_ms = Some(wait);
        }
        judge(&run.evidence(), &objectives(true), Accept::Target).verdicts[1].word
    }

    #[test]
    fn a_miss_stands_where_the_wait_for_the_document_alone_misses() {
        assert_eq!(waiting(5_300.0), VerdictWord::Fail);
        // Up to 200 of the 5,100 ms may be the browser's own: the other 4,900 ms do not miss 5 s.
        assert_eq!(waiting(5_100.0), VerdictWord::Invalid);
        assert_eq!(waiting(100.0), VerdictWord::Invalid);
    }

    #[test]
    fn a_missed_target_stands_also_where_the_acceptable_limit_is_open() {
        let mut run = loading(3_300.0, 200.0);
        run.browser().loads.truncate(9);
        for load in &mut run.browser().loads {
            load.ttfb_ms = Some(3_000.0);
        }
        let judgement = judge(&run.evidence(), &objectives(true), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, VerdictWord::Inconclusive);
        assert_eq!(judgement.gate(), Gate::Missed);
    }

    #[test]
    fn a_slow_interaction_is_not_the_document_s() {
        let mut run = run(200.0);
        for load in &mut run.browser().loads {
            (load.ttfb_ms, load.inp_ms) = (Some(7_000.0), Some(6_000.0));
        }
        let mut interactions = objectives(true);
        interactions[1].indicator = "interaction-to-next-paint".to_owned();
        let judgement = judge(&run.evidence(), &interactions, Accept::Target);
        assert_eq!(judgement.verdicts[1].word, VerdictWord::Invalid);
    }

    #[test]
    fn too_few_loads_are_too_few_however_slow_the_browser() {
        let mut run = loading(500.0, 200.0);
        run.browser().loads.truncate(5);
        let judgement = judge(&run.evidence(), &objectives(true), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, VerdictWord::Inconclusive);
        assert_eq!(judgement.gate(), Gate::Undecided);
    }

    #[test]
    fn a_slowed_browser_makes_its_verdicts_invalid_and_leaves_the_others() {
        // 50 ms before the load: 80 ms are 1.6 times that, over the limit of 1.5.
        let judgement = judge(&run(80.0).evidence(), &objectives(true), Accept::Target);
        let words: Vec<VerdictWord> = judgement.verdicts.iter().map(|verdict| verdict.word).collect();
        assert_eq!(words, [VerdictWord::Pass, VerdictWord::Invalid]);
        let pages = &judgement.verdicts[1];
        assert!(pages.measurement.is_some(), "the figure is shown all the same");
        assert!(
            en::reason(pages).starts_with("the browser itself was 1.6 times slower"),
            "{:?}",
            pages.reason
        );
        assert_eq!(
            (judgement.overall, judgement.gate()),
            (VerdictWord::Invalid, Gate::Invalid)
        );
    }

    #[test]
    fn a_browser_as_fast_as_before_leaves_the_verdict() {
        let judgement = judge(&run(70.0).evidence(), &objectives(true), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, VerdictWord::Fail);
        let check = check(&judgement).unwrap();
        assert!(check.valid);
        assert_eq!(
            en::validity::check(check).measured,
            "50 ms before the load, 70 ms during it (median of 60)"
        );
    }

    #[test]
    fn an_advisory_objective_makes_no_run_invalid() {
        let judgement = judge(&run(80.0).evidence(), &objectives(false), Accept::Target);
        assert_eq!(judgement.verdicts[1].word, VerdictWord::Invalid);
        assert_eq!((judgement.overall, judgement.gate()), (VerdictWord::Pass, Gate::Passed));
        assert!(check(&judgement).is_none());
    }
}
