//! Service-level indicators: each reads one number, with its bounds and counts, out of the evidence.

mod apdex;
mod error_rate;
mod latency;
pub(super) mod means;
pub(super) mod page_load;
mod page_share;
mod query_time;
mod rate_limited;
mod requests;
mod response_time;
mod shares;
mod throughput;
mod uptime;

use super::windows::{self, SecondCount, SecondSum};
use super::{Limit, Measurement, Objective, Statistic, Unit};
use crate::evidence::{Evidence, ExpectedEvidence, LoadModel, LoadPlan};
use crate::record::Window;
use crate::stats::{ALPHA, Effective, needed_samples};
use crate::units::Span;

/// Why an indicator has no value: the objective is then not met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unmeasured(pub String);

/// What the samples are worth against each of the two limits; `None` where they count as independent.
struct Worth {
    target: Option<Effective>,
    acceptable: Option<Effective>,
}

impl Worth {
    fn of(indicator: &dyn Indicator, evidence: &Evidence, objective: &Objective) -> Self {
        let effective = |limit| indicator.effective(evidence, objective, limit);
        Self {
            target: effective(objective.target),
            acceptable: effective(objective.acceptable),
        }
    }
}

/// What an indicator's limits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// A length of time.
    Time,
    /// A share of the samples.
    Share,
    /// A number a second.
    Rate,
}

impl LimitKind {
    /// A limit of that kind, as a scenario writes it.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Time => "`100ms`",
            Self::Share => "`0.1 %`",
            Self::Rate => "`50/s`",
        }
    }
}

impl std::fmt::Display for LimitKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Time => "a time",
            Self::Share => "a share",
            Self::Rate => "a rate",
        })
    }
}

/// A service-level indicator.
pub trait Indicator: Sync {
    /// The name used in scenario files.
    fn name(&self) -> &'static str;
    /// One sentence for `diapason list indicators`.
    fn describe(&self) -> &'static str;
    /// What its limits are.
    fn limit_kind(&self) -> LimitKind;

    /// Whether an objective must name a quantile: a latency does, a share has none.
    fn needs_quantile(&self) -> bool {
        self.limit_kind() == LimitKind::Time
    }

