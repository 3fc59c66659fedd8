//! Facts behind the word of a verdict.

use serde::{Deserialize, Serialize};

use super::{Limit, Unit};
use crate::evidence::Decision;
use crate::units::Span;

/// Reason for the word of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reason {
    /// The measurement and the limits of the verdict, or the cause of a missing measurement, under these circumstances.
    Facts(Circumstances),
    /// A sentence of an older file.
    Verbatim(String),
}

/// Facts that changed decisions on a measurement, besides its counts; empty for most verdicts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Circumstances {
    /// Slowdown of the browser itself, because of which no verdict on pages is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowed_browser: Option<SlowedBrowser>,
    /// Windows over a limit, for an objective that must hold in each of them: first of the target, then of the acceptable
    /// limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<MissedWindows>,
    /// Decision that was made during the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early: Option<EarlyDecision>,
    /// Number of gating objectives, if Holm's correction over them left a miss undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_over: Option<usize>,
}

/// Slowdown of the browser itself since before the load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowedBrowser {
    /// Factor by which it was slower; `None` if most loads of the harness's own page did not end.
    pub factor: Option<f64>,
}

/// Windows of an objective with `in-every` whose own value is over a limit, or below a lower limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissedWindows {
    /// Length of a window.
    pub length: Span,
    /// The limit.
    pub limit: Limit,
    /// True if the limit is a lower one.
    pub floor: bool,
    /// Windows over the limit.
    pub over: usize,
    /// Windows in all.
    pub all: usize,
    /// Start of the worst window, in seconds since the run's zero.
    pub worst_start: u64,
    /// Value of the worst window: the share of its samples over the limit, or its mean.
    pub worst: f64,
    /// Unit of that value.
    pub unit: Unit,
}

/// A decision that an e-value made during the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyDecision {
    /// The decision.
    pub decision: Decision,
    /// The e-value against the contrary.
    pub e_value: f64,
}
