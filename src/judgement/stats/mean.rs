//! Confidence bounds of a mean of samples that come in bursts.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Fewest batches that are still joined in pairs, as for shares.
const LEAST_TO_JOIN: usize = 14;
/// Batches like the worst that a favourable bound assumes in addition to those seen.
const UNSEEN: usize = 2;

/// A mean, estimated from batches of equal and consecutive stretches of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// Sum over weight of all batches.
    pub point: f64,
    /// Basis of the lower bound, which shows the mean to be above a value.
    below: Option<Side>,
    /// Basis of the upper bound, which shows the mean to be below a value.
    above: Option<Side>,
}

/// Centre, standard error and degrees of freedom from which a bound is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Side {
    centre: f64,
    error: f64,
    degrees: f64,
}

impl Side {
    /// From batches (sum, weight): their ratio and its standard error; `None` with fewer than two.
    fn measure(batches: &[(f64, f64)]) -> Option<Self> {
        let count = batches.len() as f64;
        if count < 2.0 {
            return None;
        }
        let centre = ratio(batches);
        let weight: f64 = batches.iter().map(|(_, weight)| weight).sum();
        let squares: f64 = deviations(batches, centre).map(|deviation| deviation * deviation).sum();
        Some(Self {
            centre,
            error: (count / (count - 1.0) * squares).sqrt() / weight,
            degrees: count - 1.0,
        })
    }

    fn distribution(self) -> Option<StudentsT> {
        StudentsT::new(0.0, 1.0, self.degrees).ok()
    }

    /// Half the width of the interval that leaves α on each side.
    fn margin(self, alpha: f64) -> Option<f64> {
        Some(self.distribution()?.inverse_cdf(1.0 - alpha) * self.error)
    }

    /// Probability of a centre at least that far above `value`, if the true mean is `value`.
    fn above_p(self, value: f64) -> Option<f64> {
        if self.error > 0.0 {
            Some(1.0 - self.distribution()?.cdf((self.centre - value) / self.error))
        } else {
            Some(if self.centre > value { 0.0 } else { 1.0 })
        }
    }
}

fn ratio(batches: &[(f64, f64)]) -> f64 {
    let sum: f64 = batches.iter().map(|(sum, _)| sum).sum();
    let weight: f64 = batches.iter().map(|(_, weight)| weight).sum();
    sum / weight
}

fn deviations(batches: &[(f64, f64)], centre: f64) -> impl Iterator<Item = f64> {
    batches.iter().map(move |(sum, weight)| sum - centre * weight)
}

/// Correlation of each batch with the one before.
fn lag1(batches: &[(f64, f64)]) -> f64 {
    let deviations: Vec<f64> = deviations(batches, ratio(batches)).collect();
    let squares: f64 = deviations.iter().map(|one| one * one).sum();
    let products: f64 = deviations
        .iter()
        .zip(deviations.iter().skip(1))
        .map(|(one, next)| one * next)
        .sum();
    if squares > 0.0 { products / squares } else { 0.0 }
}

impl Mean {
    /// The mean Σx/Σw of batches (sum x, weight w), those without weight left out; `None` if all are.
    ///
    /// Its variance is that of a ratio estimated from b batches, b/(b − 1) · Σ(xⱼ − mean · wⱼ)² / (Σw)² (Cochran, "Sampling
    /// Techniques", 3rd ed. 1977, 6.4), with Student's t of b − 1 degrees of freedom. While batches correlate with the one
    /// before they are joined in pairs (Fishman, "Grouping observations in digital simulation", Management Science 24, 1978).
    /// Bursts skew: few of them tell little of the next. The favourable bound is therefore computed after two more batches like
    /// the worst: with `high_is_good` the lower bound after two more like the lowest, else the upper bound after two more like
    /// the highest.
    pub fn estimate(batches: &[(f64, f64)], high_is_good: bool) -> Option<Self> {
        let mut batches: Vec<(f64, f64)> = batches.iter().copied().filter(|(_, weight)| *weight > 0.0).collect();
        if batches.is_empty() {
            return None;
        }
        while batches.len() >= LEAST_TO_JOIN && lag1(&batches) > 0.0 {
            let joined = batches.chunks(2).map(|pair| {
                pair.iter()
                    .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
            });
            batches = joined.collect();
        }
        let point = ratio(&batches);
        let plain = Side::measure(&batches);
        let value = |batch: &(f64, f64)| batch.0 / batch.1;
        let worst = batches.iter().copied().max_by(|one, other| {
            let order = value(one).total_cmp(&value(other));
            if high_is_good { order.reverse() } else { order }
        });
        batches.extend(worst.into_iter().flat_map(|worst| [worst; UNSEEN]));
        // The degrees of freedom are those of the batches that were seen.
        let cautious = Side::measure(&batches).zip(plain).map(|(side, plain)| Side {
            degrees: plain.degrees,
            ..side
        });
        let (below, above) = if high_is_good {
            (cautious, plain)
        } else {
            (plain, cautious)
        };
        Some(Self { point, below, above })
    }

