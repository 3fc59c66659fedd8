//! What the rules look at: one number each, over the judged window.

use super::budget::{Budget, Part};
use super::suspect::Tier;
pub(super) use crate::slo::Topic;

/// One objective that is missed, or a rule that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Complaint {
    pub(super) topic: Topic,
    /// As the beginning of a sentence: `API response time is p95 212 ms (target 100 ms)`.
    pub(super) words: String,
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
    /// Exits and restarts, in words.
    pub(super) incidents: Vec<String>,
}

impl Service {
    /// Where it is; what nobody knows is an application.
    pub(super) fn place(&self) -> Tier {
        self.tier.unwrap_or(Tier::Application)
    }
}

/// One statement, or all that read the same large table from end to end.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Statements {
    /// The text of the heaviest.
    pub(super) heaviest: String,
    pub(super) number: usize,
    /// Of all time in statements.
    pub(super) share: f64,
    pub(super) mean_ms: f64,
    pub(super) calls: u64,
    /// The index that they lack.
    pub(super) lacks: Option<Lack>,
}

/// A large table that is read from end to end.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Lack {
    pub(super) table: String,
    pub(super) rows: u64,
    pub(super) columns: Vec<String>,
}

/// Sessions that waited for a lock.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct LockWaits {
    /// Seconds of all sessions together.
    pub(super) seconds: f64,
    pub(super) longest: f64,
    pub(super) waiting: String,
    pub(super) blocking: String,
    pub(super) blocker_state: String,
    pub(super) table: Option<String>,
}

/// The database.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Database {
    /// Milliseconds of statements for each millisecond of the window.
    pub(super) sessions_busy: f64,
    /// The most connections there were.
    pub(super) connections: u32,
    /// Mean share of the connections that executed or were in a transaction; `None` where it was not sampled.
    pub(super) connections_busy: Option<f64>,
    /// Those that took the most time together over the limit, or in all.
    pub(super) worst: Option<Statements>,
    pub(super) lock_waits: Option<LockWaits>,
}

/// Page loads.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Pages {
    /// Median load.
    pub(super) load_ms: f64,
    /// Median time to the first byte of the document.
    pub(super) first_byte_ms: f64,
}

/// Requests that failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Failures {
    /// Requests that ended.
    pub(super) requests: u64,
    /// Answers of 500 to 599.
    pub(super) server_errors: u64,
    /// Errors of any kind.
    pub(super) errors: u64,
    /// The series with the most errors, and its share of failed requests.
    pub(super) worst: Option<(String, f64)>,
    /// Words for what failed most: `server-error`.
    pub(super) kind: String,
}

/// Diapason and the machine.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Surroundings {
    /// 99th percentile of the send lag in milliseconds.
    pub(super) send_lag_ms: f64,
    /// Whether the validity rules about the generator hold.
    pub(super) generator_valid: bool,
    /// Mean share of the host's cores that is busy.
    pub(super) host_busy: Option<f64>,
    /// Mean share of them that the hypervisor gave to others.
    pub(super) steal: Option<f64>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// Worst first.
    pub(super) complaints: Vec<Complaint>,
    pub(super) services: Vec<Service>,
    /// Of all judged requests.
    pub(super) budget: Option<Budget>,
    pub(super) database: Option<Database>,
    pub(super) pages: Option<Pages>,
    pub(super) failures: Failures,
    pub(super) surroundings: Surroundings,
    /// Seconds that all judged requests took together.
    pub(super) request_seconds: f64,
}

impl Facts {
    /// Whether anything complains of one of these.
    pub(super) fn complain(&self, topics: &[Topic]) -> bool {
        self.complaints
            .iter()
            .any(|complaint| topics.contains(&complaint.topic))
    }

    /// That part's share of the mean request.
    pub(super) fn share(&self, part: Part) -> f64 {
        self.budget.as_ref().map_or(0.0, |budget| budget.share(part))
    }

    /// The part that most of the time goes to, its share, and the mean in milliseconds.
    pub(super) fn busiest_part(&self) -> Option<(&'static str, f64, f64)> {
        let budget = self.budget.as_ref()?;
        let most = budget.parts.iter().max_by(|a, b| a.millis.total_cmp(&b.millis))?;
        Some((most.part.name(), budget.share(most.part), budget.mean_ms))
    }
}
