//! Limits: fixed ones and those relative to a baseline.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LimitKind, ObjectiveError};
use crate::units::{Rate, Ratio, Span};

/// A limit in the unit of the indicator: a time for latencies (`100ms`), a ratio for shares and scores (`0.1 %`), a rate for
/// throughput (`50/s`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// At most this long.
    Time(Span),
    /// At most (errors) or at least (uptime) this share.
    Share(Ratio),
    /// At least this many a second.
    Rate(Rate),
    /// A margin above or below a baseline run.
    Baseline(Relative),
}

/// A limit relative to a baseline, with the value of the baseline once it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relative {
    /// True if the margin is subtracted.
    less: bool,
    margin: Margin,
    base: Option<Base>,
}

/// Distance from the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Margin {
    /// Percent of the baseline.
    Percent(f64),
    /// Percentage points of a share.
    Points(f64),
    Time(Span),
    Rate(Rate),
}

/// The baseline's value.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Base {
    /// Whole microseconds of a time.
    Time(u64),
    Share(Ratio),
    Rate(Rate),
}

impl Limit {
    /// Kind of the limit; `None` for a percentage of a baseline that is not known, which may be of any kind.
    pub fn kind(self) -> Option<LimitKind> {
        match self {
            Self::Time(_) => Some(LimitKind::Time),
            Self::Share(_) => Some(LimitKind::Share),
            Self::Rate(_) => Some(LimitKind::Rate),
            Self::Baseline(relative) => match (relative.margin, relative.base) {
                (Margin::Time(_), _) | (_, Some(Base::Time(_))) => Some(LimitKind::Time),
                (Margin::Points(_), _) | (_, Some(Base::Share(_))) => Some(LimitKind::Share),
                (Margin::Rate(_), _) | (_, Some(Base::Rate(_))) => Some(LimitKind::Rate),
                (Margin::Percent(_), None) => None,
            },
        }
    }

    /// The fixed limit that it amounts to; `None` if its baseline is not known.
    pub fn fixed(self) -> Option<Self> {
        match self {
            Self::Baseline(relative) => relative.fixed(),
            fixed => Some(fixed),
        }
    }

    /// The fixed limit as a number: milliseconds, a share, or a number a second.
    pub fn value(self) -> Option<f64> {
        match self.fixed()? {
            Self::Time(span) => Some(span.as_micros() as f64 / 1e3),
            Self::Share(share) => Some(share.get()),
            Self::Rate(rate) => Some(rate.get()),
            Self::Baseline(_) => None,
        }
    }

    /// Whole microseconds of a fixed time; `None` for other kinds.
    pub fn micros(self) -> Option<u64> {
        match self.fixed()? {
            Self::Time(span) => Some(span.as_micros()),
            _ => None,
        }
    }

    /// True if it is relative to a baseline.
    pub fn is_relative(self) -> bool {
        matches!(self, Self::Baseline(_))
    }

    /// Resolves the limit against a baseline of that value: milliseconds, a share, or a number a second. A fixed limit is
    /// returned unchanged. It is an error if the result is not valid for its kind, such as a share above 1.
    pub fn against(self, value: f64, kind: LimitKind) -> Result<Self, ObjectiveError> {
        let Self::Baseline(relative) = self else {
            return Ok(self);
        };
        let refuse = || ObjectiveError::Baseline {
            limit: self.to_string(),
            value: format!("{value}"),
        };
        let base = match kind {
            // Requests are counted against limits in whole microseconds during the run.
            LimitKind::Time => whole(value * 1e3).map(Base::Time),
            LimitKind::Share => Ratio::fraction(value).ok().map(Base::Share),
            LimitKind::Rate => rate(value).map(Base::Rate),
        };
        let resolved = Relative {
            base: Some(base.ok_or_else(refuse)?),
            ..relative
        };
        resolved.fixed().ok_or_else(refuse)?;
        Ok(Self::Baseline(resolved))
    }

    /// The limit with the value of its baseline removed.
    #[must_use]
    pub fn without_baseline(self) -> Self {
        match self {
            Self::Baseline(relative) => Self::Baseline(Relative { base: None, ..relative }),
            fixed => fixed,
        }
    }

    /// The limit as relative to a baseline; `None` for a fixed limit.
    pub fn relative(self) -> Option<Relative> {
        match self {
            Self::Baseline(relative) => Some(relative),
            _ => None,
        }
    }

    /// Baseline and margin in words: `baseline 37.5ms + 10 %`; `None` for a fixed limit.
    pub fn origin(self) -> Option<String> {
        match self {
            Self::Baseline(relative) => Some(relative.origin()),
            _ => None,
        }
    }
}

