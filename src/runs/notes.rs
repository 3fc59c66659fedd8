//! Remarks that people add to a run: who accepted a WARN, and why.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::RunsError;
use super::file::write_atomically;
use crate::gzip;

/// The file of a run folder.
const NOTES: &str = "notes.json";

/// A remark on a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunNote {
    /// Wall-clock time at which it was made.
    pub at: Timestamp,
    /// Name of its author.
    pub by: String,
    /// The remark.
    pub text: String,
}

/// The remarks on the run in that folder, oldest first.
pub fn notes(run: &Path) -> Result<Vec<RunNote>, RunsError> {
    let path = run.join(NOTES);
    if !gzip::is_file(&path) {
        return Ok(Vec::new());
    }
    let text = gzip::read(&path)?;
    // An unreadable file is an error and not an empty list, which the next remark would write over it.
    serde_json::from_slice(&text).map_err(|source| RunsError::Understand { path, source })
}

/// Adds a remark to the run in that folder.
pub fn add_note(run: &Path, note: RunNote) -> Result<(), RunsError> {
    let mut all = notes(run)?;
    all.push(note);
    let mut text = serde_json::to_vec_pretty(&all).map_err(RunsError::Json)?;
    text.push(b'\n');
    write_atomically(&run.join(NOTES), &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_kept_in_their_order() {
        let run = tempfile::tempdir().unwrap();
        let note = |text: &str| RunNote {
            at: "2026-03-01T08:15:00Z".parse().unwrap(),
            by: "C. Martin".to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(notes(run.path()).unwrap(), []);
        for text in ["accepted", "see the ticket"] {
            add_note(run.path(), note(text)).unwrap();
        }
        assert_eq!(notes(run.path()).unwrap(), [note("accepted"), note("see the ticket")]);
        std::fs::write(run.path().join(NOTES), "[{").unwrap();
        // A damaged file is an error, and is not written over.
        assert!(matches!(
            add_note(run.path(), note("third")),
            Err(RunsError::Understand { .. })
        ));
    }
}
