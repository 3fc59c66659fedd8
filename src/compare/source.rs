//! Loads the run folders and baselines named on the command line.

use std::path::Path;

use super::baseline::{load_baseline, names};
use super::{CompareError, Digest};
use crate::evidence::Accept;
use crate::report::Document;
use crate::runs::RunFolder;
use crate::slo::judge;

/// The runs of one side. Each name is a run folder, or a baseline by name or path; `baselines` is the folder of baselines.
pub fn load_side(side: &[String], baselines: &Path) -> Result<Vec<Digest>, CompareError> {
    let mut runs = Vec::new();
    for name in side {
        // Before the folders: a saved baseline may have the name of one.
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

/// Loads a saved run and judges it again for its validity.
fn load_run(path: &Path) -> Result<Digest, CompareError> {
    let folder = RunFolder::open(path)?;
    let record = folder.load()?;
    let judgement = judge(&record.evidence, &record.plan.objectives, Accept::Target);
    let document = Document::new(&record, judgement);
    Digest::new(&record, &document, &folder.evidence())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{digest, millis};
    use super::super::save_baseline;
    use super::*;
    use crate::error::Hint;
    use crate::report::sample;

    #[test]
    fn a_side_is_baselines_and_run_folders_in_the_order_they_are_named() {
        let base = tempfile::tempdir().unwrap();
        let baselines = base.path().join("baselines");
        let run = |id: &str| digest(id, vec![millis("API response time", 40.1)]);
        save_baseline(&baselines, "main", vec![run("a"), run("b")]).unwrap();
        save_baseline(&baselines, "v1", vec![run("c")]).unwrap();
        let folder = RunFolder::create(base.path(), "gate").unwrap();
        folder.save(&sample::record(&folder.evidence())).unwrap();
        let path = folder.path().to_str().unwrap();
        let loaded = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            load_side(&names, &baselines)
        };
        let ids: Vec<String> = loaded(&["v1", path, "main"])
            .unwrap()
            .into_iter()
            .map(|run| run.id)
            .collect();
        assert_eq!(ids, ["c", "20260301-081500-gate", "a", "b"]);
        let unknown = loaded(&["v1", "v2"]).unwrap_err();
        assert_eq!(unknown.to_string(), "neither a run folder nor a saved baseline: v2");
        assert_eq!(unknown.hint().unwrap(), "the baselines there are: main, v1");
        // A folder without a run is taken for a run folder, and fails as one.
        let none = loaded(&[base.path().to_str().unwrap()]).unwrap_err();
        assert!(none.to_string().starts_with("not a run folder: "), "{none}");
    }
}
