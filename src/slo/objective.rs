//! What must hold, as the scenario says it.

use serde::{Deserialize, Serialize};

use crate::units::{Quantile, Ratio, Span};

/// Which series an objective looks at: `*`, a journey, a `journey.step`, or a tag written `#api`; a leading `!` excludes.
/// Several are separated by commas: `#api, !login.submit`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selector(pub String);

/// A limit in the indicator's own unit: a time for latencies, a ratio for shares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// At most this long.
    Time(Span),
    /// At most (errors) or at least (uptime) this share.
    Share(Ratio),
}

/// A limit that is neither a time nor a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a time such as `100ms` nor a share such as `0.1 %`")]
pub struct ObjectiveError(String);

impl TryFrom<String> for Limit {
    type Error = ObjectiveError;

    fn try_from(text: String) -> Result<Self, ObjectiveError> {
        text.parse()
            .map(Self::Share)
            .or_else(|_| text.parse().map(Self::Time))
            .map_err(|_| ObjectiveError(text))
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Time(span) => span.fmt(f),
            Self::Share(ratio) => ratio.fmt(f),
        }
    }
}

const fn gating() -> bool {
    true
}

/// One service-level objective with its two tiers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// The name shown to people: `API response time`.
    pub name: String,
    /// Name of an entry of `INDICATORS`.
    pub indicator: String,
    /// Which series count; every series where not said. Only for indicators over requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Selector>,
    /// The statistic of a latency indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile: Option<Quantile>,
    /// What is promised.
    pub target: Limit,
    /// What is still tolerable.
    pub acceptable: Limit,
    /// Whether it decides the run; an advisory objective is only shown.
    #[serde(default = "gating")]
    pub gate: bool,
}
