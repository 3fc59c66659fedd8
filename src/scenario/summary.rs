//! The part of a plan that is kept with a run.

use serde::{Deserialize, Serialize};

use super::EvidenceExpectation;
use crate::evidence::LoadPlan;
use crate::slo::Objective;
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
