//! Distribution of times that is exact above a floor and sampled below it.

use hdrhistogram::Histogram;

use crate::record::{HIGHEST_MICROS, new_histogram};
use crate::units::saturating_u64;

/// Most entries of a distribution on each side of the floor.
const MOST_ENTRIES: usize = 1_000;
/// Fewest sampled times from which a quantile is estimated.
const FEWEST: f64 = 20.0;
/// The quantiles of statements and steps.
const QUANTILES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

/// Times at and above the `floor`, all recorded, and times below it, recorded as a random sample.
#[derive(Debug)]
pub(super) struct Distribution {
    floor: u64,
    below: Histogram<u64>,
    above: Histogram<u64>,
}

impl Distribution {
    /// A distribution with three significant digits; `floor` in microseconds.
    pub(super) fn precise(floor: u64) -> Self {
        Self {
            floor,
            below: new_histogram(),
            above: new_histogram(),
        }
    }

    /// A distribution with two significant digits and as little memory as its values need.
    pub(super) fn small(floor: u64) -> Self {
        #[expect(clippy::expect_used, reason = "two digits are within the 0 to 5 that it takes")]
        // Hundreds of statements may have one each.
        let histogram = || Histogram::new(2).expect("two digits");
        Self {
            floor,
            below: histogram(),
            above: histogram(),
        }
    }

    /// Takes one logged time. The histogram is only illustrative: a time above 10 minutes is recorded as 10 minutes.
    pub(super) fn record(&mut self, micros: u64) {
        let side = if micros < self.floor {
            &mut self.below
        } else {
            &mut self.above
        };
        // The value is within the histogram's bounds, so recording cannot fail.
        let _ = side.record(micros.min(HIGHEST_MICROS));
    }

    /// Number of recorded times below the floor.
    pub(super) fn below(&self) -> u64 {
        self.below.len()
    }

    /// Number of times at and above the floor, all of which were recorded.
    pub(super) fn above(&self) -> u64 {
        self.above.len()
    }

    /// Number of recorded times.
    pub(super) fn logged(&self) -> u64 {
        self.below() + self.above()
    }

    /// Estimate of the number of all times, from the share `rate` that was recorded below the floor.
    pub(super) fn estimated(&self, rate: f64) -> u64 {
        let below = if rate > 0.0 { self.below() as f64 / rate } else { 0.0 };
        let below = saturating_u64(below.round());
        below + self.above()
    }

    /// The longest recorded time in microseconds; 0 if there is none.
    pub(super) fn max(&self) -> u64 {
        if self.above.is_empty() {
            self.below.max()
        } else {
            self.above.max()
        }
    }

    /// Pairs of microseconds and weight, ascending, for `total` times in all. Each time at or above the floor weighs 1.
    /// The sampled times below stand for the rest (1/rate each, apart from the sampling error).
    pub(super) fn weighted(&self, total: u64) -> Vec<(u64, f64)> {
        let rest = total.saturating_sub(self.above()) as f64;
        let weight = rest / self.below().max(1) as f64;
        // A histogram's value stands for a small range, which must not cross the floor.
        let mut all = entries(&self.below, weight, |micros| micros.min(self.floor.saturating_sub(1)));
        all.extend(entries(&self.above, 1.0, |micros| micros.max(self.floor)));
        all
    }

    /// Name and milliseconds of those quantiles of `total` times that are known exactly, or for which the sample is
    /// large enough: at least 20 times, of which one is expected beyond the quantile.
    pub(super) fn percentiles(&self, total: u64) -> Vec<(String, f64)> {
        let weighted = self.weighted(total);
        let short = total.saturating_sub(self.above()) as f64;
        let known = |quantile: f64| {
            let rank = quantile * total as f64;
            let sampled = self.below() as f64;
            // Above the floor every time is known. Below it a quantile needs a sample that reaches into its tail,
            // unless the sample is everything.
            rank > short || sampled >= FEWEST.max(1.0 / (1.0 - quantile)) || sampled >= short
        };
        let known = QUANTILES.iter().filter(|(_, quantile)| total > 0 && known(*quantile));
        known
            .filter_map(|(name, quantile)| {
                let micros = crate::stats::weighted_value(&weighted, *quantile)?;
                Some(((*name).to_owned(), micros as f64 / 1e3))
            })
            .collect()
    }
}

