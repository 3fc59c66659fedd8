//! The trait of indicators, which read a number out of the evidence.

use super::profile::Profile;
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan, ProbeKind};
use crate::record::Window;
use crate::slo::windows::{self, SecondCount, SecondSum};
use crate::slo::{Limit, Measurement, Objective, ObjectiveError, Statistic, Unmeasured};
use crate::stats::{ALPHA, EffectiveSampleSize, needed_samples};
use crate::units::Span;

/// Effective sample sizes against each of the two limits; `None` if samples count as independent.
pub(super) struct EffectiveSizes {
    pub(super) target: Option<EffectiveSampleSize>,
    pub(super) acceptable: Option<EffectiveSampleSize>,
}

impl EffectiveSizes {
    pub(super) fn new(indicator: &dyn Indicator, evidence: &Evidence, objective: &Objective) -> Self {
        let window = indicator.window(&evidence.plan);
        let effective = |limit| {
            // Each limit has bad samples of its own, and with them bursts of its own.
            let seconds = indicator.seconds(evidence, objective, limit);
            EffectiveSampleSize::estimate(&windows::batches(window, &seconds))
        };
        Self {
            target: effective(objective.target),
            acceptable: effective(objective.acceptable),
        }
    }
}

/// A service-level indicator: its profile, and its reading of the evidence.
pub trait Indicator: Sync {
    /// Its fixed properties.
    fn profile(&self) -> &Profile;

    /// Number of samples that the plan yields; `None` if it cannot be known before the run.
    fn expected_samples(&self, plan: &LoadPlan, expected: &ExpectedEvidence, objective: &Objective) -> Option<u64>;

    /// Measures that objective.
    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured>;

    /// Fewest samples that can show the limit of that objective met; `None` if no number can.
    fn needed_samples(&self, objective: &Objective, limit: Limit) -> Option<u64> {
        match objective.statistic {
            // A spread needs two batches, hence at least two samples.
            Some(Statistic::Mean) => Some(2),
            Some(Statistic::Max) => Some(1),
            None => needed_samples(self.profile().allowed(objective, limit), ALPHA),
        }
    }

    /// Times that must be counted against during the run for that objective: samples over each of them are counted.
    fn counted_limits(&self, objective: &Objective) -> Vec<Span> {
        objective.times()
    }

    /// Reason why no run of that plan can meet that limit, if it is known before the run.
    fn out_of_reach(&self, _plan: &LoadPlan, _objective: &Objective, _limit: Limit) -> Option<ObjectiveError> {
        None
    }

    /// True if its samples have times, so that those of a planned event can be told from the others.
    fn splits(&self) -> bool {
        true
    }

    /// Window in which its samples are judged.
    fn window(&self, plan: &LoadPlan) -> Window {
        plan.judged_window()
    }

    /// Its samples as (second, bad, all); empty if they have no times.
    fn seconds(&self, _evidence: &Evidence, _objective: &Objective, _limit: Limit) -> Vec<SecondCount> {
        Vec::new()
    }

    /// Parts of its mean as (second, sum, weight), sums in its unit. Empty for shares.
    fn sums(&self, _evidence: &Evidence, _objective: &Objective) -> Vec<SecondSum> {
        Vec::new()
    }

    /// Its level in milliseconds as (second, value, weight), for the trend test only and never shown as a statistic. Empty
    /// for shares, for which the test takes [`Indicator::seconds`].
    fn levels(&self, _evidence: &Evidence, _objective: &Objective) -> Vec<(u32, f64, f64)> {
        Vec::new()
    }

    /// The worst 10 seconds as (start second, share of samples over the target); `None` if the indicator has no windows.
    fn worst_window(&self, evidence: &Evidence, objective: &Objective) -> Option<(u32, f64)> {
        let seconds = self.seconds(evidence, objective, objective.target);
        windows::worst(self.window(&evidence.plan), seconds.into_iter())
    }
}

/// Cause of a missing observation of that probe.
pub(super) fn missing(evidence: &Evidence, probe: ProbeKind) -> Unmeasured {
    match evidence.probe_failure(probe) {
        Some(failure) => Unmeasured::ProbeFailed {
            probe,
            reason: failure.reason.clone(),
        },
        None => Unmeasured::ProbeMissing(probe),
    }
}
