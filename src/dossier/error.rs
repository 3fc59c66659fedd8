//! Errors of dossiers.

use std::path::PathBuf;

use crate::error::Hint;
use crate::run::RunError;
use crate::runs::RunsError;

/// A dossier that could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The run could not be read, or its dossier not be written.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// The run could not be judged.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file could not be read or written.
    #[error("failed to {action}: {}", path.display())]
    File {
        /// `read`, `copy`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The archive is damaged, or no gzip-compressed tar file.
    #[error("failed to unpack {}", path.display())]
    Unpack {
        /// The archive.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The archive holds something that no dossier holds.
    #[error("no dossier: {} holds {what}", path.display())]
    Foreign {
        /// The archive.
        path: PathBuf,
        /// The content that is refused.
        what: String,
    },
    /// A part of the run, or the manifest, is not the JSON that it should be.
    #[error("failed to understand {name}")]
    Understand {
        /// The file.
        name: String,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
    /// The dossier was made by a later version.
    #[error("the dossier is of format {found}, this version reads formats up to {known}")]
    Newer {
        /// Its format.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
    },
}

impl Hint for DossierError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Runs(source) => source.hint(),
            Self::Run(source) => source.hint(),
            Self::Unpack { .. } => {
                Some("the archive was cut short or changed: take it from where `diapason pack` wrote it".to_owned())
            }
            Self::Foreign { .. } => Some("name an archive that `diapason pack RUN` wrote".to_owned()),
            Self::Newer { .. } => Some("verify it with the version of diapason that made it".to_owned()),
            Self::File { .. } | Self::Understand { .. } => None,
        }
    }
}
