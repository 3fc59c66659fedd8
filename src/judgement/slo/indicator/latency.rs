//! Common part of latency indicators: a quantile with its bounds, and the counts that decide.

use super::super::{Count, Measurement, Objective, Ruling, Unit};
use super::reading::EffectiveSizes;
use crate::slo::Unmeasured;
use crate::stats::{ALPHA, QuantileRanks};
use crate::units::Quantile;

/// Exact counts of samples over the two limits; `None` for a limit whose baseline is not known.
pub(super) struct OverLimits {
    /// Over the target.
    pub(super) target: Option<u64>,
    /// Over the acceptable limit.
    pub(super) acceptable: Option<u64>,
    /// All samples.
    pub(super) total: u64,
}

/// The quantile that the objective asks for.
pub(super) fn quantile(objective: &Objective) -> Result<Quantile, Unmeasured> {
    objective.quantile.ok_or(Unmeasured::NoQuantile)
}

/// Measurement whose point estimate and bounds are values at ranks among `ranked` samples. `at_rank` gives the value in
/// milliseconds, or `None` if the rank falls among failures. `over` holds the counts that decide.
pub(super) fn measurement(
    objective: &Objective,
    over: &OverLimits,
    effective: &EffectiveSizes,
    ranked: u64,
    at_rank: impl Fn(u64) -> Option<f64>,
) -> Result<Measurement, Unmeasured> {
    let quantile = quantile(objective)?;
    let allowed = quantile.allowed_above();
    // One interval is shown. With the effective number of the target it cannot disagree with the decision on the
    // target.
    let ranks = match &effective.target {
        Some(effective) => QuantileRanks::effective(ranked, effective, allowed, ALPHA),
        None => QuantileRanks::new(ranked, allowed, ALPHA),
    };
    let count = |bad: Option<u64>, effective| Count {
        bad: bad.unwrap_or(0),
        total: over.total,
        allowed,
        effective,
        ruling: if bad.is_none() { Some(Ruling::OPEN) } else { None },
    };
    Ok(Measurement {
        point: ranks.and_then(|ranks| at_rank(ranks.point)),
        low: ranks.and_then(|ranks| at_rank(ranks.low?)),
        high: ranks.and_then(|ranks| at_rank(ranks.high?)),
        unit: Unit::Milliseconds,
        statistic: quantile.to_string(),
        samples: over.total,
        target: count(over.target, effective.target),
        acceptable: count(over.acceptable, effective.acceptable),
        notes: Vec::new(),
    })
}
