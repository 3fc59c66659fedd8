//! Facts that the rules look at, over the judged window.

use serde::{Deserialize, Serialize};

use super::budget::{Budget, Part};
use super::tier::Tier;
use crate::evidence::Incident;
use crate::record::Outcome;
use crate::slo::{Limit, Measurement, Topic, ValidityCheck};

/// An objective that is missed or may be, or a rule of validity that does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// Its topic.
    pub topic: Topic,
    /// The objective or rule.
    pub about: About,
}

/// The objective or rule of a complaint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum About {
    /// An objective.
    Objective {
        /// Its name.
        name: String,
        /// True if it is missed for certain; else it is undecided, and on the wrong side of its target.
        missed: bool,
        /// Its target.
        target: Limit,
        /// Its measurement.
        measurement: Box<Measurement>,
    },
    /// A rule of validity.
    Rule(ValidityCheck),
}

/// One container.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) tier: Option<Tier>,
    /// Mean cores.
    pub(super) cpu: f64,
    /// Cores it may use.
    pub(super) cpu_limit: Option<f64>,
    /// Share of the scheduling periods in which it was throttled.
    pub(super) throttled: f64,
    /// Highest memory as a share of its limit.
    pub(super) memory: Option<f64>,
    pub(super) out_of_memory: bool,
    /// Exits and restarts.
    pub(super) incidents: Vec<Incident>,
}

impl Service {
    /// Its tier; an unknown service counts as an application.
    pub(super) fn place(&self) -> Tier {
        self.tier.unwrap_or(Tier::Application)
    }
}

/// One statement, or all that read the same large table from end to end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// The text of the heaviest.
    pub heaviest: String,
    /// Number of statements.
    pub number: usize,
    /// Their share of the time of all statements.
    pub share: f64,
    /// Mean of an execution.
    pub mean_ms: f64,
    /// Executions.
    pub calls: u64,
    /// The index that they lack.
    pub lacks: Option<Lack>,
}

/// A large table that is read from end to end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Columns that an index should have; empty if they are not known.
    pub columns: Vec<String>,
}

/// Sessions that waited for a lock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockWaits {
    /// Seconds of all sessions together.
    pub seconds: f64,
    /// Seconds of the longest wait.
    pub longest: f64,
    /// The statement that waited longest.
    pub waiting: String,
    /// The last statement of the session that held the lock.
    pub blocking: String,
    /// State of that session: `idle in transaction`.
    pub blocker_state: String,
    /// The table, if it is known.
    pub table: Option<String>,
}

/// The database.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Database {
    /// Mean number of statements being executed: their total time over the length of the window.
    pub(super) sessions_busy: f64,
    /// Greatest number of connections.
    pub(super) connections: u32,
    /// Mean share of the connections that executed or were in a transaction; `None` if it was not sampled.
    pub(super) connections_busy: Option<f64>,
    /// The statements with the most time over the limit, or in total if none is over it.
    pub(super) worst: Option<Statements>,
    pub(super) lock_waits: Option<LockWaits>,
}

/// Page loads.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Pages {
    /// Median load time.
    pub(super) load_ms: f64,
    /// Median time to the first byte of the document.
    pub(super) first_byte_ms: f64,
}

/// Requests that failed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failures {
    /// Requests that ended.
    pub requests: u64,
    /// Answers of 500 to 599.
    pub server_errors: u64,
    /// Errors of any kind.
    pub errors: u64,
    /// The series with the most errors, and its share of failed requests.
    pub worst: Option<(String, f64)>,
    /// The error outcome with the most requests; meaningless if there are no errors.
    pub kind: Option<Outcome>,
}

/// The load generator and its host.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Surroundings {
    /// 99th percentile of the send lag in milliseconds.
    pub(super) send_lag_ms: f64,
    /// True if the validity rules about the generator hold.
    pub(super) generator_valid: bool,
    /// Mean share of the host's cores that is busy.
    pub(super) host_busy: Option<f64>,
    /// Mean share of the host's cores that the hypervisor gave to others.
    pub(super) steal: Option<f64>,
}

/// All facts of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// Worst first.
    pub(super) complaints: Vec<Complaint>,
    pub(super) services: Vec<Service>,
    /// Budget of all judged requests.
    pub(super) budget: Option<Budget>,
    pub(super) database: Option<Database>,
    pub(super) pages: Option<Pages>,
    pub(super) failures: Failures,
    pub(super) surroundings: Surroundings,
    /// Seconds that all judged requests took together.
    pub(super) request_seconds: f64,
}

impl Facts {
    /// True if there is a complaint about one of these topics.
    pub(super) fn complain(&self, topics: &[Topic]) -> bool {
        self.complaints
            .iter()
            .any(|complaint| topics.contains(&complaint.topic))
    }

    /// That part's share of the mean request.
    pub(super) fn share(&self, part: Part) -> f64 {
        self.budget.as_ref().map_or(0.0, |budget| budget.share(part))
    }
}
