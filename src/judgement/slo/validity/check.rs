//! Result of one validity rule.

use super::{Facts, Rule};

/// One validity rule with its measurements; shown even if it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidityCheck {
    /// True if the rule holds.
    pub valid: bool,
    /// Measurements, with the threshold that they are compared with.
    pub facts: Facts,
}

impl ValidityCheck {
    /// The rule.
    pub fn rule(&self) -> Rule {
        self.facts.rule()
    }
}
