//! Common part of share indicators: a proportion with its bounds, and the counts that decide.

use super::super::{Count, Indicator, Measurement, Objective, Ruling, Unit};
use super::reading::EffectiveSizes;
use crate::stats::{ALPHA, Proportion};

/// Measurement of `bad` of `total`; the complement of that share if the indicator is a lower bound on good samples.
pub(super) fn measurement(
    indicator: &dyn Indicator,
    objective: &Objective,
    effective: &EffectiveSizes,
    bad: u64,
    total: u64,
) -> Measurement {
    let proportion = Proportion::new(bad, total);
    let count = |limit, effective| Count {
        bad,
        total,
        allowed: indicator.profile().allowed(objective, limit),
        effective,
        ruling: Ruling::from_limit(limit),
    };
    let (for_lower, for_upper) = match &effective.target {
        Some(effective) => (effective.for_lower(proportion), effective.for_upper(proportion)),
        None => (proportion, proportion),
    };
    let (lower, upper) = (for_lower.lower(ALPHA), for_upper.upper(ALPHA));
    // For a floor the share of good samples is shown, and the bounds change sides.
    let (point, low, high) = if indicator.profile().floor {
        (proportion.share().map(|share| 1.0 - share), 1.0 - upper, 1.0 - lower)
    } else {
        (proportion.share(), lower, upper)
    };
    Measurement {
        point,
        low: Some(low),
        high: Some(high),
        unit: Unit::Share,
        statistic: "share".to_owned(),
        samples: total,
        target: count(objective.target, effective.target),
        acceptable: count(objective.acceptable, effective.acceptable),
        notes: Vec::new(),
    }
}
