//! Whether the measurement can carry a verdict at all.

use serde::{Deserialize, Serialize};

use super::Evidence;

/// One rule of validity with what it measured; shown even when fine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityCheck {
    /// The rule: `send lag`.
    pub name: String,
    /// Whether it holds.
    pub valid: bool,
    /// What was measured, in words with its unit: `p99 0.42 ms`.
    pub measured: String,
    /// The threshold, in words: `at most 10 ms`.
    pub threshold: String,
    /// What to do where it does not hold.
    pub hint: String,
}

pub(super) fn check(_evidence: &Evidence) -> Vec<ValidityCheck> {
    todo!()
}
