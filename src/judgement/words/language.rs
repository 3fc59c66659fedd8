//! Languages of reports, with the number format of each.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::en::text;
use super::{Wording, en, fr};
use crate::slo::{Label, Limit, Measurement, Objective, Unit};

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Language {
    /// English: `en`.
    #[serde(rename = "en")]
    English,
    /// French: `fr`.
    #[serde(rename = "fr")]
    French,
}

/// A language that reports are not written in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reports are not written in `{0}`; use `en` or `fr`")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        let known = Self::ALL.into_iter().find(|language| language.tag() == tag.trim());
        known.ok_or_else(|| UnknownLanguage(tag.to_owned()))
    }
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

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
            // `5.0/s` suggests a precision that a setting such as 5 does not have.
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

    /// A time in milliseconds with about three digits: `54.2 ms`.
    pub fn time(self, millis: f64) -> String {
        self.written(&text::millis(millis))
    }

    /// A time in milliseconds, or a dash.
    pub fn optional(self, millis: Option<f64>) -> String {
        self.written(&text::optional(millis))
    }

    /// A percentile of requests in milliseconds, which may fall among failures; a dash if there was no request.
    pub fn percentile(self, millis: Option<f64>, requests: u64) -> String {
        match millis {
            None if requests > 0 => self.failed().to_owned(),
            _ => self.optional(millis),
        }
    }

    /// Shown for a percentile that falls among failed requests.
    pub fn failed(self) -> &'static str {
        self.say(text::FAILED, "∞ (échec)")
    }

    /// A number with about three digits: `48.7`, `1,234`.
    pub fn digits(self, value: f64) -> String {
        self.written(&text::digits(value))
    }

    /// A number with that number of decimals.
    pub fn decimal(self, value: f64, decimals: usize) -> String {
        self.written(&format!("{value:.decimals$}"))
    }

    /// A share as a percentage that is not rounded to 0 % or 100 %.
    pub fn share(self, share: f64) -> String {
        self.written(&text::share(share))
    }

    /// A share in prose: whole percents from 10 % to 99.5 %.
    pub fn portion(self, share: f64) -> String {
        self.written(&text::portion(share))
    }

    /// Bytes in binary units: `1.4 MiB`.
    pub fn memory(self, bytes: f64) -> String {
        self.bytes(&text::bytes(bytes))
    }

    /// A value in the unit of a measurement; it may fall among failures.
    pub fn value(self, value: Option<f64>, unit: Unit) -> String {
        match value {
            None => self.failed().to_owned(),
            Some(_) => self.written(&text::value(value, unit)),
        }
    }

    /// Point estimate of a measurement; it may fall among failures, and there may be no sample to estimate it from.
    pub fn point(self, measurement: &Measurement) -> String {
        if measurement.is_unsampled() {
            return self.say(text::NO_SAMPLE, "aucun échantillon").to_owned();
        }
        self.value(measurement.point, measurement.unit)
    }

    /// Interval of a measurement, with its unit: `51.0 – 58.1 ms`.
    pub fn interval(self, measurement: &Measurement) -> String {
        self.written(&text::interval(measurement))
    }

    /// A difference with its two-sided interval: `+12.0 ms [+4.00, +21.0]`. French separates the bounds by a semicolon, since
    /// the comma is its decimal point, and writes percentage points as `pt`.
    pub fn shift(self, shift: Option<f64>, low: Option<f64>, high: Option<f64>, unit: Unit) -> String {
        let english = text::shift(shift, low, high, unit);
        match self {
            Self::English => english,
            // The comma is the French decimal sign: it cannot part two numbers as well.
            Self::French => fr::written(&english.replace(" pp", " pt").replace(", ", " ; ")),
        }
    }

    /// A limit with its direction: `< 100 ms`.
    pub fn limit(self, objective: &Objective, limit: Limit) -> String {
        match self {
            Self::English => text::limit(objective, limit),
            Self::French => fr::directed(objective, limit),
        }
    }

    /// `1 request`, `2 requests`. Each word of the French noun takes the plural.
    pub fn plural(self, number: u64, english: &str, french: &str) -> String {
        match self {
            Self::English => text::plural(number, english),
            Self::French => fr::plural(number, french),
        }
    }

    /// Sets the spaces of a text as the typography of this language has them: in French a narrow no-break space before
    /// `: ; ! ? %` and units, and inside « ».
    pub fn typeset(self, words: &str) -> String {
        match self {
            Self::English => words.to_owned(),
            Self::French => fr::typeset(words),
        }
    }

    /// Joins with commas and the word for *and*.
    pub fn list(self, items: &[String]) -> String {
        match self {
            Self::English => text::list(items),
            Self::French => fr::list(items),
        }
    }

    /// Name of a statistic: `p95`, `share`.
    pub fn statistic(self, name: &str) -> &str {
        match self {
            Self::English => name,
            Self::French => fr::statistic(name),
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
    fn a_shift_is_written_with_its_interval() {
        let shift = |language: Language| language.shift(Some(0.001_2), Some(-0.01), None, Unit::Share);
        assert_eq!(shift(Language::English), "+0.12 pp [−1.00, +∞]");
        assert_eq!(shift(Language::French), "+0,12 pt [−1,00 ; +∞]");
        assert_eq!(Language::French.shift(None, None, None, Unit::Score), "–");
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
