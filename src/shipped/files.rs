//! The table of files and how they are written out.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::ShippedError;

/// One file that comes with the program.
struct ShippedFile {
    /// Its path in a checkout.
    path: &'static str,
    executable: bool,
    content: &'static [u8],
}

/// Made by `build.rs` from the checkout that the program was built from.
const FILES: &[ShippedFile] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// Result of [`write()`].
#[derive(Debug)]
pub struct WrittenFiles {
    /// The scenario that was asked for.
    pub scenario: PathBuf,
    /// Number of files.
    pub files: usize,
}

/// Writes all files that come with the program below `folder`, as they lie in a checkout. `example` is the name of the scenario
/// to run first, such as `gate`.
///
/// Nothing is written where a file is there already with another content, unless `force` is given.
pub fn write(example: &str, folder: &Path, force: bool) -> Result<WrittenFiles, ShippedError> {
    let scenario = format!("scenarios/{example}.toml");
    if !FILES.iter().any(|file| file.path == scenario) {
        return Err(ShippedError::Unknown {
            name: example.to_owned(),
            known: examples(),
        });
    }
    if !force {
        for file in FILES {
            let path = folder.join(file.path);
            // All are compared before the first is written, so that a refusal leaves nothing half done.
            if fs::read(&path).is_ok_and(|content| content != file.content) {
                return Err(ShippedError::Exists(path));
            }
        }
    }
    write_below("", folder)?;
    Ok(WrittenFiles {
        scenario: folder.join(scenario),
        files: FILES.len(),
    })
}

/// Writes the files whose path begins with `prefix` below `folder`.
pub(super) fn write_below(prefix: &str, folder: &Path) -> Result<(), ShippedError> {
    for file in FILES.iter().filter(|file| file.path.starts_with(prefix)) {
        let path = folder.join(file.path);
        write_file(file, &path).map_err(|source| ShippedError::Write { path, source })?;
    }
    Ok(())
}

fn write_file(file: &ShippedFile, path: &Path) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, file.content)?;
    // Modes are not part of bytes that are compiled in.
    if file.executable {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Names of the scenarios, without those in folders.
fn examples() -> Vec<String> {
    let names = FILES.iter().filter_map(|file| {
        let name = file.path.strip_prefix("scenarios/")?.strip_suffix(".toml")?;
        (!name.contains('/')).then(|| name.to_owned())
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Plan, PlanOptions};

    #[test]
    fn what_is_written_out_can_be_planned() {
        let folder = tempfile::tempdir().unwrap();
        let written = write("gate", folder.path(), false).unwrap();
        let plan = Plan::load(&written.scenario, PlanOptions::default()).unwrap();
        assert!(!plan.summary.objectives.is_empty());
        assert!(folder.path().join("stack/compose.yml").exists());
        let mode = fs::metadata(folder.path().join("ci/setup"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111, "{mode:o}");
        // The same files again are no conflict.
        write("gate", folder.path(), false).unwrap();
    }

    #[test]
    fn a_changed_file_is_replaced_by_force_only() {
        let folder = tempfile::tempdir().unwrap();
        let gate = folder.path().join("scenarios/gate.toml");
        fs::create_dir_all(gate.parent().unwrap()).unwrap();
        fs::write(&gate, "mine").unwrap();
        let error = write("gate", folder.path(), false).unwrap_err();
        assert!(matches!(&error, ShippedError::Exists(path) if *path == gate), "{error}");
        assert!(!folder.path().join("stack").exists(), "nothing is written");
        write("gate", folder.path(), true).unwrap();
        assert_ne!(fs::read_to_string(&gate).unwrap(), "mine");
    }

    #[test]
    fn an_unknown_example_is_told_with_those_there_are() {
        let error = write("gait", Path::new("/nonexistent"), false).unwrap_err();
        assert!(
            matches!(&error, ShippedError::Unknown { known, .. } if known.contains(&"gate".to_owned())),
            "{error}"
        );
    }
}
