//! Errors of objectives that cannot be judged.

use super::LimitKind;
use crate::error::Hint;
use crate::evidence::SeriesPlan;
use crate::units::Span;

/// Forms of a selector.
const SELECTORS: &str = "a selector names a journey, a `journey.step` or a `#tag`; `!` excludes";

/// Error of an objective that cannot be judged as it is written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ObjectiveError {
    /// A limit that is neither a time, a share nor a rate.
    #[error("`{0}` is neither a time such as `100ms`, a share such as `0.1 %` nor a rate such as `50/s`")]
    Limit(String),
    /// A limit relative to a baseline whose margin is missing or not valid.
    #[error("`{0}` is not a limit relative to a baseline such as `baseline + 10 %` or `baseline + 20ms`")]
    RelativeLimit(String),
    /// The value of the baseline and the margin make no valid limit.
    #[error("`{limit}` makes no limit of a baseline of {value}")]
    Baseline {
        /// The limit.
        limit: String,
        /// The baseline's value: milliseconds, a share, or a number a second.
        value: String,
    },
    /// No run of the plan can show the limit met.
    #[error(
        "wants at least {wanted}/s, and the plan sends about {sent:.1}/s of these requests: no run of it can show that"
    )]
    OutOfReach {
        /// The limit, in requests a second.
        wanted: f64,
        /// Requests that the plan sends a second.
        sent: f64,
    },
    /// No entry of `INDICATORS` has that name.
    #[error("there is no indicator `{name}`")]
    UnknownIndicator {
        /// The name.
        name: String,
        /// Names of all indicators.
        known: String,
    },
    /// A limit of the wrong kind for the indicator, such as a time instead of a share.
    #[error("a limit of `{indicator}` is {expected}, not `{given}`")]
    WrongLimit {
        /// The indicator.
        indicator: &'static str,
        /// Kind of limit that the indicator takes.
        expected: LimitKind,
        /// The limit as written.
        given: String,
    },
    /// A latency objective without a quantile or another statistic.
    #[error("`{0}` needs a quantile")]
    QuantileMissing(&'static str),
    /// A quantile together with another statistic.
    #[error("it has a quantile and a statistic: an objective is about one number")]
    StatisticTwice,
    /// A statistic that the indicator does not offer.
    #[error("`{indicator}` has no {statistic}")]
    StatisticUnused {
        /// The indicator.
        indicator: &'static str,
        /// The statistic.
        statistic: &'static str,
    },
    /// An objective without the threshold that its indicator needs.
    #[error("`{0}` needs a threshold: the time up to which users are satisfied")]
    ThresholdMissing(&'static str),
    /// A threshold for an indicator that takes none.
    #[error("`{0}` takes no threshold")]
    ThresholdUnused(&'static str),
    /// An objective without the event that its indicator needs.
    #[error("`{0}` needs an event: `during`")]
    EventMissing(&'static str),
    /// An event for an indicator that takes none.
    #[error("`{0}` takes no `during`: its samples have no times that would tell those of one event")]
    EventUnused(&'static str),
    /// Windows of an effect of one event.
    #[error("one event has one effect: `in-every` adds nothing")]
    EventInWindows,
    /// An acknowledgement without a reason or a name.
    #[error("an acknowledgement needs a reason and the name of who answers for it")]
    AcknowledgedByNobody,
    /// A maximum together with `in-every`.
    #[error("the maximum of the whole run is that of its worst window: `in-every` adds nothing")]
    MaximumInWindows,
    /// A quantile for an indicator that takes none.
    #[error("`{0}` takes no quantile")]
    QuantileUnused(&'static str),
    /// A selector for an indicator that does not read requests.
    #[error("`{0}` takes no `of`: it does not look at requests")]
    SelectorUnused(&'static str),
    /// A load model for an indicator that does not read requests.
    #[error("`{0}` takes no `model`: it does not look at requests")]
    ModelUnused(&'static str),
    /// An objective all of whose requests come from phases of the other load model.
    #[error("its requests are made in phases of the {made} model only, and it is about those of the {read} model")]
    OtherModel {
        /// Load model of the phases that make the requests.
        made: &'static str,
        /// Load model that the objective reads.
        read: &'static str,
    },
    /// A target looser than the acceptable limit.
    #[error("the target {target} is looser than the acceptable limit {acceptable}")]
    TiersReversed {
        /// The target.
        target: String,
        /// The acceptable limit.
        acceptable: String,
    },
    /// Windows that are not of whole seconds: samples are counted second by second.
    #[error("windows of `in-every = \"{0}\"` are not of whole seconds")]
    Windows(Span),
    /// A limit that allows no bad sample: no number of samples can show it met.
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
    /// An objective on transactions for journeys that have none.
    #[error("no journey of this plan has a transaction")]
    NoTransaction,
    /// A selector of transactions on an indicator of requests.
    #[error("`of = \"{0}\"` selects transactions, and the indicator is about requests")]
    OfTransaction(String),
    /// A selector, or a term of it, that fits no series of the plan.
    #[error("`{selector}` selects no request of this plan")]
    NothingSelected {
        /// The selector or term.
        selector: String,
        /// Names of all series of the plan.
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
            Self::NoTransaction => Some(
                "a group of steps in a journey is a transaction: a `[[step]]` with `[[step.step]]` in it".to_owned(),
            ),
            Self::OfTransaction(_) => Some("use `indicator = \"transaction-time\"`".to_owned()),
            Self::OutOfReach { .. } => Some(
                "raise the rate, lower the limit to a little below what is sent, or set `gate = false` on the objective"
                    .to_owned(),
            ),
            Self::WrongLimit { expected, .. } => Some(format!("write {expected}, such as {}", expected.example())),
            Self::TiersReversed { .. } => Some("the target is the stricter of the two: swap them".to_owned()),
            Self::QuantileMissing(_) => Some("add `quantile = \"p95\"`, or `statistic = \"mean\"` or `\"max\"`".to_owned()),
            Self::StatisticTwice => Some("remove one of them, or write two objectives".to_owned()),
            Self::StatisticUnused { .. } => Some(
                "`mean` and `max` are of times: of requests, statements and page loads".to_owned(),
            ),
            Self::AcknowledgedByNobody => {
                Some("write `acknowledge = { until = \"2026-12-31\", reason = \"…\", by = \"…\" }`".to_owned())
            }
            Self::ThresholdMissing(_) => Some("add `threshold = \"100ms\"`".to_owned()),
            Self::ThresholdUnused(_) => Some("remove `threshold`".to_owned()),
            Self::EventMissing(_) => Some("name one of the scenario's events: `during = \"restart of the API\"`".to_owned()),
            Self::EventUnused(_) => Some(
                "remove it; to judge requests around an event, give the event a phase of its own and judge the phases beside it"
                    .to_owned(),
            ),
            Self::MaximumInWindows | Self::EventInWindows => Some("remove `in-every`".to_owned()),
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
