//! Little's law as a check of concurrency, throughput and stay against one another, each measured independently.

use serde::{Deserialize, Serialize};

/// The greatest relative difference between both sides that is tolerated.
const TOLERATED: f64 = 0.15;
/// The greatest difference tolerated in standard errors of the average.
const NOISE: f64 = 3.0;

/// Both sides of N = X · R, measured independently: J. D. C. Little, "A proof for the queuing formula L = λW", Operations
/// Research 9 (1961).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Little {
    /// N as it was counted: mean number in the system.
    pub counted: f64,
    /// X · R: throughput per second times mean stay in seconds.
    pub product: f64,
    /// True if they agree within 15 % or three standard errors of the average, whichever is greater.
    pub holds: bool,
}

impl Little {
    /// Checks counts that were taken at even distances over `seconds` against throughput (per second) and mean stay (seconds).
    ///
    /// The number in the system is Poisson for independent arrivals, and varies more for arrivals that queue: the variance v is
    /// that of the counts, and at least X · R. With exponential stays, two counts Δ apart correlate by e^(−Δ/stay), so the
    /// average of n has the variance v/n · coth(Δ / (2·stay)): v/n for stays that are short against Δ, 2·v·stay/T for long ones.
    pub fn check(counts: &[f64], throughput: f64, stay: f64, seconds: f64) -> Self {
        let number = counts.len() as f64;
        let counted = counts.iter().sum::<f64>() / number.max(1.0);
        let squares: f64 = counts.iter().map(|count| (count - counted).powi(2)).sum();
        let product = throughput * stay;
        let variance = (squares / (number - 1.0).max(1.0)).max(product);
        let correlation = (seconds / number.max(1.0) / (2.0 * stay.max(1e-9))).tanh().recip();
        let noise = NOISE * (variance / number.max(1.0) * correlation).sqrt();
        Self {
            counted,
            product,
            holds: (counted - product).abs() <= (TOLERATED * counted.max(product)).max(noise),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That many counts, half of them as much below the mean as the others are above it.
    fn counts(number: usize, mean: f64, spread: f64) -> Vec<f64> {
        (0..number)
            .map(|index| if index % 2 == 0 { mean - spread } else { mean + spread })
            .collect()
    }

    #[test]
    fn what_does_not_add_up_is_seen() {
        let holds = |mean, spread, number, throughput, stay| {
            let counts = counts(number, mean, spread);
            Little::check(&counts, throughput, stay, number as f64).holds
        };
        assert!(holds(10.0, 3.0, 60, 50.0, 0.2));
        assert!(holds(10.8, 3.0, 60, 50.0, 0.2));
        // A fifth of the number in the system is not accounted for: stays were measured too short.
        assert!(!holds(12.5, 3.0, 60, 50.0, 0.2));
        // If users queue, so that the number varies from few to thirty, the same difference is chance.
        assert!(holds(12.5, 12.0, 60, 50.0, 0.2));
        // Five for four in twelve seconds of stays of four is chance; in an hour it is not.
        assert!(holds(5.0, 2.0, 12, 1.0, 4.0));
        assert!(!holds(5.0, 2.0, 3_600, 1.0, 4.0));
        // Each second a count of stays of a fiftieth: thirty see none, one or two, and their average is off by half,
        // though they vary less than a Poisson number.
        assert!(holds(0.2, 0.2, 30, 12.0, 0.03));
        assert!(!holds(0.2, 0.2, 3_000, 12.0, 0.03));
    }
}
