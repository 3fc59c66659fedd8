//! Variables and functions of `JMeter` in a text: `${task}`, `${__Random(1,9)}`.

use std::collections::BTreeSet;

use super::marker::{literal, reference};
use super::names::value_name;

/// Text with references, and what of it journeys have no counterpart for.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Names of the variables that were referred to, as journeys have them.
    pub(super) used: BTreeSet<String>,
    /// Functions that have no counterpart.
    pub(super) unknown: BTreeSet<String>,
}

impl Texts {
    /// The text with references to values in place of variables and functions.
    pub(super) fn read(&mut self, text: &str) -> String {
        let mut read = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            read.push_str(&literal(before));
            let Some(end) = end_of(after) else {
                read.push_str(&literal(&rest[before.len()..]));
                return read;
            };
            read.push_str(&self.one(&after[..end]));
            rest = &after[end + 1..];
        }
        read.push_str(&literal(rest));
        read
    }

    fn one(&mut self, inside: &str) -> String {
        if !inside.starts_with("__") {
            let name = value_name(inside);
            self.used.insert(name.clone());
            return reference(&name);
        }
        let (function, arguments) = inside.split_once('(').unwrap_or((inside, ""));
        let arguments = arguments.trim_end_matches(')');
        let mut words = arguments.split(',').map(str::trim);
        let whole = |word: Option<&str>| word.and_then(|word| word.parse::<i64>().ok());
        match function {
            "__Random" => {
                if let (Some(low), Some(high)) = (whole(words.next()), whole(words.next())) {
                    return reference(&format!("random {low} {high}"));
                }
            }
            "__UUID" => return reference("uuid"),
            "__threadNum" => return reference("user"),
            "__counter" => return reference("iteration"),
            "__RandomString" => return reference("random 100000 999999"),
            // A property with a default, which a variable is as well.
            "__P" | "__property" => {
                let name = value_name(words.next().unwrap_or_default());
                self.used.insert(name.clone());
                return reference(&name);
            }
            _ => {}
        }
        self.unknown.insert(literal(inside));
        "REPLACE-ME".to_owned()
    }

    /// Defaults of the properties in a text: `${__P(host,shop.example)}`.
    pub(super) fn defaults(text: &str) -> Vec<(String, String)> {
        let calls = text.split("${__P(").skip(1).filter_map(|rest| rest.split_once(')'));
        let pairs = calls.filter_map(|(arguments, _)| arguments.split_once(','));
        pairs
            .map(|(name, value)| (value_name(name.trim()), literal(value.trim())))
            .collect()
    }
}

/// Position of the brace that closes a reference, which may have others in it.
fn end_of(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (position, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(position),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_functions_become_references() {
        let mut texts = Texts::default();
        for (text, expected) in [
            (
                "/tasks/${taskId}?n=${__Random(1,9)}",
                "/tasks/{{task_id}}?n={{random 1 9}}",
            ),
            ("${__UUID}-${__UUID()}", "{{uuid}}-{{uuid}}"),
            ("$5 ${open", "$5 ${open"),
            ("${__groovy(vars.get('a') + \"{}\")}", "REPLACE-ME"),
            ("${__P(host,shop.example)}", "{{host}}"),
        ] {
            let read = texts.read(text).replace('\u{e000}', "{{").replace('\u{e001}', "}}");
            assert_eq!(read, expected);
        }
        assert_eq!(texts.used.iter().collect::<Vec<_>>(), ["host", "task_id"]);
        assert_eq!(texts.unknown.len(), 1);
        assert_eq!(
            Texts::defaults("a ${__P(host,shop.example)}"),
            [("host".to_owned(), "shop.example".to_owned())]
        );
    }
}
