//! Saved runs to compare later runs with: `BASELINES/NAME/baseline.json`, small enough to be committed.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::digest::FORMAT;
use super::{CompareError, Digest};
use crate::runs::{read_numbered, v0, write_atomically};
use crate::words::en;

/// The folder of baselines, within the folder of run folders.
pub const BASELINES: &str = "baselines";
const FILE: &str = "baseline.json";

/// Content of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedBaseline {
    format: u32,
    /// One run, or several that are compared as a group.
    runs: Vec<Digest>,
}

/// Saves runs under that name in the folder of baselines, replacing an earlier baseline; returns the file's path.
///
/// A run that is not valid or was interrupted is refused, and so is a name that is no file name.
pub fn save_baseline(folder: &Path, name: &str, runs: Vec<Digest>) -> Result<PathBuf, CompareError> {
    check_name(name)?;
    let reasons: Vec<String> = runs
        .iter()
        .flat_map(|run| &run.unfit)
        .map(en::exclusion_reason)
        .collect();
    if !reasons.is_empty() {
        return Err(CompareError::Unfit {
            reasons: reasons.join("; "),
        });
    }
    let own = folder.join(name);
    let path = own.join(FILE);
    fs::create_dir_all(&own).map_err(|source| CompareError::File {
        action: "write",
        path: path.clone(),
        source,
    })?;
    let mut text = serde_json::to_string(&SavedBaseline { format: FORMAT, runs }).map_err(CompareError::Json)?;
    text.push('\n');
    // A run that is killed here must not leave half a baseline to the next one.
    write_atomically(&path, text.as_bytes())?;
    Ok(path)
}

/// The runs of a saved baseline: by its name in the folder of baselines, or by a path to its folder or file.
///
/// `None` if there is no baseline of that name.
pub fn load_baseline(folder: &Path, name: &str) -> Result<Option<Vec<Digest>>, CompareError> {
    let given = Path::new(name);
    // A path goes first: a file that is named is meant.
    let places = [given.to_owned(), given.join(FILE), folder.join(name).join(FILE)];
    let Some(path) = places.into_iter().find(|path| path.is_file()) else {
        return Ok(None);
    };
    let text = fs::read(&path).map_err(|source| CompareError::File {
        action: "read",
        path: path.clone(),
        source,
    })?;
    let saved: SavedBaseline = read_numbered(&path, &text, FORMAT, v0::baseline).map_err(CompareError::Baseline)?;
    Ok(Some(saved.runs))
}

/// Names of the baselines in that folder.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let with_file = entries.filter(|entry| entry.path().join(FILE).is_file());
    let mut names: Vec<String> = with_file
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Refuses a name that a baseline cannot have.
pub fn check_name(name: &str) -> Result<(), CompareError> {
    if is_name(name) {
        Ok(())
    } else {
        Err(CompareError::Name(name.to_owned()))
    }
}

fn is_name(name: &str) -> bool {
    let letters = name
        .chars()
        // Nothing that separates folders: the name becomes one.
        .all(|letter| letter.is_alphanumeric() || "._-".contains(letter));
    letters && !name.is_empty() && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{digest, millis};
    use super::*;
    use crate::error::one_line;
    use crate::slo::ExclusionReason;

    #[test]
    fn a_name_is_a_file_name_and_nothing_else() {
        for name in ["main", "v1.2.3", "release_7-b"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "..", "a/b", ".hidden", "a b"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_baseline_is_what_was_saved_last_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let run = |id: &str| digest(id, vec![millis("API response time", 40.1)]);
        let save = |name: &str, runs| save_baseline(folder.path(), name, runs);
        let path = save("main", vec![run("a")]).unwrap();
        assert_eq!(path, folder.path().join("main/baseline.json"));
        save("main", vec![run("b"), run("c")]).unwrap();
        let by = |name: &Path| load_baseline(folder.path(), name.to_str().unwrap()).unwrap();
        // By its name, by its file, and by its folder.
        for name in [Path::new("main"), &path, path.parent().unwrap()] {
            assert_eq!(by(name), Some(vec![run("b"), run("c")]), "{}", name.display());
        }
        let mut broken = run("d");
        broken.unfit = vec![
            ExclusionReason::Verbatim("send lag".to_owned()),
            ExclusionReason::Interrupted,
        ];
        for (name, runs, told) in [
            (
                "main",
                vec![run("a"), broken],
                "this run is no baseline: send lag; it was interrupted",
            ),
            ("../main", vec![run("a")], "`../main` cannot be the name of a baseline"),
        ] {
            let error = save(name, runs).unwrap_err();
            assert!(error.to_string().starts_with(told), "{error}");
        }
        // A refused run replaced nothing.
        assert_eq!(by(Path::new("main")).unwrap().len(), 2);
    }

    #[test]
    fn a_later_format_is_refused_by_its_number_and_an_earlier_one_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join(FILE), text).unwrap();
        };
        write("later", r#"{"format": 99, "runs": 3}"#);
        let error = load_baseline(folder.path(), "later").unwrap_err();
        assert!(
            one_line(&error).ends_with("is of format 99, this version reads formats up to 2"),
            "{error}"
        );
        let run = digest("a", vec![millis("API response time", 40.1)]);
        let saved = serde_json::to_string(&SavedBaseline {
            format: FORMAT,
            runs: vec![run.clone()],
        });
        write("earlier", &saved.unwrap().replace("\"format\":2", "\"format\":1"));
        assert_eq!(load_baseline(folder.path(), "earlier").unwrap(), Some(vec![run]));
        assert!(load_baseline(folder.path(), "none").unwrap().is_none());
        assert_eq!(names(folder.path()), ["earlier", "later"]);
    }
}
