//! Names of runs, and writing of their files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::RunsError;

/// Makes `BASE/YYYYMMDD-HHMMSS-SCENARIO` (UTC; a number is appended if it exists).
pub fn create_numbered(base: &Path, scenario: &str) -> Result<PathBuf, RunsError> {
    fs::create_dir_all(base).map_err(RunsError::write(base))?;
    let stem = run_name(Timestamp::now(), scenario);
    let mut path = base.join(&stem);
    let mut number = 1;
    loop {
        // Creating it is the test: two runs that begin in the same second must not share a folder.
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                number += 1;
                path = base.join(format!("{stem}-{number}"));
            }
            Err(error) => return Err(RunsError::write(&path)(error)),
        }
    }
}

/// Writes to a temporary file beside it and renames that, so that a reader never sees half of it and a crash keeps the old one.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), RunsError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> std::io::Result<()> {
        // Written beside and renamed: readers see the old content or the new one, also after a crash.
        let mut file = tempfile::Builder::new()
            // The mode of an ordinary file; tempfile's own default is readable by its owner only.
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder)?;
        std::io::Write::write_all(&mut file, content)?;
        // The temporary file lies in the same folder, since a rename works within one file system only.
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(RunsError::write(path))
}

/// `20260301-081500-gate`, without characters that are unsuitable for a file name.
pub fn run_name(time: Timestamp, scenario: &str) -> String {
    let scenario: String = scenario
        .chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => letter,
            _ => '-',
        })
        .collect();
    format!("{}-{scenario}", time.strftime("%Y%m%d-%H%M%S"))
}
