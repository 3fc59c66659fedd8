//! Errors of a search.

use std::path::PathBuf;

use crate::error::Hint;
use crate::report::ReportError;
use crate::run::RunError;
use crate::runs::RunsError;
use crate::scenario::ScenarioError;
use crate::stack::StackError;

/// A search that could not be begun, carried out or resumed.
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
    /// The search's folder could not be read or written.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// A rendering could not be made or written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The scenario has changed since the search began.
    #[error("the scenario has changed since this search began: {}", path.display())]
    Changed {
        /// The scenario file.
        path: PathBuf,
    },
    /// A resumed search was given another value than it began with.
    #[error("{}", other(flag, kept.as_deref(), given))]
    OtherSetting {
        /// The flag.
        flag: &'static str,
        /// The value that it began with, as the flag takes it; `None` without the flag.
        kept: Option<String>,
        /// The value given now; empty for a switch.
        given: String,
    },
    /// The value of `--sweep` or `--expect` could not be understood.
    #[error("`{given}` is not {expected}")]
    Unclear {
        /// The value given.
        given: String,
        /// Description of a valid value, with an example.
        expected: &'static str,
    },
}

fn other(flag: &str, kept: Option<&str>, given: &str) -> String {
    match kept {
        _ if given.is_empty() => format!("this search began without `{flag}`, not with it"),
        None => format!("this search began with no `{flag}` of that, not with `{flag} {given}`"),
        Some(kept) => format!("this search began with `{flag} {kept}`, not with `{flag} {given}`"),
    }
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
            Self::OtherSetting { flag, .. } => Some(format!(
                "leave `{flag}` out, since the settings of a search are kept with it (only secrets are given again), or begin a new \
                 search: steps of two settings do not belong together"
            )),
            Self::Unclear { .. } => None,
        }
    }
}
