//! Robust slopes of a line through points with outliers.

use super::Estimate;
use super::bootstrap::{RESAMPLES, Residuals, interval};
use crate::stats::median;
use crate::units::saturating_usize;

/// Two-sided 95 % of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A robust line: `y ≈ intercept + slope · x`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Change of y with x, with its interval.
    pub slope: Estimate,
    /// Value at x = 0: the median of `y − slope · x`.
    pub intercept: f64,
}

/// The line of Theil and Sen: the median of the slopes of all pairs, with an interval from the variance of Kendall's S.
///
/// Up to 29 % of the points may be arbitrarily wrong. With N slopes in order and C = z·√(n(n−1)(2n+5)/18), the interval runs
/// from rank (N − C)/2 to rank (N + C)/2 + 1. `None` with fewer than three different x. The points must not depend on one
/// another: sum readings up over stretches of time first. Sen, "Estimates of the regression coefficient based on Kendall's
/// tau", Journal of the American Statistical Association 63 (1968).
pub fn slope(points: &[(f64, f64)]) -> Option<Slope> {
    if places(points) < 3 {
        return None;
    }
    let mut slopes: Vec<f64> = pairs(points).map(|(slope, _)| slope).collect();
    slopes.sort_by(f64::total_cmp);
    let point = median(&slopes)?;
    let n = points.len() as f64;
    // The standard deviation of Kendall's statistic: the slopes within it of the middle are the interval (Sen 1968).
    let spread = Z * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let half = slopes.len() as f64 / 2.0;
    let (below, above) = (half - spread / 2.0, half + spread / 2.0);
    let at = |rank: f64| {
        let last = slopes.len() - 1;
        let index = saturating_usize(rank).min(last);
        slopes.get(index).copied()
    };
    Some(Slope {
        slope: Estimate {
            point,
            low: at(below.floor() - 1.0)?,
            high: at(above.ceil())?,
        },
        intercept: intercept(points, point)?,
    })
}

/// The same for points at few different x, whose close pairs show mostly noise: the slope of each pair is weighted by its
/// distance in x. The interval is by a bootstrap of the residuals. `None` with fewer than three different x.
///
/// Jaeckel, "Estimating regression coefficients by minimizing the dispersion of the residuals", Annals of Mathematical Statistics
/// 43 (1972).
pub fn weighted_slope(points: &[(f64, f64)], seed: u64) -> Option<Slope> {
    if places(points) < 3 {
        return None;
    }
    let point = weighted_median(points)?;
    let intercept = intercept(points, point)?;
    let line = |x: f64| intercept + point * x;
    let residuals: Vec<f64> = points.iter().map(|(x, y)| y - line(*x)).collect();
    // Sen's interval assumes equal weights, so that the weighted one is taken from resamples.
    let mut residuals = Residuals::new(&residuals, 2, seed);
    let slopes = (0..RESAMPLES).filter_map(|_| {
        let anew: Vec<(f64, f64)> = points.iter().map(|(x, _)| (*x, line(*x) + residuals.draw())).collect();
        weighted_median(&anew)
    });
    Some(Slope {
        slope: interval(point, slopes.collect()),
        intercept,
    })
}

/// Number of different x.
fn places(points: &[(f64, f64)]) -> usize {
    let mut places: Vec<f64> = points.iter().map(|(x, _)| *x).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    places.len()
}

/// The slope and the distance in x of all pairs that have one.
fn pairs(points: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> {
    points.iter().enumerate().flat_map(move |(index, (x, y))| {
        let later = points.iter().skip(index + 1);
        later
            // Two points at one place have no slope (Sen 1968 leaves such pairs out too).
            .filter(|(other, _)| other.total_cmp(x).is_ne())
            .map(move |(a, b)| ((b - y) / (a - x), (a - x).abs()))
    })
}

/// Median of the slopes of all pairs, weighted by distance in x.
fn weighted_median(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes: Vec<(f64, f64)> = pairs(points).collect();
    slopes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = slopes.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    // The weighted median (Jaeckel 1972): levels far apart say more about the slope than close ones.
    let reached = slopes.iter().find(|(_, weight)| {
        below += weight;
        below >= half
    });
    reached.map(|(slope, _)| *slope)
}

/// The median of `y − slope · x`.
fn intercept(points: &[(f64, f64)], slope: f64) -> Option<f64> {
    let rests: Vec<f64> = points.iter().map(|(x, y)| y - slope * x).collect();
    median(&rests)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn a_quarter_of_wild_points_does_not_move_the_line() {
        let mut points: Vec<(f64, f64)> = (0..20).map(|x| (f64::from(x), 3.0 + 0.5 * f64::from(x))).collect();
        for wild in [3, 7, 11, 15] {
            points[wild].1 = 1e6;
        }
        let line = slope(&points).unwrap();
        assert!((line.slope.point - 0.5).abs() < 0.05, "{line:?}");
        assert!((line.intercept - 3.0).abs() < 0.5, "{line:?}");
    }

    #[test]
    fn the_interval_holds_the_true_slope_about_as_often_as_it_says() {
        let mut random = SmallRng::seed_from_u64(7);
        let mut noise = || (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>();
        let held = (0..400).filter(|_| {
            let points: Vec<(f64, f64)> = (0..30).map(|x| (f64::from(x), 0.2 * f64::from(x) + noise())).collect();
            slope(&points).unwrap().slope.contains(0.2)
        });
        let held = held.count();
        assert!((370..=396).contains(&held), "{held} of 400");
    }

    #[test]
    fn a_crowd_at_one_place_neither_moves_a_weighted_line_nor_widens_its_interval() {
        let mut random = SmallRng::seed_from_u64(11);
        let mut noise = || 0.01 * (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>();
        let mut held = [0; 2];
        let mut narrower = 0;
        for seed in 0..200 {
            // A search: four levels on the way up, and four more where throughput stays.
            let rates = [5.0, 7.5, 10.0, 12.5, 16.0, 16.2, 16.4, 16.6];
            let points = rates.map(|rate: f64| (rate, 0.05 + 0.012 * rate + noise()));
            let plain = slope(&points).unwrap().slope;
            let weighted = weighted_slope(&points, seed).unwrap().slope;
            held[0] += u32::from(plain.contains(0.012));
            held[1] += u32::from(weighted.contains(0.012));
            narrower += u32::from(weighted.high - weighted.low < plain.high - plain.low);
        }
        assert!((184..=200).contains(&held[1]), "{held:?}");
        assert!(narrower >= 150, "{narrower}");
    }

    #[test]
    fn pairs_close_together_weigh_little() {
        // From the first point to each of the others 1, 0.495 and 0.294; between those others −50, −35 and −20.
        let points = [(0.0, 0.0), (10.0, 10.0), (10.1, 5.0), (10.2, 3.0)];
        let line = weighted_slope(&points, 1).unwrap();
        assert!((line.slope.point - 5.0 / 10.1).abs() < 1e-9, "{line:?}");
        assert!((slope(&points).unwrap().slope.point - 0.5 * (3.0 / 10.2 - 20.0)).abs() < 1e-9);
    }

    #[test]
    fn two_places_make_no_line() {
        assert_eq!(weighted_slope(&[(1.0, 1.0), (2.0, 2.0), (2.0, 3.0)], 1), None);
        assert_eq!(slope(&[(1.0, 1.0), (2.0, 2.0), (2.0, 3.0)]), None);
        assert_eq!(slope(&[]), None);
    }
}
