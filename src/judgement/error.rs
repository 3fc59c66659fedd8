//! Hints: the next action that an error suggests.

/// An error that may suggest to the user what to do about it.
///
/// Each room has one error enum (`thiserror`) and implements this for it; the room above delegates for the errors it wraps.
/// Only `cli` prints: `error:` with the cause chain, then one `hint:`.
pub trait Hint: std::error::Error {
    /// One sentence with the next action; `None` if there is none to suggest.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// The error and its causes, outermost first.
pub fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The error and its causes in one line, outermost first: `failed to read a.toml: permission denied`.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let causes: Vec<String> = chain(error).map(ToString::to_string).collect();
    causes.join(": ")
}

/// A fault in a file in TOML, with its line, in the words of the file: the parser names types of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TomlError {
    text: String,
    message: String,
}

impl TomlError {
    /// The fault without its place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<toml::de::Error> for TomlError {
    fn from(error: toml::de::Error) -> Self {
        let message = in_words_of_the_file(error.message());
        let whole = error.to_string();
        let text = match whole.rfind(error.message()) {
            Some(at) => format!("{}{message}{}", &whole[..at], &whole[at + error.message().len()..]),
            None => whole,
        };
        Self {
            text: text.trim_end().to_owned(),
            message,
        }
    }
}

/// `invalid type: map, expected u32` as `invalid type: table, expected a whole number …`.
fn in_words_of_the_file(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let found = match found.split_once(": ") {
        Some((kind, "map")) => format!("{kind}: table"),
        Some((kind, "sequence")) => format!("{kind}: array"),
        _ => found.to_owned(),
    };
    format!("{found}, expected {}", expected_in_words(expected))
}

/// Expected values in the parser's words, by their beginnings, and as a file has them.
const EXPECTED: [(&str, &str); 22] = [
    ("struct ", "a table"),
    ("struct variant ", "a table"),
    ("internally tagged enum ", "a table"),
    ("adjacently tagged enum ", "a table"),
    ("a map", "a table"),
    ("map", "a table"),
    ("tuple ", "an array"),
    ("a sequence", "an array"),
    ("sequence", "an array"),
    ("unit variant ", "a word"),
    ("variant identifier", "a word"),
    ("enum ", "a word, or a table with one"),
    ("path string", "a path"),
    ("a boolean", "true or false"),
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a whole number from 0 to 65,535"),
    ("u32", "a whole number from 0 to 4,294,967,295"),
    ("u64", "a whole number of at least 0"),
    ("usize", "a whole number of at least 0"),
    ("i", "a whole number"),
    ("a nonzero ", "a whole number of at least 1"),
    ("f", "a number"),
];

fn expected_in_words(expected: &str) -> &str {
    let is_number = |letters: &str| {
        let bits = ["8", "16", "32", "64", "128", "size"];
        expected.strip_prefix(letters).is_some_and(|rest| bits.contains(&rest))
    };
    let known = EXPECTED.iter().find(|(beginning, _)| match *beginning {
        letters @ ("i" | "f") => is_number(letters),
        open if open.ends_with(' ') => expected.starts_with(open),
        whole => expected == whole,
    });
    known.map_or(expected, |(_, words)| words)
}

/// Hint for a full disk or an exceeded quota, found anywhere in the chain of causes.
pub fn full_disk(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut kinds = chain(error).filter_map(|cause| cause.downcast_ref().map(std::io::Error::kind));
    kinds.find_map(|kind| match kind {
        std::io::ErrorKind::StorageFull => {
            Some("the disk is full: free space there, or let the run write elsewhere by `--out` and TMPDIR".to_owned())
        }
        std::io::ErrorKind::QuotaExceeded => Some(
            "the quota of this user is used up: free space there, or let the run write elsewhere by `--out` and TMPDIR"
                .to_owned(),
        ),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to write report.json")]
    struct Outer(#[source] io::Error);

    #[derive(Debug, serde::Deserialize)]
    #[serde(tag = "executor", rename_all = "kebab-case")]
    #[expect(dead_code, reason = "only read")]
    enum Tagged {
        Steady { rate: u16 },
    }

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only read")]
    enum Word {
        One,
        Two(u8),
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Settings {
        port: Option<u16>,
        count: Option<i64>,
        least: Option<std::num::NonZeroU32>,
        rate: Option<f64>,
        list: Option<Vec<String>>,
        table: Option<std::collections::BTreeMap<String, String>>,
        path: Option<std::path::PathBuf>,
        on: Option<bool>,
        inner: Option<Box<Settings>>,
        tagged: Option<Tagged>,
        word: Option<Word>,
        text: Option<String>,
    }

    #[test]
    fn no_type_of_the_program_is_named_for_a_fault_in_a_file() {
        for (text, expected) in [
            (
                "port = 70000",
                "invalid value: integer `70000`, expected a whole number from 0 to 65,535",
            ),
            (
                "count = 1.5",
                "invalid type: floating point `1.5`, expected a whole number",
            ),
            (
                "least = 0",
                "invalid value: integer `0`, expected a whole number of at least 1",
            ),
            ("rate = 'x'", "invalid type: string \"x\", expected a number"),
            ("list = 5", "invalid type: integer `5`, expected an array"),
            ("table = ['a']", "invalid type: array, expected a table"),
            ("path = 5", "invalid type: integer `5`, expected a path"),
            ("on = 'yes'", "invalid type: string \"yes\", expected true or false"),
            (
                "inner = 'x, expected u8'",
                "invalid type: string \"x, expected u8\", expected a table",
            ),
            ("text = { a = 1 }", "invalid type: table, expected a string"),
            ("tagged = 5", "invalid type: integer `5`, expected a table"),
            (
                "word = { Two = 300 }",
                "invalid value: integer `300`, expected a whole number from 0 to 255",
            ),
            ("word = 'Three'", "unknown variant `Three`, expected `One` or `Two`"),
            ("x = 1\n", "unknown field `x`, expected one of"),
        ] {
            let error = TomlError::from(toml::from_str::<Settings>(text).unwrap_err());
            assert!(error.message().starts_with(expected), "{text}: {error}");
            let shown = error.to_string();
            assert!(shown.starts_with("TOML parse error at line 1, column "), "{shown}");
            assert!(shown.contains(expected), "{shown}");
        }
    }

    #[test]
    fn a_full_disk_is_told_from_however_deep_it_lies() {
        let advice = |number| full_disk(&Outer(io::Error::from_raw_os_error(number)));
        // ENOSPC, EDQUOT, EACCES.
        assert!(advice(28).unwrap().contains("disk is full"));
        assert!(advice(122).unwrap().contains("quota"));
        assert_eq!(advice(13), None);
    }
}
