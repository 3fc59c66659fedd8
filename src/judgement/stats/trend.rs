//! Monotone trend of a series of batches.

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

/// Fewest batches that are still joined in pairs.
const LEAST_TO_JOIN: usize = 14;
/// Fewest values that a trend is tested on.
const LEAST: usize = 6;

/// A monotone trend of values in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// Two-sided probability of values at least as ordered as these if their order is random.
    pub p: f64,
    /// Change from the first to the last value, by the slope.
    pub change: f64,
    /// The values tested, after joining.
    pub values: Vec<f64>,
}

/// The trend of (value, weight) of equal and consecutive stretches of time; those without weight are left out. `None` with
/// fewer than six.
///
/// Mann and Kendall's test on S = Σ sgn(xⱼ − xᵢ) over i < j, with Var S = (n(n − 1)(2n + 5) − Σ t(t − 1)(2t + 5)) / 18 over
/// groups of t ties and a correction of 1 for continuity: Mann, Econometrica 13 (1945); Kendall, "Rank Correlation Methods"
/// (1975). The slope is the median of all pairwise slopes: Sen, Journal of the American Statistical Association 63 (1968).
/// Because neighbours that depend on one another look like a trend, stretches are joined in pairs while the residuals have a
/// positive lag-1 correlation.
pub fn trend(stretches: &[(f64, f64)]) -> Option<Trend> {
    let mut stretches: Vec<(f64, f64)> = stretches.iter().copied().filter(|(_, weight)| *weight > 0.0).collect();
    let values = |stretches: &[(f64, f64)]| -> Vec<f64> { stretches.iter().map(|(value, _)| *value).collect() };
    let mut series = values(&stretches);
    let mut slope = median_slope(&series);
    while series.len() >= LEAST_TO_JOIN && residual_correlation(&series, slope) > 0.0 {
        stretches = stretches.chunks(2).map(joined).collect();
        series = values(&stretches);
        slope = median_slope(&series);
    }
    (series.len() >= LEAST).then(|| Trend {
        p: kendall_p(&series),
        change: slope * (series.len() - 1) as f64,
        values: series,
    })
}

fn joined(pair: &[(f64, f64)]) -> (f64, f64) {
    let weight: f64 = pair.iter().map(|(_, weight)| weight).sum();
    let sum: f64 = pair.iter().map(|(value, weight)| value * weight).sum();
    (sum / weight, weight)
}

fn median_slope(values: &[f64]) -> f64 {
    let mut slopes = Vec::new();
    for (j, later) in values.iter().enumerate() {
        for (i, earlier) in values.iter().enumerate().take(j) {
            slopes.push((later - earlier) / (j - i) as f64);
        }
    }
    slopes.sort_by(f64::total_cmp);
    slopes.get(slopes.len() / 2).copied().unwrap_or(0.0)
}

fn residual_correlation(values: &[f64], slope: f64) -> f64 {
    let residuals: Vec<f64> = values
        .iter()
        .zip(0..)
        .map(|(value, i)| value - slope * f64::from(i))
        .collect();
    let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
    let squares: f64 = residuals.iter().map(|residual| (residual - mean).powi(2)).sum();
    let products: f64 = residuals
        .iter()
        .zip(residuals.iter().skip(1))
        .map(|(one, next)| (one - mean) * (next - mean))
        .sum();
    if squares > 0.0 { products / squares } else { 0.0 }
}

fn kendall_p(values: &[f64]) -> f64 {
    let mut score = 0.0_f64;
    for (j, later) in values.iter().enumerate() {
        for earlier in values.iter().take(j) {
            score += if later > earlier {
                1.0
            } else if later < earlier {
                -1.0
            } else {
                0.0
            };
        }
    }
    let term = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ties: f64 = sorted
        .chunk_by(|one, other| one.total_cmp(other).is_eq())
        .map(|equal| term(equal.len() as f64))
        .sum();
    let variance = (term(values.len() as f64) - ties) / 18.0;
    // Continuity: Kendall's score moves in steps of 2.
    let away = (score.abs() - 1.0).max(0.0);
    if variance > 0.0 {
        erfc(away / (2.0 * variance).sqrt()).min(1.0)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    fn of(values: impl IntoIterator<Item = f64>) -> Option<Trend> {
        let stretches: Vec<(f64, f64)> = values.into_iter().map(|value| (value, 10.0)).collect();
        trend(&stretches)
    }

    #[test]
    fn a_straight_line_is_a_trend_of_its_length() {
        // S = 45, Var S = 10 · 9 · 25 / 18 = 125: z = 44 / 11.18 = 3.935, p = 0.000083.
        let found = of((0..10).map(|i| 50.0 + 2.0 * f64::from(i))).unwrap();
        assert!((found.change - 18.0).abs() < 1e-9);
        assert!((found.p - 0.000_083).abs() < 1e-6, "{}", found.p);
        let falling = of((0..10).map(|i| 50.0 - 2.0 * f64::from(i))).unwrap();
        assert!((falling.change + 18.0).abs() < 1e-9);
    }

    #[test]
    fn no_change_and_too_few_values_are_no_trend() {
        assert!((of([5.0; 12]).unwrap().p - 1.0).abs() < 1e-12);
        assert_eq!(of([1.0, 2.0, 3.0, 4.0, 5.0]), None);
        assert_eq!(trend(&[(1.0, 0.0); 30]), None);
    }

    #[test]
    fn dependent_neighbours_are_not_taken_for_a_trend() {
        // 30 batches of an AR(1) process with coefficient 0.7: at α = 0.01 a test that joins nothing finds a trend in one
        // of five.
        let (mut plain, mut found) = (0, 0);
        for seed in 0..400 {
            let mut random = SmallRng::seed_from_u64(seed);
            let mut level = normal(&mut random);
            let values: Vec<f64> = (0..30)
                .map(|_| {
                    level = 0.7 * level + 0.51_f64.sqrt() * normal(&mut random);
                    level
                })
                .collect();
            plain += u32::from(kendall_p(&values) < 0.01);
            found += u32::from(of(values).unwrap().p < 0.01);
        }
        assert!(plain > 50, "{plain}");
        assert!(
            3 * found < plain && found < 28,
            "{found} of 400, {plain} without joining"
        );
    }
}
