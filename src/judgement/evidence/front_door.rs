//! Answers of the front door, second by second.

use serde::{Deserialize, Serialize};

/// One 1-second slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Whole seconds from the run's zero.
    pub second: u32,
    /// True if the front door answered with a status below 500 in time.
    pub up: bool,
    /// Milliseconds to the answer; `None` if there was none.
    pub millis: Option<f64>,
    /// Cause of its being down.
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
