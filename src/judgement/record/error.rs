//! A recording that could not be written or read.

use std::path::{Path, PathBuf};

use crate::error::Hint;
use crate::gzip::ReadError;

/// A recording that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum HlogError {
    /// The file could not be written.
    #[error("failed to {action}: {}", path.display())]
    File {
        /// `write interval log`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be read or decompressed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file is not a valid recording.
    #[error("not a recording: {}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The defect found.
        reason: String,
    },
    /// The collector's thread could not be started.
    #[error("failed to start the collector thread")]
    Thread(#[source] std::io::Error),
    /// The collector's thread panicked.
    #[error("the collector thread died")]
    Collector,
    /// Two histograms had different bounds.
    #[error("histograms of different bounds cannot be merged")]
    Bounds,
}

impl HlogError {
    pub(super) fn thread(source: std::io::Error) -> Self {
        Self::Thread(source)
    }

    pub(super) fn malformed(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl Hint for HlogError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::File { .. } => {
                Some("check that the run folder exists, can be written, and has space left".to_owned())
            }
            Self::Read(source) => source.hint(),
            Self::Malformed { .. } => Some("the run may have been killed before it was saved; run it again".to_owned()),
            _ => None,
        }
    }
}
