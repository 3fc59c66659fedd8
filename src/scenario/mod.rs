//! The scenario file: how load is applied and what must hold. Read, cross-checked and turned into a `Plan`.

mod capacity;
mod check;
mod error;
mod expectation;
mod file;
mod overrides;
mod plan;
mod summary;

pub use capacity::{CapacitySettings, Sized, StepPlans};
pub use error::ScenarioError;
pub use expectation::Expectation;
pub use file::{Phase, Scenario};
pub use overrides::effective_scenario;
pub use plan::{LOG_IN_PHASE, Plan, PlanOptions};
pub use summary::PlanSummary;
