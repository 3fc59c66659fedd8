//! The planned load.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PlannedLoad, ReplayPlan};
use crate::record::{LoadTotals, Window};
use crate::units::Span;

/// Load model: the rule by which the next iteration begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoadModel {
    /// By the schedule, however slow the system is.
    #[default]
    Open,
    /// By the users: each begins again once it has its answers. A slow system gets less load, and response times omit the
    /// requests that were therefore not made.
    Closed,
}

impl LoadModel {
    /// The name used in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// One journey step whose requests are counted together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesPlan {
    /// `journey.step`.
    pub name: String,
    /// Tags an objective may select by, such as `api` or `login`.
    pub tags: Vec<String>,
    /// Requests the judged phases of the open model are expected to make of it: arrivals × the journey's share of the mix.
    #[serde(default)]
    pub expected: f64,
    /// Least number of those requests that is certain; `None` if it equals `expected`. It is lower for steps that a journey
    /// repeats until something happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// Load models of the judged phases that make it. The number of requests of a closed-model phase is not known beforehand.
    #[serde(default)]
    pub models: Vec<LoadModel>,
}

/// Sample sizes that the probes are expected to have in the judged window, as far as they are known before the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExpectedEvidence {
    /// Page loads that begin in it; `None` if no browser is asked for.
    pub page_loads: Option<u64>,
    /// Statement executions; rarely known.
    pub statements: Option<u64>,
    /// 1-second slices of the front door; `None` if it is not watched.
    pub slices: Option<u64>,
}

/// One phase of load as it was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhasePlan {
    /// Name of the phase.
    pub name: String,
    /// True if its samples are judged.
    pub judged: bool,
    /// True if this is the only phase with page loads; they are then judged in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pages: bool,
    /// Start and end, from the run's zero.
    pub window: Window,
    /// Its load model.
    #[serde(default)]
    pub model: LoadModel,
    /// Greatest number of users at once, in the closed model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u32>,
    /// Arrivals in the schedule; 0 in the closed model, which has no schedule.
    pub arrivals: u64,
    /// The load applied.
    pub load: PlannedLoad,
}

/// The planned load, as phases and series: the part of the plan that is evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadPlan {
    /// The phases in order.
    pub phases: Vec<PhasePlan>,
    /// Every series that can occur.
    pub series: Vec<SeriesPlan>,
    /// Every transaction that can occur: a group of steps, timed as a whole. Transactions are no requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<SeriesPlan>,
    /// Time-out of steps that set none: the least duration with which a request that did not succeed counts in a mean.
    #[serde(default = "timeout")]
    pub timeout: Span,
    /// The record that a phase replays; `None` if the load is the scenario's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<ReplayPlan>,
}

/// Time-out of scenarios that set none.
const fn timeout() -> Span {
    Span::from_millis(10_000)
}

impl SeriesPlan {
    /// Requests that evidence can count on.
    pub fn at_least(&self) -> f64 {
        self.least.unwrap_or(self.expected)
    }
}

impl LoadPlan {
    /// From the start of the first judged phase to the end of the last; the whole run if none is judged.
    pub fn judged_window(&self) -> Window {
        let judged = || self.phases.iter().filter(|phase| phase.judged);
        let start = judged().map(|phase| phase.window.start).min();
        let end = judged().map(|phase| phase.window.end).max();
        // Judged phases need not touch one another. Probes know one window only, so what lies between counts for them.
        Window {
            start: start.unwrap_or(Duration::ZERO),
            end: end.unwrap_or(self.end()),
        }
    }

    /// The phase that alone has page loads, if there is one.
    pub fn page_phase(&self) -> Option<&PhasePlan> {
        self.phases.iter().find(|phase| phase.pages)
    }

    /// Window in which page loads are judged: the phase that alone has them, else the window in which requests are judged.
    pub fn page_window(&self) -> Window {
        self.page_phase()
            .map_or_else(|| self.judged_window(), |phase| phase.window)
    }

    /// Requests that the judged phases are expected to make; `None` if one is of the closed model, whose number is not known.
    pub fn expected_requests(&self) -> Option<f64> {
        let mut judged = self.phases.iter().filter(|phase| phase.judged);
        // Users of the closed model make as many requests as the system lets them.
        let known = judged.all(|phase| phase.model == LoadModel::Open);
        known.then(|| self.series.iter().map(|series| series.expected).sum())
    }

    /// Cuts the plan to a run that ended at that time: phases end there at the latest, and an open phase keeps only the arrivals
    /// that `load` says were planned by then.
    pub fn cut(&mut self, at: Duration, load: &[LoadTotals]) {
        for phase in &mut self.phases {
            // A phase that never began is left with an empty window at the cut, so that nothing is expected of it.
            phase.window.start = phase.window.start.min(at);
            phase.window.end = phase.window.end.min(at);
            let totals = load.iter().find(|totals| totals.phase == phase.name);
            // Arrivals up to the cut: the pacer has counted those that it still planned.
            if let Some(totals) = totals.filter(|_| phase.model == LoadModel::Open) {
                phase.arrivals = totals.planned;
            }
        }
    }

    /// End of the last phase, from the run's zero.
    pub fn end(&self) -> Duration {
        self.phases
            .iter()
            .map(|phase| phase.window.end)
            .max()
            .unwrap_or(Duration::ZERO)
    }
}
