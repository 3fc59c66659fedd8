//! Why an objective cannot be judged as it is written.

use super::LimitKind;
use crate::error::Hint;
use crate::evidence::SeriesPlan;
use crate::units::Span;

/// What a selector may name.
const SELECTORS: &str = "a selector names a journey, a `journey.step` or a `#tag`; `!` excludes";

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
    #[error("there is no indicator `{name}`")]
    UnknownIndicator {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
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
    /// Windows that are no whole seconds: samples are counted second by second.
    #[error("windows of `in-every = \"{0}\"` are not of whole seconds")]
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
            Self::UnknownIndicator { known, .. } => Some(format!("use one of {known}")),
            Self::WrongLimit { expected, .. } => Some(format!("write {expected}, such as {}", expected.example())),
            Self::TiersReversed { .. } => Some("the target is the stricter of the two: swap them".to_owned()),
            Self::QuantileMissing(_) => Some("add `quantile = \"p95\"`, or `statistic = \"mean\"` or `\"max\"`".to_owned()),
            Self::StatisticTwice => Some("remove one of them, or write two objectives".to_owned()),
            Self::StatisticUnused { .. } => Some(
                "`mean` and `max` are of times: of requests, statements and page loads".to_owned(),
            ),
            Self::ThresholdMissing(_) => Some("add `threshold = \"100ms\"`".to_owned()),
            Self::ThresholdUnused(_) => Some("remove `threshold`".to_owned()),
            Self::MaximumInWindows => Some("remove `in-every`".to_owned()),
            Self::Windows(_) => Some("write whole seconds, at least one: `in-every = \"10s\"`".to_owned()),
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
            Self::Selector(_) => Some(SELECTORS.to_owned()),
            Self::NothingSelected { known, .. } => Some(format!("{SELECTORS}; this plan's series are {known}")),
            Self::Limit(_) => None,
        }
    }
}
