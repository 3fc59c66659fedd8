//! Everything that is printed: data on standard output, talk on standard error.
#![expect(clippy::print_stderr, reason = "the one place that prints")]

use std::error::Error;
use std::io::{IsTerminal, Write};

use super::Exit;
use crate::error::Hint;

/// Where and how to print.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    quiet: bool,
}

impl Output {
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether standard error is a terminal that a line can be drawn over on.
    pub(super) fn live(self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Whether standard output takes colours.
    #[expect(clippy::unused_self, reason = "printing goes through the one who knows how to print")]
    pub(super) fn colour(self) -> bool {
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Whether standard error takes colours.
    pub(super) fn live_colour(self) -> bool {
        self.live() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// A line of talk.
    pub(super) fn say(self, line: &str) {
        if !self.quiet {
            self.clear();
            eprintln!("{line}");
        }
    }

    /// A line drawn over the last one, on a terminal.
    pub(super) fn draw(self, line: &str) {
        if self.live() {
            eprint!("\r\x1b[2K{line}");
            // A line that cannot be drawn is no reason to end a run.
            let _ = std::io::stderr().flush();
        }
    }

    fn clear(self) {
        if self.live() {
            eprint!("\r\x1b[2K");
        }
    }

    /// Data. A reader that has closed its end is no error.
    #[expect(clippy::unused_self, reason = "printing goes through the one who knows how to print")]
    pub(super) fn print(self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
    }

    /// `error:`, the cause chain, and the next move.
    pub(super) fn fail(self, error: &(dyn Hint + 'static)) -> Exit {
        self.clear();
        eprintln!("error: {error}");
        let mut cause = error.source();
        let mut last = error.to_string();
        while let Some(source) = cause {
            let text = source.to_string();
            // A transparent wrapper says what its source says.
            if text != last {
                eprintln!("  caused by: {}", text.trim_end().replace('\n', "\n    "));
            }
            last = text;
            cause = Error::source(source);
        }
        if let Some(hint) = crate::error::full_disk(error).or_else(|| error.hint()) {
            eprintln!("hint: {hint}");
        }
        Exit::CouldNot
    }
}
