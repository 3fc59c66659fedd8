//! Errors of reading and writing objectives as `OpenSLO`.

use std::path::PathBuf;

use crate::error::Hint;
use crate::slo::ObjectiveError;

/// A file or an objective that cannot be translated.
#[derive(Debug, thiserror::Error)]
pub enum OpenSloError {
    /// The file could not be read.
    #[error("failed to read objectives: {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not YAML, or not `OpenSLO`.
    #[error("not an OpenSLO file: {}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with its place in the file.
        #[source]
        source: serde_norway::Error,
    },
    /// The file holds no `SLO`.
    #[error("there is no object of kind SLO in {}{}", path.display(), listed(left_out))]
    None {
        /// The file.
        path: PathBuf,
        /// The objects in it, in words.
        left_out: Vec<String>,
    },
    /// An SLO that no objective can express.
    #[error("SLO `{name}`: {problem}")]
    Slo {
        /// Name of the SLO or objective.
        name: String,
        /// The problem.
        problem: String,
    },
    /// An SLO that does not name what is measured.
    #[error("SLO `{name}`: {problem}")]
    NoIndicator {
        /// Name of the SLO or objective.
        name: String,
        /// The problem.
        problem: String,
    },
    /// An SLO whose settings make no valid objective.
    #[error("SLO `{name}`")]
    Objective {
        /// Name of the SLO or objective.
        name: String,
        /// The cause.
        #[source]
        source: ObjectiveError,
    },
    /// The objectives could not be written.
    #[error("failed to write the objectives: {0}")]
    Write(String),
}

fn listed(objects: &[String]) -> String {
    if objects.is_empty() {
        return String::new();
    }
    format!(", only {}", objects.join("; "))
}

impl OpenSloError {
    pub(super) fn slo(name: &str, problem: impl Into<String>) -> Self {
        Self::Slo {
            name: name.to_owned(),
            problem: problem.into(),
        }
    }

    pub(super) fn no_indicator(name: &str, problem: impl Into<String>) -> Self {
        Self::NoIndicator {
            name: name.to_owned(),
            problem: problem.into(),
        }
    }
}

impl Hint for OpenSloError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Parse { .. } | Self::None { .. } => Some(
                "`diapason objectives export SCENARIO` shows how objectives look as OpenSLO v1".to_owned(),
            ),
            Self::NoIndicator { .. } => Some(
                "a query of another system does not say what Diapason should measure: name it in `metricSource.spec.indicator`, \
                 such as `response-time`"
                    .to_owned(),
            ),
            Self::Objective { source, .. } => source.hint(),
            _ => None,
        }
    }
}
