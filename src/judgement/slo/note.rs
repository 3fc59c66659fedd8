//! Remarks on measurements.

use serde::{Deserialize, Serialize};

use super::{Limit, Unit};
use crate::record::Outcome;

/// A remark that is needed to interpret a measurement correctly. Files of earlier versions held it as a sentence
/// ([`Self::Verbatim`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Note {
    /// Error budget of a target on uptime over 30 days, and what this run used of it.
    ErrorBudget {
        /// The target.
        target: Limit,
        /// Seconds of downtime that it allows in 30 days.
        seconds: f64,
        /// Slices of one second in which the front door was down.
        down: u64,
        /// Slices observed.
        observed: u64,
    },
    /// Slices of the judged window without an observation.
    UnobservedSlices {
        /// Number of slices.
        count: u64,
    },
    /// The stack had not recovered from the event when the next one began or the run ended.
    NotRecovered {
        /// Seconds watched after the event.
        seconds: f64,
    },
    /// Samples of planned events and of the recovery from them are left out.
    EventsLeftOut {
        /// Their length within the judged window, in seconds.
        seconds: u64,
        /// Value with them; `None` if it falls among failures.
        point: Option<f64>,
        /// Its unit.
        unit: Unit,
    },
    /// Samples of planned events are included: what was observed has no times of its own.
    EventsIncluded,
    /// An event used up the error budget of the whole run, and ended it.
    BudgetBurnt {
        /// Name of the event.
        event: String,
        /// Failures since the event began.
        failed: u64,
        /// Failures that the acceptable limit allows in the whole run.
        allowed: u64,
    },
    /// Every sample of one event was counted: there is nothing to infer.
    EventObserved,
    /// A maximum is that of the samples: it bounds nothing.
    LongestSeen,
    /// Requests of the closed model are included, from which a slow system kept its users from asking.
    ClosedModel,
    /// Requests of the closed model are left out.
    ClosedModelLeftOut {
        /// Number of requests.
        requests: u64,
    },
    /// Requests that did not succeed are included.
    Unsuccessful {
        /// Number of requests.
        requests: u64,
        /// Milliseconds that each counts as in a mean; `None` if they count as longer than any other.
        counted_as_ms: Option<f64>,
    },
    /// Transactions of the closed model are left out.
    TransactionsLeftOut {
        /// Number of transactions.
        transactions: u64,
    },
    /// Transactions in which a step did not succeed are included.
    FailedTransactions {
        /// Number of transactions.
        transactions: u64,
        /// Milliseconds that each counts as in a mean; `None` if they count as longer than any other.
        counted_as_ms: Option<f64>,
    },
    /// Requests of an outcome are left out.
    LeftOut {
        /// Number of requests.
        requests: u64,
        /// Their outcome.
        outcome: Outcome,
    },
    /// Page loads that failed are included.
    FailedLoads {
        /// Number of loads.
        loads: u64,
        /// True if each counts as the time-out, or as the longest load if that took longer; false if they count as longer
        /// than any other.
        as_time_out: bool,
    },
    /// Page loads were left out, because the one before had not ended.
    SkippedLoads {
        /// Number of loads.
        loads: u64,
    },
    /// The estimate comes from sampled executions, the decision from exact counts.
    Sampled {
        /// Executions sampled; 0 leaves no estimate.
        executions: u64,
    },
    /// Composition of an Apdex score.
    Apdex {
        /// Requests up to the threshold.
        satisfied: u64,
        /// Requests up to four times the threshold.
        tolerating: u64,
        /// Other requests.
        frustrated: u64,
    },
    /// A sentence of an earlier version.
    Verbatim(String),
}
