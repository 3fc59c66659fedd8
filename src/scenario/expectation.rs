//! Evidence is known before the run: how many samples the plan yields for each objective, and whether they can decide it.

use serde::{Deserialize, Serialize};

/// What the plan will yield for one objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Name of the objective.
    pub objective: String,
    /// Samples the plan will yield, where it can be known before.
    pub samples: Option<u64>,
    /// Samples a pass needs at the least, with not one over the limit.
    pub needed: u64,
    /// Whether the objective gates.
    pub gate: bool,
    /// Whether the plan can decide it; `true` where the samples cannot be known before.
    pub decidable: bool,
}
