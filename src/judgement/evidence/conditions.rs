//! The conditions under which pages are loaded: cache, network and processor.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Span;

/// State of the browser's cache before a page load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// Empty: the cache was emptied, or the browser is new.
    Cold,
    /// The browser had loaded the page before.
    #[default]
    Warm,
}

impl Cache {
    /// The name used in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
        }
    }
}

/// Treatment of the browser's cache between loads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CacheUse {
    /// It is kept, as for somebody who comes back.
    #[default]
    Warm,
    /// It is emptied before each load, as for somebody who comes for the first time.
    Cold,
    /// Each page is loaded twice: with an empty cache, then with the cache which that load filled.
    Both,
}

/// Loads that the objectives judge, by the state of the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JudgedCache {
    /// Those with a warm cache.
    Warm,
    /// Those with a cold one.
    Cold,
    /// All.
    #[default]
    All,
}

impl JudgedCache {
    /// True if a load with that cache is judged.
    pub fn holds(self, cache: Cache) -> bool {
        match self {
            Self::All => true,
            Self::Warm => cache == Cache::Warm,
            Self::Cold => cache == Cache::Cold,
        }
    }
}

/// Conditions under which the pages were loaded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Treatment of the cache between loads.
    #[serde(default)]
    pub cache: CacheUse,
    /// Loads that are judged.
    #[serde(default)]
    pub judged: JudgedCache,
    /// The network; `None` if it was not slowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkProfile>,
    /// Factor by which scripts were slowed; `None` if they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_slowdown: Option<Factor>,
}

/// A slower network, as the browser imitates it: after the fact, for each request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkProfile {
    /// Bandwidth of receiving.
    pub download: Bandwidth,
    /// Bandwidth of sending; by default that of receiving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Bandwidth>,
    /// Least time from sending a request to its answer; zero by default.
    #[serde(default = "no_latency")]
    pub latency: Span,
}

const fn no_latency() -> Span {
    Span::from_millis(0)
}

/// Slow-down factor, from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
pub struct Factor(f64);

impl Factor {
    /// Slower by half: 1.5.
    pub const HALF_AGAIN: Self = Self(1.5);

    /// The factor.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Factor {
    type Error = SettingError;

    fn try_from(factor: f64) -> Result<Self, SettingError> {
        // Below 1 the browser would have to be faster than the machine.
        if (1.0..=100.0).contains(&factor) {
            Ok(Self(factor))
        } else {
            Err(SettingError {
                given: factor.to_string(),
                expected: "a factor such as `2.0`, from 1 to 100",
            })
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A written quantity of the browser's settings that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {expected}")]
pub struct SettingError {
    given: String,
    expected: &'static str,
}

/// Bits a second, written `100 Mbps`; powers of 1000, as networks are sold.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Bandwidth(f64);

impl Bandwidth {
    /// Bytes a second.
    pub fn bytes_per_second(self) -> f64 {
        // Networks are sold in bits, and the DevTools protocol takes bytes a second.
        self.0 / 8.0
    }
}

impl FromStr for Bandwidth {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        // `Mbps` and `mbps` are written alike, and nobody means millibits.
        let written = text.trim().to_ascii_lowercase();
        // Longer units come first, since each of them ends in `bps`: there the rest is no number, and the next one is
        // tried.
        let read = BANDWIDTHS.iter().find_map(|(unit, bits)| {
            let count: f64 = written.strip_suffix(unit)?.trim_end().parse().ok()?;
            Some(count * bits)
        });
        let sensible = read.filter(|bits| (1e3..=1e12).contains(bits));
        sensible.map(Self).ok_or_else(|| SettingError {
            given: text.to_owned(),
            expected: "a bandwidth such as `100 Mbps` or `1.6 Mbps`, from 1 kbps to 1000 Gbps",
        })
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, bits) = match self.0 {
            bits if bits >= 1e9 => ("Gbps", 1e9),
            bits if bits >= 1e6 => ("Mbps", 1e6),
            _ => ("kbps", 1e3),
        };
        write!(f, "{} {unit}", self.0 / bits)
    }
}

impl TryFrom<String> for Bandwidth {
    type Error = SettingError;

    fn try_from(text: String) -> Result<Self, SettingError> {
        text.parse()
    }
}

const BANDWIDTHS: [(&str, f64); 4] = [("gbps", 1e9), ("mbps", 1e6), ("kbps", 1e3), ("bps", 1.0)];

impl From<Factor> for f64 {
    fn from(factor: Factor) -> Self {
        factor.0
    }
}

impl From<Bandwidth> for String {
    fn from(bandwidth: Bandwidth) -> Self {
        bandwidth.to_string()
    }
}
