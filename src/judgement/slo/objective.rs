//! Objectives as a scenario states them.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Acknowledgement, Limit, Selector};
use crate::evidence::{Accept, LoadModel, SeriesPlan};
use crate::units::{Quantile, Span};

const fn gating() -> bool {
    true
}

/// A statistic of times other than a quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// The arithmetic mean.
    Mean,
    /// The longest time observed.
    Max,
}

impl Statistic {
    /// Name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Max => "max",
        }
    }
}

/// One service-level objective with two limits: the target and the looser acceptable limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Name in reports: `API response time`.
    pub name: String,
    /// Name of an indicator (`diapason list indicators`).
    pub indicator: String,
    /// Selector of the series that count; by default every series. Only for indicators over requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Selector>,
    /// Load model of the phases whose requests count. By default `response-time` reads the open model, and other indicators
    /// read both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<LoadModel>,
    /// Quantile of a latency indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile: Option<Quantile>,
    /// Statistic of a latency indicator instead of a quantile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// Response time up to which users are satisfied; for Apdex and `recovery` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Span>,
    /// Name of the planned event (`[[event]]`) whose window alone is judged. `downtime` and `recovery` need it. Other indicators leave
    /// the windows of all events out where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
    /// Length of windows in each of which it must hold as well, besides the whole judged window.
    #[serde(default, rename = "in-every", skip_serializing_if = "Option::is_none")]
    pub in_every: Option<Span>,
    /// The limit that is promised.
    pub target: Limit,
    /// The limit that is still tolerable.
    pub acceptable: Limit,
    /// True if it decides the run; an advisory objective is only shown.
    #[serde(default = "gating")]
    pub gate: bool,
    /// Acknowledgement of a known miss: `{ until = "2026-12-31", reason = "…", by = "…" }`. The gate lets the miss pass until that
    /// day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledge: Option<Acknowledgement>,
}

impl Objective {
    /// The limit in that column.
    pub fn limit(&self, accept: Accept) -> Limit {
        match accept {
            Accept::Target => self.target,
            Accept::Acceptable => self.acceptable,
        }
    }

    /// Its limits that are times.
    pub(super) fn times(&self) -> Vec<Span> {
        let limits = [self.target, self.acceptable];
        limits
            .into_iter()
            .filter_map(|limit| limit.micros().map(Span::from_micros))
            .collect()
    }

    /// True if one of its limits is relative to a baseline.
    pub fn is_relative(&self) -> bool {
        self.target.is_relative() || self.acceptable.is_relative()
    }

    /// True if one of its limits is relative to a baseline that is not known.
    pub fn lacks_baseline(&self) -> bool {
        self.target.fixed().is_none() || self.acceptable.fixed().is_none()
    }

    /// The objective with the values of baselines removed from its limits.
    #[must_use]
    pub fn without_baseline(&self) -> Self {
        Self {
            target: self.target.without_baseline(),
            acceptable: self.acceptable.without_baseline(),
            ..self.clone()
        }
    }

    /// The acknowledgement that is in force.
    pub fn acknowledged(&self) -> Option<&Acknowledgement> {
        self.acknowledge.as_ref().filter(|acknowledged| !acknowledged.expired)
    }

    /// The objective of a run that began on that day.
    #[must_use]
    pub fn on(&self, day: Date) -> Self {
        // The day on which the run began, not today: judging a saved run again must give the same answer.
        let acknowledge = self.acknowledge.clone().map(|acknowledged| Acknowledgement {
            expired: day > acknowledged.until,
            ..acknowledged
        });
        Self {
            acknowledge,
            ..self.clone()
        }
    }

    /// True if that series counts.
    pub fn selects(&self, series: &SeriesPlan) -> bool {
        self.of.as_ref().is_none_or(|selector| selector.matches(series))
    }
}
