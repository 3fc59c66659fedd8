//! Shift of a quantile between two single runs, with a bootstrap interval.

use hdrhistogram::Histogram;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::draw::beta;
use super::{QuantileRanks, value_at_rank};
use crate::units::{saturating_u64, saturating_usize};

/// Resamples of a bootstrap.
pub const RESAMPLES: usize = 2_000;

/// A difference `new − base` with its interval, in the unit of the values compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The estimate.
    pub point: f64,
    /// Lower end of the two-sided interval with confidence 1 − α; −∞ if it is unbounded.
    pub low: f64,
    /// Upper end of the two-sided interval; ∞ if it is unbounded.
    pub high: f64,
}

impl Shift {
    /// True if the interval excludes 0.
    pub fn excludes_zero(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// The samples of one run: values in a histogram, and those that rank above every value.
#[derive(Debug, Clone, Copy)]
pub struct HistogramSample<'a> {
    /// The values.
    pub histogram: &'a Histogram<u64>,
    /// Samples without a value, such as failed requests: they rank above every value.
    pub beyond: u64,
    /// Effective sample size of all of them (`effective_size`); it is capped at their number.
    pub effective: f64,
}

impl HistogramSample<'_> {
    fn total(&self) -> u64 {
        self.histogram.len() + self.beyond
    }

    /// The value of that rank, ∞ among those beyond.
    fn at(&self, rank: u64) -> f64 {
        value_at_rank(self.histogram, rank).map_or(f64::INFINITY, |value| value as f64)
    }

    /// The quantile of each of [`RESAMPLES`] resamples.
    ///
    /// The q-quantile of m draws with replacement is the value at level U(k), the k-th smallest of m uniform numbers, k = ⌈qm⌉;
    /// U(k) is Beta(k, m − k + 1), so one draw of it stands for m (David and Nagaraja, "Order Statistics", section 2.1).
    fn resampled(&self, allowed_above: f64, random: &mut SmallRng) -> Option<Vec<f64>> {
        let total = Some(self.total()).filter(|total| *total > 0)?;
        let draws = saturating_u64(self.effective.clamp(1.0, total as f64).round());
        let rank = QuantileRanks::new(draws, allowed_above, 0.5)?.point;
        let (below, above) = (rank as f64, (draws - rank + 1) as f64);
        let mut ranks: Vec<(u64, usize)> = (0..RESAMPLES)
            .map(|index| {
                let at = beta(below, above, random) * total as f64;
                let rank = saturating_u64(at.ceil()).clamp(1, total);
                (rank, index)
            })
            .collect();
        // The ranks are read in one pass over the histogram, and the values put back in the order of the draws.
        ranks.sort_unstable();
        let mut values = vec![f64::INFINITY; RESAMPLES];
        let (mut seen, mut next) = (0, 0);
        for bucket in self.histogram.iter_recorded() {
            seen += bucket.count_since_last_iteration();
            while let Some((_, index)) = ranks.get(next).filter(|(rank, _)| *rank <= seen) {
                if let Some(value) = values.get_mut(*index) {
                    *value = bucket.value_iterated_to() as f64;
                }
                next += 1;
            }
        }
        Some(values)
    }
}

/// Shift of the quantile that leaves `allowed_above` above it from `base` to `new`, in the histograms' unit; the interval has
/// confidence 1 − α.
///
/// Each side is resampled with as many draws as its effective size, [`RESAMPLES`] times. The interval is that of the
/// percentiles α/2 and 1 − α/2 of the differences: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section
/// 13.3. Equal seeds give equal intervals. `None` without samples on a side, or if a quantile is among samples without a value.
pub fn quantile_shift(
    base: HistogramSample<'_>,
    new: HistogramSample<'_>,
    allowed_above: f64,
    alpha: f64,
    seed: u64,
) -> Option<Shift> {
    let point = |sample: &HistogramSample<'_>| {
        let ranks = QuantileRanks::new(sample.total(), allowed_above, 0.5)?;
        Some(sample.at(ranks.point)).filter(|value| value.is_finite())
    };
    let mut random = SmallRng::seed_from_u64(seed);
    let before = base.resampled(allowed_above, &mut random)?;
    let after = new.resampled(allowed_above, &mut random)?;
    let mut differences: Vec<f64> = after
        .iter()
        .zip(&before)
        // ∞ − ∞: both are among samples without a value, so no shift is known.
        .map(|(after, before)| {
            if after.total_cmp(before).is_eq() {
                0.0
            } else {
                after - before
            }
        })
        .collect();
    differences.sort_by(f64::total_cmp);
    Some(Shift {
        point: point(&new)? - point(&base)?,
        low: percentile(&differences, alpha / 2.0),
        high: percentile(&differences, 1.0 - alpha / 2.0),
    })
}

