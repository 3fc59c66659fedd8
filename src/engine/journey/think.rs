//! Think time of a user before a step.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Span;

/// Think time, written `1s` or, for a uniform choice, `500ms..2s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Think {
    low: Span,
    high: Span,
}

impl Think {
    /// The shortest and the longest think time.
    pub fn range(self) -> (Span, Span) {
        (self.low, self.high)
    }

    /// Mean think time.
    pub fn mean(self) -> Duration {
        (self.low.get() + self.high.get()) / 2
    }

    /// Draws one think time, uniform over the range.
    pub(super) fn draw(self, random: &mut impl Rng) -> Duration {
        if self.low == self.high {
            return self.low.get();
        }
        Duration::from_micros(random.random_range(self.low.as_micros()..=self.high.as_micros()))
    }
}

impl FromStr for Think {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = |text: &str| text.parse::<Span>().map_err(|error| error.to_string());
        let (low, high) = match text.split_once("..") {
            Some((low, high)) => (span(low)?, span(high)?),
            None => (span(text)?, span(text)?),
        };
        if low > high {
            return Err(format!("`{text}` ends before it begins"));
        }
        Ok(Self { low, high })
    }
}

impl fmt::Display for Think {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low == self.high {
            self.low.fmt(f)
        } else {
            write!(f, "{}..{}", self.low, self.high)
        }
    }
}

impl TryFrom<String> for Think {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Think> for String {
    fn from(think: Think) -> Self {
        think.to_string()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn a_range_is_drawn_from_evenly_and_a_single_span_is_itself() {
        let mut random = SmallRng::seed_from_u64(1);
        let fixed: Think = "700ms".parse().unwrap();
        assert_eq!(fixed.draw(&mut random), Duration::from_millis(700));

        let range: Think = "500ms..2s".parse().unwrap();
        let drawn: Vec<f64> = (0..4000).map(|_| range.draw(&mut random).as_secs_f64()).collect();
        assert!(drawn.iter().all(|seconds| (0.5..=2.0).contains(seconds)));
        let mean = drawn.iter().sum::<f64>() / 4000.0;
        assert!((mean - 1.25).abs() < 0.03, "{mean}");
        assert_eq!(range.to_string(), "500ms..2s");
    }

    #[test]
    fn a_range_that_runs_backwards_is_refused() {
        assert!("2s..1s".parse::<Think>().is_err());
        assert!("soon".parse::<Think>().is_err());
    }
}
