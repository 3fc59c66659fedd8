//! Possible causes of a miss, and the numbers that support them.

use serde::{Deserialize, Serialize};

use super::budget::BudgetPart;
use super::facts::{Failures, LockWaits, Statements};
use super::tier::Tier;
use crate::evidence::Incident;
use crate::slo::FailedLogIns;

/// A possible cause of a miss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspect {
    /// Name of the rule that found it.
    pub rule: String,
    /// Its tier.
    pub tier: Tier,
    /// The service; `None` if it is not known.
    pub service: Option<String>,
    /// Weight from 0 to 1, by how much it explains and how sure that is. It orders suspects and is not a probability.
    pub weight: f64,
    /// The finding with its numbers.
    pub finding: SuspectFinding,
}

/// Finding of a rule, with its numbers. Shares are from 0 to 1, times in milliseconds unless named otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SuspectFinding {
    /// The generator could not keep up.
    GeneratorLate {
        /// 99th percentile of the send lag.
        send_lag_ms: f64,
    },
    /// The hypervisor gave processor time of the host to others.
    ProcessorStolen {
        /// Its share of the host's processor time.
        share: f64,
    },
    /// The host has no processor time left.
    HostBusy {
        /// Share of the host's processor time that was used.
        share: f64,
    },
    /// A service was killed for lack of memory.
    OutOfMemory {
        /// Its exits and restarts.
        incidents: Vec<Incident>,
    },
    /// A service exited or restarted.
    Stopped {
        /// Its exits and restarts.
        incidents: Vec<Incident>,
    },
    /// A service uses nearly all of the memory it may use.
    MemoryScarce {
        /// Highest memory as a share of its limit.
        share: f64,
    },
    /// A service is held back by its processor limit.
    Throttled {
        /// Share of the scheduling periods in which it was throttled.
        share: f64,
        /// Mean cores used.
        cores: f64,
        /// Cores it may use, if that is known.
        limit: Option<f64>,
    },
    /// A service uses nearly all of the processor time it may use.
    Saturated {
        /// Mean cores used.
        cores: f64,
        /// Cores it may use.
        limit: f64,
    },
    /// A service keeps one core busy, as a single event loop does.
    OneLoop {
        /// Mean cores used.
        cores: f64,
    },
    /// Sessions waited for locks.
    Locks(LockWaits),
    /// Requests queue for a connection to the database.
    PoolExhausted {
        /// Connections of the application.
        connections: u32,
        /// Mean share of them that was busy.
        busy: f64,
        /// Probability that a request for a connection has to wait, by Erlang's C formula.
        queueing: f64,
        /// Mean number of statements being executed.
        under_way: f64,
    },
    /// Statements take the time.
    SlowStatements {
        /// The statements.
        statements: Statements,
        /// Share of a request that is spent in statements; 0 if it is not known.
        of_request: f64,
    },
    /// The time is spent in the application, and no measurement explains it.
    SlowApplication {
        /// The part of a request: the application, or everything behind the front door.
        part: BudgetPart,
        /// Its share of a request.
        share: f64,
        /// Mean time of a request.
        mean_ms: f64,
        /// Mean cores that the application uses, while it waits for neither its processors nor the database; `None` if one of
        /// the two was not measured.
        idle_cores: Option<f64>,
    },
    /// The time is spent before the application has the request, or after it has answered.
    SlowProxy {
        /// Its share of a request.
        share: f64,
    },
    /// The server that renders the pages is slow.
    SlowPages {
        /// Median time to the first byte of the document.
        first_byte_ms: f64,
        /// Median load time.
        load_ms: f64,
    },
    /// Every log-in failed, and nothing else was sent.
    NoLogIn(FailedLogIns),
    /// The rate limiter refuses requests.
    Refused(Failures),
    /// The application answers with errors of its own (500 to 599).
    ServerErrors(Failures),
    /// The proxy answers with an error page of its own, in place of the application.
    ProxyErrors(Failures),
    /// Requests are answered in another way than their steps want: with 400 to 499, or with an answer that fails a check.
    JourneyErrors(Failures),
    /// Requests get no complete answer.
    OtherErrors(Failures),
}
