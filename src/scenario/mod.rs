//! The scenario file: how load is applied and what must hold. Read, cross-checked and turned into a `Plan`.

mod error;
mod expectation;
mod file;
mod overrides;
mod summary;

pub use error::ScenarioError;
pub use expectation::Expectation;
pub use file::{Phase, Scenario};
pub use summary::PlanSummary;
