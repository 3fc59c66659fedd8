//! Does the front door answer? One request a second, each deciding one slice of uptime.

use serde::{Deserialize, Serialize};

use crate::units::Span;

/// Settings of the probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontDoorSettings {
    /// Path asked for; the stack's readiness path where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A slice whose answer takes longer is down.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
}

const fn default_timeout() -> Span {
    Span::from_millis(1_000)
}

/// One 1-second slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Whole seconds from the run's zero.
    pub second: u32,
    /// Whether the front door answered with a status below 500 in time.
    pub up: bool,
    /// Milliseconds to the answer, where there was one.
    pub millis: Option<f64>,
    /// Why it was down.
    pub failure: Option<String>,
}

/// All slices of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontDoorObservation {
    /// The URL asked.
    pub url: String,
    /// The slices in order, warm-up included; select by `second`.
    pub slices: Vec<Slice>,
}
