//! Judgement: indicators read numbers out of the evidence, objectives hold them against limits, validity comes first.
//!
//! This room sees the evidence only. It must not import `workload`, `journey` or `stack` (types of `probe` are data).

mod evidence;
mod indicator;
mod judge;
mod objective;
mod validity;
mod verdict;

pub use evidence::{Evidence, LoadPlan, PhasePlan, SeriesPlan};
pub use indicator::{INDICATORS, Indicator, Unmeasured};
pub use judge::{Judgement, judge};
pub use objective::{Limit, Objective, ObjectiveError, Selector};
pub use validity::ValidityCheck;
pub use verdict::{Accept, Count, Decision, Measurement, Unit, Verdict, Word};
