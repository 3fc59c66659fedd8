//! Shifts of requests against their record, in either direction.

use hdrhistogram::{CreationError, Histogram};

use crate::record::WalkTotals;
use crate::stats::value_at_rank;
use crate::units::saturating_u64;

/// Largest shift in microseconds: a week, the longest run.
const LARGEST: u64 = 7 * 24 * 3_600 * 1_000_000;
/// Precision of the histograms in digits.
const DIGITS: u8 = 3;

/// Shifts of requests in microseconds. Memory is constant in their number.
#[derive(Debug)]
pub(super) struct Shifts {
    /// Sizes of negative shifts.
    early: Histogram<u64>,
    /// Shifts of 0 and more.
    late: Histogram<u64>,
    greatest: i64,
}

impl Shifts {
    pub(super) fn new() -> Result<Self, CreationError> {
        Ok(Self {
            early: Histogram::new_with_bounds(1, LARGEST, DIGITS)?,
            late: Histogram::new_with_bounds(1, LARGEST, DIGITS)?,
            greatest: i64::MIN,
        })
    }

    /// Counts one shift. Larger ones than a week count as a week.
    pub(super) fn record(&mut self, micros: i64) {
        self.greatest = self.greatest.max(micros);
        // A histogram of this kind holds no negative values, so each direction has one.
        let side = if micros < 0 { &mut self.early } else { &mut self.late };
        // A size within the bounds is always taken.
        let _ = side.record(micros.unsigned_abs().min(LARGEST));
    }

    /// Writes number, median, 99th percentile and maximum into the totals.
    pub(super) fn sum_up(&self, totals: &mut WalkTotals) {
        totals.later = self.early.len() + self.late.len();
        if totals.later > 0 {
            totals.shift_p50 = self.quantile(0.5);
            totals.shift_p99 = self.quantile(0.99);
            totals.shift_max = self.greatest;
        }
    }

    /// The value of rank ⌈q·n⌉ among the shifts.
    fn quantile(&self, quantile: f64) -> i64 {
        let (early, all) = (self.early.len(), self.early.len() + self.late.len());
        let rank = saturating_u64((quantile * all as f64).ceil()).clamp(1, all);
        let signed = |value: Option<u64>| value.and_then(|value| i64::try_from(value).ok()).unwrap_or(0);
        if rank <= early {
            // The smallest shift is the largest size.
            -signed(value_at_rank(&self.early, early - rank + 1))
        } else {
            signed(value_at_rank(&self.late, rank - early)).min(self.greatest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_run_from_early_to_late() {
        let mut shifts = Shifts::new().unwrap();
        let mut totals = WalkTotals::default();
        shifts.sum_up(&mut totals);
        assert_eq!(totals, WalkTotals::default());
        // −50, −49, …, 49: the 50th is −1, the 99th is 48.
        (-50..50).for_each(|micros| shifts.record(micros));
        shifts.sum_up(&mut totals);
        assert_eq!(
            (totals.later, totals.shift_p50, totals.shift_p99, totals.shift_max),
            (100, -1, 48, 49)
        );
        assert_eq!((shifts.quantile(0.0), shifts.quantile(0.5001)), (-50, 0));
    }
}
