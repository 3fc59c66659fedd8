//! Quantities in their written form, validated once on input.
//!
//! Each is a newtype that serde reads from and writes to its written form (`"60/s"`, `"p95"`, `"0.1 %"`, `"100ms"`),
//! so that scenario files, overrides on the command line and reports share one form.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A written quantity that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {expected}")]
pub struct UnitError {
    given: String,
    expected: &'static str,
}

impl UnitError {
    fn new(given: &str, expected: &'static str) -> Self {
        Self {
            given: given.to_owned(),
            expected,
        }
    }
}

const RATE: &str = "a rate such as `60/s` or `300/min`, at most 1,000,000/s";
const QUANTILE: &str = "a quantile such as `p95` or `p99.9`, between p0 and p100";
const RATIO: &str = "a ratio such as `0.1 %` or `0.001`, from 0 to 1";
const SPAN: &str = "a duration such as `100ms`, `2s` or `1m 30s`";
const BYTES: &str = "a size such as `512M`, `1.5G` or `50G`";
const MONTH: &str = "a duration: `M` is a month here, and `m` a minute; write `m`, or a number of days";
const SHORT_SPAN: &str = "a duration of at most ten years";
/// Bounds spans so that no sum or multiple of them overflows.
const LONGEST_SPAN: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// Arrivals per second, from 0 to 1,000,000, written `60/s` or `300/min`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(f64);

impl Rate {
    /// A rate of `per_second` arrivals a second.
    pub fn per_second(per_second: f64) -> Result<Self, UnitError> {
        if (0.0..=1e6).contains(&per_second) {
            Ok(Self(per_second))
        } else {
            Err(UnitError::new(&per_second.to_string(), RATE))
        }
    }

    /// A rate of `per_second` arrivals a second.
    pub const fn whole(per_second: u16) -> Self {
        Self(per_second as f64)
    }

    /// Arrivals per second.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError::new(text, RATE);
        let (count, unit) = text.split_once('/').ok_or_else(error)?;
        let count: f64 = count.trim().parse().map_err(|_| error())?;
        let seconds = match unit.trim() {
            "s" | "sec" | "second" => 1.0,
            // No month can be meant by `m` in a rate.
            "min" | "m" | "minute" => 60.0,
            "h" | "hour" => 3600.0,
            _ => return Err(error()),
        };
        Self::per_second(count / seconds).map_err(|_| error())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

/// A quantile strictly between 0 and 1, written `p95`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Quantile(f64);

impl Quantile {
    /// The quantile as a fraction: 0.95 for p95.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The fraction of samples that may lie above it: 0.05 for p95.
    pub fn allowed_above(self) -> f64 {
        // Rounded to 1e-9, so that p99.9 gives 0.001 and not 0.00099999…
        ((1.0 - self.0) * 1e9).round() / 1e9
    }
}

impl FromStr for Quantile {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let percent = text
            .trim()
            .strip_prefix(['p', 'P'])
            .and_then(|rest| rest.parse::<f64>().ok());
        // Rounded to the precision that is printed, so that it is read back unchanged.
        let quantile = percent.map(|percent| (percent * 1e6).round() / 1e8);
        match quantile {
            Some(quantile) if quantile > 0.0 && quantile < 1.0 => Ok(Self(quantile)),
            _ => Err(UnitError::new(text, QUANTILE)),
        }
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", (self.0 * 1e8).round() / 1e6)
    }
}

/// A share from 0 to 1, written as a percentage or a plain fraction: `0.1 %` or `0.001`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio(f64);

impl Ratio {
    /// A ratio of that many per cent, at most 100.
    pub const fn percent(percent: u8) -> Self {
        let percent = if percent > 100 { 100 } else { percent };
        Self(percent as f64 / 100.0)
    }

    /// A ratio from a fraction of 1, rounded to the precision that is printed.
    pub fn fraction(fraction: f64) -> Result<Self, UnitError> {
        if (0.0..=1.0).contains(&fraction) {
            // As fine as it is printed, so that it is read back unchanged.
            Ok(Self((fraction * 1e10).round() / 1e10))
        } else {
            Err(UnitError::new(&fraction.to_string(), RATIO))
        }
    }

    /// The ratio as a fraction of 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Ratio {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError::new(text, RATIO);
        let trimmed = text.trim();
        let fraction = match trimmed.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map_err(|_| error())? / 100.0,
            None => trimmed.parse::<f64>().map_err(|_| error())?,
        };
        Self::fraction(fraction).map_err(|_| error())
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", (self.0 * 1e10).round() / 1e8)
    }
}

