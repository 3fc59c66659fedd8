//! Common part of indicators decided on a mean or a maximum: bounds and rulings.

use super::super::{Count, Limit, Measurement, Note, Objective, Ruling, Unit, windows};
use super::reading::Indicator;
use crate::evidence::{Decision, Evidence};
use crate::slo::Unmeasured;
use crate::stats::{ALPHA, Mean};

/// Ruling of a mean on a limit: met if its upper bound is below the limit (for a floor, if its lower bound is not below it),
/// missed if the p-value at the limit is below α.
pub(in crate::slo) fn ruling(mean: &Mean, limit: Limit, floor: bool) -> Ruling {
    let Some(limit) = limit.value() else {
        return Ruling::OPEN;
    };
    let missed_p = if floor {
        mean.below_p(limit)
    } else {
        mean.above_p(limit)
    };
    let met = if floor {
        mean.low(ALPHA).is_some_and(|low| low >= limit)
    } else {
        mean.high(ALPHA).is_some_and(|high| high < limit)
    };
    Ruling {
        decision: if met {
            Decision::Met
        } else if missed_p < ALPHA {
            Decision::Missed
        } else {
            Decision::Undecided
        },
        missed_p,
    }
}

/// Measurement of the mean of the sums of `indicator`, over `samples`. `over` is the number over the target and over the
/// acceptable limit, for display only.
pub(super) fn measurement(
    indicator: &dyn Indicator,
    evidence: &Evidence,
    objective: &Objective,
    samples: u64,
    over: [u64; 2],
) -> Result<Measurement, Unmeasured> {
    let sums = indicator.sums(evidence, objective);
    let batches = windows::sums(indicator.window(&evidence.plan), &sums);
    let mean = Mean::estimate(&batches, indicator.profile().floor).ok_or(Unmeasured::EmptyWindow)?;
    let count = |bad, limit| Count {
        bad,
        total: samples,
        allowed: 1.0,
        effective: None,
        ruling: Some(ruling(&mean, limit, indicator.profile().floor)),
    };
    Ok(Measurement {
        point: Some(mean.point),
        // Student's t is symmetric; times and rates are not negative.
        low: mean.low(ALPHA).map(|low| low.max(0.0)),
        high: mean.high(ALPHA),
        unit: indicator.profile().unit,
        statistic: objective.statistic(),
        samples,
        target: count(over[0], objective.target),
        acceptable: count(over[1], objective.acceptable),
        notes: Vec::new(),
    })
}

/// Measurement of the longest of `samples`. `over` is the number over the target and over the acceptable limit. Nothing
/// bounds the longest possible time, so a limit is met if no observed time is over it and missed if any is.
pub(super) fn maximum(
    objective: &Objective,
    longest: Option<f64>,
    samples: u64,
    over: [Option<u64>; 2],
) -> Measurement {
    let count = |over: Option<u64>| Count {
        bad: over.unwrap_or(0),
        total: samples,
        allowed: 0.0,
        effective: None,
        ruling: Some(match over {
            None => Ruling::OPEN,
            Some(0) => Ruling {
                decision: Decision::Met,
                missed_p: 1.0,
            },
            Some(_) => Ruling {
                decision: Decision::Missed,
                // One sample over a limit on the maximum is a fact and no estimate, so Holm must not take it away.
                missed_p: 0.0,
            },
        }),
    };
    Measurement {
        point: longest,
        low: longest,
        // The longest time seen bounds the longest possible one from below only.
        high: None,
        unit: Unit::Milliseconds,
        statistic: objective.statistic(),
        samples,
        target: count(over[0]),
        acceptable: count(over[1]),
        notes: vec![Note::LongestSeen],
    }
}
