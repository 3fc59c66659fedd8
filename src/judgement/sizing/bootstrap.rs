//! Intervals of a fit by a bootstrap of its residuals.
//!
//! The residuals of n levels are too small by √((n−p)/n), as the p parameters were fitted to them, and few of them understate
//! a normal distribution's tails: they are stretched by √(n/(n−p)) and by Student's t over z. Efron and Tibshirani, "An
//! Introduction to the Bootstrap" (1993), section 9.4.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Estimate;
use crate::units::saturating_usize;

/// Number of resamples.
pub(super) const RESAMPLES: usize = 1_000;

/// Residuals to draw from.
pub(super) struct Residuals {
    stretched: Vec<f64>,
    random: SmallRng,
}

impl Residuals {
    /// Residuals of a fit with that many parameters.
    pub(super) fn new(residuals: &[f64], parameters: u32, seed: u64) -> Self {
        let n = residuals.len() as f64;
        let freedom = (n - f64::from(parameters)).max(1.0);
        let tails = StudentsT::new(0.0, 1.0, freedom).map_or(1.0, |t| t.inverse_cdf(0.975) / 1.96);
        let stretch = (n / freedom).sqrt() * tails;
        let mean = residuals.iter().sum::<f64>() / n;
        Self {
            stretched: residuals.iter().map(|residual| (residual - mean) * stretch).collect(),
            random: SmallRng::seed_from_u64(seed),
        }
    }

    /// A random one of them; 0 if there is none.
    pub(super) fn draw(&mut self) -> f64 {
        if self.stretched.is_empty() {
            return 0.0;
        }
        let at = self.random.random_range(0..self.stretched.len());
        self.stretched.get(at).copied().unwrap_or(0.0)
    }
}

/// From the 2.5th to the 97.5th percentile, widened if needed to contain the estimate.
pub(super) fn interval(point: f64, mut values: Vec<f64>) -> Estimate {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = saturating_usize((share * values.len().saturating_sub(1) as f64).round());
        values.get(index).copied().unwrap_or(point)
    };
    Estimate {
        point,
        low: at(0.025).min(point),
        high: at(0.975).max(point),
    }
}
