//! Windows of time within a run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A half-open span of the run, as offsets from its zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Start, inclusive.
    pub start: Duration,
    /// End, exclusive.
    pub end: Duration,
}

impl Window {
    /// True if the offset, in seconds, lies inside.
    pub fn contains_secs(&self, offset: f64) -> bool {
        offset >= self.start.as_secs_f64() && offset < self.end.as_secs_f64()
    }

    /// Its length.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }
}
