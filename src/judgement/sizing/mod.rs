//! Pure models of capacity: the search for the highest rate, scalability, and the resource that saturates first.
//!
//! Levels of load come in as numbers and findings go out with their intervals; nothing here applies load or reads a clock.

mod bootstrap;
mod bound;
mod demand;
mod erlang;
mod least_squares;
mod little;
mod search;
mod search_step;
mod slope;
mod usl;

#[cfg(test)]
mod simulation;

pub use bound::{Bound, Processes, Program};
pub use demand::{Demand, Resource, demand, rank};
pub use erlang::erlang_c;
pub use little::Little;
pub use search::{Search, tidy};
pub use search_step::{End, NextStep, Purpose, RemainingSteps, SearchResult, SearchStep, StepVerdict};
pub use slope::{Slope, slope, weighted_slope};
pub use usl::{FEWEST_LEVELS, Misfit, Usl, UslCurve, UslLevel, UslPoint, closed_level, fit};

use serde::{Deserialize, Serialize};

/// A number with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The estimate itself.
    pub point: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
}

impl Estimate {
    /// True if the interval contains that value.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Estimate and interval mapped by a monotone function; a decreasing one swaps the ends.
    #[must_use]
    pub fn map(&self, through: impl Fn(f64) -> f64) -> Self {
        let (one, other) = (through(self.low), through(self.high));
        Self {
            point: through(self.point),
            low: one.min(other),
            high: one.max(other),
        }
    }
}
