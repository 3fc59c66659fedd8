//! Quantiles and their bounds by order statistics, without an assumption on the distribution and without interpolation.

use hdrhistogram::Histogram;

use super::EffectiveSampleSize;
use super::binomial::at_most;
use crate::units::saturating_u64;

/// Ranks, from 1, among `n` ascending samples: of a quantile's estimate and of its one-sided bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantileRanks {
    /// Rank of the estimate: the least k with k / n ≥ q.
    pub point: u64,
    /// Rank of the lower bound; `None` if the samples are too few for one.
    pub low: Option<u64>,
    /// Rank of the upper bound; `None` if the samples are too few for one.
    pub high: Option<u64>,
}

impl QuantileRanks {
    /// Ranks for `n` samples, `None` without samples; `allowed_above` is 1 − q, each bound holds with confidence 1 − α.
    ///
    /// With Y ~ Binomial(n, q) the number of samples below the true quantile, the k-th smallest sample is an upper bound
    /// with confidence P(Y ≤ k − 1) and a lower one with P(Y ≥ k): the least k with P(Y ≤ k − 1) ≥ 1 − α, the greatest
    /// with P(Y ≤ k − 1) ≤ α. David and Nagaraja, "Order Statistics", section 7.1.
    ///
    /// So the upper bound is at or below a limit if and only if the binomial test on the samples over that limit finds
    /// their share below 1 − q: the interval shown and the verdict cannot disagree.
    pub fn new(n: u64, allowed_above: f64, alpha: f64) -> Option<Self> {
        if n == 0 {
            return None;
        }
        let q = 1.0 - allowed_above;
        // Samples above the true quantile are Binomial(n, 1 − q), which keeps `allowed_above` as it was written.
        let at_least_above = |k: u64| at_most(n - k, n, allowed_above);
        // P(Y ≤ k − 1) ≥ 1 − α  ⇔  P(n − Y ≤ n − k) ≤ α; it grows with k.
        let high = first(n, |k| at_least_above(k) <= alpha);
        let low = match first(n, |k| at_least_above(k) < 1.0 - alpha) {
            Some(k) => k - 1,
            None => n,
        };
        // The guard keeps 0.07 · 100 = 7.000000000000001 from becoming rank 8.
        let point = (q * n as f64 - 1e-9).ceil().max(1.0);
        let point = saturating_u64(point).min(n);
        Some(Self {
            point,
            low: (low > 0).then_some(low),
            high,
        })
    }

    /// Ranks of `n` samples whose bounds allow for a smaller effective size. They agree with [`EffectiveSampleSize::decide`]: the upper
    /// bound is at or below a limit exactly if the limit is met, and the lower bound is above it exactly if it is missed.
    ///
    /// Of m effective samples the upper bound leaves a = m − k above it, so it may leave ⌊an/m⌋ of n; the lower bound has
    /// c = m − k + 1 at or above it, so ⌈cn/m⌉ of n.
    pub fn effective(n: u64, effective: &EffectiveSampleSize, allowed_above: f64, alpha: f64) -> Option<Self> {
        let plain = Self::new(n, allowed_above, alpha)?;
        let (upper, lower) = (effective.cautious.min(n), effective.samples.min(n));
        let scale = |count: u64, size: u64| count as f64 * n as f64 / size as f64;
        let high = Self::new(upper, allowed_above, alpha)?.high.and_then(|rank| {
            let above = saturating_u64(scale(upper - rank, upper).floor());
            n.checked_sub(above)
        });
        let low = Self::new(lower, allowed_above, alpha)?.low.and_then(|rank| {
            // One bad sample alone counts as one effective one.
            let at_least = match lower - rank + 1 {
                1 => 1,
                more => saturating_u64(scale(more, lower).ceil()),
            };
            (n + 1).checked_sub(at_least).filter(|rank| *rank > 0)
        });
        Some(Self { low, high, ..plain })
    }
}

