//! What a scenario says of the browser.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Cache;
use crate::units::Span;

/// Settings of the probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BrowserSettings {
    /// Name of the journey file the browser walks, under `journeys/`.
    pub journey: String,
    /// One page load starts every so often.
    pub every: Span,
    /// Name of the phase in which pages are loaded, and no other; where not said, the whole run, judged in the judged phases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
    /// A page that takes longer has failed.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
    /// Which browser.
    #[serde(default)]
    pub engine: Engine,
    /// What becomes of the browser's cache.
    #[serde(default)]
    pub cache: CacheUse,
    /// Which loads the objectives judge; the warm ones where `cache` is `both`, else all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<JudgedCache>,
    /// A network slower than this machine's; none where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkProfile>,
    /// How many times slower than this machine the pages' scripts run: a modest laptop; not slowed where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_slowdown: Option<Factor>,
    /// How it is told what the busy machine does to the browser itself.
    #[serde(default)]
    pub calibration: CalibrationSettings,
}

const fn default_timeout() -> Span {
    Span::from_millis(15_000)
}

impl BrowserSettings {
    /// One page load every so often in the default browser, everything else as it is when nothing is said.
    pub fn new(journey: &str, every: Span) -> Self {
        Self {
            journey: journey.to_owned(),
            every,
            during: None,
            timeout: default_timeout(),
            engine: Engine::default(),
            cache: CacheUse::default(),
            judge: None,
            network: None,
            cpu_slowdown: None,
            calibration: CalibrationSettings::default(),
        }
    }

    /// What the pages are loaded under.
    pub fn conditions(&self) -> Conditions {
        let usual = match self.cache {
            CacheUse::Both => JudgedCache::Warm,
            CacheUse::Warm | CacheUse::Cold => JudgedCache::All,
        };
        Conditions {
            cache: self.cache,
            judged: self.judge.unwrap_or(usual),
            network: self.network.clone(),
            cpu_slowdown: self.cpu_slowdown,
        }
    }

    /// How many of `loads` page loads the objectives will judge.
    pub fn judged_of(&self, loads: u64) -> u64 {
        match (self.cache, self.conditions().judged) {
            (CacheUse::Both, JudgedCache::Warm | JudgedCache::Cold) => loads / 2,
            (CacheUse::Warm, JudgedCache::Cold) | (CacheUse::Cold, JudgedCache::Warm) => 0,
            _ => loads,
        }
    }
}

/// Which browser, with the driver that goes with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Chromium or Chrome, through `chromedriver`.
    #[default]
    Chromium,
    /// Firefox, through `geckodriver`: it tells less.
    Firefox,
}

/// What becomes of the browser's cache between loads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheUse {
    /// It is kept, as for somebody who comes back.
    #[default]
    Warm,
    /// It is emptied before each load, as for somebody who comes for the first time.
    Cold,
    /// Each page is loaded twice: with an empty cache, then with what that left.
    Both,
}

impl CacheUse {
    /// In words, for a report.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Warm => "cache kept between loads",
            Self::Cold => "cache emptied before each load",
            Self::Both => "each page with an empty cache, then again with what that left",
        }
    }
}

/// Which loads the objectives judge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether a load with that cache is judged.
    pub fn holds(self, cache: Cache) -> bool {
        match self {
            Self::All => true,
            Self::Warm => cache == Cache::Warm,
            Self::Cold => cache == Cache::Cold,
        }
    }

    /// In words, for a report.
    pub fn describe(self) -> &'static str {
        match self {
            Self::All => "all loads judged",
            Self::Warm => "warm loads judged",
            Self::Cold => "cold loads judged",
        }
    }
}

/// What the pages were loaded under.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// What became of the cache.
    #[serde(default)]
    pub cache: CacheUse,
    /// Which loads are judged.
    #[serde(default)]
    pub judged: JudgedCache,
    /// The network, where it was slowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkProfile>,
    /// How many times slower scripts ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_slowdown: Option<Factor>,
}

impl Conditions {
    /// In words, for a report.
    pub fn describe(&self) -> String {
        let network = self.network.as_ref().map_or_else(
            || "network of this machine".to_owned(),
            |network| format!("network {network}"),
        );
        let scripts = self.cpu_slowdown.map_or_else(
            || "processor of this machine".to_owned(),
            |factor| format!("scripts {factor} times slower than on this machine"),
        );
        format!(
            "{}, {}; {network}; {scripts}",
            self.cache.describe(),
            self.judged.describe()
        )
    }
}

