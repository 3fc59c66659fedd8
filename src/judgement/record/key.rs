//! The key by which samples are grouped.

use serde::{Deserialize, Serialize};

/// A series within a phase: samples are recorded separately for each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesKey {
    /// Name of the phase.
    pub phase: String,
    /// `journey.step`.
    pub series: String,
}
