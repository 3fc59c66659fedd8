//! One step of `diapason try` as text.

use std::fmt;
use std::time::Duration;

use crate::journey::Actual;
use crate::record::Outcome;
use crate::trial::{MaskedExchange, TrialStep};

/// Most bytes of a body that are shown.
const SHOWN_BYTES: usize = 4 << 10;
/// Most bytes of a value that are shown.
const VALUE_BYTES: usize = 200;

/// A step, printed: `>` is sent, `<` is received.
pub(super) struct Transcript<'a>(pub(super) &'a TrialStep);

impl fmt::Display for Transcript<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = self.0;
        writeln!(
            f,
            "{}  {} in {}",
            entry.series,
            entry.outcome.name(),
            Millis(entry.response_time)
        )?;
        for turn in &entry.turns {
            write!(f, "{}", ExchangeDisplay(turn))?;
        }
        for name in &entry.missing {
            writeln!(f, "  not sent  `{{{{{name}}}}}` has no value: no answer has given one")?;
        }
        if entry.turns.is_empty() && entry.missing.is_empty() {
            writeln!(
                f,
                "  not sent  a value cannot stand where its template puts it, or leads to a host of others"
            )?;
        }
        for check in &entry.checks {
            let word = match entry.outcome {
                _ if check.holds => "holds ",
                // The journey foresees it.
                Outcome::SessionExpired => "renews",
                _ => "FAILED",
            };
            writeln!(f, "  {word}    {}: {}", check.written, actual(&check.actual))?;
        }
        for value in &entry.extracted {
            match &value.text {
                Some(text) => writeln!(f, "  extract   {} = {}", value.name, cut(text, VALUE_BYTES))?,
                None => writeln!(f, "  FAILED    {}: nothing matches", value.name)?,
            }
        }
        Ok(())
    }
}

/// The value that a check read.
fn actual(value: &Actual) -> String {
    match value {
        Actual::Undecodable => "the body cannot be decoded".to_owned(),
        Actual::NotJson => "the body is not JSON".to_owned(),
        Actual::Nothing => "nothing".to_owned(),
        Actual::Body { bytes } => format!("a body of {bytes} bytes"),
        Actual::Values(values) => cut(values, VALUE_BYTES),
    }
}

struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ms", self.0.as_secs_f64() * 1e3)
    }
}

struct ExchangeDisplay<'a>(&'a MaskedExchange);

impl fmt::Display for ExchangeDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let turn = self.0;
        let request = &turn.request;
        writeln!(f, "  > {} {}", request.method, request.url)?;
        headers(f, '>', &request.headers)?;
        body(f, '>', request.body.as_deref(), request.bytes)?;
        match &turn.response {
            Ok(response) => {
                writeln!(
                    f,
                    "  < {} {} in {}, {} bytes",
                    response.version,
                    response.status,
                    Millis(turn.took),
                    response.bytes
                )?;
                headers(f, '<', &response.headers)?;
                // The answer to a WebSocket's handshake has no body of its own.
                if turn.messages.is_empty() {
                    body(f, '<', response.body.as_deref(), response.size)?;
                }
            }
            Err(outcome) => writeln!(f, "  < {} after {}", outcome.name(), Millis(turn.took))?,
        }
        for message in &turn.messages {
            body(
                f,
                if message.sent { '>' } else { '<' },
                message.text.as_deref(),
                message.bytes,
            )?;
        }
        Ok(())
    }
}

fn headers(f: &mut fmt::Formatter<'_>, mark: char, headers: &[(String, String)]) -> fmt::Result {
    headers
        .iter()
        .try_for_each(|(name, value)| writeln!(f, "  {mark} {name}: {value}"))
}

fn body(f: &mut fmt::Formatter<'_>, mark: char, text: Option<&str>, bytes: u64) -> fmt::Result {
    if bytes == 0 {
        return Ok(());
    }
    writeln!(f, "  {mark}")?;
    let Some(text) = text else {
        return writeln!(f, "  {mark} ({bytes} bytes that are no text)");
    };
    for line in cut(text, SHOWN_BYTES).lines() {
        writeln!(f, "  {mark} {}", printable(line))?;
    }
    Ok(())
}

/// The beginning of a text, with the number of bytes that are left out.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    // A cut within a letter would panic.
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{} … {} bytes more", &text[..end], text.len() - end)
}

/// Without control characters, with which an answer could steer the terminal.
fn printable(line: &str) -> String {
    line.chars()
        .map(|letter| {
            // An answer's escape sequences must not act on the terminal.
            if letter.is_control() && letter != '\t' {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(cut("héllo", 5), "héll … 1 bytes more");
        assert_eq!(cut("hé", 2), "h … 2 bytes more");
        assert_eq!(cut("hé", 3), "hé");
        assert_eq!(printable("a\x1b[2Jb\tc"), "a\u{fffd}[2Jb\tc");
    }
}
