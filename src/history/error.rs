//! Errors of the history.

use std::path::PathBuf;

use crate::error::Hint;

/// An error of the index or of a query. No text holds a password.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The folder of the index could not be created.
    #[error("failed to make the folder of the history: {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// `SQLite` failed.
    #[error("the history {} failed", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: rusqlite::Error,
    },
    /// PostgreSQL failed.
    #[error("the history {url} failed")]
    Postgres {
        /// The URL, its password masked.
        url: String,
        /// The cause.
        #[source]
        source: tokio_postgres::Error,
    },
    /// TLS to the database could not be prepared.
    #[error("failed to prepare TLS to the history {url}")]
    Tls {
        /// The URL, its password masked.
        url: String,
        /// The cause.
        #[source]
        source: crate::wire::WireError,
    },
    /// The index was written by a later version.
    #[error("the history {place} is of version {found}, this version of diapason knows {known}")]
    Version {
        /// The file or URL.
        place: String,
        /// Its version.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// A row that no version of this program writes.
    #[error("the history {place} holds {what}")]
    Row {
        /// The file or URL.
        place: String,
        /// The invalid content.
        what: String,
    },
    /// The history did not answer in time.
    #[error("the history {0} did not answer within 20 s")]
    Late(String),
    /// A page of all runs could not be written.
    #[error(transparent)]
    Page(#[from] crate::runs::RunsError),
    /// A time that cannot be parsed.
    #[error("`{0}` is neither a span such as `90d` nor a date such as `2026-03-01`")]
    Since(String),
    /// No run measured anything of that name.
    #[error("no run of the history measured `{what}`")]
    NothingMeasured {
        /// Name that was asked for.
        what: String,
        /// Known names.
        known: Vec<String>,
    },
    /// A trend's chart could not be drawn.
    #[error(transparent)]
    Draw(#[from] crate::report::ReportError),
    /// An export could not be written as JSON or CSV.
    #[error("failed to write the export: {0}")]
    Export(String),
}

impl Hint for HistoryError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Postgres { .. } => Some(
                "check the URL of --history or DIAPASON_HISTORY; the user must be allowed to create tables".to_owned(),
            ),
            Self::Sqlite { .. } => Some(
                "where the file is damaged, remove it and take the runs in again: `diapason history index reports`"
                    .to_owned(),
            ),
            Self::Version { .. } => Some("use the version of diapason that wrote it, or another --history".to_owned()),
            Self::NothingMeasured { known, .. } if known.is_empty() => {
                Some("`diapason history index reports` takes old runs in".to_owned())
            }
            Self::NothingMeasured { known, .. } => Some(format!("there is {}", known.join(", "))),
            Self::Draw(source) => source.hint(),
            Self::Tls { source, .. } => source.hint(),
            _ => None,
        }
    }
}
