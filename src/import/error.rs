//! Errors of importing.

use std::path::PathBuf;

use crate::error::Hint;
use crate::journey::JourneyError;

/// Nothing could be imported. A single part that cannot be is no error: the [`Account`](super::Account) tells it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source could not be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// The file; `-` is standard input.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The source is not in the expected format.
    #[error("{} is not {expected}: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The expected format, such as `an HTTP Archive`.
        expected: &'static str,
        /// The problem, with its line if there is one.
        problem: String,
    },
    /// The source holds nothing that can become a step.
    #[error("nothing in {} can become a step of a journey", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// Reasons for which parts were left out, in lines.
        reasons: Vec<String>,
    },
    /// An option with a value that is not valid.
    #[error("`{given}` is not {expected}")]
    Option {
        /// The value.
        given: String,
        /// Description of valid values.
        expected: &'static str,
    },
    /// A step of a journey that is not there.
    #[error("`{named}` is no request of a journey")]
    Step {
        /// Journey and step as they are named.
        named: String,
        /// The requests of that journey.
        known: Vec<String>,
    },
    /// A file in TOML that is not valid: the rules, or a journey that they name.
    #[error("failed to read the rules in {}", path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Box<crate::error::TomlError>,
    },
    /// A name that a scenario cannot have.
    #[error("`{name}` cannot be a name: letters, digits, `-` and `_`, starting with a letter or digit")]
    Name {
        /// The name.
        name: String,
    },
    /// A file that exists already.
    #[error("{} is there already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder that could not be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A journey that does not compile even without the steps that were refused.
    #[error(transparent)]
    Journey(#[from] JourneyError),
}

impl Hint for ImportError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } | Self::Write { .. } | Self::Option { .. } | Self::Rules { .. } => None,
            Self::Format { .. } => {
                Some("export it again, whole; `diapason import --help` lists the formats".to_owned())
            }
            Self::Nothing { reasons, .. } => Some(match &reasons[..] {
                [] => "the file is empty, or it is of another kind".to_owned(),
                reasons => reasons.join("; "),
            }),
            Self::Step { known, .. } => Some(match &known[..] {
                [] => "that journey makes no request".to_owned(),
                known => format!("use one of {}", known.join(", ")),
            }),
            Self::Name { .. } => Some("choose one with `--name NAME`".to_owned()),
            Self::Exists { .. } => Some(
                "`--force` replaces it, `--name NAME` writes beside it, `--out DIR` writes into another folder"
                    .to_owned(),
            ),
            Self::Journey(error) => error.hint(),
        }
    }
}
