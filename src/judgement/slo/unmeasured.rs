//! Causes of a missing measurement.

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::evidence::ProbeKind;
use crate::evidence::postgres::HiddenData;
use crate::units::Span;

/// Cause of a missing value; the objective is then not met. `words` makes the sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Unmeasured {
    /// The objective is not valid; the text is that of the error.
    Invalid(String),
    /// The probe that it needs failed.
    ProbeFailed {
        /// The probe.
        probe: ProbeKind,
        /// Cause, in the words of the probe.
        reason: String,
    },
    /// The probe that it needs was not part of the run.
    ProbeMissing(ProbeKind),
    /// The database does not expose what it needs.
    Unseen(HiddenData),
    /// The objective selects no judged request.
    NoRequest,
    /// No judged transaction belongs to the objective.
    NoTransaction,
    /// Every log-in failed, so no other request was sent: the status of the answers, if any came.
    NoLogIn(Option<u16>),
    /// Every judged request was interrupted.
    AllInterrupted,
    /// Every judged request was rate-limited or interrupted.
    AllRefused,
    /// No page load began in the window in which page loads are judged.
    NoPageLoad,
    /// No judged page load has the time of that indicator.
    NoPageTime(String),
    /// No judged page load reports what the share is about.
    NoPageShare,
    /// The database executed no statement in the judged window.
    NoStatement,
    /// The event that it is about did not begin.
    NoEvent(String),
    /// The database was not compared with the writes; the text is the cause.
    NotCompared(String),
    /// No write of a comparison was acknowledged.
    NoWrite,
    /// No slice of the judged window was observed.
    NoSlice,
    /// The judged window has no samples to take a mean of.
    EmptyWindow,
    /// The run did not count requests over that limit.
    RequestsNotCounted(Limit),
    /// The run did not count requests over that threshold.
    ThresholdNotCounted(Span),
    /// The run did not count statement executions over that limit.
    ExecutionsNotCounted(Limit),
    /// The log holds more executions over a limit than the statistics counted in all.
    MoreLoggedThanCounted {
        /// Executions counted in all.
        counted: u64,
        /// Executions logged over the limit.
        logged: u64,
        /// The limit.
        limit: Limit,
    },
    /// The run did not sum response times.
    ResponseTimesNotSummed,
    /// The run did not sum the times of executions.
    ExecutionsNotSummed,
    /// The bounds of its histograms differ from those that all histograms share.
    HistogramBounds,
    /// The objective names no quantile.
    NoQuantile,
    /// The objective names no threshold.
    NoThreshold,
    /// A sentence of an earlier version.
    Verbatim(String),
}
