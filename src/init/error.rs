//! Errors of writing starting files.

use std::path::PathBuf;

use crate::error::Hint;
use crate::stack::StackError;

/// Starting files that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The Compose files could not be read.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// No service can be the front door.
    #[error("the Compose files have no service that could be the front door")]
    NoFrontDoor,
    /// A name that a scenario cannot have.
    #[error("`{name}` cannot be a name: letters, digits, `-` and `_`, starting with a letter or digit")]
    Name {
        /// The name.
        name: String,
    },
    /// A file that exists already.
    #[error("{path} is there already", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder that could not be written.
    #[error("failed to write {path}", path = path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

impl Hint for InitError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.hint(),
            Self::NoFrontDoor => Some("write the stack file by hand: see docs/stack-file.md".to_owned()),
            Self::Name { .. } => Some("choose one with `--name NAME`".to_owned()),
            Self::Exists { .. } => Some(
                "`--force` replaces it, `--name NAME` writes beside it, `--out DIR` writes into another folder"
                    .to_owned(),
            ),
            Self::Write { .. } => None,
        }
    }
}
