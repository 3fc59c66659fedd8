//! Findings of a check.

use crate::evidence::FindingVerdict;

/// One finding with its evidence. The evidence names secrets but never contains them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The word.
    pub word: FindingVerdict,
    /// The observation.
    pub evidence: String,
}

impl Finding {
    /// The requirement is met.
    pub fn pass(evidence: impl Into<String>) -> Self {
        Self::new(FindingVerdict::Pass, evidence)
    }

    /// It works, but should be improved.
    pub fn warn(evidence: impl Into<String>) -> Self {
        Self::new(FindingVerdict::Warn, evidence)
    }

    /// The requirement is not met.
    pub fn fail(evidence: impl Into<String>) -> Self {
        Self::new(FindingVerdict::Fail, evidence)
    }

    /// It could not be determined.
    pub fn unknown(evidence: impl Into<String>) -> Self {
        Self::new(FindingVerdict::Unknown, evidence)
    }

    /// A finding with that word.
    pub fn new(word: FindingVerdict, evidence: impl Into<String>) -> Self {
        Self {
            word,
            evidence: evidence.into(),
        }
    }
}
