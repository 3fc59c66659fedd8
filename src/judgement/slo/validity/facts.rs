//! Measurements of the validity rules, as numbers; `words` makes sentences of them.

use serde::{Deserialize, Serialize};

use super::Rule;
use crate::evidence::{Incident, ProbeKind};
use crate::record::{Example, Outcome};

/// Measurements of one validity rule, with the numbers that its threshold depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Facts {
    /// Facts of [`Rule::JudgedRequests`].
    JudgedRequests {
        /// Number of judged requests.
        count: u64,
        /// Present if the run was ended because every log-in failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_ins: Option<FailedLogIns>,
    },
    /// Facts of [`Rule::SendLag`].
    SendLag {
        /// Send lag of the judged requests.
        lag: Lag,
        /// Greatest p99 allowed, in milliseconds; `None` without an objective on response times.
        limit_ms: Option<f64>,
    },
    /// Facts of [`Rule::DroppedArrivals`].
    DroppedArrivals {
        /// Dropped of the planned arrivals; `None` if all judged phases are of the closed model, which has no schedule.
        share: Option<Fraction>,
        /// True if the user stopped the run; arrivals dropped then do not count against it.
        interrupted: bool,
    },
    /// Facts of [`Rule::GeneratorCpu`]; `None` if processor use was not observed.
    GeneratorCpu(Option<GeneratorCpu>),
    /// Facts of [`Rule::GeneratorSockets`]: requests that were not sent for want of a connection.
    GeneratorSockets {
        /// Requests without a file descriptor.
        descriptors: u64,
        /// Requests without a local port.
        ports: u64,
    },
    /// Facts of [`Rule::RateLimitedRequests`].
    RateLimitedRequests {
        /// Rate-limited of the judged requests.
        share: Fraction,
        /// Name of the gating objective that judges the rate limiter itself.
        judged_by: Option<String>,
        /// Requests of the browser's pages that were answered as the limiter answers, by path; most first. They are not part of
        /// `share`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        browser: Vec<(String, u64)>,
    },
    /// Facts of [`Rule::OutOfRangeSamples`].
    OutOfRangeSamples {
        /// Samples outside the range of the histograms.
        count: u64,
    },
    /// Facts of [`Rule::Containers`].
    Containers {
        /// Number of containers observed; `None` if containers were not observed.
        observed: Option<usize>,
        /// Incidents whose cause lies outside the container, or is not known.
        incidents: Vec<ContainerIncident>,
        /// Incidents of containers that crashed or exceeded their own memory limit, which is a miss and no lack of validity.
        #[serde(default)]
        own: Vec<ContainerIncident>,
    },
    /// Facts of [`Rule::StackEvents`].
    StackEvents {
        /// Number of events that were carried out.
        done: usize,
        /// Events whose action failed: name, and cause in the words of the engine or the command.
        failed: Vec<(String, String)>,
    },
    /// Facts of [`Rule::Identities`]: the identities that do not hold.
    Identities(Vec<BrokenIdentity>),
    /// Facts of [`Rule::Probe`].
    Probe {
        /// The probe.
        probe: ProbeKind,
        /// Cause of its failure, in the words of the probe; `None` if it did not fail.
        failure: Option<String>,
    },
    /// Facts of [`Rule::BrowserCalibration`].
    BrowserCalibration {
        /// Median time of the harness's own page before the load, in milliseconds.
        before_ms: f64,
        /// Median during the load, with the number of loads; `None` if they are too few. The median is `None` if most loads
        /// did not end.
        during: Option<(Option<f64>, usize)>,
        /// Greatest allowed ratio of the median during the load to that before it.
        limit: f64,
        /// True if it was slower than allowed but no gating verdict depends on it.
        spared: bool,
    },
    /// Sentences of a file of another version, unchanged.
    Verbatim {
        /// The rule.
        rule: Rule,
        /// The measurement.
        measured: String,
        /// The threshold.
        threshold: String,
        /// Remedy if the rule does not hold.
        hint: String,
    },
}

impl Facts {
    /// The rule that was measured.
    pub fn rule(&self) -> Rule {
        match self {
            Self::JudgedRequests { .. } => Rule::JudgedRequests,
            Self::SendLag { .. } => Rule::SendLag,
            Self::DroppedArrivals { .. } => Rule::DroppedArrivals,
            Self::GeneratorCpu(_) => Rule::GeneratorCpu,
            Self::GeneratorSockets { .. } => Rule::GeneratorSockets,
            Self::RateLimitedRequests { .. } => Rule::RateLimitedRequests,
            Self::OutOfRangeSamples { .. } => Rule::OutOfRangeSamples,
            Self::Containers { .. } => Rule::Containers,
            Self::StackEvents { .. } => Rule::StackEvents,
            Self::Identities(_) => Rule::Identities,
            Self::Probe { probe, .. } => Rule::Probe(*probe),
            Self::BrowserCalibration { .. } => Rule::BrowserCalibration,
            Self::Verbatim { rule, .. } => rule.clone(),
        }
    }
}

/// Log-ins of a run in which all of them failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedLogIns {
    /// Requests that failed.
    pub count: u64,
    /// Status of the most frequent answer; `None` if none came.
    pub status: Option<u16>,
    /// Its outcome.
    pub outcome: Outcome,
    /// The first request that failed so.
    pub example: Option<Example>,
}

/// Send lag of the judged requests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lag {
    /// 99th percentile, in milliseconds.
    P99(f64),
    /// All judged phases are of the closed model, which has no schedule.
    NoSchedule,
    /// No request of a judged open phase was sent.
    Unknown,
}

/// A count out of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fraction {
    /// The count.
    pub count: u64,
    /// The total.
    pub total: u64,
}

impl Fraction {
    /// Greatest share of dropped arrivals, and of rate-limited requests, that leaves a run valid.
    // One in a thousand: as many as the strictest usual objective, an error rate below 0.1 %, allows to be bad.
    pub const TOLERATED: f64 = 0.001;

    /// Count over total; 0 if the total is 0.
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
    /// Use of the load thread.
    pub thread: f64,
    /// Use of the process.
    pub process: f64,
    /// Cores that the process may use.
    pub cores: f64,
    /// Use of the whole machine.
    pub host: f64,
}

/// Incident of a container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerIncident {
    /// Name of the service of the container.
    pub service: String,
    /// The incident.
    pub what: Incident,
}

/// An identity between counts that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum BrokenIdentity {
    /// A phase has no totals.
    NoTotals {
        /// The phase.
        phase: String,
    },
    /// Arrivals planned differ from those in the schedule.
    Planned {
        /// The phase.
        phase: String,
        /// Arrivals planned.
        planned: u64,
        /// Arrivals in the schedule.
        arrivals: u64,
    },
    /// Arrivals planned differ from the sum of those started and dropped.
    Started {
        /// The phase.
        phase: String,
        /// Arrivals planned.
        planned: u64,
        /// Arrivals started.
        started: u64,
        /// Arrivals dropped.
        dropped: u64,
    },
    /// Iterations started differ from those that ended.
    Ended {
        /// The phase.
        phase: String,
        /// Iterations started.
        started: u64,
        /// Iterations ended.
        ended: u64,
    },
    /// The requests of a series, summed over its seconds, differ from its total.
    Seconds {
        /// Phase and series.
        series: String,
        /// Requests summed over the seconds of the series.
        sum: u64,
        /// Requests counted.
        total: u64,
    },
    /// The number of samples in the histogram of a series does not match its successes.
    Histogram {
        /// Phase and series.
        series: String,
        /// Samples in the histogram.
        held: u64,
        /// Successes counted.
        successes: u64,
    },
}
