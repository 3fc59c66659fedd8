//! The document of a search for capacity and its renderings; saved as `capacity.json` after every step, so that a search
//! can go on from it.

mod bound;
mod breach;
mod case;
mod charts;
mod files;
mod finding;
#[cfg(test)]
pub(crate) mod fixture;
mod html;
mod little;
mod markdown;
mod reason;
mod size;
mod step;
mod words;

pub use breach::Breach;
pub use case::{Case, ClosedRun, Fitted, HeldUsers};
pub use files::{CAPACITY_FORMATS, CapacityFolder, renderings as capacity_renderings, terminal as capacity_terminal};
pub use finding::{Caveat, Finding, Seen};
pub use reason::Reason;
pub use step::{Reading, Step, Usage};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::Accept;
use crate::runs::Environment;
use crate::scenario::CapacitySettings;
use crate::slo::Objective;
use crate::words::Language;

/// What was asked whether it holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// So many journeys per second.
    Rate(f64),
    /// So many users at once, who think as the scenario says.
    Users(u32),
}

/// The answer to what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// The samples do not decide.
    Unknown,
}

/// A search for capacity: one case, or one for each value of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityDocument {
    /// Version of this format.
    pub format: u32,
    /// Name of its folder: start time and scenario.
    pub id: String,
    /// When it was begun.
    pub started: Timestamp,
    /// Name of the scenario.
    pub scenario: String,
    /// What the scenario is for.
    pub description: String,
    /// The scenario file as it was given, for a search that goes on.
    pub path: std::path::PathBuf,
    /// The scenario file's text, without secrets: a search goes on only where it is the same.
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
    /// How the search went.
    pub settings: CapacitySettings,
    /// The machine that the stack was held to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether a host smaller than that machine shrank its limits.
    #[serde(default)]
    pub scaled: bool,
    /// Which column of the objectives decides.
    pub accept: Accept,
    /// Seconds that a user thinks over one journey, on average.
    pub thinking: f64,
    /// Requests of one journey, on average.
    pub requests: f64,
    /// The objectives.
    pub objectives: Vec<Objective>,
    /// What was asked whether it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// One search, or one for each value of the sweep.
    pub cases: Vec<Case>,
    /// Whether the search was stopped by the user, or by its time, before its end.
    pub stopped: Option<Stopped>,
    /// The machine.
    pub environment: Environment,
}

/// Why a search is not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// The user interrupted it.
    ByUser,
    /// `--at-most-time` was over.
    ByTime,
}

impl CapacityDocument {
    /// Version of `capacity.json`; it grows when a field changes its meaning.
    pub const FORMAT: u32 = 3;

    /// Whether what was asked for holds; in a sweep, in any case of it. `None` where nothing was asked.
    pub fn held(&self) -> Option<Held> {
        let expected = self.expected?;
        let answers: Vec<Held> = self.cases.iter().map(|case| case.held(expected)).collect();
        let any = |held| answers.contains(&held);
        Some(match (any(Held::Yes), any(Held::Unknown)) {
            (true, _) => Held::Yes,
            (false, true) => Held::Unknown,
            (false, false) if answers.is_empty() => Held::Unknown,
            (false, false) => Held::No,
        })
    }
}
