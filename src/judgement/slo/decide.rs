//! The verdict on one objective, from its samples.

use super::verdict::{Count, Measurement, Ruling, Verdict, VerdictWord};
use super::{Circumstances, Drift, EarlyDecision, Note, Objective, Reason, Unmeasured, every};
use crate::evidence::{Accept, Decision, Evidence, SettledObjective};

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
pub(super) fn verdict(evidence: &Evidence, objective: &Objective, observed: bool) -> Verdict {
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
pub(super) fn unmeasured(objective: &Objective, word: VerdictWord, why: Unmeasured) -> Verdict {
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
