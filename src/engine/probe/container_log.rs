//! Follows a container's log from now on, line by line.
//!
//! The log is read once a second from the file that the engine writes (the `json-file` driver), if this user may read
//! that file. Else the engine is asked to follow the log. This wakes the engine and this process for each line: on two
//! cores shared with the stack, it cost a tenth of a core and more per log (`cargo bench --bench probes`).

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use serde::Deserialize;
use testcontainers::bollard::Docker;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::query_parameters::LogsOptionsBuilder;

/// Time between two reads of the file.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes per read of the file.
const PIECE: usize = 1 << 16;
/// Time after which a missing file counts as removed with its container: a rotation is shorter.
const GONE: Duration = Duration::from_secs(5);
/// Bytes kept of a line.
// As long as the pieces of 16 KiB into which the engine itself cuts a line.
const LONGEST_LINE: usize = 16_384;
/// End of an object's text at the end of a line. Quotation marks within the text have a backslash before them.
const END_OF_LINE: &str = "\\n\",";

/// Output stream of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Output,
    Error,
    /// Both streams in one: the container has a terminal.
    Terminal,
}

/// A line without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) channel: Channel,
    pub(super) text: String,
    /// Time at which the engine received the line, if known.
    pub(super) time: Option<Timestamp>,
}

/// Output of the engine: a followed log, or the output of a command.
pub(super) type Output = Pin<Box<dyn Stream<Item = Result<LogOutput, EngineError>> + Send>>;

/// Filter of a log's lines: the lines that hold one of these words, of ASCII letters, digits, blanks, commas, colons
/// and hyphens; all lines if there is no word. Other lines may be delivered as well.
pub(super) type WordFilter = Vec<String>;

/// A followed log.
pub(super) struct ContainerLog {
    source: Source,
    lines: Lines,
}

enum Source {
    File(LogFile),
    Engine(Output),
}

impl ContainerLog {
    /// Follows the log of that container from now on.
    pub(super) async fn follow(engine: &Docker, container: &str, wanted: WordFilter) -> Self {
        // Through the engine each line wakes two processes; the figures are in `docs/measurements/probe-costs.md`.
        let source = match file_of(engine, container, wanted).await {
            Some(file) => Source::File(file),
            None => Source::Engine(Box::pin(
                engine.logs(
                    container,
                    Some(
                        LogsOptionsBuilder::new()
                            .follow(true)
                            .stdout(true)
                            .stderr(true)
                            .tail("0")
                            .build(),
                    ),
                ),
            )),
        };
        Self {
            source,
            lines: Lines::default(),
        }
    }

    /// Reads the lines of an engine output.
    pub(super) fn parse(output: Output) -> Self {
        Self {
            source: Source::Engine(output),
            lines: Lines::default(),
        }
    }

    /// The next lines; `None` if the log has ended.
    pub(super) async fn next(&mut self) -> Option<Result<Vec<Line>, EngineError>> {
        let mut found = Vec::new();
        match &mut self.source {
            Source::Engine(output) => {
                let output = match output.next().await? {
                    Ok(output) => output,
                    Err(error) => return Some(Err(error)),
                };
                let (channel, message) = match output {
                    LogOutput::StdErr { message } => (Channel::Error, message),
                    LogOutput::Console { message } => (Channel::Terminal, message),
                    other => (Channel::Output, other.into_bytes()),
                };
                self.lines.feed(channel, None, &message, &mut found);
            }
            Source::File(file) => loop {
                tokio::time::sleep(LOOK).await;
                match file.read(&mut self.lines, &mut found) {
                    Ok(true) if found.is_empty() => {}
                    Ok(true) => break,
                    Ok(false) => return None,
                    Err(error) => return Some(Err(error.into())),
                }
            },
        }
        Some(Ok(found))
    }
}

/// The log file of that container, positioned at its end; `None` if there is none that this user may read.
async fn file_of(engine: &Docker, container: &str, wanted: WordFilter) -> Option<LogFile> {
    // Whatever fails here leaves the way through the engine, which needs no right on files.
    let inspected = engine.inspect_container(container, None).await.ok()?;
    let driver = inspected.host_config?.log_config?.typ?;
    let path = inspected
        .log_path
        .filter(|path| driver == "json-file" && !path.is_empty())?;
    let terminal = inspected.config.and_then(|config| config.tty).unwrap_or(false);
    LogFile::at_end(Path::new(&path), terminal, wanted).ok()
}

