//! The one word of a run, from its verdicts and its rules of validity.

use super::validity::{ContainerIncident, Facts, FailedLogIns};
use super::{Count, Rule, ValidityCheck, Verdict, VerdictWord};
use crate::evidence::{Accept, Decision, Evidence, LoadModel};

/// Incidents of services that died by themselves.
pub(super) fn deaths(validity: &[ValidityCheck]) -> &[ContainerIncident] {
    let own = validity.iter().find_map(|check| match &check.facts {
        Facts::Containers { own, .. } => Some(own.as_slice()),
        _ => None,
    });
    own.unwrap_or_default()
}

/// Log-ins of a run in which all of them failed with an error.
pub(super) fn failed_log_ins(validity: &[ValidityCheck]) -> Option<&FailedLogIns> {
    let found = validity.iter().find_map(|check| match &check.facts {
        Facts::JudgedRequests { log_ins, .. } => log_ins.as_ref(),
        _ => None,
    });
    // What the limiter refused says nothing about the log-in.
    found.filter(|log_ins| log_ins.outcome.is_error())
}

/// True if no request was judged.
pub(super) fn nothing_judged(validity: &[ValidityCheck]) -> bool {
    validity
        .iter()
        .any(|check| matches!(check.facts, Facts::JudgedRequests { count: 0, .. }))
}

/// The overall word: a broken rule of validity outranks every verdict, but
///
/// - a run that was stopped before anything was judged is INCONCLUSIVE: its rules had nothing to measure;
/// - a run in which every log-in failed is FAIL: nothing else was asked;
/// - a service that died by itself is FAIL, also where arrivals were dropped or a probe failed with it;
/// - a gating objective that is missed even if every dropped arrival counts as good outranks the dropped arrivals.
pub(super) fn overall(
    evidence: &Evidence,
    accept: Accept,
    verdicts: &[Verdict],
    validity: &[ValidityCheck],
) -> VerdictWord {
    let gating = || verdicts.iter().filter(|verdict| verdict.objective.gate);
    // Where nothing gates, nothing was decided.
    let worst = gating().map(|verdict| verdict.word).max();
    let worst = worst.unwrap_or(VerdictWord::Inconclusive);
    if evidence.interrupted && nothing_judged(validity) {
        return VerdictWord::Inconclusive;
    }
    if failed_log_ins(validity).is_some() {
        return VerdictWord::Fail;
    }
    let broken = || validity.iter().filter(|check| !check.valid).map(ValidityCheck::rule);
    if !deaths(validity).is_empty() && broken().all(|rule| follows_from_death(&rule)) {
        return VerdictWord::Fail;
    }
    // An acknowledged miss must not make a broken measurement pass.
    let counts = |verdict: &&Verdict| verdict.acknowledged(accept).is_none();
    let missed = || {
        gating()
            .filter(counts)
            .any(|verdict| is_missed_anyway(evidence, accept, verdict))
    };
    let outweighed = broken().all(|rule| rule == Rule::DroppedArrivals) && missed();
    if broken().next().is_some() && !outweighed {
        VerdictWord::Invalid
    } else if evidence.interrupted {
        worst.max(VerdictWord::Inconclusive)
    } else {
        worst
    }
}

/// True for rules that a service that dies under the load breaks by dying.
fn follows_from_death(rule: &Rule) -> bool {
    matches!(rule, Rule::DroppedArrivals | Rule::JudgedRequests | Rule::Probe(_))
}

/// True if the objective is missed in the column that gates even if all requests of the dropped arrivals had been good. There
/// were as many of them as an arrival made on average, or was planned to make, whichever is more.
fn is_missed_anyway(evidence: &Evidence, accept: Accept, verdict: &Verdict) -> bool {
    // More failures than all planned requests may have: those of the dropped arrivals are among them.
    let burnt = evidence.ended.as_ref().and_then(|ended| ended.burnt.as_ref());
    if burnt.is_some_and(|budget| budget.objective == verdict.objective.name) {
        return true;
    }
    let Some(measurement) = verdict.measurement.as_ref() else {
        return false;
    };
    let count = match accept {
        Accept::Target => &measurement.target,
        Accept::Acceptable => &measurement.acceptable,
    };
    // A ruling rests on means or on bets, which say nothing of requests that were never made.
    if verdict.accepted(accept) != Decision::Missed || count.ruling.is_some() {
        return false;
    }
    let (mut planned, mut dropped) = (0, 0);
    for totals in &evidence.recording.load {
        if evidence.judged_phase(&totals.phase, LoadModel::Open) {
            planned += totals.planned;
            dropped += totals.dropped;
        }
    }
    let selected = verdict
        .objective
        .series_of(&evidence.plan)
        .iter()
        .filter(|series| verdict.objective.selects(series));
    // Slow journeys lose arrivals and make fewer requests for each: the plan's number protects against counting too few
    // good ones.
    let expected: f64 = selected.map(|series| series.expected).sum();
    let share = dropped as f64 / planned.max(1) as f64;
    let made = count.total as f64 * dropped as f64 / planned.saturating_sub(dropped).max(1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of requests; a float outside saturates"
    )]
    let missing = made.max(expected * share).ceil() as u64;
    let with_all = Count {
        total: count.total.saturating_add(missing),
        ..*count
    };
    with_all.decide() == Decision::Missed
}

