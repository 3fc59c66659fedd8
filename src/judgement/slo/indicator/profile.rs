//! What an indicator is, as data.

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

/// What a missed objective complains of.
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

/// The part of the system that an indicator looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// What answers users: the front door with all that stands behind it.
    FrontDoor,
    /// Pages in the user's browser.
    Browser,
    /// The database.
    Database,
}

/// When the clock of a time begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimedFrom {
    /// When the schedule wanted the request sent: the generator's own delay is part of the time.
    IntendedStart,
    /// When the browser began to load the page: the wait for the document is part of the time.
    Navigation,
    /// When the measured event itself began.
    Event,
}

/// Samples that are kept one by one or second by second, so that runs can be compared by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Samples {
    /// Response times of requests.
    ResponseTimes,
    /// Requests, of which some failed.
    Failures,
    /// Requests, of which the rate limiter refused some.
    Refusals,
    /// Load times of pages.
    PageLoads,
    /// Times of statement executions.
    Statements,
    /// Slices of a second in which the front door answered or did not.
    Slices,
}

/// Everything that is fixed of an indicator. No field has a default: an indicator that leaves one out does not compile.
#[derive(Debug)]
pub struct Profile {
    /// The name used in scenario files.
    pub name: &'static str,
    /// What people call it.
    pub label: Label,
    /// One sentence for `diapason list indicators`.
    pub describe: &'static str,
    /// What a sample over the limit is, in words that follow a count; `None` where it is over a time.
    pub fault: Option<Label>,
    /// What it is counted in.
    pub unit: Unit,
    /// Whether a limit is a floor (uptime) and not a ceiling (errors).
    pub floor: bool,
    /// Statistics of it beside quantiles.
    pub statistics: &'static [Statistic],
    /// Whether it is decided on the share of samples over the limit where no other statistic is asked for.
    pub by_share: bool,
    /// Whether an objective must name a threshold.
    pub needs_threshold: bool,
    /// The model whose requests count where the objective does not say; `None` for both.
    pub usual_model: Option<LoadModel>,
    /// When the clock of its times begins; `None` where it is no time of single samples.
    pub timed_from: Option<TimedFrom>,
    /// Its samples; `None` where only the measurement is kept.
    pub samples: Option<Samples>,
    /// The probe it needs; `None` where it looks at the requests.
    pub probe: Option<ProbeKind>,
    /// The part of the system it looks at.
    pub tier: Tier,
    /// What a missed objective on it complains of.
    pub topic: Topic,
}

impl Profile {
    /// What its limits are.
    pub fn limit_kind(&self) -> LimitKind {
        self.unit.limit_kind()
    }

    /// Whether it looks at requests, so that an objective may select series.
    pub fn over_requests(&self) -> bool {
        self.probe.is_none()
    }

    /// Whether an objective must name a quantile or another statistic: a time has many, a share has none.
    pub fn needs_quantile(&self) -> bool {
        self.limit_kind() == LimitKind::Time
    }

    /// Whether that objective is decided on the share of samples over its limit.
    pub fn decides_by_share(&self, objective: &Objective) -> bool {
        self.by_share && objective.statistic.is_none()
    }

    /// The share of samples that may be over a limit.
    pub fn allowed(&self, objective: &Objective, limit: Limit) -> f64 {
        match limit.fixed() {
            // Through twelve decimals, so that 99.9 % leaves 0.001 and not 0.00099999…
            Some(Limit::Share(share)) if self.floor => ((1.0 - share.get()) * 1e12).round() / 1e12,
            Some(Limit::Share(share)) => share.get(),
            _ if self.limit_kind() == LimitKind::Time => objective.quantile.map_or(0.0, Quantile::allowed_above),
            // Not known, or not a matter of shares.
            _ => 1.0,
        }
    }
}
