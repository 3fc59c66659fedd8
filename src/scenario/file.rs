//! The scenario as it is written.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CapacitySettings, ScenarioError};
use crate::journey::{Lifecycle, VariableFile, Variables};
use crate::maintenance::{ConsistencySettings, EventSettings};
use crate::probe::ProbeSettings;
use crate::slo::Objective;
use crate::stack::StackSettings;
use crate::units::{Span, UnitError};
use crate::words::Language;
use crate::workload::{Users, Workload};

/// Name of the phase, before the scenario's own, in which users log in.
pub const LOG_IN_PHASE: &str = "log-in";

const fn judged() -> bool {
    true
}

pub(super) const fn default_timeout() -> Span {
    Span::from_millis(10_000)
}

/// Longest time of an automatic phase, by default.
const DEFAULT_CAP: Span = Span::from_millis(600_000);

/// Length of a phase as written: `60s`, or `auto` for as long as it takes to decide every gating objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub enum Length {
    /// A fixed length.
    Fixed(Span),
    /// Until enough is known, at most `at-most`.
    Auto,
}

impl TryFrom<String> for Length {
    type Error = UnitError;

    fn try_from(text: String) -> Result<Self, UnitError> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            _ => text.parse().map(Self::Fixed),
        }
    }
}

impl From<Length> for String {
    fn from(length: Length) -> Self {
        match length {
            Length::Fixed(span) => span.to_string(),
            Length::Auto => "auto".to_owned(),
        }
    }
}

/// One stretch of load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name, unique: letters, digits, `-` and `_`.
    pub name: String,
    /// Time over which arrivals start, or `auto`; left out if the workload's own stages set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Length>,
    /// Longest time that it lasts if `duration = "auto"`; 10 minutes by default.
    #[serde(default, rename = "at-most", skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Span>,
    /// Start, from the start of the first phase; by default the end of the phase before it. Phases may overlap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Span>,
    /// Mix of this phase, if it differs from the scenario's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub journeys: BTreeMap<String, f64>,
    /// True if its samples are judged; a warm-up's are not.
    #[serde(default = "judged")]
    pub judged: bool,
    /// Executor that applies the load, and its settings.
    pub workload: Workload,
}

impl Phase {
    /// Time over which arrivals start; for `auto`, the longest.
    pub fn length(&self) -> Span {
        match self.duration {
            Some(Length::Fixed(span)) => span,
            Some(Length::Auto) => self.at_most.unwrap_or(DEFAULT_CAP),
            // Zero is refused by the checks, with a hint at the missing key; an error here would have no place in the
            // file.
            None => self.workload.length().unwrap_or(Span::from_millis(0)),
        }
    }

    /// True if it lasts until enough is known.
    pub fn is_auto(&self) -> bool {
        self.duration == Some(Length::Auto)
    }
}

/// A scenario file (`scenarios/NAME.toml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// Purpose of the scenario.
    pub description: String,
    /// Seed of every random choice; `--seed` overrides it.
    #[serde(default)]
    pub seed: u64,
    /// Languages of the report's page, `en` and `fr`; `en` by default, and `--lang` overrides it. One alone is `index.html`; of
    /// two, the French page is `index.fr.html`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lang: Vec<Language>,
    /// Time-out of steps that name none.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
    /// The system under test.
    pub stack: StackSettings,
    /// The virtual users.
    pub users: Users,
    /// The mix: name of a journey file in `journeys/` and its weight.
    #[serde(default)]
    pub journeys: BTreeMap<String, f64>,
    /// Values of the journeys' variables, over their defaults. Secrets come from the environment or a file:
    /// `{ env = "API_KEY" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, VariableFile>,
    /// Name of a journey that user 0 walks once before the load and before the users log in. Every step of it has to succeed; values
    /// that it extracts can be used in all journeys but those of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// Name of a journey that user 0 walks once after the load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teardown: Option<String>,
    /// The phases, one after the other unless they have a `start`.
    pub phase: Vec<Phase>,
    /// Events on services of the stack while the load is applied: restarts, outages, commands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event: Vec<EventSettings>,
    /// Comparisons of the writes that users were told of with the rows in the database, after the load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consistency: Vec<ConsistencySettings>,
    /// Probes, which observe more than the requests.
    #[serde(default)]
    pub probes: ProbeSettings,
    /// Objectives, which must hold.
    #[serde(default)]
    pub objective: Vec<Objective>,
    /// Settings of the search by `diapason capacity`; `run` does not use them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacitySettings>,
}

impl Scenario {
    /// Values of the journeys' variables; `path` is the scenario's.
    pub fn variables(&self, path: &Path) -> Result<Variables, ScenarioError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        Variables::find(&self.variables, folder).map_err(|(name, source)| ScenarioError::Variable {
            path: path.to_owned(),
            name,
            source,
        })
    }

    /// Journeys that are walked before and after the load.
    pub fn occasions(&self) -> Lifecycle {
        Lifecycle {
            setup: self.setup.clone(),
            teardown: self.teardown.clone(),
            user_setup: self.users.setup.clone(),
            user_teardown: self.users.teardown.clone(),
        }
    }

    /// The mix of that phase, by name of the journey.
    pub fn mix(&self, phase: &Phase) -> Vec<(String, f64)> {
        let mix = if phase.journeys.is_empty() {
            &self.journeys
        } else {
            &phase.journeys
        };
        mix.iter().map(|(name, weight)| (name.clone(), *weight)).collect()
    }

    /// Every journey that any phase may draw, each once.
    pub fn journey_names(&self) -> Vec<String> {
        let mixes = self.phase.iter().flat_map(|phase| self.mix(phase));
        // Sorted, so that the order of series and of random draws does not depend on the order of phases.
        let names: std::collections::BTreeSet<String> = mixes.map(|(name, _)| name).collect();
        names.into_iter().collect()
    }
}
