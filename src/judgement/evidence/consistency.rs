//! Writes that the system acknowledged, held against the database after the load.

use serde::{Deserialize, Serialize};

/// Result of one comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyObservation {
    /// Its name.
    pub name: String,
    /// Series of the writes.
    pub series: String,
    /// Second of the run, writes acknowledged in it, and those of them that are absent afterwards.
    pub seconds: Vec<(u32, u64, u64)>,
    /// Some of the absent ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// Cause of a comparison that was not possible; `seconds` is then empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl ConsistencyObservation {
    /// Writes acknowledged.
    pub fn written(&self) -> u64 {
        self.seconds.iter().map(|(_, written, _)| written).sum()
    }

    /// Acknowledged writes that are absent.
    pub fn lost(&self) -> u64 {
        self.seconds.iter().map(|(_, _, lost)| lost).sum()
    }
}
