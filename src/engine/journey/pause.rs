//! Think time before a step: fixed, uniform over a range, or log-normal.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use rand::Rng;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use statrs::distribution::{ContinuousCDF, Normal};

use super::Think;
use crate::units::Span;

/// 95 % quantile of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_7;

/// Think time before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Uniform over a range, or fixed.
    Uniform(Think),
    /// Log-normal, as people's pauses are.
    LogNormal(LogNormal),
}

/// Think time, written `1s`; for a uniform choice, `500ms..2s`; or as a table for a log-normal one, as people's pauses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(transform = or_text)]
pub struct LogNormal {
    /// Median.
    median: Span,
    /// 95th percentile.
    p95: Span,
    /// Longest pause; longer draws are cut to it.
    at_most: Span,
}

/// Lets a value be a text as well as a table.
pub(super) fn or_text(schema: &mut Schema) {
    schema.insert("type".to_owned(), serde_json::json!(["string", "object"]));
}

impl LogNormal {
    /// Standard deviation of the logarithm.
    fn sigma(self) -> f64 {
        (self.p95.get().as_secs_f64() / self.median.get().as_secs_f64()).ln() / Z95
    }

    /// Mean in seconds of the think times as they are cut.
    fn mean(self) -> f64 {
        let (median, most) = (self.median.get().as_secs_f64(), self.at_most.get().as_secs_f64());
        let sigma = self.sigma();
        if sigma <= 0.0 {
            return median;
        }
        let normal = Normal::standard();
        let bound = (most / median).ln() / sigma;
        // E min(X, m) = e^(μ + σ²/2) Φ(b − σ) + m (1 − Φ(b)) with b = (ln m − μ)/σ.
        median * (sigma * sigma / 2.0).exp() * normal.cdf(bound - sigma) + most * (1.0 - normal.cdf(bound))
    }

    fn draw(self, random: &mut impl Rng) -> Duration {
        let z = Normal::standard().inverse_cdf(random.random());
        let drawn = self.median.get().as_secs_f64() * (self.sigma() * z).exp();
        let most = self.at_most.get();
        Duration::try_from_secs_f64(drawn).map_or(most, |drawn| drawn.min(most))
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform(think) => think.fmt(f),
            Self::LogNormal(LogNormal { median, p95, at_most }) => {
                write!(f, "log-normal with median {median} and p95 {p95}, at most {at_most}")
            }
        }
    }
}

impl Pause {
    /// Mean think time.
    pub fn mean(self) -> Duration {
        match self {
            Self::Uniform(think) => think.mean(),
            Self::LogNormal(pause) => Duration::from_secs_f64(pause.mean()),
        }
    }

    /// Draws one think time.
    pub(super) fn draw(self, random: &mut impl Rng) -> Duration {
        match self {
            Self::Uniform(think) => think.draw(random),
            Self::LogNormal(pause) => pause.draw(random),
        }
    }
}

impl Serialize for Pause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Uniform(think) => think.serialize(serializer),
            Self::LogNormal(pause) => pause.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Pause {
    /// A text or a table. By hand, because errors of an untagged enum do not say which key is wrong.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = Pause;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time, a range such as `500ms..2s`, or a table with `median`, `p95` and `at-most`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Pause, E> {
                text.parse().map(Pause::Uniform).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Pause, A::Error> {
                let pause = LogNormal::deserialize(MapAccessDeserializer::new(members))?;
                if pause.median.get().is_zero() || pause.p95 < pause.median || pause.at_most < pause.p95 {
                    let text = "a log-normal think time has a `median` above 0, a `p95` not below it and an `at-most` not below that";
                    return Err(A::Error::custom(text));
                }
                Ok(Pause::LogNormal(pause))
            }
        }
        deserializer.deserialize_any(TextOrTable)
    }
}

impl JsonSchema for Pause {
    fn schema_name() -> Cow<'static, str> {
        "ThinkTime".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        LogNormal::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct File {
        think: Pause,
    }

    fn pause(text: &str) -> Result<Pause, String> {
        let file: File = toml::from_str(&format!("think = {text}")).map_err(|error| error.to_string())?;
        let again: File = toml::from_str(&toml::to_string(&file).unwrap()).unwrap();
        assert_eq!(again, file);
        Ok(file.think)
    }

    #[test]
    fn a_log_normal_think_time_has_its_median_its_95th_percentile_and_its_end() {
        let pause = pause("{ median = '2s', p95 = '8s', at-most = '30s' }").unwrap();
        let mut random = SmallRng::seed_from_u64(1);
        let mut drawn: Vec<f64> = (0..20_000).map(|_| pause.draw(&mut random).as_secs_f64()).collect();
        drawn.sort_by(f64::total_cmp);
        assert!((drawn[10_000] - 2.0).abs() < 0.05, "{}", drawn[10_000]);
        assert!((drawn[19_000] - 8.0).abs() < 0.35, "{}", drawn[19_000]);
        assert!(drawn[19_999] <= 30.0);
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        assert!(
            (mean - pause.mean().as_secs_f64()).abs() < 0.06,
            "{mean} {:?}",
            pause.mean()
        );
        // All are the same if the percentile is the median.
        let fixed = super::tests::pause("{ median = '2s', p95 = '2s', at-most = '2s' }").unwrap();
        assert_eq!(
            (fixed.mean(), fixed.draw(&mut random)),
            (Duration::from_secs(2), Duration::from_secs(2))
        );
    }

    #[test]
    fn the_short_forms_are_as_before_and_errors_say_what_is_meant() {
        assert_eq!(pause("'500ms..2s'").unwrap().mean(), Duration::from_millis(1_250));
        for (text, told) in [
            ("'2s..1s'", "ends before it begins"),
            ("5", "a time, a range such as `500ms..2s`, or a table"),
            ("{ median = '2s', p95 = '1s', at-most = '3s' }", "a `p95` not below it"),
            ("{ median = '2s', p95 = '3s' }", "missing field `at-most`"),
            ("{ mean = '2s' }", "unknown field `mean`"),
        ] {
            let error = pause(text).unwrap_err();
            assert!(error.contains(told) && error.contains('^'), "{text}: {error}");
        }
    }
}
