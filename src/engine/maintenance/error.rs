//! Events that cannot be carried out on the running stack.

use crate::error::Hint;
use crate::wire::engine::EngineError;

/// Failure to prepare the events of a run.
#[derive(Debug, thiserror::Error)]
pub enum MaintenanceError {
    /// The stack has no container of the service.
    #[error("event `{event}`: the stack has no container of service `{service}`")]
    Service {
        /// Name of the event.
        event: String,
        /// The service.
        service: String,
        /// Services that there are.
        known: Vec<String>,
    },
    /// The system was attached to.
    #[error("events need a stack of the run's own: the system was attached to")]
    Attached,
    /// Stopping the container would move a port that the harness uses.
    #[error("event `{event}`: {service} publishes a port that the run uses, which another start would change")]
    Published {
        /// Name of the event.
        event: String,
        /// The service.
        service: String,
    },
    /// The event cannot be carried out on this stack or by this host.
    #[error("event `{event}` cannot be carried out: {problem}")]
    Impossible {
        /// Name of the event.
        event: String,
        /// The reason.
        problem: String,
    },
    /// The container engine cannot be reached.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine refused to describe a container.
    #[error("failed to inspect the container of service `{service}`")]
    Inspect {
        /// The service.
        service: String,
        /// The engine's answer.
        #[source]
        source: testcontainers::bollard::errors::Error,
    },
}

impl Hint for MaintenanceError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Service { known, .. } => Some(format!("services with containers: {}", known.join(", "))),
            Self::Attached => Some("leave `--target` out, so that the stack is brought up".to_owned()),
            Self::Published { .. } => Some(
                "a service of several containers gets its ports from the engine: use `pause`, which keeps them, or one replica"
                    .to_owned(),
            ),
            Self::Engine(source) => source.hint(),
            Self::Impossible { .. } => Some("`diapason check` says it without a stack; leave the event out here".to_owned()),
            Self::Inspect { .. } => None,
        }
    }
}