    /// Lower bound of the true mean with confidence 1 − α; `None` with a single batch.
    pub fn low(&self, alpha: f64) -> Option<f64> {
        let side = self.below?;
        Some(self.point.min(side.centre) - side.margin(alpha)?)
    }

    /// Upper bound of the true mean with confidence 1 − α; `None` with a single batch.
    pub fn high(&self, alpha: f64) -> Option<f64> {
        let side = self.above?;
        Some(self.point.max(side.centre) + side.margin(alpha)?)
    }

    /// Probability of a mean at least as high as this if the true one is `value`.
    pub fn above_p(&self, value: f64) -> f64 {
        self.below.and_then(|side| side.above_p(value)).unwrap_or(1.0)
    }

    /// Probability of a mean at least as low as this if the true one is `value`.
    pub fn below_p(&self, value: f64) -> f64 {
        let mirrored = self.above.map(|side| Side {
            centre: -side.centre,
            ..side
        });
        mirrored.and_then(|side| side.above_p(-value)).unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::SmallRng};

    use super::super::{ALPHA, normal};
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn the_bounds_are_those_of_the_textbook() {
        // 8, 10, 12, 10 of weight 1: mean 10, s² = 8/3, error √(8/3/4) = 0.8165; t(0.95; 3) = 2.35336.
        let found = Mean::estimate(&[(8.0, 1.0), (10.0, 1.0), (12.0, 1.0), (10.0, 1.0)], false).unwrap();
        assert!(close(found.point, 10.0));
        assert!((found.low(ALPHA).unwrap() - (10.0 - 2.353_363 * 0.816_497)).abs() < 1e-5);
        // With two more 12: mean 64/6, s² = 8/3, error √(8/3/6) = 2/3.
        assert!((found.high(ALPHA).unwrap() - (64.0 + 4.0 * 2.353_363) / 6.0).abs() < 1e-5);
        // A batch counts by its weight, and one without is none.
        let uneven = Mean::estimate(&[(10.0, 1.0), (60.0, 3.0), (0.0, 0.0)], false).unwrap();
        assert!(close(uneven.point, 17.5));
    }

    #[test]
    fn the_bound_and_the_probability_are_one_statement() {
        let batches: Vec<(f64, f64)> = (0..12).map(|j| (f64::from(j * 7 % 5) + 20.0, 1.0)).collect();
        for high_is_good in [false, true] {
            let found = Mean::estimate(&batches, high_is_good).unwrap();
            let plain = if high_is_good {
                found.high(ALPHA)
            } else {
                found.low(ALPHA)
            }
            .unwrap();
            let p = if high_is_good {
                found.below_p(plain)
            } else {
                found.above_p(plain)
            };
            assert!((p - ALPHA).abs() < 1e-6, "{p}");
        }
    }

    #[test]
    fn one_batch_bounds_nothing_and_none_is_nothing() {
        let one = Mean::estimate(&[(30.0, 3.0)], false).unwrap();
        assert_eq!((one.low(ALPHA), one.high(ALPHA)), (None, None));
        assert!(close(one.point, 10.0) && close(one.above_p(5.0), 1.0));
        assert_eq!(Mean::estimate(&[(0.0, 0.0)], false), None);
    }

    /// Shares of runs whose upper bound is below the true mean, and whose lower bound is above it: 30 batches of 50
    /// lognormal times that correlate with the one before.
    fn wrong(lag: f64, slow: f64) -> (f64, f64) {
        let (mut random, runs) = (SmallRng::seed_from_u64(7), 400);
        let mut wrong = (0, 0);
        // Lognormal with σ = 0.5, a `slow` share of the batches five times as long.
        let truth = 0.125_f64.exp() * (1.0 + 4.0 * slow);
        for _ in 0..runs {
            let mut level = normal(&mut random);
            let mut batches = Vec::new();
            for _ in 0..30 {
                let times = if random.random_range(0.0..1.0) < slow { 5.0 } else { 1.0 };
                let mut sum = 0.0;
                for _ in 0..50 {
                    level = lag * level + (1.0 - lag * lag).sqrt() * normal(&mut random);
                    sum += times * (0.5 * level).exp();
                }
                batches.push((sum, 50.0));
            }
            let found = Mean::estimate(&batches, false).unwrap();
            wrong.0 += u32::from(found.high(ALPHA).unwrap() < truth);
            wrong.1 += u32::from(found.low(ALPHA).unwrap() > truth);
        }
        (
            f64::from(wrong.0) / f64::from(runs),
            f64::from(wrong.1) / f64::from(runs),
        )
    }

    #[test]
    fn bounds_hold_where_samples_come_in_bursts() {
        for (lag, slow) in [(0.0, 0.0), (0.9, 0.0), (0.98, 0.0), (0.5, 0.2)] {
            let (high, low) = wrong(lag, slow);
            // 5 % wanted; 8 % of 400 would be seen by chance with probability 0.005.
            assert!(high < 0.08 && low < 0.08, "lag-1 {lag}, slow {slow}: {high} {low}");
        }
    }
}
