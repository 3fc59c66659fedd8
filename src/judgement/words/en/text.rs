//! Numbers, units and lists; the same in every kind of output.

use crate::slo::{Limit, Measurement, Objective, Unit};
use crate::units::Span;

/// Shown for a percentile that falls among failed requests.
pub const FAILED: &str = "∞ (failed)";

/// Milliseconds with about three digits: `0.42 ms`, `54.2 ms`, `1,240 ms`, `12.4 s`.
pub fn millis(value: f64) -> String {
    if value >= 10_000.0 {
        format!("{:.1} s", value / 1e3)
    } else {
        format!("{} ms", digits(value))
    }
}

/// Milliseconds of a percentile of requests, which may fall among failures; `–` if there was no request.
pub fn percentile(value: Option<f64>, requests: u64) -> String {
    match value {
        Some(value) => millis(value),
        None if requests == 0 => "–".to_owned(),
        None => FAILED.to_owned(),
    }
}

/// Milliseconds or a dash.
pub fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), millis)
}

/// A number with about three digits.
pub fn digits(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if value < 10.0 {
        format!("{value:.2}")
    } else if value < 100.0 {
        format!("{value:.1}")
    } else {
        grouped(&format!("{value:.0}"))
    }
}

/// A count with separated thousands: `12,345`.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as a percentage, with up to four decimals near 0 % and 100 % so that it does not look like either: `0.0031 %`,
/// `99.997 %`.
pub fn share(fraction: f64) -> String {
    let percent = fraction * 100.0;
    let distance = percent.min(100.0 - percent);
    let decimals = match distance {
        ..=0.0 => 0,
        ..0.01 => 4,
        ..0.1 => 3,
        _ => 2,
    };
    let text = format!("{percent:.decimals$}");
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{short} %")
}

/// A share in prose: whole percents from 10 % to 99.5 %.
pub fn portion(fraction: f64) -> String {
    if (0.1..0.995).contains(&fraction) {
        format!("{:.0} %", fraction * 100.0)
    } else {
        share(fraction)
    }
}

