//! What the command line names: run folders and baselines.

use std::path::Path;

use super::baseline::{load_baseline, names};
use super::{CompareError, Digest};
use crate::report::{Document, RunFolder};
use crate::slo::{Accept, judge};

/// The runs of one side. Each name is a run folder, or a baseline by name or path; `baselines` is the folder of those.
pub fn load_side(side: &[String], baselines: &Path) -> Result<Vec<Digest>, CompareError> {
    let mut runs = Vec::new();
    for name in side {
        if let Some(saved) = load_baseline(baselines, name)? {
            runs.extend(saved);
        } else if Path::new(name).exists() {
            runs.push(load_run(Path::new(name))?);
        } else {
            return Err(CompareError::Unknown {
                name: name.clone(),
                known: names(baselines),
            });
        }
    }
    Ok(runs)
}

/// A saved run, judged again for its validity.
fn load_run(path: &Path) -> Result<Digest, CompareError> {
    let folder = RunFolder::open(path)?;
    let record = folder.load()?;
    let judgement = judge(&record.evidence, &record.plan.objectives, Accept::Target);
    let document = Document::new(&record, judgement);
    Digest::of(&record, &document, &folder.evidence())
}
