//! A run that has ended.

use crate::compare::BaselineOutcome;
use crate::history::{HistoryError, Neighbours};
use crate::report::Document;
use crate::runs::RunFolder;

/// A run that was carried out, judged and rendered.
#[derive(Debug)]
pub struct Finished {
    /// The report.
    pub document: Document,
    /// Its folder.
    pub folder: RunFolder,
    /// True if the user interrupted it.
    pub interrupted: bool,
    /// Comparison with the baseline, and the baseline saved from this run.
    pub compared: BaselineOutcome,
    /// Position among earlier runs, or the reason it is not in the history; `None` if no history was requested.
    pub indexed: Option<Result<Vec<Neighbours>, HistoryError>>,
}
