//! Runs `docker` commands, silently or with progress messages.

use std::collections::VecDeque;
use std::io;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::stack::{ProgressSender, StackError};

/// Lines of output that an error carries.
pub(super) const TAIL_LINES: usize = 30;

const LINE_EVERY: Duration = Duration::from_secs(2);

/// Runs it to its end, or for that time, and returns its standard output: there are files that Compose never comes to the end of.
pub(super) async fn quietly(limit: Duration, mut command: Command, what: &str) -> Result<String, StackError> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Compose is a child of `docker`, and would go on without it.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| not_run(&error))?;
    let mut group = ProcessGroup(child.id());
    let Ok(output) = timeout(limit, child.wait_with_output()).await else {
        return Err(StackError::Command {
            command: what.to_owned(),
            output: tail(&format!("it did not come to an end within {} s", limit.as_secs())),
        });
    };
    group.0 = None;
    let output = output.map_err(|error| not_run(&error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(StackError::Command {
            command: what.to_owned(),
            output: tail(&without_warnings(&String::from_utf8_lossy(&output.stderr))),
        })
    }
}

/// A group of processes that ends when this is dropped.
struct ProcessGroup(Option<u32>);

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        let id = self.0.and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw) {
            // A group that has ended by itself cannot be killed.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

/// The lines that are no warnings, unless all are: those before an error bury it.
fn without_warnings(text: &str) -> String {
    let is_warning = |line: &&str| line.starts_with("time=") && line.contains(" level=warning ");
    let rest: Vec<&str> = text.lines().filter(|line| !is_warning(line)).collect();
    if rest.iter().all(|line| line.trim().is_empty()) {
        text.to_owned()
    } else {
        rest.join("\n")
    }
}

/// Runs it to its end. Its latest line becomes a progress message every two seconds, its last lines part of the error.
pub(super) async fn talking(mut command: Command, what: &str, talk: &ProgressSender) -> Result<(), StackError> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| not_run(&error))?;
    let mut output = child.stdout.take().map(lines);
    let mut errors = child.stderr.take().map(lines);
    let mut last = VecDeque::new();
    let start = Instant::now();
    let mut next_line = LINE_EVERY;
    while output.is_some() || errors.is_some() {
        let line = tokio::select! {
            line = next(&mut output), if output.is_some() => line,
            line = next(&mut errors), if errors.is_some() => line,
        };
        let Some(line) = line else { continue };
        if start.elapsed() >= next_line && !line.trim().is_empty() {
            next_line = start.elapsed() + LINE_EVERY;
            talk.say(format!("{what}, {} s: {}", start.elapsed().as_secs(), line.trim()));
        }
        if last.len() == TAIL_LINES {
            last.pop_front();
        }
        last.push_back(line);
    }
    let status = child.wait().await.map_err(|error| not_run(&error))?;
    if status.success() {
        Ok(())
    } else {
        Err(StackError::Command {
            command: what.to_owned(),
            output: tail(&Vec::from(last).join("\n")),
        })
    }
}

/// The next line, with bytes that are no UTF-8 replaced. At its end the stream is dropped.
///
/// Dropping it earlier would close the pipe, and the command would end at its next output.
async fn next<R: AsyncRead + Unpin>(stream: &mut Option<Lines<R>>) -> Option<String> {
    let lines = stream.as_mut()?;
    // A cancelled read leaves its bytes in the buffer, and the next one goes on there.
    let read = lines.stream.read_until(b'\n', &mut lines.line).await;
    let line = std::mem::take(&mut lines.line);
    if read.is_err() || line.is_empty() {
        *stream = None;
        return None;
    }
    Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
}

/// A stream, and the beginning of its next line.
struct Lines<R> {
    stream: BufReader<R>,
    line: Vec<u8>,
}

fn lines<R: AsyncRead>(stream: R) -> Lines<R> {
    Lines {
        stream: BufReader::new(stream),
        line: Vec::new(),
    }
}

fn not_run(error: &io::Error) -> StackError {
    StackError::ComposeMissing {
        problem: error.to_string(),
    }
}

/// The last lines, indented.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let start = lines.len().saturating_sub(TAIL_LINES);
    lines[start..]
        .iter()
        .map(|line| format!("  | {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_tail_is_the_end() {
        let text = (0..100)
            .map(|number| format!("line {number}"))
            .collect::<Vec<_>>()
            .join("\n");
        let tail = tail(&text);
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert!(tail.ends_with("  | line 99"));
    }

    #[test]
    fn warnings_before_an_error_are_left_out() {
        let warning = "time=\"2026-01-01T00:00:00Z\" level=warning msg=\"not set\"";
        assert_eq!(without_warnings(&format!("{warning}\nbroken\n{warning}")), "broken");
        assert_eq!(without_warnings(warning), warning);
    }

    #[tokio::test]
    async fn a_command_without_an_end_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let mut command = Command::new("sh");
        let script = format!(
            "sleep 1000 & echo $! >{file}.new; mv {file}.new {file}; wait",
            file = file.display()
        );
        command.args(["-c", &script]);
        let error = quietly(Duration::from_secs(5), command, "try")
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(error, "try failed:\n  | it did not come to an end within 5 s");
        let child = std::fs::read_to_string(&file).unwrap();
        let state = Path::new("/proc").join(child.trim()).join("stat");
        for _ in 0..400 {
            // A killed process stays until somebody asks for its end.
            if std::fs::read_to_string(&state).map_or(true, |text| text.contains(") Z ")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} goes on", child.trim());
    }

    #[tokio::test]
    async fn a_command_goes_on_whatever_bytes_it_prints() {
        let mut command = Command::new("sh");
        // A read is cancelled when the other stream has a line first.
        command.args([
            "-c",
            "printf 'caf\\351\\n'; echo err >&2; printf '\\377'; echo end; exit 3",
        ]);
        let (talk, _listener) = ProgressSender::channel();
        let error = talking(command, "try", &talk).await.unwrap_err().to_string();
        assert!(
            error.contains("| caf\u{fffd}\n") && error.contains("\u{fffd}end"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_failed_command_carries_what_it_said_on_both_streams() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let (talk, _listener) = ProgressSender::channel();
        let error = talking(command, "try", &talk).await.unwrap_err().to_string();
        assert!(error.starts_with("try failed:"), "{error}");
        assert!(error.contains("| out") && error.contains("| err"), "{error}");
    }
}
