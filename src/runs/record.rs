//! A run before it is judged.

use jiff::Timestamp;

use super::environment::Environment;
use crate::evidence::{Evidence, StackRecord};
use crate::scenario::PlanSummary;

/// All data of a run before it is judged.
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
}
