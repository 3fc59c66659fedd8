//! Dates and times in templates: `{{date +2d %d.%m.%Y Europe/Paris}}`.

use jiff::civil::{self, Weekday};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// Format of a date that names none (ISO 8601).
const DATE: &str = "%Y-%m-%d";

/// A date or time relative to the present, in a zone and a format.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// Day of the present week, from Monday to Sunday; `None` for today.
    day: Option<Weekday>,
    away: Span,
    zone: TimeZone,
    format: Box<str>,
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.day == other.day
            && self.away.fieldwise() == other.away
            && self.zone == other.zone
            && self.format == other.format
    }
}

impl Eq for Moment {}

impl Moment {
    /// Compiles the words after `date`, in any order: a span (`+2d`, `-1w`), a day of the week (`monday`), a format with `%`, the name of a zone. `None` if one of
    /// them is none of these.
    pub(super) fn compile(words: &[&str]) -> Option<Self> {
        let mut moment = Self {
            day: None,
            away: Span::new(),
            zone: TimeZone::UTC,
            format: DATE.into(),
        };
        let mut format = Vec::new();
        for word in words {
            if let Some(span) = word.strip_prefix('+') {
                moment.away = span.parse().ok()?;
            } else if let Some(span) = word.strip_prefix('-') {
                moment.away = span.parse::<Span>().ok()?.negate();
            } else if word.contains('%') {
                format.push(*word);
            } else if let Some(day) = weekday(word) {
                moment.day = Some(day);
            } else {
                moment.zone = TimeZone::get(word).ok()?;
            }
        }
        if !format.is_empty() {
            moment.format = format.join(" ").into();
        }
        // The format and the span are tried once, so that what cannot be written is told before a run.
        moment.text(Timestamp::UNIX_EPOCH)?;
        Some(moment)
    }

    /// The text at that time; `None` if it is beyond the calendar.
    pub(super) fn text(&self, now: Timestamp) -> Option<String> {
        self.written(now.to_zoned(self.zone.clone()))
    }

    /// The text of a date or time as an answer gives it (ISO 8601, or seconds or milliseconds since the epoch), relative to itself. One
    /// without a zone is in the moment's own. `None` if it is no date.
    pub(super) fn text_of(&self, text: &str) -> Option<String> {
        let text = text.trim();
        if let Ok(time) = text.parse::<Timestamp>() {
            return self.text(time);
        }
        if let Ok(number) = text.parse::<i64>() {
            // From 2001 to 2286 in either unit.
            return self.text(match number {
                1_000_000_000..10_000_000_000 => Timestamp::from_second(number).ok()?,
                1_000_000_000_000..10_000_000_000_000 => Timestamp::from_millisecond(number).ok()?,
                _ => return None,
            });
        }
        let time: civil::DateTime = text.parse().ok()?;
        self.written(time.to_zoned(self.zone.clone()).ok()?)
    }

    fn written(&self, mut moment: Zoned) -> Option<String> {
        if let Some(day) = self.day {
            let away = day.to_monday_zero_offset() - moment.weekday().to_monday_zero_offset();
            moment = moment.checked_add(Span::new().days(away)).ok()?;
        }
        let moment = moment.checked_add(self.away).ok()?;
        strtime::format(self.format.as_bytes(), &moment).ok()
    }
}

/// Day of the week of that English name.
fn weekday(word: &str) -> Option<Weekday> {
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    days.into_iter().find(|(name, _)| *name == word).map(|(_, day)| day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Option<String> {
        let words: Vec<&str> = words.split_whitespace().collect();
        // An hour before the clocks of Paris go forward.
        Moment::compile(&words)?.text("2026-03-28T23:30:00Z".parse().unwrap())
    }

    #[test]
    fn dates_are_relative_formatted_and_in_a_zone() {
        for (words, expected) in [
            ("", "2026-03-28"),
            ("Europe/Paris", "2026-03-29"),
            ("+2d %d.%m.%Y", "30.03.2026"),
            ("-1mo", "2026-02-28"),
            ("%Y-%m-%dT%H:%M:%S%:z Europe/Paris", "2026-03-29T00:30:00+01:00"),
            ("+1d %H:%M %:z Europe/Paris", "00:30 +02:00"),
            ("+24h %H:%M Europe/Paris", "01:30"),
            ("%s", "1774740600"),
            // It is a Saturday; in Paris a Sunday already.
            ("monday", "2026-03-23"),
            ("saturday", "2026-03-28"),
            ("sunday", "2026-03-29"),
            ("monday Europe/Paris", "2026-03-23"),
            ("monday +1w", "2026-03-30"),
        ] {
            assert_eq!(text(words).as_deref(), Some(expected), "{words}");
        }
        for words in ["+2x", "Europe/Nowhere", "%Q%!", "tomorrow"] {
            assert_eq!(text(words), None, "{words}");
        }
    }
}
