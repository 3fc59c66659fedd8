//! Facts that the rules look at, over the judged window.

use serde::{Deserialize, Serialize};

use super::budget::{Budget, BudgetPart};
use super::tier::Tier;
use crate::evidence::Incident;
use crate::record::{Example, Outcome};
use crate::slo::{ContainerIncident, FailedLogIns, Limit, Measurement, Rule, Topic, ValidityCheck};

/// An objective that is missed or may be, or a rule of validity that does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// Topic of the objective or rule.
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
    /// Every log-in failed, and nothing else was sent.
    LogIns(FailedLogIns),
    /// A service that crashed or exceeded its own memory limit.
    Death(ContainerIncident),
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
    pub lacks: Option<FullTableRead>,
}

/// A large table that is read from end to end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FullTableRead {
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
    /// Requests that the rate limiter refused.
    #[serde(default)]
    pub refused: u64,
    /// Requests with each status and outcome that is an error or a refusal, the most frequent first.
    #[serde(default)]
    pub kinds: Vec<FailureKind>,
    /// Whole seconds since the run's zero from which on no request succeeded; `None` if some succeeded to the end.
    #[serde(default)]
    pub none_from: Option<u32>,
}

/// Requests that failed alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureKind {
    /// Status of the answers; `None` if none came, or if it was not recorded.
    pub status: Option<u16>,
    /// Outcome.
    pub outcome: Outcome,
    /// Number of requests.
    pub count: u64,
    /// The series with the most of them.
    pub series: String,
    /// The first request of that series that failed so.
    pub example: Option<Example>,
}

/// Party to which a failure points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answerer {
    /// The rate limiter.
    Limiter,
    /// The application, with an error of its own.
    Application,
    /// The proxy, with a page of its own in place of the application's answer.
    Proxy,
    /// The journey or its data: the answer is no error of the server's, but not the one that the step wants.
    Journey,
    /// Nobody: no complete answer came.
    Nobody,
}

impl FailureKind {
    /// The party that the failure points to.
    pub fn answerer(&self) -> Answerer {
        match self.outcome {
            Outcome::RateLimited => Answerer::Limiter,
            Outcome::ClientError | Outcome::CheckFailed | Outcome::RedirectLimit => Answerer::Journey,
            Outcome::ServerError if self.is_of_proxy() => Answerer::Proxy,
            Outcome::ServerError => Answerer::Application,
            _ => Answerer::Nobody,
        }
    }

    fn is_of_proxy(&self) -> bool {
        match &self.example {
            // A body that is no proxy's page is the application's, whatever its status.
            Some(example) if !example.body.is_empty() => example.is_proxy_page(),
            // RFC 9110, sections 15.6.3 and 15.6.5, keeps both for gateways. A 503 is an application's own as often.
            _ => matches!(self.status, Some(502 | 504)),
        }
    }

    /// True if a lack of time, processors or connections can be the reason: no answer in time, or the proxy's page about that.
    fn is_of_waiting(&self) -> bool {
        self.outcome == Outcome::TimedOut || self.answerer() == Answerer::Proxy
    }
}

impl Failures {
    /// Requests whose failure points to that party.
    pub fn of(&self, answerer: Answerer) -> u64 {
        let kinds = self.kinds.iter().filter(|kind| kind.answerer() == answerer);
        kinds.map(|kind| kind.count).sum()
    }

    /// The most frequent kind that points to that party.
    pub fn first_of(&self, answerer: Answerer) -> Option<&FailureKind> {
        self.kinds.iter().find(|kind| kind.answerer() == answerer)
    }
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

    /// True if a lack of time, processors or connections could be the reason of a complaint: of slow requests or pages, or of
    /// failures that came from waiting. A request that was answered at once with an error is explained by none of them.
    pub(super) fn complain_of_waiting(&self) -> bool {
        let waited = self.failures.kinds.iter().filter(|kind| kind.is_of_waiting());
        let waited: u64 = waited.map(|kind| kind.count).sum();
        self.complain(&[Topic::Requests, Topic::Pages])
            || self.complain(&[Topic::Failures]) && waited > 0 && waited * 2 >= self.failures.errors
    }

    /// True if the rule about rate-limited requests does not hold.
    pub(super) fn complain_of_limiter(&self) -> bool {
        let mut complaints = self.complaints.iter();
        complaints.any(|complaint| match &complaint.about {
            About::Rule(check) => check.rule() == Rule::RateLimitedRequests,
            About::Objective { .. } | About::LogIns(_) | About::Death(_) => false,
        })
    }

    /// That part's share of the mean request.
    pub(super) fn share(&self, part: BudgetPart) -> f64 {
        self.budget.as_ref().map_or(0.0, |budget| budget.share(part))
    }
}
