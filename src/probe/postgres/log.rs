//! Follows the log of the database's container.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use testcontainers::bollard::Docker;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::query_parameters::LogsOptionsBuilder;

use super::log_line::{Entry, LineParser};

/// Bytes of a line that are kept: enough for its head and the first word of its statement.
const LONGEST_LINE: usize = 8192;

/// Why the log could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LogError {
    /// The engine did not deliver it.
    #[error("failed to follow the container's log")]
    Engine(#[source] EngineError),
    /// The container stopped, or its log is not kept.
    #[error("the container's log ended")]
    Ended,
}

/// The log from now on, as events.
pub(super) struct Log {
    stream: Pin<Box<dyn Stream<Item = Result<LogOutput, EngineError>> + Send>>,
    lines: Lines,
    parser: LineParser,
}

impl Log {
    pub(super) fn follow(engine: &Docker, container: &str, parser: LineParser) -> Self {
        let options = LogsOptionsBuilder::new()
            .follow(true)
            .stdout(true)
            .stderr(true)
            .tail("0")
            .build();
        Self {
            stream: Box::pin(engine.logs(container, Some(options))),
            lines: Lines::default(),
            parser,
        }
    }

    /// Reads on and hands each event to `take` until that says it has enough.
    pub(super) async fn read(&mut self, mut take: impl FnMut(Entry) -> bool) -> Result<(), LogError> {
        loop {
            let output = self
                .stream
                .next()
                .await
                .ok_or(LogError::Ended)?
                .map_err(LogError::Engine)?;
            // The server logs to standard error; with a terminal both are one.
            let (LogOutput::StdErr { message } | LogOutput::Console { message }) = output else {
                continue;
            };
            let mut enough = false;
            self.lines.feed(&message, |line| {
                if let Some(entry) = self.parser.feed(line) {
                    enough |= take(entry);
                }
            });
            if enough {
                return Ok(());
            }
        }
    }
}

/// Cuts a stream of bytes into lines; long lines are cut short, so that memory is bounded.
#[derive(Debug, Default)]
struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    fn feed(&mut self, mut bytes: &[u8], mut take: impl FnMut(&str)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.append(&bytes[..end]);
            take(String::from_utf8_lossy(&self.begun).trim_end_matches('\r'));
            self.begun.clear();
            bytes = &bytes[end + 1..];
        }
        self.append(bytes);
    }

    fn append(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE - self.begun.len();
        self.begun.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_across_frames_and_cut_short() {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        let long = "x".repeat(LONGEST_LINE);
        for frame in ["one\ntw", "o\r\n", "\n", &long, &long, "\nlast"] {
            lines.feed(frame.as_bytes(), |line| found.push(line.to_owned()));
        }
        assert_eq!(found, ["one", "two", "", long.as_str()]);
    }
}
