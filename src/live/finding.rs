//! Findings of a check.

use crate::evidence::{FindingFact, FindingVerdict, UnseenReason};

/// One finding with its observation, which names secrets but never contains them.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The word.
    pub word: FindingVerdict,
    /// The observation.
    pub fact: FindingFact,
}

impl Finding {
    /// The requirement is met.
    pub fn pass(fact: FindingFact) -> Self {
        Self::new(FindingVerdict::Pass, fact)
    }

    /// It works, but should be improved.
    pub fn warn(fact: FindingFact) -> Self {
        Self::new(FindingVerdict::Warn, fact)
    }

    /// The requirement is not met.
    pub fn fail(fact: FindingFact) -> Self {
        Self::new(FindingVerdict::Fail, fact)
    }

    /// It could not be determined.
    pub fn unknown(fact: FindingFact) -> Self {
        Self::new(FindingVerdict::Unknown, fact)
    }

    /// A finding with that word.
    pub fn new(word: FindingVerdict, fact: FindingFact) -> Self {
        Self { word, fact }
    }

    /// It could not be determined for that reason.
    pub fn unseen(reason: &UnseenReason) -> Self {
        Self::unknown(FindingFact::Unseen(reason.clone()))
    }

    /// It could not be determined because that got no answer.
    pub fn unanswered(what: &str, reason: &UnseenReason) -> Self {
        Self::unknown(unanswered(what, reason))
    }
}

/// A request or query that failed without an answer.
pub(super) fn unanswered(what: &str, reason: &UnseenReason) -> FindingFact {
    FindingFact::Unanswered {
        what: what.to_owned(),
        reason: reason.clone(),
    }
}
