//! A journey as it is written.

use serde::{Deserialize, Serialize};

/// A journey file (`scenarios/journeys/NAME.toml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JourneyFile {
    /// Its name.
    pub name: String,
    /// What it does, for `list`.
    pub description: String,
}
