//! What must hold, as the scenario says it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{INDICATORS, Indicator, Limit, LimitKind, Selector};
use crate::error::Hint;
use crate::evidence::{Accept, LoadModel, LoadPlan, SeriesPlan};
use crate::units::{Quantile, Span};

/// An objective that cannot be judged as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    /// A limit of no kind.
    #[error("`{0}` is neither a time such as `100ms`, a share such as `0.1 %` nor a rate such as `50/s`")]
    Limit(String),
    /// A limit relative to a baseline without a margin that makes sense.
    #[error("`{0}` is not a limit relative to a baseline such as `baseline + 10 %` or `baseline + 20ms`")]
    RelativeLimit(String),
    /// No limit comes out of a baseline's value and the margin.
    #[error("`{limit}` makes no limit of a baseline of {value}")]
    Baseline {
        /// The limit.
        limit: String,
        /// The baseline's value: milliseconds, a share, or a number a second.
        value: String,
    },
    /// No entry of `INDICATORS` has that name.
    #[error("unknown indicator: {0}")]
    UnknownIndicator(String),
    /// A time where a share is meant, or the reverse.
    #[error("a limit of `{indicator}` is {expected}, not `{given}`")]
    WrongLimit {
        /// The indicator.
        indicator: &'static str,
        /// What its limits are.
        expected: LimitKind,
        /// What was written.
        given: String,
    },
    /// A latency without its statistic.
    #[error("`{0}` needs a quantile")]
    QuantileMissing(&'static str),
    /// Two statistics at once.
    #[error("it has a quantile and a statistic: an objective is about one number")]
    StatisticTwice,
    /// A statistic that the indicator has not.
    #[error("`{indicator}` has no {statistic}")]
    StatisticUnused {
        /// The indicator.
        indicator: &'static str,
        /// The statistic.
        statistic: &'static str,
    },
    /// An Apdex without its threshold.
    #[error("`{0}` needs a threshold: the time up to which users are satisfied")]
    ThresholdMissing(&'static str),
    /// A threshold where there is nothing to hold against it.
    #[error("`{0}` takes no threshold")]
    ThresholdUnused(&'static str),
    /// A maximum in windows.
    #[error("the maximum of the whole run is that of its worst window: `in-every` adds nothing")]
    MaximumInWindows,
    /// A statistic where there is nothing to choose.
    #[error("`{0}` takes no quantile")]
    QuantileUnused(&'static str),
    /// A selector where there are no series.
    #[error("`{0}` takes no `of`: it does not look at requests")]
    SelectorUnused(&'static str),
    /// A model where there are no requests.
    #[error("`{0}` takes no `model`: it does not look at requests")]
    ModelUnused(&'static str),
    /// A selector that fits requests of the other model only.
    #[error("its requests are made in phases of the {made} model only, and it is about those of the {read} model")]
    OtherModel {
        /// The model of the phases that make them.
        made: &'static str,
        /// The model it reads.
        read: &'static str,
    },
    /// A target that is easier than the acceptable limit.
    #[error("the target {target} is looser than the acceptable limit {acceptable}")]
    TiersReversed {
        /// The target.
        target: String,
        /// The acceptable limit.
        acceptable: String,
    },
    /// Windows where samples cannot be told apart in time, or windows that are no whole seconds.
    #[error("`in-every = \"{0}\"` cannot be judged")]
    Windows(Span),
    /// A limit that allows no bad sample at all: no number of samples can show that.
    #[error("no number of samples can show that `{indicator}` keeps {limit}")]
    NothingAllowed {
        /// The indicator.
        indicator: &'static str,
        /// The limit.
        limit: String,
    },
    /// A selector that is not well formed.
    #[error("`{0}` is not a selector such as `*`, `projects`, `projects.list` or `#api, !login.submit`")]
    Selector(String),
    /// A selector, or a term of it, that fits no series of the plan.
    #[error("`{selector}` selects no request of this plan")]
    NothingSelected {
        /// The selector or term.
        selector: String,
        /// The series there are.
        known: String,
    },
}

impl ObjectiveError {
    pub(super) fn nothing_selected(selector: &str, series: &[SeriesPlan]) -> Self {
        let names: Vec<&str> = series.iter().map(|series| series.name.as_str()).collect();
        Self::NothingSelected {
            selector: selector.to_owned(),
            known: names.join(", "),
        }
    }
}

impl Hint for ObjectiveError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownIndicator(_) => {
                let names: Vec<&str> = INDICATORS.iter().map(|indicator| indicator.name()).collect();
                Some(format!("indicators are {}", names.join(", ")))
            }
            Self::QuantileMissing(_) => Some("add `quantile = \"p95\"`, or `statistic = \"mean\"` or `\"max\"`".to_owned()),
            Self::StatisticTwice => Some("remove one of them, or write two objectives".to_owned()),
            Self::StatisticUnused { .. } => Some(
                "`mean` and `max` are of times: of requests, statements and page loads".to_owned(),
            ),
            Self::ThresholdMissing(_) => Some("add `threshold = \"100ms\"`".to_owned()),
            Self::ThresholdUnused(_) => Some("remove `threshold`".to_owned()),
            Self::MaximumInWindows => Some("remove `in-every`".to_owned()),
            Self::Windows(_) => Some(
                "windows are of whole seconds, at least 1s: `in-every = \"10s\"`".to_owned(),
            ),
            Self::RelativeLimit(_) | Self::Baseline { .. } => Some(
                "a margin is a percentage, `baseline + 10 %`, or in the indicator's own unit: `+ 20ms`, of a share `+ 0.1 pp`, \
                 of a rate `- 5/s`"
                    .to_owned(),
            ),
            Self::QuantileUnused(_) => Some("remove `quantile`".to_owned()),
            Self::SelectorUnused(_) => Some("remove `of`".to_owned()),
            Self::ModelUnused(_) => Some("remove `model`".to_owned()),
            Self::OtherModel { made: "closed", .. } => Some(
                "a closed phase sends less while the system is slow, so its response times flatter it: use an open executor, \
                 or say `model = \"closed\"` to judge them all the same"
                    .to_owned(),
            ),
            Self::OtherModel { .. } => Some("remove `model`, or judge a phase of the closed model".to_owned()),
            Self::NothingAllowed { .. } => Some("allow a small share, such as `0.01 %`".to_owned()),
            Self::NothingSelected { known, .. } => Some(format!("the plan's series are {known}")),
            _ => None,
        }
    }
}

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
        INDICATORS
            .iter()
            .find(|indicator| indicator.name() == self.indicator)
            .copied()
            .ok_or_else(|| ObjectiveError::UnknownIndicator(self.indicator.clone()))
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
            (None, None) => self.indicator().map_or("share", Indicator::statistic).to_owned(),
        }
    }

    /// Whether it is decided on the share of samples over its limit.
    pub fn by_share(&self) -> bool {
        self.indicator().is_ok_and(|indicator| indicator.by_share(self))
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
        let kind = self.indicator()?.limit_kind();
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
        let usual = || self.indicator().ok().and_then(Indicator::usual_model);
        self.model.or_else(usual).is_none_or(|own| own == model)
    }

    /// Whether the judged phases make requests that count, where they make any it selects.
    pub fn validate_model(&self, series: &[SeriesPlan]) -> Result<(), ObjectiveError> {
        let selected = series.iter().filter(|series| self.selects(series));
        let made: BTreeSet<LoadModel> = selected.flat_map(|series| series.models.iter().copied()).collect();
        match made.first() {
            Some(other) if !made.iter().any(|model| self.reads(*model)) => {
                let read = match other {
                    LoadModel::Open => LoadModel::Closed,
                    LoadModel::Closed => LoadModel::Open,
                };
                Err(ObjectiveError::OtherModel {
                    made: other.name(),
                    read: read.name(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Everything that can be known to be wrong with it before the run.
    pub fn validate(&self, plan: &LoadPlan) -> Result<(), ObjectiveError> {
        self.indicator()?.validate(self)?;
        if let Some(every) = self.in_every {
            if self.statistic == Some(Statistic::Max) {
                return Err(ObjectiveError::MaximumInWindows);
            }
            let whole = every.get().as_secs() >= 1 && every.get().subsec_nanos() == 0;
            if !whole || !self.indicator()?.has_windows() {
                return Err(ObjectiveError::Windows(every));
            }
        }
        if let Some(selector) = &self.of {
            selector.validate(&plan.series)?;
        }
        self.validate_model(&plan.series)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn what_cannot_be_judged_is_refused_before_the_run() {
        let plan = fixture::plan();
        let good = fixture::response_time();
        assert_eq!(good.validate(&plan), Ok(()));
        let wrong = |change: fn(&mut Objective)| {
            let mut objective = fixture::response_time();
            change(&mut objective);
            objective.validate(&plan).unwrap_err().to_string()
        };
        assert_eq!(wrong(|o| o.indicator = "speed".into()), "unknown indicator: speed");
        assert_eq!(wrong(|o| o.quantile = None), "`response-time` needs a quantile");
        assert_eq!(
            wrong(|o| o.target = fixture::limit("1 %")),
            "a limit of `response-time` is a time, not `1 %`"
        );
        assert_eq!(
            wrong(|o| o.target = fixture::limit("400ms")),
            "the target 400ms is looser than the acceptable limit 300ms"
        );
        assert_eq!(
            wrong(|o| o.of = Some(Selector("#aip".into()))),
            "`#aip` selects no request of this plan"
        );
    }

    #[test]
    fn response_times_of_the_closed_model_are_judged_on_request_only() {
        let (open, mut run) = (fixture::plan(), fixture::Run::new());
        run.closed();
        let closed = run.evidence().plan;
        let mut both = closed.clone();
        both.series[0].models.push(LoadModel::Open);
        let objective = |model| Objective {
            model,
            ..fixture::response_time()
        };
        let other = |made, read| Err(ObjectiveError::OtherModel { made, read });
        for (model, plan, expected) in [
            (None, &open, Ok(())),
            (None, &both, Ok(())),
            (None, &closed, other("closed", "open")),
            (Some(LoadModel::Open), &closed, other("closed", "open")),
            (Some(LoadModel::Closed), &closed, Ok(())),
            (Some(LoadModel::Closed), &both, Ok(())),
            (Some(LoadModel::Closed), &open, other("open", "closed")),
        ] {
            assert_eq!(objective(model).validate(plan), expected, "{model:?}");
        }
        // Errors are errors in either.
        let errors = fixture::objective("error-rate", "0.1 %", "1 %");
        assert_eq!(errors.validate(&closed), Ok(()));
        let mut uptime = fixture::objective("uptime", "99.9 %", "99 %");
        uptime.model = Some(LoadModel::Closed);
        assert_eq!(uptime.validate(&closed), Err(ObjectiveError::ModelUnused("uptime")));
    }

    #[test]
    fn shares_that_allow_nothing_and_settings_that_do_nothing_are_refused() {
        let plan = fixture::plan();
        let text = |objective: Objective| objective.validate(&plan).unwrap_err().to_string();
        assert_eq!(
            text(fixture::objective("error-rate", "0 %", "1 %")),
            "no number of samples can show that `error-rate` keeps 0 %"
        );
        assert_eq!(
            text(fixture::objective("uptime", "100 %", "99 %")),
            "no number of samples can show that `uptime` keeps 100 %"
        );
        // Uptime is a floor: the stricter share is the higher one.
        assert_eq!(
            text(fixture::objective("uptime", "99 %", "99.9 %")),
            "the target 99 % is looser than the acceptable limit 99.9 %"
        );
        let mut uptime = fixture::objective("uptime", "99.9 %", "99 %");
        uptime.of = Some(Selector("*".into()));
        assert_eq!(text(uptime), "`uptime` takes no `of`: it does not look at requests");
        let mut errors = fixture::objective("error-rate", "0.1 %", "1 %");
        errors.quantile = "p95".parse().ok();
        assert_eq!(text(errors), "`error-rate` takes no quantile");
    }
}
