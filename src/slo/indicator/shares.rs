//! What the share indicators share: a proportion with its bounds, and the counts that decide.

use super::super::{Count, Indicator, Measurement, Objective, Unit};
use crate::stats::{ALPHA, Proportion};

/// A measurement of `bad` of `total`, turned round for an indicator whose share is that of good samples.
pub(super) fn measurement(indicator: &dyn Indicator, objective: &Objective, bad: u64, total: u64) -> Measurement {
    let proportion = Proportion::new(bad, total);
    let count = |limit| Count {
        bad,
        total,
        allowed: indicator.allowed(objective, limit),
    };
    let (lower, upper) = (proportion.lower(ALPHA), proportion.upper(ALPHA));
    let (point, low, high) = if indicator.floor() {
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
        target: count(objective.target),
        acceptable: count(objective.acceptable),
        notes: Vec::new(),
    }
}
