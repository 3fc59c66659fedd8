//! Results of the gating objectives in a step, alone or pooled with earlier steps at its rate.

use crate::evidence::{Accept, Decision};
use crate::report::{Caveat, FindingMeasurement, ObjectiveFinding};
use crate::slo::{Count, Drift, Measurement, Tally, Unmeasured, Verdict};
use crate::stats::{ALPHA, holm};
use crate::words::en;

/// Each gating objective, decided on the samples of all steps at this rate if they can be pooled, and by this step's
/// verdict if not. Misses must be certain together (Holm), as in a run's own judgement.
pub(super) fn findings(
    verdicts: &[&Verdict],
    accept: Accept,
    own: &[Tally],
    before: &[&[Tally]],
) -> Vec<ObjectiveFinding> {
    let pooled: Vec<Option<Count>> = verdicts.iter().map(|verdict| pooled(verdict, own, before)).collect();
    let count = |(verdict, pooled): (&&Verdict, &Option<Count>)| match (pooled, &verdict.measurement) {
        (Some(pooled), _) => pooled.missed_p(),
        (None, Some(measured)) => column(measured, accept).missed_p(),
        // Without a measurement nothing speaks for a miss; as the largest probability it takes no significance from the
        // others.
        (None, None) => 1.0,
    };
    let probabilities: Vec<f64> = verdicts.iter().zip(&pooled).map(count).collect();
    let certain = holm(&probabilities, ALPHA);
    let steps = u32::try_from(before.len()).unwrap_or(u32::MAX).saturating_add(1);
    let decided = verdicts.iter().zip(&pooled).zip(certain);
    decided
        .map(|((verdict, pooled), certain)| match pooled {
            Some(pooled) => of_all(verdict, accept, pooled, steps, certain),
            None => of_one(verdict, accept),
        })
        .collect()
}

/// Pooled samples of the objective over all steps at this rate; `None` in a first step, or if it is not decided on shares.
fn pooled(verdict: &Verdict, own: &[Tally], before: &[&[Tally]]) -> Option<Count> {
    // Alone, the verdict of the run stands: it knows windows and drift, which pooled counts do not.
    if before.is_empty() {
        return None;
    }
    let all = std::iter::once(own).chain(before.iter().copied());
    let found: Option<Vec<&Tally>> = all
        .map(|tallies| tallies.iter().find(|tally| tally.objective == verdict.objective.name))
        .collect();
    Tally::pooled(&found?)
}

fn column(measured: &Measurement, accept: Accept) -> &Count {
    match accept {
        Accept::Target => &measured.target,
        Accept::Acceptable => &measured.acceptable,
    }
}

/// The finding by the pooled samples of `steps` steps. A miss that is not `certain` is undecided.
fn of_all(verdict: &Verdict, accept: Accept, pooled: &Count, steps: u32, certain: bool) -> ObjectiveFinding {
    let mut caveats = Vec::new();
    let decision = match (pooled.decide(), &verdict.drift) {
        (Decision::Missed, _) if !certain => {
            caveats.push(Caveat::OneOfSeveral);
            Decision::Undecided
        }
        (Decision::Met, Some(drift)) => {
            caveats.push(not_steady(drift));
            Decision::Undecided
        }
        (decision, _) => decision,
    };
    if decision == Decision::Undecided {
        caveats.extend(open(verdict, accept, pooled));
    }
    ObjectiveFinding {
        objective: verdict.objective.name.clone(),
        indicator: verdict.objective.indicator.clone(),
        decision,
        steps,
        seen: share(verdict, accept, pooled),
        caveats,
    }
}

/// The finding by the verdict of one step.
fn of_one(verdict: &Verdict, accept: Accept) -> ObjectiveFinding {
    let objective = &verdict.objective;
    let decision = verdict.accepted(accept);
    let (seen, caveats) = if let Some(measured) = &verdict.measurement {
        let count = column(measured, accept);
        let mut caveats: Vec<Caveat> = difference_caveat(verdict, decision, count.decide())
            .into_iter()
            .collect();
        if decision == Decision::Undecided {
            caveats.extend(open(verdict, accept, count));
        }
        let seen = if objective.by_share() {
            share(verdict, accept, count)
        } else {
            value(verdict, accept, measured)
        };
        (seen, caveats)
    } else {
        let why = verdict.unmeasured.clone();
        let why = why.unwrap_or_else(|| Unmeasured::Verbatim(en::reason(verdict)));
        (FindingMeasurement::Nothing { why }, Vec::new())
    };
    ObjectiveFinding {
        objective: objective.name.clone(),
        indicator: objective.indicator.clone(),
        decision,
        steps: 1,
        seen,
        caveats,
    }
}

fn share(verdict: &Verdict, accept: Accept, count: &Count) -> FindingMeasurement {
    let limit = verdict.objective.limit(accept);
    FindingMeasurement::Count {
        bad: count.bad,
        total: count.total,
        allowed: count.allowed,
        over: limit.micros().map(|micros| micros as f64 / 1e3),
    }
}

