//! Errors in trying a journey.

use crate::error::Hint;
use crate::journey::JourneyError;
use crate::record::HlogError;

/// A journey could not be tried. A failed request is never one of these.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The operating system refused something that the users need.
    #[error("failed to {action}")]
    System {
        /// The action, such as `start the users' thread`.
        action: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The front door cannot be used.
    #[error(transparent)]
    Target(#[from] JourneyError),
    /// The recorder could not be started.
    #[error(transparent)]
    Record(#[from] HlogError),
    /// The users' thread panicked.
    #[error("the users' thread died")]
    Died,
}

impl Hint for TrialError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Target(error) => error.hint(),
            Self::Record(error) => error.hint(),
            Self::System { .. } | Self::Died => None,
        }
    }
}