/// The value of rank ⌈share · n⌉ among ascending values, of which there is at least one.
fn percentile(ascending: &[f64], share: f64) -> f64 {
    let rank = (share * ascending.len() as f64).ceil().max(1.0);
    let index = (saturating_usize(rank) - 1).min(ascending.len().saturating_sub(1));
    ascending.get(index).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "equal seeds give equal bits")]
mod tests {
    use super::*;
    use rand::Rng;

    fn histogram(values: impl IntoIterator<Item = u64>) -> Histogram<u64> {
        let mut histogram = Histogram::new_with_bounds(1, 600_000_000, 3).unwrap();
        values.into_iter().for_each(|value| histogram.record(value).unwrap());
        histogram
    }

    fn whole(histogram: &Histogram<u64>) -> HistogramSample<'_> {
        HistogramSample {
            histogram,
            beyond: 0,
            effective: histogram.len() as f64,
        }
    }

    #[test]
    fn a_run_did_not_move_from_itself() {
        let run = histogram(1_000..2_000);
        let shift = quantile_shift(whole(&run), whole(&run), 0.05, 0.05, 1).unwrap();
        assert_eq!(shift.point, 0.0);
        assert!(!shift.excludes_zero(), "{shift:?}");
        assert_eq!(Some(shift), quantile_shift(whole(&run), whole(&run), 0.05, 0.05, 1));
    }

    #[test]
    fn a_clear_shift_is_found_and_has_its_size() {
        let (base, new) = (histogram(10_000..12_000), histogram(10_500..12_500));
        let shift = quantile_shift(whole(&base), whole(&new), 0.05, 0.05, 1).unwrap();
        assert!((shift.point - 500.0).abs() <= 8.0, "{shift:?}");
        assert!(shift.low > 400.0 && shift.high < 600.0, "{shift:?}");
    }

    #[test]
    fn fewer_effective_samples_are_less_sure() {
        let (base, new) = (histogram(10_000..12_000), histogram(10_050..12_050));
        let shift = |effective| {
            let of = |histogram| HistogramSample {
                effective,
                ..whole(histogram)
            };
            quantile_shift(of(&base), of(&new), 0.05, 0.05, 1).unwrap()
        };
        let width = |shift: Shift| shift.high - shift.low;
        // The deviation of a quantile goes with 1/√n.
        let ratio = width(shift(100.0)) / width(shift(1_600.0));
        assert!((3.0..5.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn the_interval_is_that_of_drawing_every_sample() {
        // The oracle: 400 draws with replacement, sorted, the rank read; 2,000 times on each side.
        let (base, new) = (histogram(1_000..2_000), histogram(1_100..2_300));
        let mut random = SmallRng::seed_from_u64(9);
        let mut drawn = |low: u64, high: u64| {
            let mut values: Vec<u64> = (0..400).map(|_| random.random_range(low..high)).collect();
            values.sort_unstable();
            values[379] as f64
        };
        let mut differences: Vec<f64> = (0..2_000).map(|_| drawn(1_100, 2_300) - drawn(1_000, 2_000)).collect();
        differences.sort_by(f64::total_cmp);
        let of = |histogram| HistogramSample {
            effective: 400.0,
            ..whole(histogram)
        };
        let shift = quantile_shift(of(&base), of(&new), 0.05, 0.05, 1).unwrap();
        assert!(
            (shift.low - differences[50]).abs() < 6.0,
            "{shift:?} {}",
            differences[50]
        );
        assert!(
            (shift.high - differences[1_950]).abs() < 6.0,
            "{shift:?} {}",
            differences[1_950]
        );
    }

    #[test]
    fn samples_without_a_value_are_longer_than_any() {
        let run = histogram(1_000..2_000);
        let failing = |beyond| HistogramSample { beyond, ..whole(&run) };
        // 60 of 1,060 are more than 5 %: the p95 has no value.
        assert_eq!(quantile_shift(whole(&run), failing(60), 0.05, 0.05, 1), None);
        // 50 of 1,050 are not, but resamples may have more: the interval is unbounded above.
        let shift = quantile_shift(whole(&run), failing(50), 0.05, 0.05, 1).unwrap();
        assert_eq!(shift.high, f64::INFINITY);
        assert_eq!(quantile_shift(whole(&histogram([])), whole(&run), 0.05, 0.05, 1), None);
    }
}
