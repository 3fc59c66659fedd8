//! Facts of the metrics that are known before the run.

use crate::units::Span;

/// Names and limits of a run's metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricsPlan {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of each phase, and true if it is judged.
    pub phases: Vec<(String, bool)>,
    /// Names of the series.
    pub series: Vec<String>,
    /// Limits of the objectives on response times, ascending: the bounds of the buckets.
    pub limits: Vec<Span>,
}
