//! Little's law, by which figures that were measured apart check one another.

use serde::{Deserialize, Serialize};

/// The greatest relative difference between both sides that is taken for noise.
const TOLERATED: f64 = 0.15;
/// So many standard errors of the average are noise.
const NOISE: f64 = 3.0;

/// Both sides of N = X · R, measured independently: J. D. C. Little, "A proof for the queuing formula L = λW", Operations
/// Research 9 (1961).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Little {
    /// N as it was counted: how many were in the system at once, on average.
    pub counted: f64,
    /// X · R: throughput per second times mean stay in seconds.
    pub product: f64,
    /// Whether they agree, within 15 % or three standard errors of the average.
    pub holds: bool,
}

impl Little {
    /// Holds counts that were taken at even distances over `seconds` against throughput (per second) and mean stay (seconds).
    ///
    /// How many are in the system at once of independent arrivals is Poisson, and of arrivals that queue it varies more: the
    /// variance v is what the counts have, and at least their mean. Where stays are exponential, two counts Δ apart correlate by
    /// e^(−Δ/stay), so the average of n has the variance v/n · coth(Δ / (2·stay)): v/n of stays that are short beside Δ,
    /// 2·v·stay/T of long ones.
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
        // A fifth of what is in the system is not accounted for: stays were measured too short.
        assert!(!holds(12.5, 3.0, 60, 50.0, 0.2));
        // Where users queue, and few or thirty are there at a time, that is chance.
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
