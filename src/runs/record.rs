//! A run before it is judged.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::environment::Environment;
use crate::evidence::{Correction, Evidence, StackRecord};
use crate::scenario::PlanSummary;
use crate::slo::Objective;

/// All data of a run before it is judged: as it was recorded, or with its corrections ([`Self::corrected`]).
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// The scenario file's text, as it was read.
    pub scenario: String,
    /// The plan's summary.
    pub plan: PlanSummary,
    /// The machine.
    pub environment: Environment,
    /// The stack.
    pub stack: StackRecord,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// The recording and the observations.
    pub evidence: Evidence,
    /// True if the run proved not comparable with the baseline that its limits are relative to.
    pub baseline_withdrawn: bool,
}

impl RunRecord {
    /// The run with the corrections of its evidence. Judging starts from it; what is saved is the run without them.
    #[must_use]
    pub fn corrected(mut self) -> Self {
        self.evidence = self.evidence.corrected();
        self.plan.load = self.evidence.plan.clone();
        // The day of the run, by UTC: judged again years later and elsewhere, the run must come to the same limits.
        let day = self.started.to_zoned(TimeZone::UTC).date();
        self.plan.objectives = self.plan.objectives.iter().map(|objective| objective.on(day)).collect();
        if self.baseline_withdrawn {
            let objectives = self.plan.objectives.iter().map(Objective::without_baseline).collect();
            if self.plan.objectives != objectives {
                self.plan.objectives = objectives;
                self.evidence.corrections.push(Correction::BaselineWithdrawn);
            }
        }
        self
    }
}
