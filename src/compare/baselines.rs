//! Applies baselines to a finished run: compares it with one, saves it as one.

use std::path::PathBuf;

use super::export::{FORMATS, render};
use super::{CompareError, Comparison, Digest, compare, save_baseline};
use crate::report::Document;
use crate::runs::{RunFolder, RunRecord};

/// Requested actions for a run.
#[derive(Debug, Default)]
pub struct BaselineOptions {
    /// The runs to compare it with.
    pub baseline: Option<Vec<Digest>>,
    /// True to compare the run even if it is not comparable.
    pub anyway: bool,
    /// The folder of baselines, and the name to save the run under.
    pub save_as: Option<(PathBuf, String)>,
}

/// Results of the requested actions.
#[derive(Debug, Default)]
pub struct BaselineOutcome {
    /// The comparison, or the error that prevented it.
    pub comparison: Option<Result<Comparison, CompareError>>,
    /// The file of the saved baseline, or the error that prevented it.
    pub saved: Option<Result<PathBuf, CompareError>>,
}

impl BaselineOptions {
    /// Compares a judged run, writes the comparison into its folder in every format, and saves the run as a baseline.
    pub fn apply(
        &self,
        record: &RunRecord,
        document: &Document,
        folder: &RunFolder,
    ) -> Result<BaselineOutcome, CompareError> {
        if self.baseline.is_none() && self.save_as.is_none() {
            return Ok(BaselineOutcome::default());
        }
        let digest = [Digest::new(record, document, &folder.evidence())?];
        let comparison = self.baseline.as_ref().map(|base| {
            let comparison = compare(base, &digest, self.anyway)?;
            for (format, file) in FORMATS {
                for (file, text) in render(&comparison, format, file, &document.languages)? {
                    folder.write_text(&file, &text)?;
                }
            }
            Ok(comparison)
        });
        let acknowledged: Vec<String> = document
            .judgement
            .acknowledged()
            .map(|(verdict, _)| format!("{} is missed, though acknowledged", verdict.objective.name))
            .collect();
        let saved = self.save_as.as_ref().map(|(baselines, name)| {
            // A miss that is let pass for a while must not become what later runs are measured by.
            if acknowledged.is_empty() {
                // An interrupted or invalid run is refused there.
                save_baseline(baselines, name, digest.to_vec())
            } else {
                Err(CompareError::Unfit {
                    reasons: acknowledged.join("; "),
                })
            }
        });
        Ok(BaselineOutcome { comparison, saved })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Change, load_baseline};
    use super::*;
    use crate::report::sample;
    use crate::slo::ExclusionReason;

    #[test]
    fn a_run_is_held_against_its_baseline_in_every_format_and_saved_as_one() {
        let base = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(base.path(), "gate").unwrap();
        let record = sample::record(&folder.evidence());
        let document = Document::new(&record, sample::judgement());
        let apply = |options: &BaselineOptions| options.apply(&record, &document, &folder).unwrap();
        let written = || {
            let files = FORMATS.iter().filter(|(_, file)| folder.path().join(file).is_file());
            files.count()
        };
        let nothing = apply(&BaselineOptions::default());
        assert!(nothing.comparison.is_none() && nothing.saved.is_none());

        let baselines = base.path().join(super::super::BASELINES);
        let saving = BaselineOptions {
            save_as: Some((baselines.clone(), "main".to_owned())),
            ..BaselineOptions::default()
        };
        let path = apply(&saving).saved.unwrap().unwrap();
        assert_eq!((path, written()), (baselines.join("main/baseline.json"), 0));
        let saved = load_baseline(&baselines, "main").unwrap();
        let compared = apply(&BaselineOptions {
            baseline: saved,
            ..BaselineOptions::default()
        });
        let comparison = compared.comparison.unwrap().unwrap();
        // Compared with itself nothing changed, and no row is lost on the way through the file.
        assert!(
            matches!(comparison.change, Change::Unchanged | Change::Similar),
            "{:?}",
            comparison.change
        );
        assert_eq!(
            (comparison.left_out.len(), comparison.differences.len(), written()),
            (0, 0, 3)
        );

        // A baseline run that is not comparable: reported, and the run goes on.
        let mut other = load_baseline(&baselines, "main").unwrap().unwrap();
        other[0].unfit.push(ExclusionReason::Interrupted);
        let refused = apply(&BaselineOptions {
            baseline: Some(other),
            ..BaselineOptions::default()
        });
        assert!(matches!(refused.comparison, Some(Err(CompareError::NotComparable(_)))));
    }
}
