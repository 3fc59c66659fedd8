//! Pure statistics: no clock, no input, no output. Each function documents its formula and its source.

mod binomial;
mod effective;
mod proportion;
mod quantile;

pub use effective::{BATCHES, effective_size};
pub use proportion::{Finding, Proportion, decide, needed_samples};
pub use quantile::{QuantileRanks, value_at_rank, weighted_value};

/// The risk taken at each one-sided decision: 1 − confidence.
pub const ALPHA: f64 = 0.05;
