//! Errors of rendering a run.

use crate::error::Hint;
use crate::runs::RunsError;

/// A rendering that could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run folder could not be written or read.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// The document could not be written as JSON.
    #[error("failed to write the report as JSON")]
    Json(#[source] serde_json::Error),
    /// A chart could not be drawn.
    #[error("failed to draw the chart `{chart}`: {reason}")]
    Draw {
        /// Name of the chart.
        chart: &'static str,
        /// Cause, in the drawing library's words.
        reason: String,
    },
}

impl Hint for ReportError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Runs(source) => source.hint(),
            Self::Json(_) | Self::Draw { .. } => None,
        }
    }
}
