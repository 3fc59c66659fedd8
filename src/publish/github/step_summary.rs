//! The summary of a step, on the page of the CI run.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::publish::cut::fit;
use crate::publish::{Publication, PublishError};

/// Most bytes of a step's summary; GitHub drops a longer one altogether.
pub const MOST_SUMMARY_BYTES: usize = 1 << 20;

/// Adds the publication to the file of the step's summary, cut to what is left of its room.
pub fn add_to_summary(file: &Path, publication: &Publication) -> Result<(), PublishError> {
    let failed = |source| PublishError::File {
        path: file.to_owned(),
        source,
    };
    let mut summary = OpenOptions::new()
        .create(true)
        // The file belongs to the step: other commands may have written to it.
        .append(true)
        .open(file)
        .map_err(failed)?;
    // Steps before this one may have written to it; the bound is on the whole.
    let there = summary.metadata().map_err(failed)?.len();
    let there = usize::try_from(there).unwrap_or(usize::MAX);
    // The blank line that ends it.
    let room = MOST_SUMMARY_BYTES.saturating_sub(there).saturating_sub(1);
    let text = fit(&publication.sections, room, str::len);
    writeln!(summary, "{text}").map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_several_runs_share_the_room_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("summary");
        let mut publication = Publication::failed("x");
        publication.sections = (0..7)
            .map(|part| format!("## {part}\n{}\n", "x".repeat(100_000)))
            .collect();
        add_to_summary(&file, &publication).unwrap();
        add_to_summary(&file, &publication).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.len() <= MOST_SUMMARY_BYTES, "{}", text.len());
        assert_eq!(text.matches("## 0").count(), 2);
        assert_eq!(
            (text.matches("## 6").count(), text.matches("4 more sections").count()),
            (1, 1)
        );
    }
}
