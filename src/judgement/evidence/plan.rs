//! What was to happen.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::record::{LoadTotals, Window};
use crate::units::Span;

/// Who decides when the next iteration begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadModel {
    /// The schedule, however slow the system is.
    #[default]
    Open,
    /// The users, each when it has its answers: a slow system gets less load, and response times leave out what did not
    /// come.
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
    /// The models of the judged phases that make it; how many requests one of the closed model makes, nobody knows before.
    #[serde(default)]
    pub models: Vec<LoadModel>,
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
    /// Whether pages are loaded in it alone, to be judged there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pages: bool,
    /// When it begins and ends, from the run's zero.
    pub window: Window,
    /// Who decides when an iteration begins.
    #[serde(default)]
    pub model: LoadModel,
    /// The most users at once, in the closed model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u32>,
    /// Arrivals the schedule holds; none in the closed model, which has no schedule.
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
    /// Time-out of steps that name none: how long a request that did not succeed counts in a mean, at the least.
    #[serde(default = "timeout")]
    pub timeout: Span,
}

/// That of scenarios that name none.
const fn timeout() -> Span {
    Span::from_millis(10_000)
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

    /// The phase that alone has page loads, if there is one.
    pub fn page_phase(&self) -> Option<&PhasePlan> {
        self.phases.iter().find(|phase| phase.pages)
    }

    /// Where page loads are judged: in the phase that alone has them, else where requests are.
    pub fn page_window(&self) -> Window {
        self.page_phase()
            .map_or_else(|| self.judged_window(), |phase| phase.window)
    }

    /// Requests that the judged phases are expected to make; `None` where one is of the closed model, which nobody can tell.
    pub fn expected_requests(&self) -> Option<f64> {
        let mut judged = self.phases.iter().filter(|phase| phase.judged);
        let known = judged.all(|phase| phase.model == LoadModel::Open);
        known.then(|| self.series.iter().map(|series| series.expected).sum())
    }

    /// The plan of a run that ended at that time: phases are cut off there, and of an open phase those arrivals are left that
    /// came to be.
    pub fn cut(&mut self, at: Duration, load: &[LoadTotals]) {
        for phase in &mut self.phases {
            phase.window.start = phase.window.start.min(at);
            phase.window.end = phase.window.end.min(at);
            let totals = load.iter().find(|totals| totals.phase == phase.name);
            if let Some(totals) = totals.filter(|_| phase.model == LoadModel::Open) {
                phase.arrivals = totals.planned;
            }
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