/// A share as a percentage with at least two significant digits: `0.1 %`, `99.95 %`, `0.028 %`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let magnitude = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 2 … 8 before"
    )]
    let decimals = (1.0 - magnitude).clamp(2.0, 8.0) as usize;
    let text = format!("{value:.decimals$}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A value in its unit with about three digits and at least one decimal below 100: `41.2 ms`, `0.3 %`, `48.7/s`, `0.940`.
pub fn figure(value: f64, unit: Unit) -> String {
    let digits = |value: f64| {
        if value.abs() < 100.0 {
            format!("{value:.1}")
        } else {
            format!("{value:.0}")
        }
    };
    match unit {
        Unit::Milliseconds => format!("{} ms", digits(value)),
        Unit::Share => percent(value.max(0.0)),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Score => format!("{value:.3}"),
    }
}

/// A score with four decimals close to 1 and three elsewhere: `0.94`, `0.9997`.
fn score(value: f64) -> String {
    let decimals = if (0.0..0.01).contains(&(1.0 - value)) { 4 } else { 3 };
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A difference with its two-sided interval: `+12.0 ms [+4.00, +21.0]`; a dash without one.
pub fn shift(shift: Option<f64>, low: Option<f64>, high: Option<f64>, unit: Unit) -> String {
    let Some(point) = shift else {
        return "–".to_owned();
    };
    let (point, name) = signed(point, unit);
    let bound = |bound: Option<f64>, open: &str| bound.map_or_else(|| open.to_owned(), |bound| signed(bound, unit).0);
    format!("{point}{name} [{}, {}]", bound(low, "−∞"), bound(high, "+∞"))
}

/// A difference with its sign, and its unit with the preceding blank.
pub fn signed(value: f64, unit: Unit) -> (String, &'static str) {
    let (value, unit) = if unit == Unit::Share {
        (value * 100.0, " pp")
    } else if unit == Unit::Milliseconds {
        (value, " ms")
    } else {
        (value, "")
    };
    let size = match value.abs() {
        small if small < 0.000_05 => "0".to_owned(),
        small if small < 0.1 => {
            let text = format!("{small:.4}");
            text.trim_end_matches('0').to_owned()
        }
        large => digits(large),
    };
    let sign = match size.as_str() {
        "0" => "",
        _ if value < 0.0 => "−",
        _ => "+",
    };
    (format!("{sign}{size}"), unit)
}

/// Bytes in binary units: `512 B`, `1.4 MiB`.
pub fn bytes(value: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut scaled = value;
    let mut unit = 0;
    while scaled >= 1024.0 && unit + 1 < units.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{scaled:.0} B")
    } else {
        format!("{} {}", digits(scaled), units[unit])
    }
}

/// A value in the unit of a measurement; `∞ (failed)` if it falls among failures.
pub fn value(value: Option<f64>, unit: Unit) -> String {
    match (value, unit) {
        (None, _) => FAILED.to_owned(),
        (Some(value), Unit::Milliseconds) => millis(value),
        (Some(value), Unit::Share) => share(value),
        (Some(value), Unit::PerSecond) => format!("{}/s", digits(value)),
        (Some(value), Unit::Score) => score(value),
    }
}

/// Shown in place of a value that there was no sample to estimate from.
pub const NO_SAMPLE: &str = "no sample";

/// Point estimate of a measurement: `54.2 ms`; `∞ (failed)` if it falls among failures, `no sample` without any.
pub fn point(measurement: &Measurement) -> String {
    if measurement.is_unsampled() {
        return NO_SAMPLE.to_owned();
    }
    value(measurement.point, measurement.unit)
}

/// Statistic and point estimate of a measurement: `p95 54.2 ms`.
pub fn measurement_point(measurement: &Measurement) -> String {
    format!("{} {}", measurement.statistic, point(measurement))
}

/// Point estimate and interval of a measurement: `54.2 ms [51.0 – 58.1]`.
pub fn measured(measurement: &Measurement) -> String {
    if measurement.is_unsampled() {
        return point(measurement);
    }
    let (low, high) = bounds(measurement);
    format!("{} [{low} – {high}]", point(measurement))
}

/// Interval of a measurement, with its unit: `51.0 – 58.1 ms`; a dash without a sample.
pub fn interval(measurement: &Measurement) -> String {
    if measurement.is_unsampled() {
        return "–".to_owned();
    }
    let (low, high) = bounds(measurement);
    match measurement.unit {
        Unit::Milliseconds => format!("{low} – {high} ms"),
        Unit::Share => format!("{low} – {high} %"),
        Unit::PerSecond => format!("{low} – {high} /s"),
        Unit::Score => format!("{low} – {high}"),
    }
}

fn bounds(measurement: &Measurement) -> (String, String) {
    let bound = |bound: Option<f64>, open: &str| match (bound, measurement.unit) {
        (None, _) => open.to_owned(),
        (Some(value), Unit::Milliseconds | Unit::PerSecond) => digits(value),
        (Some(value), Unit::Share) => share(value).trim_end_matches(" %").to_owned(),
        (Some(value), Unit::Score) => score(value),
    };
    // A missing bound means too few samples, or that the bound falls among failures. The latter is certain only if the point
    // estimate does so too.
    let above = if measurement.point.is_none() { "∞" } else { "?" };
    (bound(measurement.low, "?"), bound(measurement.high, above))
}

/// A limit with its direction: `< 100 ms`, `≥ 99.9 %`, `< 41.25 ms (baseline 37.5ms + 10 %)`.
pub fn limit(objective: &Objective, limit: Limit) -> String {
    let sign = sign(objective);
    match (fixed(objective, limit), limit.origin()) {
        (None, _) => format!("{sign} {limit}"),
        (Some(fixed), Some(origin)) => format!("{sign} {fixed} ({origin})"),
        (Some(fixed), None) => format!("{sign} {fixed}"),
    }
}

/// A limit without its direction: `100 ms`, `99.9 %`, `44 ms (baseline 40 ms + 10 %)`.
pub fn limit_value(limit: Limit) -> String {
    let fixed = limit.fixed().map(|fixed| match fixed {
        Limit::Time(span) => duration(span),
        other => other.to_string(),
    });
    match (fixed, limit.origin()) {
        (Some(fixed), Some(origin)) => format!("{fixed} ({origin})"),
        (Some(fixed), None) => fixed,
        (None, _) => limit.to_string(),
    }
}

/// A length of time: `99.9 ms`, `1.5 s`, `43 min 12 s`, `2 days 3 h`.
pub fn duration(span: Span) -> String {
    let millis = span.as_millis_f64();
    if millis < 1_000.0 && millis > 0.0 {
        return format!("{millis} ms");
    }
    if millis < 60_000.0 {
        return format!("{} s", millis / 1e3);
    }
    let written = span.to_string();
    let parts = written.split(' ').map(|part| {
        let unit = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let number = part.strip_suffix(unit).unwrap_or(part);
        let unit = if unit == "m" { "min" } else { unit };
        format!("{number} {unit}")
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// The direction of an objective's limits.
pub(in crate::words) fn sign(objective: &Objective) -> &'static str {
    if objective.floor() { "≥" } else { "<" }
}

/// The fixed value of a limit, in the unit of its objective; `None` for a limit that depends on a baseline that is missing.
pub(in crate::words) fn fixed(objective: &Objective, limit: Limit) -> Option<String> {
    let scored = objective.profile().is_some_and(|profile| profile.unit == Unit::Score);
    Some(match limit.fixed()? {
        Limit::Share(ratio) if scored => score(ratio.get()),
        Limit::Time(span) => duration(span),
        fixed => fixed.to_string(),
    })
}

/// Makes a sentence of the words: with a capital first and a full stop last.
pub fn sentence(words: &str) -> String {
    let words = words.trim();
    let mut letters = words.chars();
    let capital = letters.next().map(|first| first.to_uppercase().collect::<String>());
    let stop = if words.is_empty() || words.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{stop}", capital.unwrap_or_default(), letters.as_str())
}

/// Joins with commas and `and`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 request`, `2 requests`.
pub fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use crate::words::en::text::*;

    #[test]
    fn differences_carry_their_sign_and_unit() {
        assert_eq!(signed(12.04, Unit::Milliseconds), ("+12.0".to_owned(), " ms"));
        assert_eq!(signed(-0.5, Unit::Milliseconds), ("−0.50".to_owned(), " ms"));
        assert_eq!(signed(0.0, Unit::Milliseconds), ("0".to_owned(), " ms"));
        assert_eq!(signed(0.000_31, Unit::Share), ("+0.031".to_owned(), " pp"));
    }

    #[test]
    fn numbers_keep_about_three_digits() {
        assert_eq!(millis(0.4219), "0.42 ms");
        assert_eq!(millis(54.23), "54.2 ms");
        assert_eq!(millis(1_240.4), "1,240 ms");
        assert_eq!(millis(12_400.0), "12.4 s");
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(1_500_000.0), "1.43 MiB");
        assert_eq!(bytes(12.0), "12 B");
    }

    #[test]
    fn a_share_is_not_rounded_to_perfection() {
        assert_eq!(share(0.0), "0 %");
        assert_eq!(share(1.0), "100 %");
        assert_eq!(share(0.000_031), "0.0031 %");
        assert_eq!(share(0.999_97), "99.997 %");
        assert_eq!(share(0.0123), "1.23 %");
    }

    #[test]
    fn percentages_are_short_and_exact_enough() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.05, "5 %"),
            (0.001, "0.1 %"),
            (0.9995, "99.95 %"),
            (1.0, "100 %"),
            (1.0 / 3_600.0, "0.028 %"),
            (0.000_000_3, "0.00003 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn lists_read_as_prose() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&items), "a, b and c");
        assert_eq!(list(&items[..1]), "a");
        assert_eq!(plural(1, "error"), "1 error");
        assert_eq!(sentence(" érreurs: none"), "Érreurs: none.");
        assert_eq!(sentence("Done!"), "Done!");
        assert_eq!(sentence(""), "");
    }
}
