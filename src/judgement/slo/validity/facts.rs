//! What the rules of validity measured, as numbers; `slo::wording` makes sentences of them.

use serde::{Deserialize, Serialize};

use super::Rule;
use crate::evidence::{Incident, ProbeKind};

/// What a rule measured, with whatever its threshold depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Facts {
    /// Of [`Rule::JudgedRequests`].
    JudgedRequests {
        /// Judged requests.
        count: u64,
    },
    /// Of [`Rule::SendLag`].
    SendLag {
        /// How late requests were sent.
        lag: Lag,
        /// How late they may be, in milliseconds; `None` without an objective on response times.
        limit_ms: Option<f64>,
    },
    /// Of [`Rule::DroppedArrivals`].
    DroppedArrivals {
        /// How many; `None` where the judged phases have no schedule.
        share: Option<Part>,
        /// Whether the user stopped the run, so that those left over do not count.
        interrupted: bool,
    },
    /// Of [`Rule::GeneratorCpu`]; `None` where it was not observed.
    GeneratorCpu(Option<GeneratorCpu>),
    /// Of [`Rule::RateLimitedRequests`].
    RateLimitedRequests {
        /// How many.
        share: Part,
        /// Name of the gating objective that judges the limiter itself.
        judged_by: Option<String>,
    },
    /// Of [`Rule::OutOfRangeSamples`].
    OutOfRangeSamples {
        /// Samples that no histogram holds.
        count: u64,
    },
    /// Of [`Rule::Containers`].
    Containers {
        /// Containers that were observed; `None` where nobody looked.
        observed: Option<usize>,
        /// What befell them.
        incidents: Vec<ContainerIncident>,
    },
    /// Of [`Rule::Identities`]: those that do not hold.
    Identities(Vec<BrokenIdentity>),
    /// Of [`Rule::Probe`].
    Probe {
        /// The probe.
        probe: ProbeKind,
        /// Why it did not deliver, in its own words.
        failure: Option<String>,
    },
    /// Of [`Rule::BrowserCalibration`].
    BrowserCalibration {
        /// Median time of the harness's own page before the load, in milliseconds.
        before_ms: f64,
        /// The same during the load, with the number of loads; `None` where they are too few. The time is `None` where most
        /// loads did not end.
        during: Option<(Option<f64>, usize)>,
        /// How many times slower it may be.
        limit: f64,
        /// Whether it was slower, but no gating verdict depends on it.
        spared: bool,
    },
    /// Of a file of another version: its sentences as they are.
    Verbatim {
        /// The rule.
        rule: Rule,
        /// What was measured.
        measured: String,
        /// The threshold.
        threshold: String,
        /// What to do where it does not hold.
        hint: String,
    },
}

impl Facts {
    /// The rule they are of.
    pub fn rule(&self) -> Rule {
        match self {
            Self::JudgedRequests { .. } => Rule::JudgedRequests,
            Self::SendLag { .. } => Rule::SendLag,
            Self::DroppedArrivals { .. } => Rule::DroppedArrivals,
            Self::GeneratorCpu(_) => Rule::GeneratorCpu,
            Self::RateLimitedRequests { .. } => Rule::RateLimitedRequests,
            Self::OutOfRangeSamples { .. } => Rule::OutOfRangeSamples,
            Self::Containers { .. } => Rule::Containers,
            Self::Identities(_) => Rule::Identities,
            Self::Probe { probe, .. } => Rule::Probe(*probe),
            Self::BrowserCalibration { .. } => Rule::BrowserCalibration,
            Self::Verbatim { rule, .. } => rule.clone(),
        }
    }
}

/// How late requests were sent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lag {
    /// 99th percentile in milliseconds.
    P99(f64),
    /// The judged phases are of the closed model, which has no schedule.
    NoSchedule,
    /// No request was sent.
    Unknown,
}

/// Some of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// How many of them.
    pub count: u64,
    /// All of them.
    pub total: u64,
}

impl Part {
    /// The greatest share of arrivals dropped, and of requests rate-limited, that leaves a run valid.
    pub const TOLERATED: f64 = 0.001;

    /// As a share; 0 of none.
    pub fn share(self) -> f64 {
        if self.total == 0 {
            0.0
        } else {
            self.count as f64 / self.total as f64
        }
    }
}

/// Mean processor use over the judged window, in cores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorCpu {
    /// Of the load thread.
    pub thread: f64,
    /// Of the process.
    pub process: f64,
    /// Cores the process may use.
    pub cores: f64,
    /// Of the whole machine.
    pub host: f64,
}

/// Something that befell a container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerIncident {
    /// Name of its service.
    pub service: String,
    /// What befell it.
    pub what: Incident,
}

/// A sum that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum BrokenIdentity {
    /// A phase has no totals.
    NoTotals {
        /// The phase.
        phase: String,
    },
    /// Arrivals planned are not those of the schedule.
    Planned {
        /// The phase.
        phase: String,
        /// Planned.
        planned: u64,
        /// In the schedule.
        arrivals: u64,
    },
    /// Arrivals planned are not those started and dropped.
    Started {
        /// The phase.
        phase: String,
        /// Planned.
        planned: u64,
        /// Started.
        started: u64,
        /// Dropped.
        dropped: u64,
    },
    /// Iterations started are not those that ended.
    Ended {
        /// The phase.
        phase: String,
        /// Started.
        started: u64,
        /// Ended.
        ended: u64,
    },
    /// The seconds of a series do not add up to its requests.
    Seconds {
        /// Phase and series.
        series: String,
        /// Sum of the seconds.
        sum: u64,
        /// Requests counted.
        total: u64,
    },
    /// The histogram of a series does not hold its successes.
    Histogram {
        /// Phase and series.
        series: String,
        /// Samples in the histogram.
        held: u64,
        /// Successes counted.
        successes: u64,
    },
}
