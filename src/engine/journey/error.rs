//! Errors in reading or compiling a journey, or in preparing it for a front door.

use std::fmt;
use std::path::PathBuf;

use super::excerpt::Excerpt;
use crate::error::{Hint, TomlError};
use crate::wire::WireError;

/// Position in a journey file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePosition {
    /// The journey file.
    pub path: PathBuf,
    /// Name of the step; `None` if it is not in a step.
    pub step: Option<String>,
    /// The key: `path`, `headers.authorization`.
    pub key: String,
}

impl fmt::Display for FilePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(step) = &self.step {
            write!(f, "step `{step}`: ")?;
        }
        write!(f, "`{}`", self.key)
    }
}

/// A journey or feeder that could not be read or compiled, or a front door that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// No journey of that name.
    #[error("no journey `{name}` in {}", folder.display())]
    Unknown {
        /// The name asked for.
        name: String,
        /// The folder that was searched.
        folder: PathBuf,
        /// Names of the journeys in it.
        known: Vec<String>,
    },
    /// A file or folder that could not be read.
    #[error("failed to read journey: {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file that is not a journey.
    #[error("failed to understand journey: {}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Position and cause.
        #[source]
        source: TomlError,
    },
    /// A journey of page loads in place of one of requests.
    #[error("{} is a journey of page loads, which only the browser probe walks", path.display())]
    Browser {
        /// The file.
        path: PathBuf,
    },
    /// A value in a file that cannot be compiled.
    #[error("{place}{}", excerpt.as_ref().map(|excerpt| format!("\n{excerpt}")).unwrap_or_default())]
    Key {
        /// Its position.
        place: Box<FilePosition>,
        /// Its line; `None` if it is not in the file.
        excerpt: Option<Box<Excerpt>>,
        /// The cause.
        #[source]
        source: KeyError,
    },
    /// A feeder that could not be read.
    #[error("failed to read feeder: {}", path.display())]
    Feeder {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A feeder of the wrong shape: without a row, with rows of different lengths, with a column that has no name.
    #[error("feeder {}: {problem}", path.display())]
    FeederShape {
        /// The file.
        path: PathBuf,
        /// Description of the problem.
        problem: String,
    },
    /// A variable of the scenario that no journey has.
    #[error("no journey has a variable `{name}`")]
    UnknownVariable {
        /// The name.
        name: String,
        /// Names of the variables that journeys have.
        known: Vec<String>,
    },
    /// More steps than the table of series holds.
    #[error("more than 65,536 steps in one scenario")]
    TooManySteps,
    /// A front door that cannot be used.
    #[error(transparent)]
    Wire(WireError),
    /// A host name or header of the front door that cannot be sent.
    #[error("front door `{url}`: {problem}")]
    FrontDoor {
        /// The URL as given.
        url: String,
        /// Description of the problem.
        problem: &'static str,
    },
}

