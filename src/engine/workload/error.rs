//! Errors in applying load.

use crate::error::Hint;
use crate::journey::JourneyError;
use crate::record::HlogError;

/// The load thread could not do its work. A failed request is never one of these: it is a sample.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// The operating system refused something the load thread needs.
    #[error("failed to {action}")]
    System {
        /// The action, such as `create the pacing timer`.
        action: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The front door cannot be used.
    #[error("failed to prepare the virtual users")]
    Target(#[source] JourneyError),
    /// Goose refused to run the users of a closed phase.
    #[error("failed to start the users of phase `{phase}`")]
    Goose {
        /// The phase.
        phase: String,
        /// The cause.
        #[source]
        source: Box<goose::GooseError>,
    },
    /// Goose stopped the users of a closed phase by itself, as its own Ctrl-C handler does.
    #[error("the users of phase `{0}` stopped before it was over")]
    GooseEnded(String),
    /// The set-up of the run failed.
    #[error("the set-up failed at `{step}`: {told}")]
    SetUp {
        /// `journey.step`.
        step: String,
        /// Its outcome and answer, masked.
        told: String,
    },
    /// Users could not be set up.
    #[error("{users} users could not be set up: `{step}` failed: {told}")]
    UserSetUp {
        /// Number of users.
        users: u64,
        /// `journey.step`.
        step: String,
        /// Outcome and answer, masked.
        told: String,
    },
    /// Requests could not be recorded.
    #[error("failed to record the set-up")]
    Recorder(#[source] Box<HlogError>),
    /// The load thread panicked.
    #[error("the load thread died")]
    Died,
}

impl Hint for WorkloadError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::System { .. } => Some(
                "check the limits on open files and threads (`ulimit -a`); `diapason doctor` shows them".to_owned(),
            ),
            Self::Target(source) => source.hint(),
            Self::GooseEnded(_) => Some(
                "a program that uses the library sets a handler by the `ctrlc` crate before it listens for signals"
                    .to_owned(),
            ),
            Self::SetUp { step, .. } | Self::UserSetUp { step, .. } => {
                let journey = step.split('.').next().unwrap_or_default();
                Some(format!(
                    "every step of a set-up has to succeed: `diapason try {journey}` shows its requests and answers"
                ))
            }
            Self::Goose { .. } | Self::Recorder(_) | Self::Died => None,
        }
    }
}
