//! Whether the front door answered.

use serde::{Deserialize, Serialize};

/// One 1-second slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Whole seconds from the run's zero.
    pub second: u32,
    /// Whether the front door answered with a status below 500 in time.
    pub up: bool,
    /// Milliseconds to the answer, where there was one.
    pub millis: Option<f64>,
    /// Why it was down.
    pub failure: Option<String>,
}

/// All slices of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontDoorObservation {
    /// The URL asked.
    pub url: String,
    /// The slices in order, warm-up included; select by `second`.
    pub slices: Vec<Slice>,
}
