//! The two languages of the capacity page.

use crate::report::text;

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// The one of both texts that is in this language.
    pub(super) fn say<'a>(self, english: &'a str, french: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// Its tag.
    pub(super) fn tag(self) -> &'static str {
        self.say("en", "fr")
    }

    /// A number with about three digits, as it is written in this language.
    pub(super) fn number(self, value: f64) -> String {
        let text = text::digits(value);
        let text = match text.split_once('.') {
            Some((whole, part)) if part.chars().all(|digit| digit == '0') => whole.to_owned(),
            _ => text,
        };
        self.written(&text)
    }

    /// A share as a percentage.
    pub(super) fn percent(self, share: f64) -> String {
        self.written(&format!("{:.0} %", share * 100.0))
    }

    /// Digits grouped and divided as this language does.
    pub(super) fn written(self, english: &str) -> String {
        match self {
            Self::English => english.to_owned(),
            // A narrow no-break space between thousands.
            Self::French => english.replace(',', "\u{202f}").replace('.', ","),
        }
    }

    /// Milliseconds of a percentile; `∞` where it falls among failures.
    pub(super) fn millis(self, value: Option<f64>) -> String {
        value.map_or_else(|| "∞".to_owned(), |value| self.written(&text::millis(value)))
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
    }
}
