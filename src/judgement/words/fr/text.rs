//! Numbers, units and lists.

use crate::slo::{Limit, Unit};
use crate::words::en;

/// Converts the separators of an English text between digits to French ones; other punctuation stays.
pub(in crate::words) fn written(english: &str) -> String {
    let mut written = String::with_capacity(english.len());
    let mut letters = english.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let inside = before.is_ascii_digit() && letters.peek().is_some_and(char::is_ascii_digit);
        written.push(match letter {
            // A narrow no-break space between thousands.
            ',' if inside => '\u{202f}',
            '.' if inside => ',',
            other => other,
        });
        before = letter;
    }
    written
}

/// A share as a percentage with at least two significant digits: `0,028 %`.
pub(super) fn percent(share: f64) -> String {
    written(&en::text::percent(share))
}

/// A value in its unit with about three digits: `41,2 ms`.
pub(super) fn figure(value: f64, unit: Unit) -> String {
    written(&en::text::figure(value, unit))
}

/// A count with separated thousands.
pub(super) fn count(value: u64) -> String {
    written(&en::text::count(value))
}

/// `1 requête`, `2 requêtes`; 0 takes the singular. `noun` may be of several words, each of which takes the plural.
pub(super) fn plural(number: u64, noun: &str) -> String {
    let noun = if number < 2 {
        noun.to_owned()
    } else {
        let words: Vec<String> = noun.split(' ').map(|word| format!("{word}s")).collect();
        words.join(" ")
    };
    format!("{} {noun}", count(number))
}

/// A limit: `100ms`, `référence + 10 %`.
pub(super) fn limit(limit: Limit) -> String {
    let text = match limit.relative() {
        None => limit.to_string(),
        Some(relative) => {
            let base = relative.base().map(|base| format!(" {base}")).unwrap_or_default();
            let sign = if relative.is_below() { "−" } else { "+" };
            let origin = format!("référence{base} {sign} {}", relative.margin());
            match limit.fixed() {
                Some(fixed) => format!("{fixed} ({origin})"),
                None => origin,
            }
        }
    };
    written(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(plural(0, "arrivée"), "0 arrivée");
        assert_eq!(
            plural(1_200, "échantillon indépendant"),
            "1\u{202f}200 échantillons indépendants"
        );
    }

    #[test]
    fn limits_are_written_with_their_baseline() {
        let parse = |text: &str| Limit::try_from(text.to_owned()).unwrap();
        assert_eq!(limit(parse("99.9 %")), "99,9 %");
        assert_eq!(limit(parse("baseline - 0.5 %")), "référence − 0,5 %");
        assert_eq!(
            limit(parse("47.5/s (baseline 50/s - 5 %)")),
            "47,5/s (référence 50/s − 5 %)"
        );
    }
}
