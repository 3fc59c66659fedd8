//! The scenario file: how load is applied and what must hold. Read, cross-checked and turned into a `Plan`.

mod expectation;
mod summary;

pub use expectation::Expectation;
pub use summary::PlanSummary;
