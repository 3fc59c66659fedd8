//! Errors of writing and reading a run folder.

use std::path::{Path, PathBuf};

use crate::error::Hint;
use crate::gzip::ReadError;
use crate::record::HlogError;

/// A run folder that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RunsError {
    /// A file or folder could not be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file or folder could not be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file of the run folder could not be read or decompressed.
    #[error(transparent)]
    File(#[from] ReadError),
    /// A file of the run folder has unexpected content.
    #[error("failed to understand {}", path.display())]
    Understand {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
    /// A file was written by a later version.
    #[error("{} is of format {found}, this version reads formats up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
    },
    /// The recording could not be written or read.
    #[error("failed to {action} the recording in {}", path.display())]
    Recording {
        /// `save` or `load`.
        action: &'static str,
        /// The evidence folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: HlogError,
    },
    /// The path is not a run folder.
    #[error("not a run folder: {}", path.display())]
    NotARun {
        /// The path.
        path: PathBuf,
    },
    /// A part of the run could not be written as JSON.
    #[error("failed to write as JSON")]
    Json(#[source] serde_json::Error),
}

impl RunsError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

impl Hint for RunsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotARun { .. } => Some(
                "name a folder that `diapason run` wrote: it holds plan.json and evidence/; `reports/latest` is the newest; \
                 `diapason report` also takes a search for capacity, which holds capacity.json"
                    .to_owned(),
            ),
            Self::Understand { .. } => {
                Some("the folder may come from another version of diapason; run the scenario again".to_owned())
            }
            Self::Newer { .. } => Some("read it with the version of diapason that wrote it, or a later one".to_owned()),
            Self::File(source) => source.hint(),
            Self::Recording { source, .. } => source.hint(),
            Self::Write { .. } => Some("choose another folder with --out".to_owned()),
            Self::Read { .. } | Self::Json(_) => None,
        }
    }
}
