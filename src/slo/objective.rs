//! What must hold, as the scenario says it.

use serde::{Deserialize, Serialize};

use super::{INDICATORS, Indicator, Limit, ObjectiveError, Profile, Samples, Selector, Topic, find};
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
    /// The indicator it names.
    pub fn indicator(&self) -> Result<&'static dyn Indicator, ObjectiveError> {
        find(&self.indicator).ok_or_else(|| {
            let known: Vec<&str> = INDICATORS.iter().map(|indicator| indicator.profile().name).collect();
            ObjectiveError::UnknownIndicator {
                name: self.indicator.clone(),
                known: known.join(", "),
            }
        })
    }

    /// What its indicator is; `None` where there is none of that name.
    pub fn profile(&self) -> Option<&'static Profile> {
        find(&self.indicator).map(Indicator::profile)
    }

    /// The samples it is about, where they are kept.
    pub fn samples(&self) -> Option<Samples> {
        self.profile()?.samples
    }

    /// Whether its limits are floors.
    pub fn floor(&self) -> bool {
        self.profile().is_some_and(|profile| profile.floor)
    }

    /// What it complains of where it is missed.
    pub fn topic(&self) -> Option<Topic> {
        Some(self.profile()?.topic)
    }

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

    /// Its statistic as measurements name it: `p95`, `share`.
    pub fn statistic(&self) -> String {
        match (self.quantile, self.statistic) {
            (Some(quantile), _) => quantile.to_string(),
            (None, Some(statistic)) => statistic.name().to_owned(),
            (None, None) => self
                .profile()
                .map_or("share", |profile| profile.unit.statistic())
                .to_owned(),
        }
    }

    /// Whether it is decided on the share of samples over its limit.
    pub fn by_share(&self) -> bool {
        self.profile().is_some_and(|profile| profile.decides_by_share(self))
    }

    /// Whether a limit of it is relative to a baseline.
    pub fn is_relative(&self) -> bool {
        self.target.is_relative() || self.acceptable.is_relative()
    }

    /// Whether a limit of it is relative to a baseline that is not known.
    pub fn lacks_baseline(&self) -> bool {
        self.target.fixed().is_none() || self.acceptable.fixed().is_none()
    }

    /// The objective with its limits against a baseline of that value, in the indicator's unit.
    pub fn against(&self, value: f64) -> Result<Self, ObjectiveError> {
        let kind = self.indicator()?.profile().limit_kind();
        Ok(Self {
            target: self.target.against(value, kind)?,
            acceptable: self.acceptable.against(value, kind)?,
            ..self.clone()
        })
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

    /// Whether requests of phases of that model count.
    pub fn reads(&self, model: LoadModel) -> bool {
        let usual = || self.profile().and_then(|profile| profile.usual_model);
        self.model.or_else(usual).is_none_or(|own| own == model)
    }
}
