//! Acknowledgement of a known miss, in the scenario file.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A known miss that somebody answers for: until that day the gate lets it pass. It never makes a broken measurement valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// Last day on which it holds, in UTC: `2026-12-31`.
    #[schemars(with = "String")]
    pub until: Date,
    /// Reason to release all the same.
    pub reason: String,
    /// Name of the person who answers for it.
    pub by: String,
    /// True if the run began after the last day. It is set when the run is judged, never in a scenario file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(skip)]
    pub expired: bool,
}
