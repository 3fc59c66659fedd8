//! The part of a plan that is kept with a run.

use serde::{Deserialize, Serialize};

use super::EvidenceExpectation;
use crate::evidence::LoadPlan;
use crate::slo::{ERROR_RATE, Objective};
use crate::words::Language;

/// The plan as it is saved in `plan.json` and shown in the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSummary {
    /// Name of the scenario.
    pub scenario: String,
    /// Purpose of the scenario.
    pub description: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// `--set` overrides, in order.
    pub overrides: Vec<(String, String)>,
    /// `--tag` labels, in order.
    pub tags: Vec<(String, String)>,
    /// Languages of the report's pages; English if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lang: Vec<Language>,
    /// Phases and series.
    pub load: LoadPlan,
    /// The objectives.
    pub objectives: Vec<Objective>,
    /// Evidence that was expected for each objective.
    pub expectations: Vec<EvidenceExpectation>,
}

impl PlanSummary {
    /// The first gating objective on the error rate of all phases, and the failures that its acceptable limit allows in the requests
    /// planned; `None` if there is no such objective or their number is not known.
    pub fn error_budget(&self) -> Option<(&Objective, u64)> {
        let mut objectives = self.objectives.iter();
        let objective = objectives.find(|objective| {
            objective.gate && objective.indicator == ERROR_RATE.profile().name && objective.during.is_none()
        })?;
        let mut expectations = self.expectations.iter();
        let expected = expectations
            .find(|expected| expected.objective == objective.name)?
            .samples?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count"
        )]
        let allowed = (objective.acceptable.value()? * expected as f64).floor() as u64;
        Some((objective, allowed))
    }
}
