//! Languages of reports, with the number format of each.

use super::en::text;
use super::{Wording, en, fr};
use crate::slo::Label;

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// Its sentences.
    pub fn wording(self) -> &'static dyn Wording {
        match self {
            Self::English => &en::English,
            Self::French => &fr::French,
        }
    }

    /// Selects the text in this language.
    pub fn say<'a>(self, english: &'a str, french: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// Converts the separators of an English text between digits to those of this language; other punctuation stays.
    pub fn written(self, english: &str) -> String {
        match self {
            Self::English => english.to_owned(),
            Self::French => fr::written(english),
        }
    }

    /// A label in this language.
    pub fn label(self, label: Label) -> &'static str {
        self.say(label.english, label.french)
    }

    /// Its language tag.
    pub fn tag(self) -> &'static str {
        self.say("en", "fr")
    }

    /// A number with about three digits in the format of this language.
    pub fn number(self, value: f64) -> String {
        let text = text::digits(value);
        let text = match text.split_once('.') {
            Some((whole, part)) if part.chars().all(|digit| digit == '0') => whole.to_owned(),
            _ => text,
        };
        self.written(&text)
    }

    /// A count with separated thousands.
    pub fn count(self, value: u64) -> String {
        self.written(&text::count(value))
    }

    /// A share as a whole percentage.
    pub fn percent(self, share: f64) -> String {
        self.written(&format!("{:.0} %", share * 100.0))
    }

    /// Milliseconds of a percentile; `∞` if it falls among failures.
    pub fn millis(self, value: Option<f64>) -> String {
        value.map_or_else(|| "∞".to_owned(), |value| self.written(&text::millis(value)))
    }

    /// Converts an English number of bytes such as `512 MB`; French writes `o` (octet) for `B`.
    pub fn bytes(self, english: &str) -> String {
        match self {
            Self::English => english.to_owned(),
            Self::French => self.written(english).replace('B', "o"),
        }
    }

    /// Joins with commas and the word for *and*.
    pub fn list(self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} {} {last}", first.join(", "), self.say("and", "et")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_has_them() {
        assert_eq!(Language::English.number(1_234.5), "1,234");
        assert_eq!(Language::French.number(1_234.5), "1\u{202f}234");
        assert_eq!(Language::French.number(8.25), "8,25");
        assert_eq!(Language::English.number(40.0), "40");
        assert_eq!(Language::French.percent(0.155), "16 %");
        assert_eq!(Language::English.millis(None), "∞");
        assert_eq!(Language::French.count(12_000), "12\u{202f}000");
        assert_eq!(Language::French.bytes("1.5 GiB"), "1,5 Gio");
        assert_eq!(Language::English.bytes("1.5 GiB"), "1.5 GiB");
    }

    #[test]
    fn only_what_stands_between_digits_is_written_anew() {
        let text = "p99 12.5 ms, 1,200 of 3,000. A .5 and 1. too";
        assert_eq!(Language::English.written(text), text);
        assert_eq!(
            Language::French.written(text),
            "p99 12,5 ms, 1\u{202f}200 of 3\u{202f}000. A .5 and 1. too"
        );
    }

    #[test]
    fn lists_end_with_the_word_of_the_language() {
        let items = ["5/s", "8/s", "9/s"].map(str::to_owned);
        assert_eq!(Language::English.list(&items), "5/s, 8/s and 9/s");
        assert_eq!(Language::French.list(&items), "5/s, 8/s et 9/s");
        assert_eq!(Language::French.list(&items[..1]), "5/s");
        assert_eq!(Language::French.list(&[]), "");
    }
}
