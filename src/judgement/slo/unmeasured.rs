//! Why an objective has no number.

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::evidence::ProbeKind;
use crate::units::Span;

/// Why an indicator has no value: the objective is then not met. `slo::wording` makes the sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Unmeasured {
    /// The objective cannot be judged as it is written, for the reason of that error.
    Invalid(String),
    /// The probe it needs broke.
    ProbeFailed {
        /// The probe.
        probe: ProbeKind,
        /// Why, in its own words.
        reason: String,
    },
    /// The probe it needs was not part of the run.
    ProbeMissing(ProbeKind),
    /// The database did not show what it needs.
    Unseen {
        /// What was not seen.
        what: String,
        /// Why, in the server's words.
        why: String,
    },
    /// No judged request belongs to it.
    NoRequest,
    /// Every judged request was interrupted.
    AllInterrupted,
    /// Every judged request was rate-limited or interrupted.
    AllRefused,
    /// No page load began where they are judged.
    NoPageLoad,
    /// No judged page load has that time.
    NoPageTime(String),
    /// No judged page load tells whether it is bad.
    NoPageShare,
    /// The database executed no statement in the judged window.
    NoStatement,
    /// No slice of the judged window was observed.
    NoSlice,
    /// The judged window holds nothing to take a mean of.
    EmptyWindow,
    /// Requests over that limit were not counted.
    RequestsNotCounted(Limit),
    /// Requests over that threshold were not counted.
    ThresholdNotCounted(Span),
    /// Executions over that limit were not counted.
    ExecutionsNotCounted(Limit),
    /// More executions were logged over a limit than were counted in all.
    MoreLoggedThanCounted {
        /// Counted in all.
        counted: u64,
        /// Logged over the limit.
        logged: u64,
        /// The limit.
        limit: Limit,
    },
    /// The response times were not added up.
    ResponseTimesNotSummed,
    /// The times of executions were not added up.
    ExecutionsNotSummed,
    /// Its histograms do not have the bounds that all histograms share.
    HistogramBounds,
    /// The objective names no quantile.
    NoQuantile,
    /// The objective names no threshold.
    NoThreshold,
}
