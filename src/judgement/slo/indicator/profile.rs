//! Static description of an indicator.

use serde::{Deserialize, Serialize};

use crate::evidence::{LoadModel, ProbeKind};
use crate::slo::{Limit, LimitKind, Objective, Statistic, Unit};
use crate::units::Quantile;

/// A text in every language of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// English.
    pub english: &'static str,
    /// French.
    pub french: &'static str,
}

/// Subject of the complaint that a missed objective makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Requests take too long.
    Requests,
    /// Statements take too long.
    Statements,
    /// Pages take too long.
    Pages,
    /// Requests fail, or the front door does not answer.
    Failures,
    /// The measurement is not valid.
    Validity,
}

/// Start of a measured time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeOrigin {
    /// Scheduled send time of the request: the delay of the generator is part of the time.
    IntendedStart,
    /// Navigation start in the browser: the wait for the document is part of the time.
    Navigation,
    /// Start of the measured event itself.
    Event,
}

/// Samples that are kept one by one or second by second, so that runs can be compared on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Samples {
    /// Response times of requests.
    ResponseTimes,
    /// Times of transactions.
    Transactions,
    /// Requests, with the number that failed.
    Failures,
    /// Requests, with the number that the rate limiter refused.
    Refusals,
    /// Load times of pages.
    PageLoads,
    /// Times of statement executions.
    Statements,
    /// 1-second slices, in each of which the front door answered or did not.
    Slices,
}

/// Fixed properties of an indicator. No field has a default: an indicator that omits one does not compile.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own, and most combinations occur"
)]
pub struct Profile {
    /// Name in scenario files.
    pub name: &'static str,
    /// Name shown in reports.
    pub label: Label,
    /// Description in one sentence, for `diapason list indicators`.
    pub describe: &'static str,
    /// Words that follow a count of bad samples: `failed`. `None` if they are described as over the limit.
    pub fault: Option<Label>,
    /// Unit of its values.
    pub unit: Unit,
    /// True if its limits are lower bounds (uptime), false if they are upper bounds (errors).
    pub floor: bool,
    /// Statistics that it offers besides quantiles.
    pub statistics: &'static [Statistic],
    /// True if it is decided on the share of bad samples, unless the objective asks for another statistic.
    pub by_share: bool,
    /// True if an objective must name a threshold.
    pub needs_threshold: bool,
    /// True if it measures the effect of one planned event, which an objective must name; its value is then one number, not a quantile.
    pub needs_event: bool,
    /// Load model whose requests count if the objective names none; `None` for both models.
    pub usual_model: Option<LoadModel>,
    /// Start of its times; `None` if its samples are not times.
    pub timed_from: Option<TimeOrigin>,
    /// Samples that are kept of it; `None` if only the measurement is kept.
    pub samples: Option<Samples>,
    /// Probe that it needs; `None` if it reads requests.
    pub probe: Option<ProbeKind>,
    /// Subject of the complaint that a missed objective on it makes.
    pub topic: Topic,
}

impl Profile {
    /// Kind of its limits.
    pub fn limit_kind(&self) -> LimitKind {
        self.unit.limit_kind()
    }

    /// True if it reads requests. Only then may an objective select series.
    pub fn over_requests(&self) -> bool {
        self.probe.is_none()
    }

    /// True if an objective must name a quantile or another statistic, as is so for times. Shares, rates and scores take no
    /// quantile.
    pub fn needs_quantile(&self) -> bool {
        self.limit_kind() == LimitKind::Time && !self.needs_event
    }

    /// True if its value is observed as a whole and not inferred from samples: a limit is then kept at equality.
    pub fn is_observed(&self) -> bool {
        self.needs_event || self.unit == Unit::Share && !self.by_share
    }

    /// True if that objective is decided on the share of bad samples.
    pub fn decides_by_share(&self, objective: &Objective) -> bool {
        self.by_share && objective.statistic.is_none()
    }

    /// Share of samples that a limit allows to be bad.
    pub fn allowed(&self, objective: &Objective, limit: Limit) -> f64 {
        match limit.fixed() {
            // Rounded to twelve decimals, so that 99.9 % leaves 0.001 and not 0.00099999…
            Some(Limit::Share(share)) if self.floor => ((1.0 - share.get()) * 1e12).round() / 1e12,
            Some(Limit::Share(share)) => share.get(),
            _ if self.limit_kind() == LimitKind::Time => objective.quantile.map_or(0.0, Quantile::allowed_above),
            // The baseline is not known, or the limit is not one of shares.
            _ => 1.0,
        }
    }
}
