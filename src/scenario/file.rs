//! The scenario as it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::CapacitySettings;
use crate::probe::ProbeSettings;
use crate::slo::Objective;
use crate::stack::StackSettings;
use crate::units::{Span, UnitError};
use crate::workload::{Users, Workload};

/// Name of the phase, before the scenario's own, in which users log in.
pub const LOG_IN_PHASE: &str = "log-in";

const fn judged() -> bool {
    true
}

const fn default_timeout() -> Span {
    Span::from_millis(10_000)
}

/// Longest an automatic phase lasts where the scenario does not say.
const DEFAULT_CAP: Span = Span::from_millis(600_000);

/// How long a phase lasts, as it is written: `60s`, or `auto` for as long as it takes to decide every gating objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Length {
    /// That long.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name, unique: letters, digits, `-` and `_`.
    pub name: String,
    /// How long arrivals start, or `auto`; left out where the workload's own stages say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Length>,
    /// The longest it lasts where `duration = "auto"`; 10 minutes where not said.
    #[serde(default, rename = "at-most", skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Span>,
    /// When it starts, from the start of the first phase; at the end of the phase before it where not said. Phases may overlap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Span>,
    /// The mix of this phase, where it differs from the scenario's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub journeys: BTreeMap<String, f64>,
    /// Whether its samples are judged; a warm-up's are not.
    #[serde(default = "judged")]
    pub judged: bool,
    /// How load is applied.
    pub workload: Workload,
}

impl Phase {
    /// How long arrivals start.
    pub fn length(&self) -> Span {
        match self.duration {
            Some(Length::Fixed(span)) => span,
            Some(Length::Auto) => self.at_most.unwrap_or(DEFAULT_CAP),
            None => self.workload.length().unwrap_or(Span::from_millis(0)),
        }
    }

    /// Whether it lasts until enough is known.
    pub fn is_auto(&self) -> bool {
        self.duration == Some(Length::Auto)
    }
}

/// A scenario file (`scenarios/NAME.toml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Seed of every random choice; `--seed` overrides it.
    #[serde(default)]
    pub seed: u64,
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
    /// The phases, one after the other unless they say when they start.
    pub phase: Vec<Phase>,
    /// What is observed beside the requests.
    #[serde(default)]
    pub probes: ProbeSettings,
    /// What must hold.
    #[serde(default)]
    pub objective: Vec<Objective>,
    /// How `diapason capacity` searches; `run` has no use for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacitySettings>,
}

impl Scenario {
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
        let names: std::collections::BTreeSet<String> = mixes.map(|(name, _)| name).collect();
        names.into_iter().collect()
    }
}
