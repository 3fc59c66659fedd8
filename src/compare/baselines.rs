//! What a finished run has to do with baselines: held against one, saved as one.

use std::path::PathBuf;

use super::export::{FORMATS, render};
use super::{CompareError, Comparison, Digest, compare, save_baseline};
use crate::report::{Document, RunFolder, RunRecord};

/// What is asked of a run.
#[derive(Debug, Default)]
pub struct BaselineOptions {
    /// The runs it is compared with.
    pub baseline: Option<Vec<Digest>>,
    /// Whether it is compared although it is not comparable.
    pub anyway: bool,
    /// The folder of baselines and the name it is saved under.
    pub save_as: Option<(PathBuf, String)>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Compared {
    /// The comparison, or why there is none.
    pub comparison: Option<Result<Comparison, CompareError>>,
    /// The file of the saved baseline, or why there is none.
    pub saved: Option<Result<PathBuf, CompareError>>,
}

impl BaselineOptions {
    /// Compares a judged run, writes the comparison into its folder in every format, and saves the run as a baseline.
    pub fn apply(&self, record: &RunRecord, document: &Document, folder: &RunFolder) -> Result<Compared, CompareError> {
        if self.baseline.is_none() && self.save_as.is_none() {
            return Ok(Compared::default());
        }
        let digest = [Digest::of(record, document, &folder.evidence())?];
        let comparison = self.baseline.as_ref().map(|base| {
            let comparison = compare(base, &digest, self.anyway)?;
            for (format, file) in FORMATS {
                if let Some(text) = render(&comparison, format)? {
                    folder.write_text(file, &text)?;
                }
            }
            Ok(comparison)
        });
        // An interrupted or invalid run is refused there.
        let saved = self.save_as.as_ref();
        let saved = saved.map(|(baselines, name)| save_baseline(baselines, name, digest.to_vec()));
        Ok(Compared { comparison, saved })
    }
}
