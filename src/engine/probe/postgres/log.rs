//! Follows the log of the database's container.

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineError;

use super::log_line::{LineParser, LoggedEvent};
use crate::probe::container_log::{Channel, ContainerLog, WordFilter};

/// Cause of a failure to read the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum LogError {
    /// The engine did not deliver the log.
    #[error("failed to follow the container's log")]
    Engine(#[source] EngineError),
    /// The container stopped, or its log is not kept.
    #[error("the container's log ended")]
    Ended,
}

/// Events of the log from now on.
pub(super) struct EventLog {
    log: ContainerLog,
    parser: LineParser,
}

impl EventLog {
    pub(super) async fn follow(engine: &Docker, container: &str, parser: LineParser) -> Self {
        Self {
            log: ContainerLog::follow(engine, container, WordFilter::new()).await,
            parser,
        }
    }

    /// Reads on and passes each event to `take`, until `take` returns true for one.
    pub(super) async fn read(&mut self, mut take: impl FnMut(LoggedEvent) -> bool) -> Result<(), LogError> {
        loop {
            let lines = self
                .log
                .next()
                .await
                .ok_or(LogError::Ended)?
                .map_err(LogError::Engine)?;
            let mut enough = false;
            // The server logs to standard error.
            for line in lines.iter().filter(|line| line.channel != Channel::Output) {
                if let Some(entry) = self.parser.feed(&line.text) {
                    enough |= take(entry);
                }
            }
            if enough {
                return Ok(());
            }
        }
    }
}
