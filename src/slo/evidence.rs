//! All that judgement may look at.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::probe::{Observations, ProbeFailure};
use crate::record::{Recording, Window};

/// One journey step whose requests are counted together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesPlan {
    /// `journey.step`.
    pub name: String,
    /// Tags an objective may select by, such as `api` or `login`.
    pub tags: Vec<String>,
    /// Requests the judged phases are expected to make of it: arrivals × the journey's share of the mix.
    #[serde(default)]
    pub expected: f64,
}

/// What the probes are expected to see in the judged window, where it can be known before the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExpectedEvidence {
    /// Page loads that begin in it; `None` where no browser is asked for.
    pub page_loads: Option<u64>,
    /// Statement executions; rarely known.
    pub statements: Option<u64>,
    /// 1-second slices of the front door; `None` where it is not watched.
    pub slices: Option<u64>,
}

/// One phase of load as it was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhasePlan {
    /// Name of the phase.
    pub name: String,
    /// Whether its samples are judged.
    pub judged: bool,
    /// When it begins and ends, from the run's zero.
    pub window: Window,
    /// Arrivals the schedule holds.
    pub arrivals: u64,
    /// What is applied, in words: `constant-arrival-rate 20/s, at most 200 users`.
    pub load: String,
}

/// What was to happen: phases and series. The part of the plan that is evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadPlan {
    /// The phases in order.
    pub phases: Vec<PhasePlan>,
    /// Every series that can occur.
    pub series: Vec<SeriesPlan>,
}

impl LoadPlan {
    /// From the start of the first judged phase to the end of the last; the whole run where none is judged.
    pub fn judged_window(&self) -> Window {
        let judged = || self.phases.iter().filter(|phase| phase.judged);
        let start = judged().map(|phase| phase.window.start).min();
        let end = judged().map(|phase| phase.window.end).max();
        Window {
            start: start.unwrap_or(Duration::ZERO),
            end: end.unwrap_or(self.end()),
        }
    }

    /// When the last phase ends.
    pub fn end(&self) -> Duration {
        self.phases
            .iter()
            .map(|phase| phase.window.end)
            .max()
            .unwrap_or(Duration::ZERO)
    }
}

/// What was planned, what the requests saw, what the probes saw.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// What was to happen.
    pub plan: LoadPlan,
    /// What happened to the requests.
    pub recording: Recording,
    /// What was observed beside them.
    pub observations: Observations,
    /// Whether the run was stopped early by the user.
    pub interrupted: bool,
}

impl Evidence {
    /// Why that probe did not deliver, where it was asked for.
    pub fn probe_failure(&self, probe: &str) -> Option<&ProbeFailure> {
        self.observations.failures.iter().find(|failure| failure.probe == probe)
    }

    /// Whether the phase of that name is judged.
    pub(super) fn judged_phase(&self, name: &str) -> bool {
        self.plan.phases.iter().any(|phase| phase.judged && phase.name == name)
    }
}
