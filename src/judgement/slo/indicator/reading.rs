//! How a number is read out of the evidence.

use super::profile::Profile;
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan, ProbeKind};
use crate::record::Window;
use crate::slo::windows::{self, SecondCount, SecondSum};
use crate::slo::{Limit, Measurement, Objective, Statistic, Unmeasured};
use crate::stats::{ALPHA, Effective, needed_samples};
use crate::units::Span;

/// What the samples are worth against each of the two limits; `None` where they count as independent.
pub(super) struct Worth {
    pub(super) target: Option<Effective>,
    pub(super) acceptable: Option<Effective>,
}

impl Worth {
    pub(super) fn of(indicator: &dyn Indicator, evidence: &Evidence, objective: &Objective) -> Self {
        let window = indicator.window(&evidence.plan);
        let effective = |limit| {
            let seconds = indicator.seconds(evidence, objective, limit);
            Effective::of(&windows::batches(window, &seconds))
        };
        Self {
            target: effective(objective.target),
            acceptable: effective(objective.acceptable),
        }
    }
}

/// A service-level indicator: what it is, and how it is read out of the evidence.
pub trait Indicator: Sync {
    /// What it is.
    fn profile(&self) -> &Profile;

    /// How many samples the plan yields, where it can be known before the run.
    fn expected_samples(&self, plan: &LoadPlan, expected: &ExpectedEvidence, objective: &Objective) -> Option<u64>;

    /// Reads the number for that objective.
    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured>;

    /// Fewest samples that can show that objective's limit met; `None` where no number can.
    fn needed(&self, objective: &Objective, limit: Limit) -> Option<u64> {
        match objective.statistic {
            // One batch says nothing of the spread.
            Some(Statistic::Mean) => Some(2),
            Some(Statistic::Max) => Some(1),
            None => needed_samples(self.profile().allowed(objective, limit), ALPHA),
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

    /// When its samples are judged.
    fn window(&self, plan: &LoadPlan) -> Window {
        plan.judged_window()
    }

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
}

/// Why a probe's observation is missing.
pub(super) fn missing(evidence: &Evidence, probe: ProbeKind) -> Unmeasured {
    match evidence.probe_failure(probe) {
        Some(failure) => Unmeasured::ProbeFailed {
            probe,
            reason: failure.reason.clone(),
        },
        None => Unmeasured::ProbeMissing(probe),
    }
}