fn value(verdict: &Verdict, accept: Accept, measured: &Measurement) -> FindingMeasurement {
    let objective = &verdict.objective;
    FindingMeasurement::Value {
        point: measured.point,
        low: measured.low,
        high: measured.high,
        unit: measured.unit,
        limit: objective.limit(accept).value(),
        floor: objective.floor(),
    }
}

fn not_steady(drift: &Drift) -> Caveat {
    Caveat::NotSteady {
        change: drift.trend.change,
        unit: drift.unit,
    }
}

/// Cause of a difference between the verdict's decision and that of its counts.
fn difference_caveat(verdict: &Verdict, decision: Decision, counted: Decision) -> Option<Caveat> {
    if decision == counted {
        return None;
    }
    let windows = verdict.objective.in_every.map(|length| Caveat::InEvery {
        seconds: length.get().as_secs(),
    });
    // Only windows turn a decision into a miss; a drift makes one undecided.
    if decision == Decision::Missed {
        return windows;
    }
    let drift = verdict.drift.as_ref().map(not_steady);
    let several = (counted == Decision::Missed).then_some(Caveat::OneOfSeveral);
    drift.or(windows).or(several)
}

/// Causes for which counts leave a decision open.
fn open(verdict: &Verdict, accept: Accept, count: &Count) -> Vec<Caveat> {
    let objective = &verdict.objective;
    let limit = objective.limit(accept);
    if limit.fixed().is_none() {
        return vec![Caveat::NoBaseline];
    }
    let bursts = count.effective.map(|effective| effective.cautious);
    // A smaller loss explains no missing decision, and would be named at nearly every step.
    let bursts = bursts.filter(|worth| 2 * worth < count.total);
    let needed = objective
        .indicator()
        .ok()
        .and_then(|indicator| indicator.needed_samples(objective, limit));
    let needed = needed.filter(|needed| count.total < *needed);
    let bursts = bursts.map(|worth| Caveat::Bursts { worth });
    bursts
        .into_iter()
        .chain(needed.map(|needed| Caveat::TooFew { needed }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slo::{Objective, Reason, Ruling, Unit, VerdictWord};
    use crate::stats::trend;

    fn verdict(name: &str, target: Decision) -> Verdict {
        let text = format!(
            "name = '{name}'\nindicator = 'response-time'\nquantile = 'p95'\ntarget = '100ms'\nacceptable = '300ms'"
        );
        let objective: Objective = toml::from_str(&text).unwrap();
        Verdict {
            objective,
            measurement: None,
            word: VerdictWord::Inconclusive,
            target,
            acceptable: Decision::Met,
            reason: Reason::Verbatim("not measured: by itself".to_owned()),
            worst_window: None,
            unmeasured: Some(Unmeasured::NoRequest),
            drift: None,
        }
    }

    /// `bad` of 1,000 requests over the target, none over the acceptable limit.
    fn counted(bad: u64, target: Decision) -> Verdict {
        let count = |bad| Count {
            bad,
            total: 1_000,
            allowed: 0.05,
            effective: None,
            ruling: None,
        };
        Verdict {
            measurement: Some(Measurement {
                point: Some(82.5),
                low: Some(79.0),
                high: None,
                unit: Unit::Milliseconds,
                statistic: "p95".to_owned(),
                samples: 1_000,
                target: count(bad),
                acceptable: count(0),
                notes: Vec::new(),
            }),
            ..verdict("API", target)
        }
    }

    fn drift() -> Drift {
        Drift {
            unit: Unit::Milliseconds,
            trend: trend(&[(1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (4.0, 1.0), (5.0, 1.0), (6.0, 1.0)]).unwrap(),
        }
    }

    /// A step in which every `every`th second has 20 of 100 over the limit.
    fn tally(name: &str, seconds: usize, every: usize) -> Tally {
        let counts = |second| (if second % every == 0 { 20 } else { 0 }, 100);
        Tally {
            objective: name.to_owned(),
            allowed: 0.05,
            seconds: (0..seconds).map(counts).collect(),
        }
    }

    fn decided(verdicts: &[&Verdict], own: &[Tally], before: &[&[Tally]]) -> Vec<ObjectiveFinding> {
        findings(verdicts, Accept::Target, own, before)
    }

    fn alone(verdict: &Verdict, accept: Accept) -> ObjectiveFinding {
        findings(&[verdict], accept, &[], &[]).remove(0)
    }

    #[test]
    fn a_first_step_decides_by_its_verdict_and_later_ones_with_those_before() {
        let open = verdict("API", Decision::Undecided);
        let own = [tally("API", 60, 6)];
        let first = decided(&[&open], &own, &[]);
        assert_eq!((first[0].decision, first[0].steps), (Decision::Undecided, 1));
        let why = Unmeasured::NoRequest;
        assert_eq!(first[0].seen, FindingMeasurement::Nothing { why });
        let before = [tally("API", 60, 6)];
        let both = decided(&[&open], &own, &[&before]);
        assert_eq!((both[0].decision, both[0].steps), (Decision::Met, 2), "{both:?}");
        let seen = FindingMeasurement::Count {
            bad: 400,
            total: 12_000,
            allowed: 0.05,
            over: Some(100.0),
        };
        assert_eq!((&both[0].seen, both[0].caveats.as_slice()), (&seen, &[][..]));
        // An objective whose level drifts is not met, whatever its counts.
        let mut drifting = verdict("API", Decision::Undecided);
        drifting.drift = Some(drift());
        let drifting = decided(&[&drifting], &own, &[&before]).remove(0);
        assert_eq!(drifting.decision, Decision::Undecided);
        assert_eq!(drifting.caveats.first(), Some(&not_steady(&drift())));
    }

    #[test]
    fn a_clear_miss_stays_one_beside_others_and_what_has_no_tally_decides_alone() {
        let (slow, other) = (verdict("API", Decision::Undecided), verdict("Errors", Decision::Met));
        let own = [tally("API", 60, 2)];
        let before = [tally("API", 30, 2)];
        let found = decided(&[&slow, &other], &own, &[&before]);
        let decisions: Vec<Decision> = found.iter().map(|finding| finding.decision).collect();
        assert_eq!(decisions, [Decision::Missed, Decision::Met]);
        // A step whose samples were not kept.
        assert_eq!(decided(&[&slow], &own, &[&[]])[0].steps, 1);
    }

    #[test]
    fn the_column_that_gates_is_the_one_that_is_told() {
        let missed = counted(100, Decision::Missed);
        let seen = |bad, over| FindingMeasurement::Count {
            bad,
            total: 1_000,
            allowed: 0.05,
            over: Some(over),
        };
        let target = alone(&missed, Accept::Target);
        assert_eq!((target.decision, target.seen), (Decision::Missed, seen(100, 100.0)));
        let acceptable = alone(&missed, Accept::Acceptable);
        assert_eq!((acceptable.decision, acceptable.seen), (Decision::Met, seen(0, 300.0)));
        assert!(target.caveats.is_empty() && acceptable.caveats.is_empty());
    }

    #[test]
    fn what_is_not_decided_on_shares_is_told_as_a_number() {
        let mut mean = counted(100, Decision::Met);
        mean.objective.quantile = None;
        mean.objective.statistic = Some(crate::slo::Statistic::Mean);
        if let Some(measured) = &mut mean.measurement {
            measured.target.ruling = Some(Ruling {
                decision: Decision::Met,
                missed_p: 1.0,
            });
        }
        let seen = FindingMeasurement::Value {
            point: Some(82.5),
            low: Some(79.0),
            high: None,
            unit: Unit::Milliseconds,
            limit: Some(100.0),
            floor: false,
        };
        assert_eq!(alone(&mean, Accept::Target).seen, seen);
    }

    #[test]
    fn what_turned_a_decision_of_the_counts_is_told() {
        // 100 of 1,000 miss 5 %: taken back among several objectives, or because the level falls.
        let weakened = counted(100, Decision::Undecided);
        assert_eq!(alone(&weakened, Accept::Target).caveats, [Caveat::OneOfSeveral]);
        let mut drifting = counted(100, Decision::Undecided);
        drifting.drift = Some(drift());
        assert_eq!(alone(&drifting, Accept::Target).caveats, [not_steady(&drift())]);
        // 0 of 1,000 meet it: missed in some window.
        let mut windows = counted(0, Decision::Missed);
        windows.objective.in_every = "10s".parse().ok();
        assert_eq!(
            alone(&windows, Accept::Target).caveats,
            [Caveat::InEvery { seconds: 10 }]
        );
    }

    #[test]
    fn why_counts_leave_a_decision_open_is_told() {
        let mut few = counted(0, Decision::Undecided);
        if let Some(measured) = &mut few.measurement {
            // p95 with 95 % confidence needs 59: 0.95^59 < 0.05.
            (measured.target.total, measured.target.bad) = (58, 0);
        }
        assert_eq!(alone(&few, Accept::Target).caveats, [Caveat::TooFew { needed: 59 }]);
        let mut relative = counted(0, Decision::Undecided);
        relative.objective.target = "baseline + 10 %".to_owned().try_into().unwrap();
        if let Some(measured) = &mut relative.measurement {
            measured.target.ruling = Some(Ruling::OPEN);
        }
        assert_eq!(alone(&relative, Accept::Target).caveats, [Caveat::NoBaseline]);
        // 160 of 3,300 samples are over the limit, a little less than the share allowed, but they come in bursts.
        let bursts = [tally("API", 30, 6)];
        let open = decided(
            &[&verdict("API", Decision::Undecided)],
            &bursts,
            &[&[tally("API", 3, 1)][..]],
        )
        .remove(0);
        assert_eq!(open.decision, Decision::Undecided, "{open:?}");
        assert!(
            matches!(open.caveats.as_slice(), [Caveat::Bursts { worth }] if 2 * worth < 3_300),
            "{open:?}"
        );
    }
}