/// A length of time, at most ten years: a phase, a time-out, a latency limit. Written `100ms`, `2s` or `1m 30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// A span of that many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// A span of that many microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(Duration::from_micros(micros))
    }

    /// A span of that many seconds, rounded to whole ones; negative numbers are zero.
    pub fn from_whole_seconds(seconds: f64) -> Self {
        Self(Duration::try_from_secs_f64(seconds.round().max(0.0)).unwrap_or(Duration::MAX))
    }

    /// The span as the standard library's type.
    pub const fn get(self) -> Duration {
        self.0
    }

    /// Whole microseconds, the unit of every histogram.
    pub fn as_micros(self) -> u64 {
        u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX)
    }

    /// Milliseconds with their fraction, for display.
    pub fn as_millis_f64(self) -> f64 {
        self.0.as_secs_f64() * 1e3
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        Self(spans.map(Self::get).sum())
    }
}

/// A duration with a decimal number of one unit, as Compose takes it: `1.5s`; `None` if it is anything else.
fn decimal(text: &str) -> Option<Duration> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = text.split_at(end);
    let seconds = match unit.trim() {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    // Whole numbers are left to the crate, which reads them exactly and in combinations.
    let number = number.contains('.').then(|| number.parse::<f64>().ok())??;
    Duration::try_from_secs_f64(number * seconds).ok()
}

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        // Before the crate's reading, which takes `M` for a month of 30.44 days: `1M` beside `1m` is a slip in most
        // cases.
        let is_month = text
            .split(|letter: char| !letter.is_ascii_alphabetic())
            .any(|unit| unit == "M");
        if is_month {
            return Err(UnitError::new(text, MONTH));
        }
        let error = |_| UnitError::new(text, SPAN);
        let span = match decimal(text.trim()) {
            Some(span) => span,
            None => humantime::parse_duration(text.trim()).map_err(error)?,
        };
        if span > LONGEST_SPAN {
            return Err(UnitError::new(text, SHORT_SPAN));
        }
        Ok(Self(span))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

macro_rules! written {
    ($($unit:ty),*) => {$(
        impl TryFrom<String> for $unit {
            type Error = UnitError;
            fn try_from(text: String) -> Result<Self, UnitError> {
                text.parse()
            }
        }
        impl From<$unit> for String {
            fn from(unit: $unit) -> Self {
                unit.to_string()
            }
        }
    )*};
}

written!(Rate, Quantile, Ratio, Span);

/// A number of bytes, written as Compose writes it: `512M`, `2G`, `50GB`; powers of 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes(u64);

/// Letters of the units, each 1024 of the one before.
const BYTE_UNITS: [&str; 5] = ["", "K", "M", "G", "T"];

impl Bytes {
    /// A size of that many bytes.
    pub fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError::new(text, BYTES);
        let trimmed = text.trim();
        let digits = trimmed
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let unit = unit.trim().to_uppercase();
        let letter = match unit.strip_suffix('B') {
            Some(letter) => letter
                .strip_suffix('I')
                .filter(|letter| !letter.is_empty())
                .unwrap_or(letter),
            None => &unit,
        };
        let power = BYTE_UNITS.iter().position(|known| *known == letter).ok_or_else(error)?;
        // Powers of 1,024, as Docker and Compose read sizes, whatever the letters say by SI.
        let factor = 1_u64 << (10 * power);
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(factor).map(Self).ok_or_else(error);
        }
        // Compose takes decimals, and leaves the rest of a byte out.
        let bytes = number.parse::<f64>().map_err(|_| error())? * factor as f64;
        // Half a byte is a slip.
        if power == 0 || bytes >= u64::MAX as f64 {
            return Err(error());
        }
        Ok(Self(saturating_u64(bytes)))
    }
}

impl fmt::Display for Bytes {
    /// Writes it with at most one decimal, in the largest unit of which it holds at least one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut value, mut unit) = (self.0 as f64, 0);
        while value >= 1024.0 && unit + 1 < BYTE_UNITS.len() {
            value /= 1024.0;
            unit += 1;
        }
        let number = format!("{value:.1}");
        write!(
            f,
            "{} {}B",
            number.trim_end_matches(".0"),
            BYTE_UNITS.get(unit).unwrap_or(&"")
        )
    }
}

impl TryFrom<String> for Bytes {
    type Error = UnitError;

    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}

impl From<Bytes> for String {
    /// Writes it exactly, as a whole number of the largest unit that divides it.
    fn from(bytes: Bytes) -> Self {
        let powers = (0..BYTE_UNITS.len()).rev();
        // Written exactly, unlike what is shown, because it is read again.
        let fits = powers.map(|power| (1_u64 << (10 * power), BYTE_UNITS[power]));
        let mut fits = fits.filter(|(factor, _)| bytes.0.is_multiple_of(*factor));
        let (factor, unit) = fits.next().unwrap_or((1, ""));
        format!("{}{unit}", bytes.0 / factor)
    }
}

/// The whole part of a number: 0 if it is negative or not a number, the largest value if it is greater than that.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is promised"
)]
pub fn saturating_u64(number: f64) -> u64 {
    number as u64
}

