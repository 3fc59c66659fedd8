//! Everything that is printed: data on standard output, messages on standard error.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use tokio::sync::mpsc::UnboundedReceiver;

use super::Exit;
use crate::error::{Hint, chain, full_disk};

/// Printer of all data and messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    quiet: bool,
}

impl Output {
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// True if standard error is a terminal, on which a line can be drawn over, and messages are wanted.
    pub(super) fn live(self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// True if standard output takes colours.
    #[expect(clippy::unused_self, reason = "printing goes through the one who knows how to print")]
    pub(super) fn colour(self) -> bool {
        // As <https://no-color.org> asks: the variable counts where it is there and not empty.
        io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// True if standard error takes colours.
    pub(super) fn live_colour(self) -> bool {
        self.live() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Prints a message, unless quiet.
    pub(super) fn say(self, line: &str) {
        if !self.quiet {
            self.clear();
            Self::write(format_args!("{line}\n"));
        }
    }

    /// Writes to standard error. A terminal that has been closed is no reason to end a run.
    fn write(text: std::fmt::Arguments<'_>) {
        let _ = io::stderr().lock().write_fmt(text);
    }

    /// Draws a line over the last one, on a terminal.
    pub(super) fn draw(self, line: &str) {
        if self.live() {
            Self::write(format_args!("\r\x1b[2K{line}"));
            let _ = io::stderr().flush();
        }
    }

    fn clear(self) {
        if self.live() {
            Self::write(format_args!("\r\x1b[2K"));
        }
    }

    /// Prints messages as they come, until all their senders are gone.
    pub(super) async fn relay(self, mut lines: UnboundedReceiver<String>) {
        while let Some(line) = lines.recv().await {
            self.say(&line);
        }
    }

    /// Prints a summary of what is kept elsewhere, too: one that cannot be printed is no error.
    #[expect(clippy::unused_self, reason = "printing goes through the one who knows how to print")]
    pub(super) fn print(self, text: &str) {
        let _ = write_out(text);
    }

    /// Prints data that the command was given for. Data that cannot be written is an error, told by [`Output::conclude`]; a
    /// reader that has closed its end wants no more, which is none.
    #[expect(clippy::unused_self, reason = "printing goes through the one who knows how to print")]
    pub(super) fn deliver(self, text: &str) {
        // A closed pipe, as of `| head`, is a reader who has enough.
        if let Err(error) = write_out(text)
            && error.kind() != ErrorKind::BrokenPipe
        {
            // The first one tells the cause of all.
            let _ = UNWRITTEN.set(error);
        }
    }

    /// Exit of a command after all that it printed.
    pub(super) fn conclude(self, exit: Exit) -> Exit {
        match UNWRITTEN.get() {
            Some(error) => {
                let source = error
                    .raw_os_error()
                    .map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
                exit.and(self.fail(&OutputError(source)))
            }
            None => exit,
        }
    }

    /// Prints `error:`, the cause chain, and the hint.
    pub(super) fn fail(self, error: &(dyn Hint + 'static)) -> Exit {
        self.clear();
        Self::write(format_args!("{}", explained(error)));
        Exit::CouldNot
    }
}

/// The first error of data on standard output.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

#[derive(Debug, thiserror::Error)]
#[error("failed to write to standard output")]
struct OutputError(#[source] io::Error);

impl Hint for OutputError {}

/// Writes text to standard output and ends its last line.
fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// The lines of [`Output::fail`].
pub(super) fn explained(error: &(dyn Hint + 'static)) -> String {
    let mut last = error.to_string();
    let mut text = format!("error: {last}\n");
    for cause in chain(error).skip(1) {
        let said = cause.to_string();
        // A transparent wrapper only repeats the message of its source.
        if said != last {
            text.extend(["  caused by: ", &said.trim_end().replace('\n', "\n    "), "\n"]);
        }
        last = said;
    }
    if let Some(hint) = full_disk(error).or_else(|| error.hint()) {
        text.extend(["hint: ", &hint, "\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Failed {
        #[error("failed to write the report")]
        Write(#[source] io::Error),
        #[error(transparent)]
        Wrapped(#[from] Box<Failed>),
        #[error("not a valid scenario")]
        Parse(#[source] Inner),
    }

    #[derive(Debug, thiserror::Error)]
    #[error("line 3\n   | here\n")]
    struct Inner;

    impl Hint for Failed {
        fn hint(&self) -> Option<String> {
            match self {
                Self::Write(_) => Some("look at the folder".to_owned()),
                Self::Wrapped(source) => source.hint(),
                Self::Parse(_) => None,
            }
        }
    }

    #[test]
    fn an_error_is_told_with_its_causes_and_the_next_move() {
        let denied = || Failed::Write(io::Error::new(io::ErrorKind::PermissionDenied, "denied"));
        let told = "error: failed to write the report\n  caused by: denied\nhint: look at the folder\n";
        assert_eq!(explained(&denied()), told);
        // A message that a wrapper only repeats is printed once.
        assert_eq!(explained(&Failed::Wrapped(Box::new(denied()))), told);
        assert_eq!(
            explained(&Failed::Parse(Inner)),
            "error: not a valid scenario\n  caused by: line 3\n       | here\n"
        );
    }

    #[test]
    fn a_full_disk_is_the_first_thing_to_do_something_about() {
        let text = explained(&Failed::Write(io::Error::from_raw_os_error(28)));
        assert!(text.contains("hint: the disk is full"), "{text}");
        assert!(!text.contains("look at the folder"), "{text}");
        assert_eq!(Output::new(true).fail(&Failed::Parse(Inner)), Exit::CouldNot);
    }
}
