//! Verdicts where planned events happened: on one event, or outside all of them.

use super::decide::{unmeasured, verdict};
use super::verdict::{Ruling, Verdict, VerdictWord};
use super::{EventWindow, Indicator, Note, Objective, Unmeasured};
use crate::evidence::{Decision, Evidence};

/// Verdicts on all objectives: one that names an event by the samples of its window, the others by those outside all windows.
pub(super) fn verdicts(evidence: &Evidence, objectives: &[Objective]) -> Vec<Verdict> {
    let windows = EventWindow::all(evidence, objectives);
    if windows.is_empty() {
        return objectives
            .iter()
            .map(|objective| verdict(evidence, objective, false))
            .collect();
    }
    let calm = EventWindow::outside(&windows, evidence);
    let verdicts = objectives.iter().map(|objective| {
        let Ok(indicator) = objective.indicator() else {
            return verdict(evidence, objective, false);
        };
        match &objective.during {
            Some(_) if indicator.profile().needs_event => verdict(evidence, objective, false),
            Some(name) => match windows.iter().find(|window| window.event == *name) {
                Some(window) => verdict(&window.inside(evidence), objective, true),
                None => unmeasured(objective, VerdictWord::Inconclusive, Unmeasured::NoEvent(name.clone())),
            },
            None => outside_events(evidence, &calm, objective, indicator),
        }
    });
    verdicts.map(|verdict| with_burnt_budget(evidence, verdict)).collect()
}

/// The verdict, missed where an event has used up the error budget of its objective: that is a count of failures, and no estimate.
fn with_burnt_budget(evidence: &Evidence, mut verdict: Verdict) -> Verdict {
    let burnt = evidence.ended.as_ref().and_then(|ended| ended.burnt.as_ref());
    let Some(budget) = burnt.filter(|budget| budget.objective == verdict.objective.name) else {
        return verdict;
    };
    (verdict.target, verdict.acceptable, verdict.word) = (Decision::Missed, Decision::Missed, VerdictWord::Fail);
    if let Some(measurement) = &mut verdict.measurement {
        let missed = Ruling {
            decision: Decision::Missed,
            missed_p: 0.0,
        };
        (measurement.target.ruling, measurement.acceptable.ruling) = (Some(missed), Some(missed));
        measurement.notes.push(Note::BudgetBurnt {
            event: budget.event.clone(),
            failed: budget.failed,
            allowed: budget.allowed,
        });
    }
    verdict
}

/// Verdict on the samples outside all events, with the figure of all beside it; on all of them where no event has any.
fn outside_events(evidence: &Evidence, calm: &Evidence, objective: &Objective, indicator: &dyn Indicator) -> Verdict {
    let mut whole = verdict(evidence, objective, false);
    let Some(with) = whole.measurement.as_mut() else {
        return whole;
    };
    let window = indicator.window(&evidence.plan);
    let left_out = calm.left_out.iter().cloned().flatten();
    let seconds = left_out
        .filter(|second| window.contains_secs(f64::from(*second)))
        .count() as u64;
    if seconds == 0 {
        return whole;
    }
    if !indicator.splits() {
        with.notes.push(Note::EventsIncluded);
        return whole;
    }
    let (samples, point, unit) = (with.samples, with.point, with.unit);
    let mut without = verdict(calm, objective, false);
    match &mut without.measurement {
        // The events were in a phase that is not judged.
        Some(found) if (found.samples, found.point) == (samples, point) => return whole,
        Some(found) => found.notes.push(Note::EventsLeftOut { seconds, point, unit }),
        None => {}
    }
    without
}

#[cfg(test)]
mod tests {
    use super::super::{Gate, Judgement, Unit, fixture, judge};
    use super::*;
    use crate::evidence::Accept;
    use crate::record::Outcome;
    use crate::words::en;

    fn judged(run: &fixture::Run, objectives: &[Objective]) -> Judgement {
        judge(&run.evidence(), objectives, Accept::Target)
    }

    /// Ten seconds of an event in which each of 200 requests fails, among 1,000 that do not.
    fn with_event() -> fixture::Run {
        let mut run = fixture::Run::new();
        run.event("restart", 20.0, 30.0);
        for second in 10..70 {
            let down = (20..30).contains(&second);
            let outcome = if down { Outcome::ServerError } else { Outcome::Success };
            run.requests_at(second, "projects.list", outcome, 50_000, 20);
            run.slice(second, !down);
        }
        run
    }

