//! Findings of an examination.

use std::fmt;

/// The verdict of a finding, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingVerdict {
    /// The requirement is met.
    Pass,
    /// It could not be determined; the evidence says why.
    Unknown,
    /// It works, but should be improved.
    Warn,
    /// The requirement is not met.
    Fail,
}

impl FindingVerdict {
    /// The word as displayed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Unknown => "UNKNOWN",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

impl fmt::Display for FindingVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The subject of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckGroup {
    /// Health of the system.
    Health,
    /// Rate limits against the plan's load.
    Limits,
    /// Readiness for production.
    Production,
}

impl CheckGroup {
    /// Every group in display order.
    pub const ALL: [Self; 3] = [Self::Health, Self::Limits, Self::Production];

    /// Its heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Limits => "rate limits and the plan",
            Self::Production => "production readiness",
        }
    }
}

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

/// All findings, in the order of the table of checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The front door of the examined system.
    pub front_door: String,
    /// Group, name of the check, finding.
    pub findings: Vec<(CheckGroup, &'static str, Finding)>,
}

impl Examination {
    /// Number of findings with that word.
    pub fn count(&self, word: FindingVerdict) -> usize {
        self.findings
            .iter()
            .filter(|(_, _, finding)| finding.word == word)
            .count()
    }
}
