//! Saved runs, judged and rendered again.

use std::path::Path;

use super::error::RunError;
use super::finished::Finished;
use super::index::of_scenario;
use crate::compare::{BaselineOutcome, Digest, saved_comparison};
use crate::evidence::{Accept, Examination};
use crate::history::{History, HistoryEntry, Location, earlier};
use crate::report::{Document, render_into};
use crate::runs::{RunFolder, RunNote, RunRecord, add_note, notes};
use crate::slo::judge;
use crate::words::Language;

/// Judges a saved run again and renders it, in the languages it was made with if `languages` names none. Its place among earlier
/// runs is the one it was saved with.
pub fn report_again(path: &Path, accept: Accept, languages: &[Language]) -> Result<Finished, RunError> {
    let folder = RunFolder::open(path)?;
    let mut record = folder.load()?;
    if !languages.is_empty() {
        record.plan.lang = languages.to_vec();
    }
    let mut document = judged(&record, accept);
    // As it was at the time of the run: a report made again must not compare with runs that came later.
    document.earlier = folder.earlier()?;
    document.examination = folder.examination()?;
    document.baseline = saved_comparison(&folder)?.map(|comparison| (&comparison).into());
    document.notes = notes(folder.path())?;
    render_into(&folder, &document, crate::report::standard())?;
    Ok(Finished {
        document,
        folder,
        interrupted: record.evidence.interrupted,
        compared: BaselineOutcome::default(),
        indexed: None,
    })
}

/// Finds the place of a saved run among the runs that the history has of before it, and saves it in the run's folder.
pub async fn place_again(path: &Path, location: &Location) -> Result<(), RunError> {
    let folder = RunFolder::open(path)?;
    let record = folder.load()?;
    let document = judged(&record, Accept::Target);
    let entry = HistoryEntry::new(&record, &document, folder.path());
    let before = History::open(location).await?.runs(&of_scenario(&entry)).await?;
    // Unlike in a run, an error ends this: placing the run is all that is asked for.
    let digest = Digest::new(&record, &document, &folder.evidence())?;
    folder.save_earlier(&earlier(&entry, Some(&digest), &before))?;
    Ok(())
}

/// Saves an examination without load in the folder of a run, in place of one that it has.
pub fn add_examination(path: &Path, examination: &Examination) -> Result<(), RunError> {
    Ok(RunFolder::open(path)?.save_examination(examination)?)
}

/// Judges a saved run again, without writing anything.
pub fn judge_again(path: &Path, accept: Accept) -> Result<Document, RunError> {
    Ok(judged(&RunFolder::open(path)?.load()?, accept))
}

/// Adds a remark to a saved run, and renders it again by the column that it was judged by.
pub fn annotate(path: &Path, note: RunNote) -> Result<Finished, RunError> {
    let folder = RunFolder::open(path)?;
    let (accept, languages) = (folder.accepted(), folder.languages());
    add_note(folder.path(), note)?;
    report_again(path, accept, &languages)
}

/// The history's entry for a saved run, judged again.
pub fn entry_of(path: &Path) -> Result<HistoryEntry, RunError> {
    let folder = RunFolder::open(path)?;
    let record = folder.load()?;
    Ok(HistoryEntry::new(&record, &judged(&record, Accept::Target), path))
}

/// The document of a record, judged by that column.
pub(super) fn judged(record: &RunRecord, accept: Accept) -> Document {
    Document::new(record, judge(&record.evidence, &record.plan.objectives, accept))
}