/// The least k of 1 … n that satisfies a condition which, once satisfied, stays so.
fn first(n: u64, satisfied: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (1, n + 1);
    while low < high {
        let middle = u64::midpoint(low, high);
        if middle <= n && !satisfied(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    (low <= n).then_some(low)
}

/// The value of that rank, from 1, in a histogram (the highest value of its bucket); `None` for a rank beyond its end, as
/// that of samples without a value.
pub fn value_at_rank(histogram: &Histogram<u64>, rank: u64) -> Option<u64> {
    let mut seen = 0;
    histogram.iter_recorded().find_map(|bucket| {
        seen += bucket.count_since_last_iteration();
        (seen >= rank).then(|| bucket.value_iterated_to())
    })
}

/// The least value whose cumulated weight reaches the share `share` of all weight; `None` without weight.
///
/// `values` are (value, weight), ascending by value.
pub fn weighted_value(values: &[(u64, f64)], share: f64) -> Option<u64> {
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut seen = 0.0;
    let found = values.iter().find(|(_, weight)| {
        seen += weight;
        // Sums of weights are off by rounding, which must not push the rank up by one value.
        seen >= share * total - 1e-9 * total
    });
    (total > 0.0).then_some(found.or(values.last())?.0)
}

#[cfg(test)]
mod tests {
    use super::super::proportion::{Proportion, ShareDecision, decide};
    use super::*;
    use proptest::prelude::*;

    const ALPHA: f64 = 0.05;

    #[test]
    fn ranks_of_small_samples() {
        // p95 of 58: 0.95⁵⁸ = 0.0510 > 0.05, so not even the largest sample is an upper bound; of 59 it is (0.0485).
        assert_eq!(QuantileRanks::new(58, 0.05, ALPHA).unwrap().high, None);
        let ranks = QuantileRanks::new(59, 0.05, ALPHA).unwrap();
        assert_eq!(ranks.high, Some(59));
        // ⌈0.95 · 59⌉ = ⌈56.05⌉
        assert_eq!(ranks.point, 57);
        // The median of one sample: P(Y ≤ 0) = 0.5, which bounds nothing.
        let one = QuantileRanks::new(1, 0.5, ALPHA).unwrap();
        assert_eq!((one.low, one.point, one.high), (None, 1, None));
        assert_eq!(QuantileRanks::new(0, 0.5, ALPHA), None);
    }

    #[test]
    fn ranks_of_the_median_of_ten() {
        // Y ~ Binomial(10, ½): P(Y ≤ 1) = 11/1024 = 0.0107, P(Y ≤ 2) = 56/1024 = 0.0547, so low is rank 2 and, by
        // symmetry, high is rank 9 (P(Y ≤ 8) = 0.9893, P(Y ≤ 7) = 0.9453).
        let ranks = QuantileRanks::new(10, 0.5, ALPHA).unwrap();
        assert_eq!((ranks.low, ranks.point, ranks.high), (Some(2), 5, Some(9)));
    }

    proptest! {
        #[test]
        fn the_upper_bound_is_below_a_limit_exactly_where_the_test_finds_it_met(
            n in 1_u64..5_000, bad in 0_u64..600, above in 0.001_f64..0.5
        ) {
            let bad = bad.min(n);
            let ranks = QuantileRanks::new(n, above, ALPHA).unwrap();
            // With `bad` samples over the limit, the k-th smallest is at or below it if and only if k ≤ n − bad.
            let bounded = ranks.high.is_some_and(|rank| rank <= n - bad);
            let tail = at_most(bad, n, above);
            prop_assume!((tail - ALPHA).abs() > 1e-9);
            prop_assert_eq!(bounded, decide(Proportion::new(bad, n), above, ALPHA) == ShareDecision::Below);
        }

        #[test]
        fn a_lower_bound_above_a_limit_is_a_miss(n in 1_u64..5_000, bad in 0_u64..600, above in 0.001_f64..0.5) {
            let bad = bad.min(n);
            let ranks = QuantileRanks::new(n, above, ALPHA).unwrap();
            let over = ranks.low.is_some_and(|rank| rank > n - bad);
            let tail = 1.0 - if bad == 0 { 0.0 } else { at_most(bad - 1, n, above) };
            prop_assume!((tail - ALPHA).abs() > 1e-9);
            prop_assert_eq!(over, decide(Proportion::new(bad, n), above, ALPHA) == ShareDecision::Above);
        }

        #[test]
        fn bounds_of_dependent_samples_agree_with_the_decision(
            n in 20_u64..3_000, bad in 0_u64..400, samples in 0.02_f64..=1.0, cautious in 0.02_f64..=1.0, above in 0.01_f64..0.5
        ) {
            let bad = bad.min(n);
            let size = |part: f64| saturating_u64(part * n as f64).max(1);
            let effective = EffectiveSampleSize {
                samples: size(samples),
                cautious: size(cautious * samples),
                batches: 30,
                lag1: 0.0,
            };
            let ranks = QuantileRanks::effective(n, &effective, above, ALPHA).unwrap();
            let seen = Proportion::new(bad, n);
            // A limit met and a limit missed are checked separately.
            let met = decide(effective.for_upper(seen), above, ALPHA) == ShareDecision::Below;
            let missed = decide(effective.for_lower(seen), above, ALPHA) == ShareDecision::Above;
            prop_assert_eq!(ranks.high.is_some_and(|rank| rank <= n - bad), met);
            prop_assert_eq!(ranks.low.is_some_and(|rank| rank > n - bad), missed);
        }

        #[test]
        fn a_rank_is_found_as_in_a_sorted_vector(mut values in prop::collection::vec(1_u64..50_000_000, 1..60)) {
            let mut histogram = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3).unwrap();
            for value in &values {
                histogram.record(*value).unwrap();
            }
            values.sort_unstable();
            for (index, exact) in values.iter().enumerate() {
                let found = value_at_rank(&histogram, index as u64 + 1).unwrap();
                prop_assert_eq!(found, histogram.highest_equivalent(*exact));
            }
            prop_assert_eq!(value_at_rank(&histogram, values.len() as u64 + 1), None);
        }

        #[test]
        fn equal_weights_give_the_plain_quantile(values in prop::collection::btree_set(1_u64..1_000_000, 1..200), above in 0.01_f64..0.99) {
            let sorted: Vec<u64> = values.into_iter().collect();
            let ranks = QuantileRanks::new(sorted.len() as u64, above, ALPHA).unwrap();
            let weighted: Vec<(u64, f64)> = sorted.iter().map(|value| (*value, 20.0)).collect();
            let index = usize::try_from(ranks.point).unwrap() - 1;
            prop_assert_eq!(weighted_value(&weighted, 1.0 - above), Some(sorted[index]));
        }
    }

    #[test]
    fn weight_counts_as_that_many_samples() {
        // 1,000 sampled at 5 % stand for 95 · 20 = 1,900 fast ones; 100 slow ones were all logged: p95 of 2,000 is the last
        // fast one, p96 a slow one.
        let values: Vec<(u64, f64)> = (1..=95)
            .map(|i| (i, 20.0))
            .chain((1_000..1_100).map(|i| (i, 1.0)))
            .collect();
        assert_eq!(weighted_value(&values, 0.95), Some(95));
        assert_eq!(weighted_value(&values, 0.96), Some(1_019));
        assert_eq!(weighted_value(&[], 0.5), None);
    }
}
