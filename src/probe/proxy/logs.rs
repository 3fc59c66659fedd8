//! Follows the logs of containers, or files in them.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use testcontainers::bollard::Docker;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::exec::{CreateExecOptions, StartExecResults};
use testcontainers::bollard::query_parameters::LogsOptionsBuilder;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Bytes of a line that are kept.
const LONGEST_LINE: usize = 16_384;

/// Pieces that wait to be read.
const MOST_WAITING: usize = 256;
/// Between the end of a container's log and the next look: it may be started again.
const AGAIN: Duration = Duration::from_secs(1);

/// Whose lines they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    /// What the proxy's container says.
    Proxy,
    /// The proxy's file.
    File,
    /// What the application's container says.
    Application,
}

/// Several logs at once, each followed by a task of its own, which ends with this.
pub(super) struct Logs {
    engine: Docker,
    sender: mpsc::Sender<(Log, Vec<String>)>,
    lines: mpsc::Receiver<(Log, Vec<String>)>,
    tasks: JoinSet<()>,
}

impl Logs {
    pub(super) fn new(engine: Docker) -> Self {
        let (sender, lines) = mpsc::channel(MOST_WAITING);
        Self {
            engine,
            sender,
            lines,
            tasks: JoinSet::new(),
        }
    }

    /// What that container says, also after it was started again.
    pub(super) fn follow_container(&mut self, log: Log, container: &str) {
        let (engine, sender, container) = (self.engine.clone(), self.sender.clone(), container.to_owned());
        self.tasks.spawn(async move {
            loop {
                pass_on(Lines::of_container(&engine, &container), log, &sender).await;
                tokio::time::sleep(AGAIN).await;
            }
        });
    }

    /// What is appended to that file in the container.
    pub(super) async fn follow_file(&mut self, log: Log, container: &str, path: &str) -> Result<(), EngineError> {
        let lines = Lines::of_file(&self.engine, container, path).await?;
        let sender = self.sender.clone();
        self.tasks.spawn(async move { pass_on(lines, log, &sender).await });
        Ok(())
    }

    /// The next lines of any of them.
    pub(super) async fn next(&mut self) -> Option<(Log, Vec<String>)> {
        self.lines.recv().await
    }
}

async fn pass_on(mut lines: Lines, log: Log, sender: &mpsc::Sender<(Log, Vec<String>)>) {
    while let Some(lines) = lines.next().await {
        if sender.send((log, lines)).await.is_err() {
            return;
        }
    }
}

type Output = Pin<Box<dyn Stream<Item = Result<LogOutput, EngineError>> + Send>>;

/// Lines from now on.
struct Lines {
    output: Output,
    begun: [Vec<u8>; 2],
}

impl Lines {
    /// What the container says on its two streams.
    fn of_container(engine: &Docker, container: &str) -> Self {
        let options = LogsOptionsBuilder::new()
            .follow(true)
            .stdout(true)
            .stderr(true)
            .tail("0")
            .build();
        Self {
            output: Box::pin(engine.logs(container, Some(options))),
            begun: Default::default(),
        }
    }

    /// What is appended to a file in the container.
    async fn of_file(engine: &Docker, container: &str, path: &str) -> Result<Self, EngineError> {
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
        Ok(Self {
            output,
            begun: Default::default(),
        })
    }

    /// The lines of the next piece of output; none where it has ended.
    async fn next(&mut self) -> Option<Vec<String>> {
        let (stream, message) = match self.output.next().await?.ok()? {
            LogOutput::StdErr { message } => (1, message),
            other => (0, other.into_bytes()),
        };
        let mut lines = Vec::new();
        if let Some(begun) = self.begun.get_mut(stream) {
            feed(begun, &message, &mut lines);
        }
        Some(lines)
    }
}

/// Cuts what comes into lines; long ones are cut short, so that memory is bounded.
fn feed(begun: &mut Vec<u8>, mut bytes: &[u8], lines: &mut Vec<String>) {
    let append = |begun: &mut Vec<u8>, bytes: &[u8]| {
        let room = LONGEST_LINE - begun.len();
        begun.extend_from_slice(&bytes[..bytes.len().min(room)]);
    };
    while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        append(begun, &bytes[..end]);
        lines.push(String::from_utf8_lossy(begun).trim_end_matches('\r').to_owned());
        begun.clear();
        bytes = &bytes[end + 1..];
    }
    append(begun, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_cut_short() {
        let (mut begun, mut found) = (Vec::new(), Vec::new());
        let long = "x".repeat(LONGEST_LINE);
        for piece in ["one\ntw", "o\r\n", &long, &long, "\nrest"] {
            feed(&mut begun, piece.as_bytes(), &mut found);
        }
        assert_eq!(found, ["one", "two", long.as_str()]);
    }
}
