//! Files of separated values (RFC 4180, and what spreadsheets write in its place).
//!
//! Read by hand, because no reader tells a quoted cell from a bare one, and blanks are kept in quotes only.

use std::io::{self, BufRead};

/// Separators that are recognised by the header line.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
/// Byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reader of records, one after another.
#[derive(Debug)]
pub(super) struct Records<R> {
    input: R,
    separator: Option<char>,
    /// Number of the line read last, from 1.
    line: usize,
    text: Vec<u8>,
}

/// A record that cannot be read.
#[derive(Debug)]
pub(super) enum UnreadableRecord {
    Io(io::Error),
    /// Description of the problem, with its line.
    Shape(String),
}

/// State between two letters of a record.
enum State {
    /// Before a cell.
    Before,
    Bare,
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    Quote,
}

impl<R: BufRead> Records<R> {
    /// Reads from `input`; without a separator, the header line decides.
    pub(super) fn new(input: R, separator: Option<char>) -> Self {
        Self {
            input,
            separator,
            line: 0,
            text: Vec::new(),
        }
    }

    /// Number of the line read last, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Reads the next record into `cells`; false at the end. Empty lines are skipped.
    pub(super) fn read(&mut self, cells: &mut Vec<String>) -> Result<bool, UnreadableRecord> {
        self.text.clear();
        loop {
            let start = self.text.len();
            if self
                .input
                .read_until(b'\n', &mut self.text)
                .map_err(UnreadableRecord::Io)?
                == 0
            {
                if self.text.is_empty() {
                    return Ok(false);
                }
                return Err(UnreadableRecord::Shape(format!(
                    "line {}: a quote is never closed",
                    self.line
                )));
            }
            self.line += 1;
            if self.line == 1 && self.text.starts_with(BYTE_ORDER_MARK) {
                self.text.drain(..BYTE_ORDER_MARK.len());
            }
            let text = std::str::from_utf8(&self.text)
                .map_err(|_| UnreadableRecord::Shape(format!("line {} is not UTF-8", self.line)))?;
            if start == 0 && text.trim_matches(['\r', '\n', ' ']).is_empty() {
                self.text.clear();
                continue;
            }
            let separator = *self.separator.get_or_insert_with(|| separator_of(text));
            if split(text, separator, cells) {
                return Ok(true);
            }
        }
    }
}

/// The separator that a header line holds most often outside of quotes; a comma if it holds none.
fn separator_of(header: &str) -> char {
    let mut quoted = false;
    let bare = header.chars().filter(|letter| {
        quoted ^= *letter == '"';
        !quoted
    });
    let bare: Vec<char> = bare.collect();
    let count = |separator: &char| bare.iter().filter(|letter| *letter == separator).count();
    // Of equals, the last is taken: the reverse puts the comma there.
    SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(',')
}

/// Splits a record; false if it ends within quotes. Blanks around a bare cell do not belong to it.
fn split(text: &str, separator: char, cells: &mut Vec<String>) -> bool {
    cells.clear();
    let text = text
        .strip_suffix('\n')
        .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    let is_blank = |letter: char| matches!(letter, ' ' | '\t') && letter != separator;
    let (mut cell, mut state) = (String::new(), State::Before);
    // Length of the part of a cell that was quoted, of which blanks are kept.
    let mut kept = 0;
    for letter in text.chars() {
        state = match (state, letter) {
            (State::Quoted, '"') => State::Quote,
            (State::Quoted, letter) => {
                cell.push(letter);
                State::Quoted
            }
            (State::Quote, '"') => {
                cell.push('"');
                State::Quoted
            }
            (state, letter) if letter == separator => {
                if matches!(state, State::Quote) {
                    kept = cell.len();
                }
                cells.push(finished(&mut cell, kept));
                kept = 0;
                State::Before
            }
            (State::Before, '"') => State::Quoted,
            (State::Before, letter) if is_blank(letter) => State::Before,
            (state, letter) => {
                if matches!(state, State::Quote) {
                    kept = cell.len();
                }
                cell.push(letter);
                State::Bare
            }
        };
    }
    if matches!(state, State::Quoted) {
        return false;
    }
    if matches!(state, State::Quote) {
        kept = cell.len();
    }
    cells.push(finished(&mut cell, kept));
    true
}

fn finished(cell: &mut String, kept: usize) -> String {
    let end = cell.trim_end_matches([' ', '\t']).len().max(kept);
    cell.truncate(end);
    std::mem::take(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &[u8], separator: Option<char>) -> Result<Vec<Vec<String>>, String> {
        let mut records = Records::new(text, separator);
        let (mut all, mut cells) = (Vec::new(), Vec::new());
        loop {
            match records.read(&mut cells) {
                Ok(true) => all.push(cells.clone()),
                Ok(false) => return Ok(all),
                Err(UnreadableRecord::Shape(problem)) => return Err(problem),
                Err(UnreadableRecord::Io(error)) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn cells_are_read_as_spreadsheets_write_them() {
        for (text, expected) in [
            ("a,b\n1,2\n", vec![vec!["a", "b"], vec!["1", "2"]]),
            ("\u{feff}a;b\r\n1;\"2;3\"\r\n", vec![vec!["a", "b"], vec!["1", "2;3"]]),
            ("a\tb\n \t2 ", vec![vec!["a", "b"], vec!["", "2"]]),
            ("a|b,c\n", vec![vec!["a|b", "c"]]),
            ("a|b|c,d\n", vec![vec!["a", "b", "c,d"]]),
            ("\"a,b,c\";d\n", vec![vec!["a,b,c", "d"]]),
            ("a, b\n  x y  ,\" x \" \n", vec![vec!["a", "b"], vec!["x y", " x "]]),
            ("a\n\"say \"\"hi\"\"\"\n", vec![vec!["a"], vec!["say \"hi\""]]),
            (
                "a,b\n\"two\nlines\",5\" disk\n",
                vec![vec!["a", "b"], vec!["two\nlines", "5\" disk"]],
            ),
            ("a\n\n1\n  \n2", vec![vec!["a"], vec!["1"], vec!["2"]]),
            ("a,b\n\"x\"y ,\"\"\n", vec![vec!["a", "b"], vec!["xy", ""]]),
            ("", vec![]),
        ] {
            assert_eq!(records(text.as_bytes(), None).unwrap(), expected, "{text:?}");
        }
        assert_eq!(records(b"a:b\n1:2", Some(':')).unwrap(), [["a", "b"], ["1", "2"]]);
        assert_eq!(
            records(b"a\n\"b\nc", None).unwrap_err(),
            "line 3: a quote is never closed"
        );
        assert_eq!(records(b"a\n\xff", None).unwrap_err(), "line 2 is not UTF-8");
    }
}
