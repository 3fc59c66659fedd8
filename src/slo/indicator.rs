//! Service-level indicators: each reads one number, with its interval and counts, out of the evidence.

use super::{Evidence, Measurement, Objective};

/// Why an indicator has no value: the objective is then not met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unmeasured(pub String);

/// A service-level indicator.
pub trait Indicator: Sync {
    /// The name used in scenario files.
    fn name(&self) -> &'static str;
    /// One sentence for `diapason list indicators`.
    fn describe(&self) -> &'static str;
    /// Reads the number for that objective.
    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured>;
}

/// Every indicator, by name.
pub static INDICATORS: &[&dyn Indicator] = &[];
