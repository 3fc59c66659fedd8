//! Errors of a comparison in turns.

use std::path::PathBuf;

use super::SideName;
use crate::compare::CompareError;
use crate::error::Hint;
use crate::report::ReportError;
use crate::run::RunError;
use crate::runs::RunsError;
use crate::scenario::ScenarioError;
use crate::stack::StackError;

/// A comparison in turns that could not be begun or carried out.
#[derive(Debug, thiserror::Error)]
pub enum AbError {
    /// The scenario cannot be compared in turns.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A run could not be carried out.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The stack of a side did not come up.
    #[error("the stack of side {side} did not come up")]
    Start {
        /// The side.
        side: SideName,
        /// The cause.
        #[source]
        source: RunError,
    },
    /// A stack could not be taken down.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A run could not be read for the comparison.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The folder could not be read or written.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// A rendering could not be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Both sides are the same version.
    #[error("both sides are the same: nothing of `--a` and `--b` differs")]
    Same,
    /// A value of `--a` or `--b` that is neither.
    #[error("`{given}` for side {side} is neither a setting nor a revision")]
    Unclear {
        /// The side.
        side: SideName,
        /// The value given.
        given: String,
    },
    /// A side of two revisions.
    #[error("side {side} is given two revisions")]
    TwoRevisions {
        /// The side.
        side: SideName,
    },
    /// A setting that is not about the stack.
    #[error("`{key}` of side {side} is no setting of a stack")]
    OtherKey {
        /// The side.
        side: SideName,
        /// The key.
        key: String,
    },
    /// The scenario attaches to a system that runs already.
    #[error("the stack `{stack}` is attached to: a comparison in turns brings two of them up")]
    Attached {
        /// Name of the stack file.
        stack: String,
    },
    /// The files of a revision could not be checked out.
    #[error("cannot check out `{revision}`: {problem}")]
    Revision {
        /// The revision.
        revision: String,
        /// Description of the problem, as git says it.
        problem: String,
    },
    /// A Compose file does not exist in a revision.
    #[error("`{revision}` has no file {}", path.display())]
    NotInRevision {
        /// The revision.
        revision: String,
        /// The file, as the stack file names it.
        path: PathBuf,
    },
}

impl Hint for AbError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Scenario(source) => source.hint(),
            Self::Run(source) | Self::Start { source, .. } => source.hint(),
            Self::Stack(source) => source.hint(),
            Self::Compare(source) => source.hint(),
            Self::Runs(source) => source.hint(),
            Self::Report(source) => source.hint(),
            Self::Same => Some(
                "name what differs: `--a stack.image.api=shop/api:1.4 --b stack.image.api=shop/api:1.5`, or two git \
                 revisions: `--a main --b HEAD`"
                    .to_owned(),
            ),
            Self::Unclear { .. } => Some(
                "a setting is `stack.KEY=VALUE`, as `--set` takes it; a revision is what `git rev-parse` takes"
                    .to_owned(),
            ),
            Self::TwoRevisions { .. } => Some("give each side one revision".to_owned()),
            Self::OtherKey { .. } => Some(
                "sides differ in `stack.…` alone (`image`, `env`, `limits`, `replicas`, `use`); load and objectives are \
                 those of both, and `--set` changes them for both"
                    .to_owned(),
            ),
            Self::Attached { .. } => Some(
                "use a stack file with `[compose]`; systems that run already are compared by `diapason run --target URL` \
                 and `diapason compare`"
                    .to_owned(),
            ),
            Self::Revision { .. } => Some(
                "the Compose file's repository must know it: `git log --oneline` lists revisions, and a shallow clone \
                 has few (`git fetch --unshallow`)"
                    .to_owned(),
            ),
            Self::NotInRevision { .. } => {
                Some("the stack file is the present one: its Compose files must exist in the revision".to_owned())
            }
        }
    }
}
