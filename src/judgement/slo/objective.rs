//! What must hold, as the scenario says it.

use serde::{Deserialize, Serialize};

use super::{Limit, Selector};
use crate::evidence::{Accept, LoadModel, SeriesPlan};
use crate::units::{Quantile, Span};

const fn gating() -> bool {
    true
}

/// A statistic of times beside their quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// The arithmetic mean.
    Mean,
    /// The longest of those seen.
    Max,
}

impl Statistic {
    /// The name used in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Max => "max",
        }
    }
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
    /// Only requests of phases of this model. Where not said, `response-time` reads the open model and other indicators
    /// read both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<LoadModel>,
    /// The statistic of a latency indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile: Option<Quantile>,
    /// Another statistic of it than a quantile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// Up to which response time users are satisfied; for Apdex only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Span>,
    /// It must hold in every window of this length as well, not only over the whole judged window.
    #[serde(default, rename = "in-every", skip_serializing_if = "Option::is_none")]
    pub in_every: Option<Span>,
    /// What is promised.
    pub target: Limit,
    /// What is still tolerable.
    pub acceptable: Limit,
    /// Whether it decides the run; an advisory objective is only shown.
    #[serde(default = "gating")]
    pub gate: bool,
}

impl Objective {
    /// The limit of that column.
    pub fn limit(&self, accept: Accept) -> Limit {
        match accept {
            Accept::Target => self.target,
            Accept::Acceptable => self.acceptable,
        }
    }

    /// The times among its limits.
    pub(super) fn times(&self) -> Vec<Span> {
        let limits = [self.target, self.acceptable];
        limits
            .into_iter()
            .filter_map(|limit| limit.micros().map(Span::from_micros))
            .collect()
    }

    /// Whether a limit of it is relative to a baseline.
    pub fn is_relative(&self) -> bool {
        self.target.is_relative() || self.acceptable.is_relative()
    }

    /// Whether a limit of it is relative to a baseline that is not known.
    pub fn lacks_baseline(&self) -> bool {
        self.target.fixed().is_none() || self.acceptable.fixed().is_none()
    }

    /// The objective without its baseline's value.
    #[must_use]
    pub fn without_baseline(&self) -> Self {
        Self {
            target: self.target.without_baseline(),
            acceptable: self.acceptable.without_baseline(),
            ..self.clone()
        }
    }

    /// Whether a series counts.
    pub fn selects(&self, series: &SeriesPlan) -> bool {
        self.of.as_ref().is_none_or(|selector| selector.matches(series))
    }
}
