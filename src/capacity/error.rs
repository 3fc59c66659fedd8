//! Why a search could not be carried out.

use std::path::PathBuf;

use crate::error::Hint;
use crate::report::ReportError;
use crate::run::RunError;
use crate::runs::RunsError;
use crate::scenario::ScenarioError;
use crate::stack::StackError;

/// A search that could not be carried out, begun or gone on with.
#[derive(Debug, thiserror::Error)]
pub enum CapacityError {
    /// The scenario cannot be searched.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A step could not be carried out.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The stack could not be taken down.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The search's folder.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// A rendering.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The scenario is not what it was when the search began.
    #[error("the scenario has changed since this search began: {}", path.display())]
    Changed {
        /// The scenario file.
        path: PathBuf,
    },
    /// `--sweep` or `--expect` that means nothing.
    #[error("`{given}` is not {expected}")]
    Unclear {
        /// What was given.
        given: String,
        /// What was meant to be given.
        expected: &'static str,
    },
}

impl Hint for CapacityError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Scenario(source) => source.hint(),
            Self::Run(source) => source.hint(),
            Self::Stack(source) => source.hint(),
            Self::Runs(source) => source.hint(),
            Self::Report(source) => source.hint(),
            Self::Changed { .. } => {
                Some("begin a new search: steps of two scenarios do not belong together".to_owned())
            }
            Self::Unclear { .. } => None,
        }
    }
}
