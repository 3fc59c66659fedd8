//! The facts of a search for capacity.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Case, ExpectedAnswer, ExpectedLoad};
use crate::evidence::Accept;
use crate::report::document::page_languages;
use crate::runs::Environment;
use crate::scenario::CapacitySettings;
use crate::slo::Objective;
use crate::words::Language;

/// A search for capacity: one case, or one for each value of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityDocument {
    /// Version of this format.
    pub format: u32,
    /// Name of its folder: start time and scenario.
    pub id: String,
    /// Wall-clock time at which the search began.
    pub started: Timestamp,
    /// Name of the scenario.
    pub scenario: String,
    /// Description of the scenario.
    pub description: String,
    /// Path of the scenario file as given; a resumed search loads it again.
    pub path: std::path::PathBuf,
    /// The scenario file's text, without secrets; a search is resumed only if it is the same.
    pub text: String,
    /// `--set` overrides, in order; values of secrets are not kept.
    pub overrides: Vec<(String, String)>,
    /// `--tag` labels, in order.
    pub tags: Vec<(String, String)>,
    /// Front door that was attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Seed of every random choice.
    pub seed: u64,
    /// Settings of the search.
    pub settings: CapacitySettings,
    /// Name of the machine size (`profile`) whose limits the stack was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// True if a host smaller than that machine shrinks its limits (`--scale-profile`).
    #[serde(default)]
    pub scaled: bool,
    /// Column of the objectives that decides.
    pub accept: Accept,
    /// Seconds that a user thinks over one journey, on average.
    pub thinking: f64,
    /// Requests of one journey, on average.
    pub requests: f64,
    /// Languages of the page; none in documents made when each had a page in both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// The objectives.
    pub objectives: Vec<Objective>,
    /// Load that `--expect` asks about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedLoad>,
    /// One search, or one for each value of the sweep.
    pub cases: Vec<Case>,
    /// Cause of a stop before the end of the search; `None` if there was none.
    pub stopped: Option<StopCause>,
    /// The machine.
    pub environment: Environment,
}

/// Cause of a stop before the end of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopCause {
    /// The user interrupted it.
    ByUser,
    /// The time allowed by `--at-most-time` was over.
    ByTime,
}

impl CapacityDocument {
    /// Version of `capacity.json`; it grows when a field changes its meaning.
    pub const FORMAT: u32 = 5;

    /// Languages of the pages, that of `index.html` first: English where it is asked for.
    pub fn page_languages(&self) -> Vec<Language> {
        if self.languages.is_empty() {
            // Searches saved before languages could be chosen had both pages.
            return Language::ALL.to_vec();
        }
        page_languages(&self.languages)
    }

    /// Language of the main page.
    pub fn language(&self) -> Language {
        self.page_languages().first().copied().unwrap_or(Language::English)
    }

    /// Answer about the expected load, in a sweep the best of its cases; `None` if no load was expected.
    pub fn expected_answer(&self) -> Option<ExpectedAnswer> {
        let expected = self.expected?;
        let answers: Vec<ExpectedAnswer> = self.cases.iter().map(|case| case.expected_answer(expected)).collect();
        let any = |held| answers.contains(&held);
        Some(match (any(ExpectedAnswer::Yes), any(ExpectedAnswer::Unknown)) {
            (true, _) => ExpectedAnswer::Yes,
            (false, true) => ExpectedAnswer::Unknown,
            (false, false) if answers.is_empty() => ExpectedAnswer::Unknown,
            (false, false) => ExpectedAnswer::No,
        })
    }
}