/// Error in the value of one key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A template that names nothing known at that step.
    #[error("`{{{{{name}}}}}` names nothing known here")]
    UnknownName {
        /// The name.
        name: String,
        /// Names known at that step.
        known: Vec<String>,
    },
    /// A session that is no journey.
    #[error("there is no journey `{name}` that could log users in")]
    UnknownSession {
        /// The name.
        name: String,
        /// Names of the journeys at hand.
        known: Vec<String>,
    },
    /// A filter that does not exist.
    #[error("`{name}` is not a filter")]
    UnknownFilter {
        /// The name.
        name: String,
        /// Names of the filters.
        known: Vec<String>,
    },
    /// An environment variable that is not set.
    #[error("the environment has no variable `{name}`")]
    Environment {
        /// The name.
        name: String,
    },
    /// A call of a journey that is not there.
    #[error("there is no journey `{name}`")]
    UnknownJourney {
        /// The name.
        name: String,
        /// Names of the journeys in the folder.
        known: Vec<String>,
    },
    /// `{{` without `}}`.
    #[error("`{{{{` is never closed by `}}}}`")]
    Unclosed,
    /// A built-in with arguments it does not take.
    #[error("`{{{{{given}}}}}` is not {expected}")]
    Arguments {
        /// The template as written.
        given: String,
        /// Description of the valid form.
        expected: &'static str,
    },
    /// A JSON path that does not parse.
    #[error("`{text}` is not a JSON path")]
    JsonPath {
        /// The path as written.
        text: String,
        /// Position and cause.
        #[source]
        source: Box<serde_json_path::ParseError>,
    },
    /// A CSS selector that does not parse, or that needs the whole page in memory.
    #[error("`{text}` is not a CSS selector that can be used here: {problem}")]
    Css {
        /// The selector as written.
        text: String,
        /// Description of the problem.
        problem: String,
    },
    /// A regular expression that does not parse.
    #[error("`{text}` is not a regular expression")]
    Regex {
        /// The expression as written.
        text: String,
        /// Position and cause.
        #[source]
        source: Box<regex::Error>,
    },
    /// A file that a step sends and that could not be read.
    #[error("failed to read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A value that is not valid there.
    #[error("`{given}` is not {expected}")]
    Value {
        /// The value as written.
        given: String,
        /// Description of a valid value.
        expected: &'static str,
    },
    /// Keys that exclude or need each other, or a name used twice.
    #[error("{0}")]
    Conflict(String),
}

fn closest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len() / 3 + 1)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn suggestion(name: &str, known: &[String]) -> String {
    let list = known.join(", ");
    match closest(name, known) {
        // A long list would bury the suggestion for a typing error.
        Some(candidate) if known.len() > 8 => format!("did you mean `{candidate}`?"),
        Some(candidate) => format!("did you mean `{candidate}`? known here: {list}"),
        None => format!("known here: {list}"),
    }
}

impl KeyError {
    /// The text that is wrong, as it is written, if it is a part of the value.
    pub(super) fn fragment(&self) -> Option<&str> {
        match self {
            Self::UnknownName { name, .. } | Self::UnknownFilter { name, .. } => Some(name),
            Self::Arguments { given, .. } | Self::Value { given, .. } => Some(given),
            Self::JsonPath { text, .. } | Self::Css { text, .. } | Self::Regex { text, .. } => Some(text),
            Self::Unclosed => Some("{{"),
            _ => None,
        }
    }
}

impl Hint for KeyError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownName { name, known }
            | Self::UnknownSession { name, known }
            | Self::UnknownJourney { name, known }
            | Self::UnknownFilter { name, known } => Some(suggestion(name, known)),
            Self::Environment { name } => Some(format!("set it for this command: `{name}=… diapason …`")),
            Self::JsonPath { .. } => Some("a JSON path looks like `$.data[*].id` (RFC 9535)".to_owned()),
            Self::Css { .. } => Some("a CSS selector looks like `form#login input[name=csrf]`".to_owned()),
            Self::Regex { .. } => {
                Some("in TOML, write it between single quotes: 'id=(\\d+)'; the first group is taken".to_owned())
            }
            Self::File { .. } => Some("paths are relative to the journey's file".to_owned()),
            _ => None,
        }
    }
}

impl Hint for JourneyError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { name, known, .. } | Self::UnknownVariable { name, known } => Some(suggestion(name, known)),
            Self::Key { source, .. } => source.hint(),
            Self::Browser { .. } => Some("name it in the browser probe's settings, not in the load".to_owned()),
            Self::Wire(error) => error.hint(),
            Self::Parse { .. } => {
                Some("`diapason schema journey --markdown` describes every key of a journey file".to_owned())
            }
            Self::Feeder { .. } => Some("the path of a feeder is relative to the journey's file".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_answered_by_the_nearest() {
        let known = ["access_token", "login", "password"].map(str::to_owned).to_vec();
        let error = KeyError::UnknownName {
            name: "acces_token".to_owned(),
            known: known.clone(),
        };
        assert_eq!(error.to_string(), "`{{acces_token}}` names nothing known here");
        assert_eq!(
            error.hint().unwrap(),
            "did you mean `access_token`? known here: access_token, login, password"
        );
        assert!(closest("colour", &known).is_none());
    }
}
