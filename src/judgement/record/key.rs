//! Where samples are kept apart.

use serde::{Deserialize, Serialize};

/// A series within a phase: where samples are kept apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesKey {
    /// Name of the phase.
    pub phase: String,
    /// `journey.step`.
    pub series: String,
}
