//! What the latency indicators share: a quantile with its bounds, and the counts that decide.

use super::super::{Count, Measurement, Objective, Ruling, Unit};
use super::reading::Worth;
use crate::slo::Unmeasured;
use crate::stats::{ALPHA, QuantileRanks};
use crate::units::Quantile;

/// Samples over the two limits, counted exactly; `None` of a limit whose baseline is not known.
pub(super) struct Over {
    /// Over the target.
    pub(super) target: Option<u64>,
    /// Over the acceptable limit.
    pub(super) acceptable: Option<u64>,
    /// All samples.
    pub(super) total: u64,
}

/// The quantile the objective asks for.
pub(super) fn quantile(objective: &Objective) -> Result<Quantile, Unmeasured> {
    objective.quantile.ok_or(Unmeasured::NoQuantile)
}

/// A measurement whose estimate and bounds are the values `at_rank` gives (milliseconds; `None` among failures) for ranks
/// among `ranked` samples, and whose counts are `over`.
pub(super) fn measurement(
    objective: &Objective,
    over: &Over,
    worth: &Worth,
    ranked: u64,
    at_rank: impl Fn(u64) -> Option<f64>,
) -> Result<Measurement, Unmeasured> {
    let quantile = quantile(objective)?;
    let allowed = quantile.allowed_above();
    let ranks = match &worth.target {
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
        target: count(over.target, worth.target),
        acceptable: count(over.acceptable, worth.acceptable),
        notes: Vec::new(),
    })
}
