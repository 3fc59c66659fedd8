//! Follows the logs of containers, or files in them.

use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::exec::{CreateExecOptions, StartExecResults};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::probe::container_log::{ContainerLog, Line, Output, WordFilter};

/// Most batches of lines that wait to be read.
const MOST_WAITING: usize = 256;
/// Pause between the end of a container's log and the next attempt: the container may be started again.
const AGAIN: Duration = Duration::from_secs(1);

/// Source of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    /// Output of the proxy's container.
    Proxy,
    /// The proxy's log file.
    File,
    /// Output of the application's container.
    Application,
}

/// Several logs, each followed by a task of its own. The tasks end when this is dropped.
pub(super) struct Logs {
    engine: Docker,
    sender: mpsc::Sender<(Log, Vec<Line>)>,
    lines: mpsc::Receiver<(Log, Vec<Line>)>,
    tasks: JoinSet<()>,
}

impl Logs {
    pub(super) fn new(engine: Docker) -> Self {
        // A reader that falls behind slows the followers down instead of filling memory.
        let (sender, lines) = mpsc::channel(MOST_WAITING);
        Self {
            engine,
            sender,
            lines,
            tasks: JoinSet::new(),
        }
    }

    /// Follows the output of that container, also after a restart.
    pub(super) fn follow_container(&mut self, log: Log, container: &str, wanted: WordFilter) {
        let (engine, sender, container) = (self.engine.clone(), self.sender.clone(), container.to_owned());
        self.tasks.spawn(async move {
            loop {
                let followed = ContainerLog::follow(&engine, &container, wanted.clone()).await;
                pass_on(followed, log, &sender).await;
                // The log ends with the container, which an event of the scenario may start again.
                tokio::time::sleep(AGAIN).await;
            }
        });
    }

    /// Follows the lines appended to that file in the container.
    pub(super) async fn follow_file(&mut self, log: Log, container: &str, path: &str) -> Result<(), EngineError> {
        let lines = of_file(&self.engine, container, path).await?;
        let sender = self.sender.clone();
        self.tasks.spawn(async move { pass_on(lines, log, &sender).await });
        Ok(())
    }

    /// The next lines of any of the logs.
    pub(super) async fn next(&mut self) -> Option<(Log, Vec<Line>)> {
        self.lines.recv().await
    }
}

async fn pass_on(mut followed: ContainerLog, log: Log, sender: &mpsc::Sender<(Log, Vec<Line>)>) {
    while let Some(Ok(lines)) = followed.next().await {
        if sender.send((log, lines)).await.is_err() {
            return;
        }
    }
}

/// The lines appended to a file in the container.
async fn of_file(engine: &Docker, container: &str, path: &str) -> Result<ContainerLog, EngineError> {
    // `-F` follows the name: a log that is rotated goes on.
    let command = ["tail", "-n", "0", "-F", path].map(str::to_owned).to_vec();
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        cmd: Some(command),
        ..CreateExecOptions::default()
    };
    let execution = engine.create_exec(container, options).await?;
    let output: Output = match engine.start_exec(&execution.id, None).await? {
        StartExecResults::Attached { output, .. } => output,
        StartExecResults::Detached => Box::pin(futures_util::stream::empty()),
    };
    Ok(ContainerLog::parse(output))
}
