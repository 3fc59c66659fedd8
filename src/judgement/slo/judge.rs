//! Judgement of the evidence against the objectives.

use serde::{Deserialize, Serialize};

use super::verdict::{Count, Measurement, Ruling, Verdict, VerdictWord};
use super::{
    Circumstances, Drift, EarlyDecision, EventWindow, Indicator, Note, Objective, Reason, Unmeasured, ValidityCheck,
    every, overall, validity,
};
use crate::evidence::{Accept, Decision, Evidence, SettledObjective};
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
    if evidence.ended.as_ref().is_none_or(|ended| ended.exhausted) {
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

/// Verdicts on all objectives: one that names an event by the samples of its window, the others by those outside all windows.
fn verdicts(evidence: &Evidence, objectives: &[Objective]) -> Vec<Verdict> {
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
    verdicts.collect()
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

/// Decides on one event by what was observed: all of its samples are known, so nothing is inferred from them, and a share or value at
/// its limit is within it.
fn decide_as_observed(measurement: &mut Measurement, objective: &Objective) {
    let (point, floor) = (measurement.point, objective.floor());
    let tiers = [
        (&mut measurement.target, objective.target),
        (&mut measurement.acceptable, objective.acceptable),
    ];
    for (count, limit) in tiers {
        let Some(limit) = limit.value() else { continue };
        let kept = match (count.ruling, point) {
            (None, _) => count.bad as f64 <= count.allowed * count.total as f64,
            (Some(_), Some(point)) => (if floor { limit - point } else { point - limit }) <= 0.0,
            // It falls among failures, which are over every limit.
            (Some(_), None) => false,
        };
        count.effective = None;
        count.ruling = Some(Ruling {
            decision: if kept { Decision::Met } else { Decision::Missed },
            missed_p: if kept { 1.0 } else { 0.0 },
        });
    }
    (measurement.low, measurement.high) = (point, point);
    measurement.notes.push(Note::EventObserved);
}

/// Verdict on the samples of that evidence; `observed` decides without inference.
fn verdict(evidence: &Evidence, objective: &Objective, observed: bool) -> Verdict {
    let indicator = match objective.indicator() {
        Ok(indicator) => indicator,
        Err(error) => return unmeasured(objective, VerdictWord::Invalid, Unmeasured::Invalid(error.to_string())),
    };
    match indicator.measure(evidence, objective) {
        Ok(mut measurement) => {
            if observed {
                decide_as_observed(&mut measurement, objective);
            }
            // 1. Drift: counts and bounds assume one share for the whole window, so a decision that a drift
            // contradicts is withdrawn before anything is built on it.
            // An event is no steady state, and is not judged as one.
            let drift = Drift::detect(indicator, evidence, objective).filter(|_| !observed);
            let falls = indicator.profile().floor && !indicator.profile().decides_by_share(objective);
            let decide = |count: &Count| {
                let decision = count.decide();
                drift.as_ref().map_or(decision, |drift| drift.leaves(decision, falls))
            };
            let (mut target, mut acceptable) = (decide(&measurement.target), decide(&measurement.acceptable));
            // 2. Windows (`in-every`) can only make a decision stricter, so they start from the one that the drift
            // left.
            let mut circumstances = Circumstances::default();
            for (decision, limit) in [(&mut target, objective.target), (&mut acceptable, objective.acceptable)] {
                let (own, over) = every::decide(indicator, evidence, objective, limit, *decision);
                *decision = own;
                circumstances.windows.extend(over);
            }
            // 3. An early decision fills in what the counts leave open. It assumes neither drift nor windows, so it
            // does not apply where one of them does.
            if let Some(settled) =
                settled(evidence, objective).filter(|_| drift.is_none() && objective.in_every.is_none())
            {
                circumstances.early = Some(EarlyDecision {
                    decision: settled.decision,
                    e_value: settled.e_value,
                });
                let column = match evidence.ended.as_ref().map(|ended| ended.accept) {
                    Some(Accept::Acceptable) => &mut acceptable,
                    _ => &mut target,
                };
                // The counts of the whole window have more evidence than the early look: they win where both decide.
                if *column == Decision::Undecided {
                    *column = settled.decision;
                }
                // A target met implies the looser acceptable limit met, and an acceptable limit missed implies the target
                // missed.
                if target == Decision::Met {
                    acceptable = Decision::Met;
                } else if acceptable == Decision::Missed {
                    target = Decision::Missed;
                }
            }
            Verdict {
                word: VerdictWord::from_decisions(target, acceptable),
                reason: Reason::Facts(circumstances),
                unmeasured: None,
                drift,
                target,
                acceptable,
                worst_window: indicator.worst_window(evidence, objective),
                objective: objective.clone(),
                measurement: Some(measurement),
            }
        }
        Err(why) => {
            // Without a measurement the objective is open; if the probe broke, the run itself is not valid.
            let broken = indicator
                .profile()
                .probe
                .is_some_and(|probe| evidence.probe_failure(probe).is_some());
            let word = if broken {
                VerdictWord::Invalid
            } else {
                VerdictWord::Inconclusive
            };
            unmeasured(objective, word, why)
        }
    }
}

/// Decision on the objective made during the run, valid however often it was looked at.
fn settled<'a>(evidence: &'a Evidence, objective: &Objective) -> Option<&'a SettledObjective> {
    evidence.ended.as_ref()?.of(&objective.name)
}

/// Verdict on an objective without a measurement: neither limit is met.
fn unmeasured(objective: &Objective, word: VerdictWord, why: Unmeasured) -> Verdict {
    Verdict {
        objective: objective.clone(),
        measurement: None,
        word,
        target: Decision::Undecided,
        acceptable: Decision::Undecided,
        reason: Reason::Facts(Circumstances::default()),
        unmeasured: Some(why),
        worst_window: None,
        drift: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Gate, Unit, fixture};
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
            "target missed: 100 of 1000 over 100ms (10 %, 5 % allowed); \
             acceptable met: 0 of 1000 over 300ms (0 %, 5 % allowed)"
        );
        let judgement = judged(&run, &[fixture::objective("error-rate", "0.1 %", "1 %")]);
        assert_eq!(
            en::reason(&judgement.verdicts[0]),
            "target undecided: 0 of 1000 failed (0 %, 0.1 % allowed); \
             acceptable met: 0 of 1000 failed (0 %, 1 % allowed); the target needs at least 2995 samples"
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
    fn a_judgement_survives_being_saved() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        let judgement = judged(&run, &[fixture::response_time()]);
        let text = serde_json::to_string(&judgement).unwrap();
        assert_eq!(serde_json::from_str::<Judgement>(&text).unwrap(), judgement);
    }
}