/// At most `MOST_ENTRIES` pairs of value and weight; neighbours are merged at their mean.
fn entries(histogram: &Histogram<u64>, weight: f64, clamp: impl Fn(u64) -> u64) -> Vec<(u64, f64)> {
    let recorded: Vec<(u64, u64)> = histogram
        .iter_recorded()
        .map(|step| {
            (
                histogram.median_equivalent(step.value_iterated_to()),
                step.count_at_value(),
            )
        })
        .collect();
    let group = recorded.len().div_ceil(MOST_ENTRIES).max(1);
    let merge = |neighbours: &[(u64, u64)]| {
        let count: u64 = neighbours.iter().map(|(_, count)| count).sum();
        let sum: u128 = neighbours
            .iter()
            .map(|(micros, count)| u128::from(*micros) * u128::from(*count))
            .sum();
        // Neighbours of a long list are joined under their mean: saved runs stay small, and a quantile moves by less
        // than its neighbour.
        let mean = u64::try_from(sum / u128::from(count.max(1))).unwrap_or(HIGHEST_MICROS);
        (clamp(mean), count as f64 * weight)
    };
    recorded.chunks(group).map(merge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(floor: u64, times: impl IntoIterator<Item = u64>) -> Distribution {
        let mut distribution = Distribution::precise(floor);
        times.into_iter().for_each(|micros| distribution.record(micros));
        distribution
    }

    #[test]
    fn sampled_times_stand_for_those_not_logged() {
        // 31 executions, 1 of them over the floor: 3 sampled executions stand for 30.
        let weighted = distribution(50_000, [1_000, 1_000, 2_000, 60_000]).weighted(31);
        let weights: Vec<f64> = weighted.iter().map(|(_, weight)| *weight).collect();
        assert_eq!(weights, [20.0, 10.0, 1.0]);
        assert!(weighted[2].0.abs_diff(60_000) < 60, "{weighted:?}");
    }

    #[test]
    fn values_do_not_cross_the_floor() {
        let weighted = distribution(50_000, [49_999, 50_000]).weighted(11);
        assert!(weighted[0].0 < 50_000 && weighted[1].0 >= 50_000, "{weighted:?}");
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_lost() {
        let weighted = distribution(50_000, 0..200_000).weighted(200_000);
        assert!(weighted.len() <= 2 * MOST_ENTRIES, "{}", weighted.len());
        assert!(weighted.is_sorted_by_key(|(micros, _)| *micros));
        let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        assert!((total - 200_000.0).abs() < 1e-3, "{total}");
    }

    #[test]
    fn a_quantile_is_told_only_where_the_log_knows_it() {
        let names = |times: &Distribution, total| -> Vec<String> {
            times.percentiles(total).into_iter().map(|(name, _)| name).collect()
        };
        // 10 of 100 are above the floor: p95 and p99 are among them. p50 is not, and nothing below was sampled.
        let above = distribution(50_000, (0..10).map(|index| 60_000 + index));
        assert_eq!(names(&above, 100), ["p95", "p99"]);
        // 50 sampled of 5,000: not enough for one in a hundred.
        let sampled = distribution(50_000, (0..50).map(|index| 1_000 + index));
        assert_eq!(names(&sampled, 5_000), ["p50", "p95"]);
        // Every time was logged.
        assert_eq!(names(&distribution(50_000, [1_000, 2_000]), 2), ["p50", "p95", "p99"]);
        assert!(names(&distribution(50_000, []), 100).is_empty());
        assert!(names(&distribution(50_000, []), 0).is_empty());
    }

    #[test]
    fn the_number_of_steps_is_estimated_from_the_rate() {
        let times = distribution(50_000, [1_000, 2_000, 60_000]);
        assert_eq!((times.estimated(0.1), times.estimated(0.0), times.logged()), (21, 1, 3));
        assert!(times.max().abs_diff(60_000) < 100);
        assert_eq!(distribution(1, []).max(), 0);
    }
}