    /// Statistics of it beside quantiles.
    fn statistics(&self) -> &'static [Statistic] {
        &[]
    }

    /// Name of its statistic where an objective names none.
    fn statistic(&self) -> &'static str {
        "share"
    }

    /// Whether an objective must name a threshold.
    fn needs_threshold(&self) -> bool {
        false
    }

    /// What it is counted in.
    fn unit(&self) -> Unit {
        match self.limit_kind() {
            LimitKind::Time => Unit::Milliseconds,
            LimitKind::Share => Unit::Share,
            LimitKind::Rate => Unit::PerSecond,
        }
    }

    /// Whether that objective is decided on the share of samples over its limit.
    fn by_share(&self, objective: &Objective) -> bool {
        objective.statistic.is_none()
    }

    /// Fewest samples that can show that objective's limit met; `None` where no number can.
    fn needed(&self, objective: &Objective, limit: Limit) -> Option<u64> {
        match objective.statistic {
            // One batch says nothing of the spread.
            Some(Statistic::Mean) => Some(2),
            Some(Statistic::Max) => Some(1),
            None => needed_samples(self.allowed(objective, limit), ALPHA),
        }
    }

    /// Times that its samples must be counted against for it.
    fn counted(&self, objective: &Objective) -> Vec<Span> {
        objective.times()
    }

    /// Why no run of that plan can meet that limit, where that is known before.
    fn out_of_reach(&self, _plan: &LoadPlan, _objective: &Objective, _limit: Limit) -> Option<String> {
        None
    }

    /// Whether it looks at requests, so that an objective may select series.
    fn over_requests(&self) -> bool {
        false
    }

    /// The model whose requests count where the objective does not say; `None` for both.
    fn usual_model(&self) -> Option<LoadModel> {
        None
    }

    /// Whether a share is a floor (uptime) and not a ceiling (errors).
    fn floor(&self) -> bool {
        false
    }

    /// Name of the probe it reads, if any.
    fn probe(&self) -> Option<&'static str> {
        None
    }

    /// When its samples are judged.
    fn window(&self, plan: &LoadPlan) -> Window {
        plan.judged_window()
    }

    /// A sample over that limit, in words that follow a count: `over 100ms`.
    fn bad(&self, limit: Limit) -> String {
        format!("over {limit}")
    }

    /// The share of samples that may be over a limit.
    fn allowed(&self, objective: &Objective, limit: Limit) -> f64 {
        match limit.fixed() {
            // Through twelve decimals, so that 99.9 % leaves 0.001 and not 0.00099999…
            Some(Limit::Share(share)) if self.floor() => ((1.0 - share.get()) * 1e12).round() / 1e12,
            Some(Limit::Share(share)) => share.get(),
            _ if self.limit_kind() == LimitKind::Time => {
                objective.quantile.map_or(0.0, crate::units::Quantile::allowed_above)
            }
            // Not known, or not a matter of shares.
            _ => 1.0,
        }
    }

    /// How many samples the plan yields, where it can be known before the run.
    fn expected_samples(&self, plan: &LoadPlan, expected: &ExpectedEvidence, objective: &Objective) -> Option<u64>;

    /// Reads the number for that objective.
    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured>;

    /// Its samples second by second as (second, over the limit, all); empty where they cannot be told apart in time.
    fn seconds(&self, _evidence: &Evidence, _objective: &Objective, _limit: Limit) -> Vec<SecondCount> {
        Vec::new()
    }

    /// What its mean is made of, second by second, in its unit: (second, sum, weight). Empty for shares.
    fn sums(&self, _evidence: &Evidence, _objective: &Objective) -> Vec<SecondSum> {
        Vec::new()
    }

    /// The level of what it measures, in milliseconds, as (second, value, weight): for the trend test only, never shown as a
    /// statistic. Empty for shares, whose level is [`Indicator::seconds`].
    fn levels(&self, _evidence: &Evidence, _objective: &Objective) -> Vec<(u32, f64, f64)> {
        Vec::new()
    }

    /// The worst 10 seconds as (start second, share of samples over the target), where the indicator has windows.
    fn worst_window(&self, evidence: &Evidence, objective: &Objective) -> Option<(u32, f64)> {
        let seconds = self.seconds(evidence, objective, objective.target);
        windows::worst(self.window(&evidence.plan), seconds.into_iter())
    }

    /// What its samples are worth against that limit, where they can be told apart in time.
    fn effective(&self, evidence: &Evidence, objective: &Objective, limit: Limit) -> Option<Effective> {
        let seconds = self.seconds(evidence, objective, limit);
        Effective::of(&windows::batches(self.window(&evidence.plan), &seconds))
    }
}

/// Every indicator, by name.
pub static INDICATORS: &[&dyn Indicator] = &[
    &response_time::ResponseTime,
    &apdex::Apdex,
    &throughput::Throughput,
    &error_rate::ErrorRate,
    &page_load::PAGE_LOAD,
    &page_load::PAGE_SHOWN,
    &page_load::LARGEST_PAINT,
    &page_load::INTERACTION,
    &page_load::BLOCKING,
    &page_share::LAYOUT_SHIFT,
    &page_share::PAGE_ERRORS,
    &query_time::QueryTime,
    &uptime::Uptime,
    &rate_limited::RateLimited,
];

/// Why a probe's observation is missing.
fn missing(evidence: &Evidence, probe: &str) -> Unmeasured {
    match evidence.probe_failure(probe) {
        Some(failure) => Unmeasured(format!("the {probe} probe did not deliver: {}", failure.reason)),
        None => Unmeasured(format!("the {probe} probe was not part of this run")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_described() {
        for (index, indicator) in INDICATORS.iter().enumerate() {
            assert!(INDICATORS[..index].iter().all(|other| other.name() != indicator.name()));
            assert!(indicator.describe().ends_with('.'), "{}", indicator.name());
            assert_eq!(indicator.needs_quantile(), indicator.limit_kind() == LimitKind::Time);
            assert!(indicator.statistics().is_empty() || indicator.needs_quantile());
        }
    }
}