/// A slower network, as the browser imitates it: after the fact, for each request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkProfile {
    /// Most that is received.
    pub download: Bandwidth,
    /// Most that is sent; as much as is received where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Bandwidth>,
    /// Least time from sending a request to its answer; none where not said.
    #[serde(default = "no_latency")]
    pub latency: Span,
}

const fn no_latency() -> Span {
    Span::from_millis(0)
}

impl fmt::Display for NetworkProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} down, {} up", self.download, self.upload.unwrap_or(self.download))?;
        if self.latency.get().is_zero() {
            Ok(())
        } else {
            write!(f, ", {} latency", self.latency)
        }
    }
}

/// How the browser is calibrated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationSettings {
    /// After how many page loads the harness's own page is loaded; 0 for never.
    #[serde(default = "default_every")]
    pub every: u32,
    /// How many times slower than before the load it may get: beyond, page loads carry no verdict.
    #[serde(default = "default_limit")]
    pub limit: Factor,
}

const fn default_every() -> u32 {
    2
}

const fn default_limit() -> Factor {
    Factor(1.5)
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self {
            every: default_every(),
            limit: default_limit(),
        }
    }
}

/// How many times slower: from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Factor(f64);

impl Factor {
    /// The factor.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A written quantity of the browser's settings that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {expected}")]
pub struct SettingError {
    given: String,
    expected: &'static str,
}

impl TryFrom<f64> for Factor {
    type Error = SettingError;

    fn try_from(factor: f64) -> Result<Self, SettingError> {
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

impl From<Factor> for f64 {
    fn from(factor: Factor) -> Self {
        factor.0
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Bits a second, written `100 Mbps`; powers of 1000, as networks are sold.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bandwidth(f64);

const BANDWIDTHS: [(&str, f64); 4] = [("gbps", 1e9), ("mbps", 1e6), ("kbps", 1e3), ("bps", 1.0)];

impl Bandwidth {
    /// Bytes a second.
    pub fn bytes_per_second(self) -> f64 {
        self.0 / 8.0
    }
}

impl FromStr for Bandwidth {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let written = text.trim().to_ascii_lowercase();
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

impl From<Bandwidth> for String {
    fn from(bandwidth: Bandwidth) -> Self {
        bandwidth.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(more: &str) -> Result<BrowserSettings, toml::de::Error> {
        toml::from_str(&format!("journey = \"frontend\"\nevery = \"3s\"\n{more}"))
    }

    #[test]
    fn nothing_is_slowed_unless_it_is_said() {
        let plain = settings("").unwrap();
        assert_eq!(plain, BrowserSettings::new("frontend", "3s".parse().unwrap()));
        assert_eq!(plain.conditions(), Conditions::default());
        assert_eq!((plain.calibration.every, plain.calibration.limit.get()), (2, 1.5));
        assert_eq!(plain.judged_of(20), 20);
    }

    #[test]
    fn a_profile_is_read_and_told() {
        let profile = settings(
            "cpu-slowdown = 2.5\ncache = \"both\"\nnetwork = { download = \"100 Mbps\", upload = \"500kbps\", latency = \"20ms\" }",
        );
        let conditions = profile.unwrap().conditions();
        assert_eq!(
            conditions.describe(),
            "each page with an empty cache, then again with what that left, warm loads judged; \
             network 100 Mbps down, 500 kbps up, 20ms latency; scripts 2.5 times slower than on this machine"
        );
        let network = conditions.network.unwrap();
        // 100,000,000 bits are 12,500,000 bytes.
        assert!((network.download.bytes_per_second() - 12_500_000.0).abs() < 1e-6);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, words) in [
            ("cpu-slowdown = 0.5", "from 1 to 100"),
            ("network = { download = \"fast\" }", "100 Mbps"),
            ("network = { download = \"0 Mbps\" }", "100 Mbps"),
            ("calibration = { limit = 0.9 }", "from 1 to 100"),
            ("cache = \"hot\"", "hot"),
            ("cpu_slowdown = 2.0", "unknown field"),
        ] {
            let error = settings(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn loads_that_are_not_judged_are_no_evidence() {
        let judged = |more: &str| settings(more).unwrap().judged_of(21);
        assert_eq!(judged("cache = \"both\""), 10);
        assert_eq!(judged("cache = \"both\"\njudge = \"all\""), 21);
        assert_eq!(judged("cache = \"cold\""), 21);
        assert_eq!(judged("judge = \"cold\""), 0);
    }
}
