//! What an examination says.

use std::fmt;

/// The word of a finding, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// As it should be.
    Pass,
    /// It could not be found out; the evidence says why.
    Unknown,
    /// It works, and should be better.
    Warn,
    /// It is not as it must be.
    Fail,
}

impl Word {
    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Unknown => "UNKNOWN",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Does it work?
    Health,
    /// Can the plan be carried out against it?
    Limits,
    /// Is it fit for production?
    Production,
}

impl Group {
    /// Every group in the order in which it is shown.
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

/// One finding with what it rests on. The evidence names secrets and never holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The word.
    pub word: Word,
    /// What was seen.
    pub evidence: String,
}

impl Finding {
    /// As it should be.
    pub fn pass(evidence: impl Into<String>) -> Self {
        Self::new(Word::Pass, evidence)
    }

    /// It works, and should be better.
    pub fn warn(evidence: impl Into<String>) -> Self {
        Self::new(Word::Warn, evidence)
    }

    /// It is not as it must be.
    pub fn fail(evidence: impl Into<String>) -> Self {
        Self::new(Word::Fail, evidence)
    }

    /// It could not be found out.
    pub fn unknown(evidence: impl Into<String>) -> Self {
        Self::new(Word::Unknown, evidence)
    }

    /// Of that word.
    pub fn new(word: Word, evidence: impl Into<String>) -> Self {
        Self {
            word,
            evidence: evidence.into(),
        }
    }
}

/// Everything that was found, in the order of the table of checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The front door of what was examined.
    pub front_door: String,
    /// Group, name of the check, finding.
    pub findings: Vec<(Group, &'static str, Finding)>,
}

impl Examination {
    /// How many findings have that word.
    pub fn count(&self, word: Word) -> usize {
        self.findings
            .iter()
            .filter(|(_, _, finding)| finding.word == word)
            .count()
    }
}