/// A file of the `json-file` driver: one object per line, `{"log":"…\n","stream":"stdout","time":"…"}`.
struct LogFile {
    path: PathBuf,
    file: File,
    terminal: bool,
    wanted: WordFilter,
    /// Bytes after the last complete object.
    begun: Vec<u8>,
    gone_since: Option<Instant>,
}

/// Content of one object; other keys are labels.
#[derive(Deserialize)]
struct LogRecord<'a> {
    #[serde(borrow)]
    log: Cow<'a, str>,
    #[serde(borrow, default)]
    stream: Cow<'a, str>,
    time: Option<Timestamp>,
}

impl LogFile {
    fn at_end(path: &Path, terminal: bool, wanted: WordFilter) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            terminal,
            wanted,
            begun: Vec::new(),
            gone_since: None,
        })
    }

    /// Adds the lines written since the last read; `false` once the file is gone for good.
    fn read(&mut self, lines: &mut Lines, found: &mut Vec<Line>) -> io::Result<bool> {
        self.read_on(lines, found)?;
        let Ok(now) = std::fs::metadata(&self.path) else {
            let since = *self.gone_since.get_or_insert_with(Instant::now);
            return Ok(since.elapsed() < GONE);
        };
        self.gone_since = None;
        let known = self.file.metadata()?;
        if (now.dev(), now.ino()) != (known.dev(), known.ino()) {
            // The engine began a new file; its last writes to the old one are still to be read.
            self.read_on(lines, found)?;
            self.file = File::open(&self.path)?;
            self.read_on(lines, found)?;
        } else if now.len() < self.file.stream_position()? {
            // The engine emptied the only file that it may have.
            self.file.rewind()?;
            self.begun.clear();
            self.read_on(lines, found)?;
        }
        Ok(true)
    }

    fn read_on(&mut self, lines: &mut Lines, found: &mut Vec<Line>) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        loop {
            let read = self.file.read(&mut piece)?;
            // The end for now: the file is read again a second later.
            if read == 0 {
                return Ok(());
            }
            self.begun.extend_from_slice(&piece[..read]);
            let whole = self
                .begun
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
            for object in self.begun[..whole].split(|byte| *byte == b'\n') {
                // A plain search for the word comes before parsing: of a busy proxy's log, most lines are not wanted.
                if !lines.any_begun() && !may_be_wanted(object, &self.wanted) {
                    continue;
                }
                // An object that was cut off by a crash of the engine is lost.
                if let Ok(written) = serde_json::from_slice::<LogRecord<'_>>(object) {
                    let channel = match &*written.stream {
                        _ if self.terminal => Channel::Terminal,
                        "stderr" => Channel::Error,
                        _ => Channel::Output,
                    };
                    lines.feed(channel, written.time, written.log.as_bytes(), found);
                }
            }
            self.begun.drain(..whole);
        }
    }
}

/// True if the object may belong to a wanted line. Most of a busy log does not, and parsing it costs far more than this test.
fn may_be_wanted(object: &[u8], wanted: &WordFilter) -> bool {
    let Ok(object) = std::str::from_utf8(object) else {
        return true;
    };
    // If the object does not end its line, the rest of the line may hold the word.
    wanted.is_empty() || !object.contains(END_OF_LINE) || wanted.iter().any(|word| object.contains(word.as_str()))
}

/// Splits the output of each channel into lines. Long lines are cut short, so that memory is bounded.
#[derive(Debug, Default)]
struct Lines {
    begun: [Vec<u8>; 3],
}

impl Lines {
    /// True if the beginning of a line awaits its end.
    fn any_begun(&self) -> bool {
        self.begun.iter().any(|begun| !begun.is_empty())
    }

