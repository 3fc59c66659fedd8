//! The table of series: one row for each step.

/// A row of `Journeys::series`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// `journey.step`.
    pub name: String,
    /// The step's tags, those of its journey included.
    pub tags: Vec<String>,
}
