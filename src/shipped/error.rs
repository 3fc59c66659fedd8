//! Errors of files that come with the program and were not written, and of a machine that was not prepared.

use std::io;
use std::path::PathBuf;

use crate::error::Hint;

/// Failure to write what comes with the program, or to run its script.
#[derive(Debug, thiserror::Error)]
pub enum ShippedError {
    /// No scenario of that name comes with the program.
    #[error("no scenario named `{name}` comes with this program")]
    Unknown {
        /// The name asked for.
        name: String,
        /// Names that there are.
        known: Vec<String>,
    },
    /// A file is there already and differs.
    #[error("it is there already, with another content: {0}")]
    Exists(PathBuf),
    /// A file could not be written.
    #[error("failed to write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Error of the system.
        #[source]
        source: io::Error,
    },
    /// The script could not be started.
    #[error("failed to start bash")]
    Start(#[source] io::Error),
}

impl Hint for ShippedError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } => Some(format!("one of: {}", known.join(", "))),
            Self::Exists(_) => Some("write into another folder (`--out DIR`), or replace it with `--force`".to_owned()),
            Self::Write { .. } => None,
            Self::Start(_) => Some("the script that prepares the machine needs bash".to_owned()),
        }
    }
}
