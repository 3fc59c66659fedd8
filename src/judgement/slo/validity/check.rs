//! One rule of validity and whether it holds.

use super::{Facts, Rule};

/// One rule of validity with what it measured; shown even when fine.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidityCheck {
    /// Whether it holds.
    pub valid: bool,
    /// What was measured, and against what.
    pub facts: Facts,
}

impl ValidityCheck {
    /// The rule.
    pub fn rule(&self) -> Rule {
        self.facts.rule()
    }
}
