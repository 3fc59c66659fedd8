//! Errors in a scenario.

use std::path::PathBuf;

use crate::error::Hint;
use crate::journey::{JourneyError, KeyError};
use crate::stack::StackError;

/// A scenario that could not be read or does not make sense.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file could not be read.
    #[error("failed to read scenario: {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a scenario; the source shows line and column.
    #[error("not a valid {what}: {}", path.display())]
    Parse {
        /// `scenario`, `browser journey`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Position and cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An override does not fit.
    #[error("cannot set `{key}`: {reason}")]
    Override {
        /// The dotted path.
        key: String,
        /// Description of the problem.
        reason: String,
    },
    /// A part of the scenario contradicts another, or is out of range.
    #[error("{}: {at}: {problem}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The part, such as `journeys` or the objective's name.
        at: String,
        /// Description of the problem.
        problem: String,
        /// Hint for the next move.
        hint: String,
    },
    /// A variable has no value.
    #[error("{}: variables.{name}", path.display())]
    Variable {
        /// The file.
        path: PathBuf,
        /// The variable.
        name: String,
        /// The cause.
        #[source]
        source: KeyError,
    },
    /// The plan cannot decide a gating objective.
    #[error("{}: this plan cannot decide the gating objective `{objective}`: it yields {samples} samples where a pass needs at least {needed}", path.display())]
    Undecidable {
        /// The file.
        path: PathBuf,
        /// The objective.
        objective: String,
        /// Samples that the plan yields.
        samples: u64,
        /// Samples that a pass needs.
        needed: u64,
    },
    /// A journey could not be read.
    #[error(transparent)]
    Journey(#[from] JourneyError),
    /// The stack file could not be read.
    #[error(transparent)]
    Stack(#[from] StackError),
}

impl Hint for ScenarioError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("`diapason list scenarios` shows the scenarios at hand".to_owned()),
            Self::Parse { what, .. } => {
                let kind = if *what == "scenario" { "scenario" } else { "journey" };
                Some(format!("`diapason schema {kind} --markdown` describes every key"))
            }
            Self::Override { .. } => {
                Some("a key is a dotted path into the scenario file, such as `phase.steady.duration`".to_owned())
            }
            Self::Invalid { hint, .. } => Some(hint.clone()),
            Self::Undecidable { samples, needed, .. } => {
                let factor = *needed as f64 / (*samples).max(1) as f64;
                Some(format!(
                    "make the phases that are judged for it {factor:.1} times as long (or the rate as high), or set `gate = false` on the objective"
                ))
            }
            Self::Variable { source, .. } => source.hint(),
            Self::Journey(source) => source.hint(),
            Self::Stack(source) => source.hint(),
        }
    }
}