/// As [`saturating_u64`], in 32 bits.
pub fn saturating_u32(number: f64) -> u32 {
    u32::try_from(saturating_u64(number)).unwrap_or(u32::MAX)
}

/// As [`saturating_u64`], for an index or a length.
pub fn saturating_usize(number: f64) -> usize {
    usize::try_from(saturating_u64(number)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!("300/min".parse::<Rate>().unwrap().to_string(), "5/s");
        assert_eq!("p99.9".parse::<Quantile>().unwrap().to_string(), "p99.9");
        let allowed = "p99.9".parse::<Quantile>().unwrap().allowed_above();
        let share = "0.1 %".parse::<Ratio>().unwrap().get();
        assert!((allowed - share).abs() < f64::EPSILON, "{allowed} and {share}");
        assert_eq!("99.9%".parse::<Ratio>().unwrap().to_string(), "99.9 %");
        assert_eq!("1m 30s".parse::<Span>().unwrap().as_micros(), 90_000_000);
    }

    /// True if a quantity is read back from its written form unchanged, or if the text is no quantity.
    fn comes_back<T: FromStr<Err = UnitError> + ToString + PartialEq>(text: &str) -> bool {
        text.parse::<T>()
            .map_or(true, |value| value.to_string().parse::<T>().as_ref() == Ok(&value))
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_as_the_same(
            number in "[0-9]{0,12}(\\.[0-9]{1,12})?(e-?[0-9]{1,3})?",
            before in "p?",
            unit in prop::sample::select(&["", "%", " %", "/s", "/min", "/h", "ns", "us", "ms", "s", "m 1s", "days", "years"][..]),
        ) {
            let text = format!("{before}{number}{unit}");
            prop_assert!(comes_back::<Rate>(&text), "{}", text);
            prop_assert!(comes_back::<Quantile>(&text), "{}", text);
            prop_assert!(comes_back::<Ratio>(&text), "{}", text);
            prop_assert!(comes_back::<Span>(&text), "{}", text);
        }
    }

    #[test]
    fn no_sum_of_spans_overflows() {
        let error = "3661days".parse::<Span>().unwrap_err().to_string();
        assert_eq!(error, "`3661days` is not a duration of at most ten years");
        let longest: Span = "3660days".parse().unwrap();
        assert!(longest.get().checked_mul(u32::MAX).is_some());
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["-1/s", "60", "NaN/s", "60/fortnight"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        for text in ["95", "p0", "p100", "pNaN"] {
            assert!(text.parse::<Quantile>().is_err(), "{text}");
        }
        assert_eq!(
            "fast".parse::<Span>().unwrap_err().to_string(),
            "`fast` is not a duration such as `100ms`, `2s` or `1m 30s`"
        );
    }

    #[test]
    fn durations_are_those_of_compose() {
        for (text, millis) in [
            ("1.5s", 1_500),
            ("0.5m", 30_000),
            ("1m30s", 90_000),
            ("1500ms", 1_500),
            ("1h5m", 3_900_000),
        ] {
            assert_eq!(text.parse::<Span>().unwrap().as_micros(), millis * 1_000, "{text}");
        }
        for text in ["1M", "2 M", "1h 1M"] {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains("`M` is a month here, and `m` a minute"), "{error}");
        }
        assert!("1.5.5s".parse::<Span>().is_err());
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, bytes, shown, written) in [
            ("512M", 512 << 20, "512 MB", "512M"),
            ("2G", 2 << 30, "2 GB", "2G"),
            ("50 GB", 50 << 30, "50 GB", "50G"),
            ("1536MiB", 1536 << 20, "1.5 GB", "1536M"),
            ("1.5G", 1536 << 20, "1.5 GB", "1536M"),
            ("0.5gb", 512 << 20, "512 MB", "512M"),
            ("0", 0, "0 B", "0T"),
            ("1000", 1000, "1000 B", "1000"),
        ] {
            let size: Bytes = text.parse().unwrap();
            assert_eq!((size.get(), size.to_string()), (bytes, shown.to_owned()), "{text}");
            assert_eq!(String::from(size), written);
            assert_eq!(String::from(size).parse::<Bytes>().unwrap(), size);
        }
        for text in ["", "G", "1.5", "1.5.5G", "1iB", "-1", "9999999999T", "2X"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn whole_parts_saturate() {
        for (number, whole) in [
            (-1.5, 0),
            (f64::NAN, 0),
            (0.99, 0),
            (7.99, 7),
            (f64::INFINITY, u64::MAX),
        ] {
            assert_eq!(saturating_u64(number), whole, "{number}");
        }
        assert_eq!(
            (saturating_u32(-1.0), saturating_u32(2.9), saturating_u32(1e12)),
            (0, 2, u32::MAX)
        );
        assert_eq!((saturating_usize(-1.0), saturating_usize(2.9)), (0, 2));
    }
}
