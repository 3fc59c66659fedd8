//! Little's law, by which figures that were measured apart check one another.

use serde::{Deserialize, Serialize};

/// The greatest relative difference between both sides that is taken for noise.
const TOLERATED: f64 = 0.15;
/// So many standard errors of the counted average are noise.
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
    /// Whether they agree, within 15 % or three standard errors of the count.
    pub holds: bool,
}

impl Little {
    /// Holds the count, averaged over `seconds`, against throughput (per second) and mean stay (seconds).
    ///
    /// The number at once of independent arrivals is Poisson with mean N, and stays alike for about a stay: the variance of its
    /// average over T is near 2·N·stay/T.
    pub fn check(counted: f64, throughput: f64, stay: f64, seconds: f64) -> Self {
        let product = throughput * stay;
        let difference = (counted - product).abs();
        let noise = NOISE * (2.0 * product * stay / seconds.max(1e-9)).sqrt();
        Self {
            counted,
            product,
            holds: difference <= (TOLERATED * counted.max(product)).max(noise),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_add_up_is_seen() {
        assert!(Little::check(10.0, 50.0, 0.2, 60.0).holds);
        assert!(Little::check(10.8, 50.0, 0.2, 60.0).holds);
        // A fifth of what is in the system is not accounted for: stays were measured too short.
        assert!(!Little::check(12.5, 50.0, 0.2, 60.0).holds);
        // Five for four in twelve seconds of stays of four is chance; in an hour it is not.
        assert!(Little::check(5.0, 1.0, 4.0, 12.0).holds);
        assert!(!Little::check(5.0, 1.0, 4.0, 3_600.0).holds);
    }
}
