//! The stack file: how to bring a system up, seed it, know that it is ready, and reach its parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A stack file (`scenarios/stacks/NAME.toml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackFile {
    /// Its name.
    pub name: String,
    /// What it is, for `list`.
    pub description: String,
}

/// What a scenario says of its stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackSettings {
    /// Name of the stack file, or a path to one.
    #[serde(rename = "use")]
    pub file: String,
    /// Environment for Compose, over the stack file's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}