    #[test]
    fn an_event_is_left_out_and_the_figure_with_it_stands_beside() {
        let objectives = [
            fixture::response_time(),
            fixture::objective("error-rate", "1 %", "2 %"),
            fixture::objective("throughput", "19/s", "18/s"),
            fixture::objective("uptime", "90 %", "80 %"),
        ];
        let judgement = judged(&with_event(), &objectives);
        for verdict in &judgement.verdicts {
            assert_eq!(verdict.word, VerdictWord::Pass, "{}", en::reason(verdict));
        }
        let note = |index: usize| {
            judgement.verdicts[index]
                .measurement
                .as_ref()
                .unwrap()
                .notes
                .last()
                .cloned()
        };
        // 200 of 1,200 failed.
        let share = Note::EventsLeftOut {
            seconds: 10,
            point: Some(200.0 / 1_200.0),
            unit: Unit::Share,
        };
        assert_eq!(note(1), Some(share));
        let uptime = &judgement.verdicts[3].measurement.as_ref().unwrap().notes;
        assert!(
            !uptime.iter().any(|note| matches!(note, Note::UnobservedSlices { .. })),
            "{uptime:?}"
        );
        assert_eq!(judgement.verdicts[0].measurement.as_ref().unwrap().samples, 1_000);
        // The same failures without an event are judged.
        let mut unplanned = fixture::Run::new();
        for second in 10..70 {
            let outcome = if (20..30).contains(&second) {
                Outcome::ServerError
            } else {
                Outcome::Success
            };
            unplanned.requests_at(second, "projects.list", outcome, 50_000, 20);
        }
        assert_ne!(
            judged(&unplanned, &objectives[1..2]).verdicts[0].word,
            VerdictWord::Pass
        );
    }

    #[test]
    fn an_objective_on_an_event_judges_its_window_as_observed() {
        let during = |indicator: &str, target: &str, acceptable: &str| Objective {
            during: Some("restart".to_owned()),
            ..fixture::objective(indicator, target, acceptable)
        };
        let objectives = [
            during("error-rate", "50 %", "100 %"),
            during("throughput", "1/s", "0.5/s"),
            during("uptime", "50 %", "40 %"),
            Objective {
                quantile: "p95".parse().ok(),
                ..during("response-time", "100ms", "300ms")
            },
        ];
        let judgement = judged(&with_event(), &objectives);
        let words: Vec<VerdictWord> = judgement.verdicts.iter().map(|verdict| verdict.word).collect();
        // Every request failed: over half, and at all of them. Nothing succeeded, and the front door was down.
        assert_eq!(
            words,
            [
                VerdictWord::Warn,
                VerdictWord::Fail,
                VerdictWord::Fail,
                VerdictWord::Fail
            ]
        );
        let errors = judgement.verdicts[0].measurement.as_ref().unwrap();
        assert_eq!((errors.samples, errors.point, errors.low), (200, Some(1.0), Some(1.0)));
        let never = Objective {
            during: Some("update".to_owned()),
            ..objectives[0].clone()
        };
        let judgement = judged(&with_event(), &[never]);
        assert_eq!(
            judgement.verdicts[0].unmeasured,
            Some(Unmeasured::NoEvent("update".to_owned()))
        );
    }

    #[test]
    fn a_budget_that_an_event_used_up_is_a_miss_whatever_came_before() {
        let mut evidence = with_event().evidence();
        let objective = fixture::objective("error-rate", "1 %", "2 %");
        let judged = |evidence: &Evidence| judge(evidence, std::slice::from_ref(&objective), Accept::Acceptable);
        assert_eq!(judged(&evidence).gate(), Gate::Passed);
        let budget = crate::evidence::BurntBudget {
            event: "restart".to_owned(),
            objective: "error-rate".to_owned(),
            failed: 61,
            allowed: 60,
        };
        evidence.ended = Some(crate::evidence::EarlyEnd::burnt(33.0, Accept::Acceptable, budget));
        let judgement = judged(&evidence);
        assert_eq!((judgement.overall, judgement.gate()), (VerdictWord::Fail, Gate::Missed));
        // Users who wait for the service that is away leave arrivals behind: that undoes no miss.
        let mut dropped = evidence.clone();
        let steady = &mut dropped.recording.load[1];
        (steady.dropped, steady.started, steady.completed) = (300, steady.started - 300, steady.completed - 300);
        assert_eq!(judged(&dropped).overall, VerdictWord::Fail);
        let notes = &judgement.verdicts[0].measurement.as_ref().unwrap().notes;
        assert!(
            notes
                .iter()
                .any(|note| matches!(note, Note::BudgetBurnt { failed: 61, .. })),
            "{notes:?}"
        );
    }
}
