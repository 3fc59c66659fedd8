//! Preparation of this machine by the script that comes with the program.

use std::process::{Command, ExitStatus};

use super::ShippedError;
use super::files::write_below;

/// The script, and the files it reads.
const NEEDED: &[&str] = &["ci/setup", "stack/images/"];

/// Runs the script for those parts; it talks on standard output itself.
pub fn set_up(parts: &[String]) -> Result<ExitStatus, ShippedError> {
    let folder = tempfile::tempdir().map_err(|source| ShippedError::Write {
        path: std::env::temp_dir(),
        source,
    })?;
    for prefix in NEEDED {
        write_below(prefix, folder.path())?;
    }
    let mut script = Command::new("bash");
    script.arg(folder.path().join("ci/setup")).args(parts);
    script.status().map_err(ShippedError::Start)
}
