//! A run among the earlier runs of its scenario.

use std::path::Path;
use std::time::Duration;

use crate::compare::Digest;
use crate::history::{History, HistoryEntry, HistoryError, Location, Neighbours, RunFilter, earlier, write_pages};
use crate::report::Document;
use crate::runs::{RunFolder, RunRecord};

/// Longest wait for the history: a database that does not answer costs a run its place among others, not its report.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(20);

/// Finds a run's place among the earlier runs of its scenario, adds it to the history, and writes the pages of all runs beside
/// the run folders.
pub(super) async fn index(
    record: &RunRecord,
    document: &mut Document,
    folder: &RunFolder,
    location: &Location,
    out: &Path,
) -> Result<Vec<Neighbours>, HistoryError> {
    let entry = HistoryEntry::new(record, document, folder.path());
    let access = async {
        let mut history = History::open(location).await?;
        // Read before the run itself is added, or it would be its own neighbour.
        let before = history.runs(&of_scenario(&entry)).await?;
        // Added before the pages are written, which list all runs.
        history.add(std::slice::from_ref(&entry)).await?;
        Ok((before, history.runs(&RunFilter::default()).await?))
    };
    // The report waits for the history, and must not wait for ever.
    let (before, all) = tokio::time::timeout(HISTORY_TIMEOUT, access)
        .await
        .unwrap_or_else(|_| Err(HistoryError::Late(location.shown())))?;
    // A run that cannot be reduced to its extract is compared by its numbers.
    let digest = Digest::new(record, document, &folder.evidence()).ok();
    document.earlier = Some(earlier(&entry, digest.as_ref(), &before));
    write_pages(out, &all)?;
    Ok(Neighbours::find(&entry, &before))
}

/// The runs of the same scenario.
pub(super) fn of_scenario(entry: &HistoryEntry) -> RunFilter {
    RunFilter {
        scenario: Some(entry.scenario.clone()),
        ..RunFilter::default()
    }
}