#[cfg(test)]
mod tests {
    use super::super::{Gate, fixture, judge};
    use crate::evidence::{Accept, Incident};
    use crate::record::Outcome;
    use crate::slo::VerdictWord;

    #[test]
    fn a_miss_that_no_dropped_arrival_could_undo_is_a_miss() {
        let judged = |slow: u64, dropped: u64| {
            let mut run = fixture::Run::new();
            run.requests("projects.list", Outcome::Success, 50_000, 3_000 - slow);
            run.requests("projects.list", Outcome::Success, 900_000, slow);
            run.dropped(dropped);
            let judgement = judge(&run.evidence(), &[fixture::response_time()], Accept::Target);
            (judgement.overall, judgement.gate())
        };
        assert_eq!(judged(2_900, 1_000), (VerdictWord::Fail, Gate::Missed));
        // 8 % over the limit, of which half vanish beside as many dropped arrivals again.
        assert_eq!(judged(240, 0), (VerdictWord::Fail, Gate::Missed));
        assert_eq!(judged(240, 2_000), (VerdictWord::Invalid, Gate::Invalid));
        assert_eq!(judged(0, 1_000), (VerdictWord::Invalid, Gate::Invalid));
    }

    #[test]
    fn a_service_that_dies_by_itself_fails_the_run_and_one_that_is_killed_makes_it_invalid() {
        let judged = |incidents: &[Incident], oom: bool, limit: Option<u64>| {
            let mut run = fixture::Run::new();
            run.requests("projects.list", Outcome::Success, 50_000, 3_000);
            run.container("api", incidents, oom);
            run.memory_limit("api", limit);
            run.dropped(500);
            let judgement = judge(&run.evidence(), &[fixture::response_time()], Accept::Target);
            (judgement.overall, judgement.gate(), judgement.deaths().len())
        };
        let exited = |code| Incident::Exited {
            code: Some(code),
            at: Some(31.2),
        };
        let killed = Incident::KilledThroughEngine {
            at: 31.0,
            signal: Some(15),
        };
        assert_eq!(judged(&[exited(1)], false, None), (VerdictWord::Fail, Gate::Missed, 1));
        assert_eq!(
            judged(&[exited(139)], false, None),
            (VerdictWord::Fail, Gate::Missed, 1)
        );
        let limit = Some(1 << 20);
        assert_eq!(
            judged(&[exited(137)], true, limit),
            (VerdictWord::Fail, Gate::Missed, 2)
        );
        // Incidents of older files are sentences.
        let told = Incident::Verbatim("exited with code 137 at 27.8 s".to_owned());
        assert_eq!(judged(std::slice::from_ref(&told), true, limit).0, VerdictWord::Fail);
        assert_eq!(judged(&[told], false, limit).0, VerdictWord::Invalid);
        // The host's memory, a kill from outside, and one through the engine.
        assert_eq!(judged(&[exited(137)], true, None).0, VerdictWord::Invalid);
        assert_eq!(judged(&[exited(137)], false, limit).0, VerdictWord::Invalid);
        assert_eq!(judged(&[killed, exited(1)], false, None).0, VerdictWord::Invalid);
        assert_eq!(judged(&[Incident::Removed], false, None).0, VerdictWord::Invalid);
    }

    #[test]
    fn a_run_in_which_nobody_could_log_in_fails_with_the_answer() {
        let judged = |outcome| {
            let mut run = fixture::Run::new();
            run.no_log_in(outcome, 40);
            judge(&run.evidence(), &[fixture::response_time()], Accept::Target)
        };
        let judgement = judged(Outcome::ClientError);
        assert_eq!((judgement.overall, judgement.gate()), (VerdictWord::Fail, Gate::Missed));
        let verdict = &judgement.verdicts[0];
        assert_eq!(
            crate::words::en::reason(verdict),
            "not measured: all log-ins were refused (401), so no other request was sent"
        );
        assert_eq!(judgement.failed_log_ins().unwrap().count, 40);
        assert_eq!(judged(Outcome::RateLimited).overall, VerdictWord::Invalid);
    }

    #[test]
    fn a_run_in_which_nothing_gates_is_inconclusive() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 3_000);
        let mut advisory = fixture::response_time();
        advisory.gate = false;
        let judgement = judge(&run.evidence(), &[advisory], Accept::Target);
        assert_eq!(judgement.verdicts[0].word, VerdictWord::Pass);
        assert_eq!(
            (judgement.overall, judgement.gate()),
            (VerdictWord::Inconclusive, Gate::NothingGates)
        );
    }

    #[test]
    fn a_run_stopped_before_anything_was_judged_says_so() {
        let mut run = fixture::Run::new();
        run.interrupt();
        let judgement = judge(&run.evidence(), &[fixture::response_time()], Accept::Target);
        assert!(judgement.interrupted_before_judging());
        assert_eq!(
            (judgement.overall, judgement.gate()),
            (VerdictWord::Inconclusive, Gate::Undecided)
        );
    }
}
