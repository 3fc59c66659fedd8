//! Findings about a running system without load, as they are saved with a run.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::finding_fact::FindingFact;

/// The verdict of a finding, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FindingGroup {
    /// Health of the system.
    #[serde(rename = "health")]
    Health,
    /// Rate limits against the plan's load.
    #[serde(rename = "rate limits and the plan")]
    Limits,
    /// Readiness for production.
    #[serde(rename = "production readiness")]
    Production,
}

impl FindingGroup {
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

/// A finding of a check. Its file holds the English sentence beside the fact.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckFinding {
    /// The subject of the check.
    pub group: FindingGroup,
    /// Name of the check.
    pub check: String,
    /// The word.
    pub word: FindingVerdict,
    /// The observation. It names secrets but never contains them.
    pub fact: FindingFact,
}

/// An examination of a running system: `examination.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examination {
    /// Version of this format.
    pub format: u32,
    /// Version of the program that examined.
    pub diapason: String,
    /// Name of the scenario whose system was examined.
    pub scenario: String,
    /// Labels of the system: `("release", "1.4.2")`.
    pub tags: Vec<(String, String)>,
    /// Wall-clock time of the examination.
    pub at: Timestamp,
    /// The front door of the examined system.
    pub front_door: String,
    /// Number of findings with each word.
    pub counts: BTreeMap<String, usize>,
    /// The findings, in the order of the table of checks.
    pub findings: Vec<CheckFinding>,
}

impl Examination {
    /// Version of the format, incremented when a field changes its meaning.
    pub const FORMAT: u32 = 2;

    /// Number of findings with that word.
    pub fn count(&self, word: FindingVerdict) -> usize {
        self.findings.iter().filter(|finding| finding.word == word).count()
    }

    /// The worst word of the findings of those checks; `None` if none of them found anything.
    pub fn worst(&self, checks: &[&str]) -> Option<FindingVerdict> {
        let of_these = self
            .findings
            .iter()
            .filter(|finding| checks.contains(&finding.check.as_str()));
        of_these.map(|finding| finding.word).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ServiceFact;

    #[test]
    fn the_worst_finding_counts_and_one_that_was_not_seen_is_no_pass() {
        let finding = |check: &str, word| CheckFinding {
            group: FindingGroup::Production,
            check: check.to_owned(),
            word,
            fact: FindingFact::Service(ServiceFact::Connected),
        };
        let examination = Examination {
            format: Examination::FORMAT,
            diapason: "0.1.0".to_owned(),
            scenario: "gate".to_owned(),
            tags: Vec::new(),
            at: Timestamp::UNIX_EPOCH,
            front_door: "http://127.0.0.1:1".to_owned(),
            counts: BTreeMap::new(),
            findings: vec![
                finding("TLS", FindingVerdict::Pass),
                finding("TLS", FindingVerdict::Warn),
                finding("backups", FindingVerdict::Unknown),
                finding("secrets", FindingVerdict::Pass),
            ],
        };
        assert_eq!(examination.worst(&["TLS"]), Some(FindingVerdict::Warn));
        assert_eq!(
            examination.worst(&["backups", "secrets"]),
            Some(FindingVerdict::Unknown)
        );
        assert_eq!(examination.worst(&["images"]), None);
        let text = serde_json::to_string(&examination).unwrap();
        assert!(
            text.contains(r#""group":"production readiness","check":"TLS","word":"WARN""#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Examination>(&text).unwrap(), examination);
    }
}
