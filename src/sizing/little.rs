//! Little's law, by which figures that were measured apart check one another.

use serde::{Deserialize, Serialize};

/// The greatest relative difference between both sides that is taken for noise.
const TOLERATED: f64 = 0.15;
/// Below so many at once on average, single arrivals decide: an absolute difference of this is tolerated.
const TOLERATED_COUNT: f64 = 0.75;

/// Both sides of N = X · R, measured independently: J. D. C. Little, "A proof for the queuing formula L = λW", Operations
/// Research 9 (1961).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Little {
    /// N as it was counted: how many were in the system at once, on average.
    pub counted: f64,
    /// X · R: throughput per second times mean stay in seconds.
    pub product: f64,
    /// Whether they agree, within 15 % or 0.75.
    pub holds: bool,
}

impl Little {
    /// Holds the count against throughput (per second) and mean stay (seconds).
    pub fn check(counted: f64, throughput: f64, stay: f64) -> Self {
        let product = throughput * stay;
        let difference = (counted - product).abs();
        Self {
            counted,
            product,
            holds: difference <= (TOLERATED * counted.max(product)).max(TOLERATED_COUNT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_add_up_is_seen() {
        assert!(Little::check(10.0, 50.0, 0.2).holds);
        assert!(Little::check(10.8, 50.0, 0.2).holds);
        // A fifth of what is in the system is not accounted for: stays were measured too short.
        assert!(!Little::check(12.5, 50.0, 0.2).holds);
        // A count of 0.4 against 0.1 is noise of a nearly empty system.
        assert!(Little::check(0.4, 10.0, 0.01).holds);
    }
}