    fn feed(&mut self, channel: Channel, time: Option<Timestamp>, mut bytes: &[u8], found: &mut Vec<Line>) {
        let begun = &mut self.begun[channel as usize];
        let append = |begun: &mut Vec<u8>, bytes: &[u8]| {
            // A line without an end must not take all memory.
            let room = LONGEST_LINE - begun.len();
            begun.extend_from_slice(&bytes[..bytes.len().min(room)]);
        };
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            append(begun, &bytes[..end]);
            found.push(Line {
                channel,
                text: String::from_utf8_lossy(begun).trim_end_matches('\r').to_owned(),
                time,
            });
            begun.clear();
            bytes = &bytes[end + 1..];
        }
        append(begun, bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn texts(found: &[Line]) -> Vec<&str> {
        found.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_are_joined_across_pieces_and_cut_short() {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        let long = "x".repeat(LONGEST_LINE);
        for piece in ["one\ntw", "o\r\n", "\n", &long, &long, "\nlast"] {
            lines.feed(Channel::Error, None, piece.as_bytes(), &mut found);
            lines.feed(Channel::Output, None, b"beside", &mut found);
        }
        assert_eq!(texts(&found), ["one", "two", "", long.as_str()]);
    }

    /// A log file, and the lines that one read finds in it.
    struct Followed {
        folder: tempfile::TempDir,
        file: LogFile,
        lines: Lines,
    }

    impl Followed {
        fn new(terminal: bool) -> Self {
            Self::wanting(terminal, &[])
        }

        fn wanting(terminal: bool, words: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x-json.log");
            std::fs::write(&path, "{\"log\":\"before\\n\",\"stream\":\"stdout\"}\n").unwrap();
            Self {
                file: LogFile::at_end(&path, terminal, words.iter().map(|word| (*word).to_owned()).collect()).unwrap(),
                folder,
                lines: Lines::default(),
            }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("x-json.log")
        }

        fn write(&self, text: &str) {
            let mut file = File::options().append(true).create(true).open(self.path()).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }

        fn look(&mut self) -> Vec<Line> {
            let mut found = Vec::new();
            assert!(self.file.read(&mut self.lines, &mut found).unwrap());
            found
        }
    }

    #[test]
    fn what_is_appended_is_found_once_with_its_time_and_channel() {
        let mut log = Followed::new(false);
        assert!(log.look().is_empty(), "what was there before is not new");
        log.write("{\"log\":\"one\\n\",\"stream\":\"stderr\",\"attrs\":{\"a\":\"b\"},\"time\":\"2026-11-27T20:00:00.25Z\"}\n{\"log\":\"two \",\"str");
        let found = log.look();
        assert_eq!(texts(&found), ["one"]);
        assert_eq!(found[0].channel, Channel::Error);
        assert_eq!(found[0].time, Some("2026-11-27T20:00:00.25Z".parse().unwrap()));
        // A long line comes in several objects, and an object may be half written.
        log.write("eam\":\"stdout\"}\n{\"log\":\"halves\\n\",\"stream\":\"stdout\"}\nnonsense\n");
        let found = log.look();
        assert_eq!(texts(&found), ["two halves"]);
        assert_eq!(found[0].channel, Channel::Output);
        assert!(log.look().is_empty());
    }

    #[test]
    fn only_lines_with_a_wanted_word_are_taken_apart() {
        let mut log = Followed::wanting(false, &["run-1-", "limiting"]);
        for text in [
            r#"id \"run-1-7\"\n"#,
            r"id run-2-7\n",
            // Two objects, neither of which would match alone.
            "a long one with \\\"quotes\\\", and ",
            r"run-1-8 at its end\n",
            r"another long one ",
            r"without\n",
            r"limiting requests\n",
            r"last\n",
        ] {
            log.write(&format!("{{\"log\":\"{text}\",\"stream\":\"stderr\"}}\n"));
        }
        assert_eq!(
            texts(&log.look()),
            [
                "id \"run-1-7\"",
                "a long one with \"quotes\", and run-1-8 at its end",
                "another long one without",
                "limiting requests"
            ]
        );
    }

    #[test]
    fn a_log_that_is_rotated_or_emptied_loses_nothing() {
        let mut log = Followed::new(true);
        log.write("{\"log\":\"old\\n\",\"stream\":\"stdout\"}\n");
        std::fs::rename(log.path(), log.folder.path().join("x-json.log.1")).unwrap();
        log.write("{\"log\":\"new\\n\",\"stream\":\"stdout\"}\n");
        let found = log.look();
        assert_eq!(texts(&found), ["old", "new"]);
        assert_eq!(found[0].channel, Channel::Terminal);
        std::fs::write(log.path(), "{\"log\":\"a\\n\"}\n").unwrap();
        assert_eq!(texts(&log.look()), ["a"]);
        // During a rotation there is no file.
        std::fs::remove_file(log.path()).unwrap();
        assert!(log.look().is_empty());
        log.write("{\"log\":\"again\\n\"}\n");
        assert_eq!(texts(&log.look()), ["again"]);
    }
}
