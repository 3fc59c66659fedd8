//! Place of the index.

use std::path::{Path, PathBuf};

use crate::secrets::masked;

/// The index's file in the folder of run folders.
pub const DEFAULT_FILE: &str = "history.sqlite";

/// A file, or a database that a team shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// An `SQLite` file.
    File(PathBuf),
    /// A `postgres://` URL with its password: show it only through [`Location::shown`].
    Url(String),
}

impl Location {
    /// Location given by `--history` or `DIAPASON_HISTORY`; the default file in `out` if neither is given.
    pub fn new(said: Option<&str>, out: &Path) -> Self {
        match said {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::Url(url.to_owned())
            }
            Some(path) if !path.is_empty() => Self::File(PathBuf::from(path)),
            _ => Self::File(out.join(DEFAULT_FILE)),
        }
    }

    /// The location as text, without a password.
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Url(url) => masked("history", url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_database_and_its_password_is_not_shown() {
        let url = Location::new(Some("postgres://diapason:hush@db/history"), Path::new("reports"));
        assert!(matches!(url, Location::Url(_)));
        assert!(!url.shown().contains("hush"), "{}", url.shown());
        let file = Location::new(None, Path::new("reports"));
        assert_eq!(file.shown(), "reports/history.sqlite");
        assert_eq!(Location::new(Some("h.db"), Path::new("reports")).shown(), "h.db");
    }
}
