//! Numbers, units and lists.

use crate::slo::{Limit, Objective, Unit};
use crate::units::Span;
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

/// Units that a no-break space joins with their number.
const UNITS: [&str; 13] = [
    "ms", "s", "min", "h", "%", "o", "Kio", "Mio", "Gio", "Tio", "×", "€", "/s",
];

/// Sets the spaces of a text: narrow and unbroken before `: ; ! ? »`, `%` and units, and after «.
pub(in crate::words) fn typeset(text: &str) -> String {
    let is_space = |letter: char| matches!(letter, ' ' | '\u{a0}' | '\u{202f}');
    let mut set = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        let rest = &text[at + letter.len_utf8()..];
        let next = rest.chars().next();
        let word = rest
            .split(|next: char| is_space(next) || matches!(next, ',' | ';' | ')' | ']' | '.'))
            .next();
        let joins = is_space(letter)
            && (before == '«'
                || next.is_some_and(|next| matches!(next, ':' | ';' | '!' | '?' | '»' | '%'))
                || (before.is_ascii_digit() && word.is_some_and(|word| UNITS.contains(&word))));
        set.push(if joins { '\u{202f}' } else { letter });
        before = letter;
    }
    set
}

/// Joins with commas and `et`.
pub(in crate::words) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} et {last}", first.join(", ")),
    }
}

/// Name of a statistic: `part`, `p95`.
pub(in crate::words) fn statistic(name: &str) -> &str {
    match name {
        "share" => "part",
        "mean" => "moyenne",
        "median" => "médiane",
        "rate" => "débit",
        other => other,
    }
}

/// A number as short as it can be: `0,5`, `2`.
pub(super) fn bare(value: f64) -> String {
    written(&value.to_string())
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
pub(in crate::words) fn plural(number: u64, noun: &str) -> String {
    let noun = if number < 2 {
        noun.to_owned()
    } else {
        let words: Vec<String> = noun.split(' ').map(|word| format!("{word}s")).collect();
        words.join(" ")
    };
    format!("{} {noun}", count(number))
}

/// A length of time: `43 min 12 s`, `2 jours 3 h`, `100 ms`.
pub(super) fn duration(span: Span) -> String {
    if span.as_millis_f64() < 60_000.0 {
        return self::written(&en::text::duration(span));
    }
    let written = span.to_string();
    let parts = written.split(' ').map(|part| {
        let unit = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let number = part.strip_suffix(unit).unwrap_or(part);
        let one = number == "1";
        let unit = match unit {
            "year" | "years" if one => "an",
            "year" | "years" => "ans",
            "month" | "months" => "mois",
            "day" | "days" if one => "jour",
            "day" | "days" => "jours",
            "m" => "min",
            "us" => "µs",
            other => other,
        };
        format!("{number} {unit}")
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// A limit: `100 ms`, `référence + 10 %`.
pub(super) fn limit(limit: Limit) -> String {
    let fixed = limit.fixed().map(|fixed| match fixed {
        Limit::Time(span) => duration(span),
        other => other.to_string(),
    });
    let text = match (fixed, origin(limit)) {
        (Some(fixed), Some(origin)) => format!("{fixed} ({origin})"),
        (None, Some(origin)) => origin,
        (_, None) => limit.to_string(),
    };
    written(&text)
}

/// The baseline and margin that a limit is made of: `référence 50/s − 5 %`.
fn origin(limit: Limit) -> Option<String> {
    let relative = limit.relative()?;
    let base = relative.base().map(|base| format!(" {base}")).unwrap_or_default();
    let sign = if relative.is_below() { "−" } else { "+" };
    Some(format!("référence{base} {sign} {}", relative.margin()))
}

/// A limit with its direction: `< 100 ms`, `≥ 99,9 %`, `< 41,25 ms (référence 37,5ms + 10 %)`.
pub(in crate::words) fn directed(objective: &Objective, limit: Limit) -> String {
    let sign = en::text::sign(objective);
    let text = match (en::text::fixed(objective, limit), origin(limit)) {
        (Some(fixed), Some(origin)) => format!("{sign} {fixed} ({origin})"),
        (Some(fixed), None) => format!("{sign} {fixed}"),
        (None, origin) => format!("{sign} {}", origin.unwrap_or_else(|| limit.to_string())),
    };
    written(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_unbroken_where_french_wants_them() {
        assert_eq!(
            typeset("la sonde « proxy » : 12,5 ms, 3 % ; 4 s à 5 s. Qui ? 3 sur 4"),
            "la sonde «\u{202f}proxy\u{202f}»\u{202f}: 12,5\u{202f}ms, 3\u{202f}%\u{202f}; 4\u{202f}s à 5\u{202f}s. \
             Qui\u{202f}? 3 sur 4"
        );
        assert_eq!(typeset("http://a:80/?q"), "http://a:80/?q");
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(plural(0, "arrivée"), "0 arrivée");
        assert_eq!(
            plural(1_200, "échantillon indépendant"),
            "1\u{202f}200 échantillons indépendants"
        );
    }

    #[test]
    fn lengths_of_time_are_written_in_french() {
        let parse = |text: &str| duration(text.parse().unwrap());
        assert_eq!(parse("43m 12s"), "43 min 12 s");
        assert_eq!(parse("100ms"), "100 ms");
        assert_eq!(parse("1day 2h"), "1 jour 2 h");
        assert_eq!(parse("3days"), "3 jours");
        assert_eq!(parse("0s"), "0 s");
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