impl Relative {
    /// True if the margin is subtracted.
    pub fn is_below(self) -> bool {
        self.less
    }

    /// Value of the baseline, in its written form; `None` if it is not known.
    pub fn base(self) -> Option<String> {
        self.base.map(|base| base.to_string())
    }

    /// Distance from the baseline, in its written form: `10 %`, `20ms`.
    pub fn margin(self) -> String {
        self.margin.to_string()
    }

    fn fixed(self) -> Option<Limit> {
        let add = |base: f64, margin: f64| if self.less { base - margin } else { base + margin };
        match (self.base?, self.margin) {
            (Base::Time(micros), Margin::Percent(percent)) => {
                let micros = micros as f64;
                time(whole(add(micros, micros * percent / 100.0))?)
            }
            (Base::Time(micros), Margin::Time(span)) => time(whole(add(micros as f64, span.as_micros() as f64))?),
            (Base::Share(share), Margin::Percent(percent)) => share_of(add(share.get(), share.get() * percent / 100.0)),
            (Base::Share(share), Margin::Points(points)) => share_of(add(share.get(), points / 100.0)),
            (Base::Rate(base), Margin::Percent(percent)) => {
                rate(add(base.get(), base.get() * percent / 100.0)).map(Limit::Rate)
            }
            (Base::Rate(base), Margin::Rate(margin)) => rate(add(base.get(), margin.get())).map(Limit::Rate),
            _ => None,
        }
    }

    fn origin(self) -> String {
        let base = self.base.map(|base| format!(" {base}")).unwrap_or_default();
        let sign = if self.less { "-" } else { "+" };
        format!("baseline{base} {sign} {}", self.margin)
    }
}

fn time(micros: u64) -> Option<Limit> {
    (micros > 0).then(|| Limit::Time(Span::from_micros(micros)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and `as` saturates"
)]
fn whole(micros: f64) -> Option<u64> {
    (micros.is_finite() && micros >= 0.0).then(|| micros.round() as u64)
}

fn share_of(fraction: f64) -> Option<Limit> {
    Ratio::fraction(fraction).ok().map(Limit::Share)
}

/// Rounds to a thousandth a second.
fn rate(per_second: f64) -> Option<Rate> {
    Rate::per_second((per_second * 1e3).round() / 1e3).ok()
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent} %"),
            Self::Points(points) => write!(f, "{points} pp"),
            Self::Time(span) => span.fmt(f),
            Self::Rate(rate) => rate.fmt(f),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(micros) => write!(f, "{}ms", *micros as f64 / 1e3),
            Self::Share(share) => share.fmt(f),
            Self::Rate(rate) => rate.fmt(f),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(span) => span.fmt(f),
            Self::Share(ratio) => ratio.fmt(f),
            Self::Rate(rate) => rate.fmt(f),
            // The baseline's value is saved with the limit: a run that is judged again gives the same answer whatever
            // happened to its baseline.
            Self::Baseline(relative) => match relative.fixed() {
                None => f.write_str(&relative.origin()),
                Some(Self::Time(span)) => write!(f, "{}ms ({})", span.as_micros() as f64 / 1e3, relative.origin()),
                Some(fixed) => write!(f, "{fixed} ({})", relative.origin()),
            },
        }
    }
}

impl FromStr for Margin {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| {
            let number: f64 = text.trim().parse().map_err(|_| ())?;
            ((0.0..=10_000.0).contains(&number) && number > 0.0)
                .then_some(number)
                .ok_or(())
        };
        if let Some(percent) = text.strip_suffix('%') {
            number(percent).map(Self::Percent)
        } else if let Some(points) = text.strip_suffix("pp") {
            number(points).map(Self::Points)
        } else if text.contains('/') {
            text.parse().map(Self::Rate).map_err(|_| ())
        } else {
            text.parse().map(Self::Time).map_err(|_| ())
        }
    }
}

impl FromStr for Base {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(millis) = text.strip_suffix("ms") {
            let millis: f64 = millis.trim().parse().map_err(|_| ())?;
            whole(millis * 1e3).map(Self::Time).ok_or(())
        } else if text.contains('/') {
            text.parse().map(Self::Rate).map_err(|_| ())
        } else {
            text.parse().map(Self::Share).map_err(|_| ())
        }
    }
}

impl FromStr for Relative {
    type Err = ();

