//! Load that is expected to hold.

use serde::{Deserialize, Serialize};

/// Load that `--expect` asks about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedLoad {
    /// Journeys per second.
    Rate(f64),
    /// Concurrent users, with the think times of the scenario.
    Users(u32),
}

/// Answer about an [`ExpectedLoad`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedAnswer {
    /// The load holds.
    Yes,
    /// The load does not hold.
    No,
    /// The measurements do not decide.
    Unknown,
}
