//! The quantiles a generator reports.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// Response times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// Nine in ten are faster.
    pub p90: f64,
    /// 99 in 100 are faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

impl Quantiles {
    /// Of a histogram of nanoseconds.
    pub fn of_histogram(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e6;
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: histogram.max() as f64 / 1e6,
        }
    }

    /// Of all values, in milliseconds: the exact oracle. None of nothing.
    pub fn of_values(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let max = *values.last()?;
        let at = |quantile| quantile_of_sorted(&values, quantile);
        Some(Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max,
        })
    }
}

/// The smallest value that at least this share of the values does not exceed; 0 of nothing.
pub fn quantile_of_sorted(sorted: &[f64], quantile: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of values"
    )]
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The median of these; none of nothing.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// A histogram of nanoseconds between 1 µs and 10 min.
pub fn histogram() -> Result<Histogram<u64>, Failure> {
    Ok(Histogram::new_with_bounds(1_000, 600_000_000_000, 3)?)
}

/// What our own clients print when they end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Answers received in full.
    pub completed: u64,
    /// Answers other than 200, and connections lost.
    pub failed: u64,
    /// Response times.
    pub response_time: Quantiles,
}

impl Summary {
    /// Its one line.
    pub fn line(&self) -> Result<String, Failure> {
        Ok(serde_json::to_string(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_ranks_of_the_sorted_values() {
        let quantiles = Quantiles::of_values((1..=1000).rev().map(f64::from).collect()).unwrap();
        assert_eq!((quantiles.p50, quantiles.p90), (500.0, 900.0));
        assert_eq!((quantiles.p99, quantiles.max), (990.0, 1000.0));
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }
}
