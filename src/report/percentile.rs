//! The one definition of a percentile in reports.
//!
//! Of n samples the q-quantile is the one at rank ⌈q·n⌉ (nearest rank, R's type 1; Hyndman and Fan 1996). A failure has
//! no duration but is longer than any success, so it ranks above all of them.

use hdrhistogram::Histogram;

/// Rank of the q-quantile among `total` samples, from 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 < q < 1, so the product is positive and at most `total`"
)]
fn rank(quantile: f64, total: u64) -> u64 {
    // 0.95 × 100 is 95.00000000000001 in binary: without the tolerance its ceiling would be 96.
    let exact = quantile * total as f64;
    ((exact - exact * 1e-12).ceil() as u64).clamp(1, total.max(1))
}

/// The quantile of `total` samples whose successes are in the histogram; `None` if it falls among failures, or if
/// there is no sample.
pub(super) fn of_histogram(successes: &Histogram<u64>, total: u64, quantile: f64) -> Option<u64> {
    let rank = rank(quantile, total);
    if total == 0 || rank > successes.len() {
        return None;
    }
    // Half a rank lower, so that rounding inside the histogram cannot reach the next one.
    Some(successes.value_at_quantile((rank as f64 - 0.5) / successes.len() as f64))
}

/// The quantile of `total` samples whose successes are in the sorted slice; `None` as in [`of_histogram`].
pub(super) fn of_sorted(successes: &[f64], total: u64, quantile: f64) -> Option<f64> {
    let index = usize::try_from(rank(quantile, total) - 1).ok()?;
    successes.get(index).copied()
}

/// The quantile of a weighted sample, ascending; `None` if it is empty.
pub(super) fn of_weighted(sample: &[(u64, f64)], quantile: f64) -> Option<u64> {
    let total: f64 = sample.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    for (value, weight) in sample {
        below += weight;
        if below >= quantile * total * (1.0 - 1e-12) {
            return Some(*value);
        }
    }
    // Sums of weights are off by rounding, so that the last one may not be reached.
    sample.last().map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::new_histogram;

    #[test]
    fn failures_rank_above_every_success() {
        let mut successes = new_histogram();
        for micros in 1..=90 {
            successes.record(micros).unwrap();
        }
        assert_eq!(of_histogram(&successes, 100, 0.5), Some(50));
        assert_eq!(of_histogram(&successes, 100, 0.9), Some(90));
        assert_eq!(of_histogram(&successes, 100, 0.91), None, "rank 91 is a failure");
        assert_eq!(of_histogram(&successes, 90, 0.95), Some(86));
        assert_eq!(of_histogram(&new_histogram(), 0, 0.5), None);
    }

    #[test]
    fn agrees_with_a_sorted_list() {
        let sorted: Vec<f64> = (1..=1_000_u32).map(f64::from).collect();
        let mut successes = new_histogram();
        for micros in 1..=1_000 {
            successes.record(micros).unwrap();
        }
        for thousandths in 1..1_000_u32 {
            let quantile = f64::from(thousandths) / 1_000.0;
            assert_eq!(of_sorted(&sorted, 1_000, quantile), Some(f64::from(thousandths)));
            assert_eq!(of_histogram(&successes, 1_000, quantile), Some(u64::from(thousandths)));
        }
    }

    #[test]
    fn weights_count_as_copies() {
        let sample = [(10, 1.0), (20, 18.0), (30, 1.0)];
        assert_eq!(of_weighted(&sample, 0.05), Some(10));
        assert_eq!(of_weighted(&sample, 0.5), Some(20));
        assert_eq!(of_weighted(&sample, 0.95), Some(20));
        assert_eq!(of_weighted(&sample, 0.96), Some(30));
        assert_eq!(of_weighted(&[], 0.5), None);
    }
}