    /// Parses `baseline + 10 %` or, with the value of the baseline, `41.25ms (baseline 37.5ms + 10 %)`, of which only the
    /// part in parentheses is read.
    fn from_str(text: &str) -> Result<Self, ()> {
        let within = match text.split_once('(') {
            Some((_, rest)) => rest.trim_end().strip_suffix(')').ok_or(())?,
            None => text,
        };
        let rest = within.trim().strip_prefix("baseline").ok_or(())?;
        let at = rest.find(['+', '-', '\u{2212}']).ok_or(())?;
        let (base, margin) = rest.split_at(at);
        let mut margin = margin.chars();
        let less = margin.next() != Some('+');
        let base = base.trim();
        Ok(Self {
            less,
            margin: margin.as_str().trim().parse()?,
            base: if base.is_empty() { None } else { Some(base.parse()?) },
        })
    }
}

impl TryFrom<String> for Limit {
    type Error = ObjectiveError;

    fn try_from(text: String) -> Result<Self, ObjectiveError> {
        if text.contains("baseline") {
            let relative = text.parse().map(Self::Baseline);
            return relative.map_err(|()| ObjectiveError::RelativeLimit(text));
        }
        text.parse()
            .map(Self::Share)
            .or_else(|_| text.parse().map(Self::Time))
            .or_else(|_| text.parse().map(Self::Rate))
            .map_err(|_| ObjectiveError::Limit(text))
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Limit {
        Limit::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_limit_is_read_as_it_is_written() {
        assert_eq!(limit("100ms").micros(), Some(100_000));
        assert_eq!(limit("0.1 %").to_string(), "0.1 %");
        assert_eq!(limit("0.1 %").micros(), None);
        assert_eq!(limit("3000/min").to_string(), "50/s");
        assert!(Limit::try_from("fast".to_owned()).is_err());
    }

    #[test]
    fn a_relative_limit_is_its_baseline_and_the_margin() {
        for (text, value, kind, fixed, whole) in [
            (
                "baseline + 10 %",
                37.5,
                LimitKind::Time,
                "41ms 250us",
                "41.25ms (baseline 37.5ms + 10 %)",
            ),
            (
                "baseline+20ms",
                37.5,
                LimitKind::Time,
                "57ms 500us",
                "57.5ms (baseline 37.5ms + 20ms)",
            ),
            (
                "baseline - 10%",
                37.5,
                LimitKind::Time,
                "33ms 750us",
                "33.75ms (baseline 37.5ms - 10 %)",
            ),
            (
                "baseline + 50 %",
                0.002,
                LimitKind::Share,
                "0.3 %",
                "0.3 % (baseline 0.2 % + 50 %)",
            ),
            (
                "baseline − 0.1 pp",
                0.999,
                LimitKind::Share,
                "99.8 %",
                "99.8 % (baseline 99.9 % - 0.1 pp)",
            ),
            (
                "baseline - 5 %",
                50.0,
                LimitKind::Rate,
                "47.5/s",
                "47.5/s (baseline 50/s - 5 %)",
            ),
            (
                "baseline - 2/s",
                50.0,
                LimitKind::Rate,
                "48/s",
                "48/s (baseline 50/s - 2/s)",
            ),
        ] {
            let open = limit(text);
            assert_eq!((open.fixed(), open.is_relative()), (None, true), "{text}");
            let resolved = open.against(value, kind).unwrap();
            assert_eq!(resolved.fixed().unwrap().to_string(), fixed, "{text}");
            assert_eq!(resolved.to_string(), whole, "{text}");
            // The saved text parses to the same limit, from which the baseline can be removed again.
            assert_eq!(limit(whole), resolved, "{text}");
            assert_eq!(resolved.without_baseline(), open, "{text}");
        }
    }

    #[test]
    fn margins_that_say_nothing_or_leave_nothing_are_refused() {
        for text in [
            "baseline",
            "baseline + 0 %",
            "baseline * 2",
            "baseline + fast",
            "41ms (baseline 37ms + 10 %",
        ] {
            let error = Limit::try_from(text.to_owned()).unwrap_err();
            assert!(matches!(error, ObjectiveError::RelativeLimit(_)), "{text}: {error}");
        }
        let refused = |text: &str, value, kind| limit(text).against(value, kind).is_err();
        assert!(refused("baseline - 50ms", 37.5, LimitKind::Time));
        assert!(refused("baseline + 10 %", f64::INFINITY, LimitKind::Time));
        assert!(refused("baseline + 2 pp", 0.99, LimitKind::Share));
        assert!(refused("baseline + 20ms", 0.5, LimitKind::Share));
    }
}
