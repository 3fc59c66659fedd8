//! Browser settings of a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::browser::{CacheUse, Conditions, Factor, JudgedCache, NetworkProfile};
use crate::units::Span;

/// Settings of the probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BrowserSettings {
    /// Name of the journey file the browser walks, under `journeys/`.
    pub journey: String,
    /// Interval between the starts of page loads.
    pub every: Span,
    /// Name of a session journey. One user more than the load has walks it before the run, and the browser begins with its cookies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Name of the only phase in which pages are loaded. Default: the whole run, judged in the judged phases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
    /// A page that takes longer has failed.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
    /// The browser to use.
    #[serde(default)]
    pub engine: Engine,
    /// Use of the browser's cache.
    #[serde(default)]
    pub cache: CacheUse,
    /// Loads that the objectives judge. Default: the warm ones if `cache` is `both`, else all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<JudgedCache>,
    /// Emulated network slower than this machine's; default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkProfile>,
    /// Factor by which the pages' scripts run slower than on this machine, as on a modest laptop; default: not slowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_slowdown: Option<Factor>,
    /// Calibration: measures the effect of the busy machine on the browser itself.
    #[serde(default)]
    pub calibration: CalibrationSettings,
}

const fn default_timeout() -> Span {
    Span::from_millis(15_000)
}

impl BrowserSettings {
    /// One page load per interval `every` in the default browser, all else at its default.
    pub fn new(journey: &str, every: Span) -> Self {
        Self {
            journey: journey.to_owned(),
            every,
            session: None,
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

    /// Conditions under which the pages are loaded.
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

    /// Number of page loads, out of `loads`, that the objectives will judge.
    pub fn judged_of(&self, loads: u64) -> u64 {
        match (self.cache, self.conditions().judged) {
            (CacheUse::Both, JudgedCache::Warm | JudgedCache::Cold) => loads / 2,
            (CacheUse::Warm, JudgedCache::Cold) | (CacheUse::Cold, JudgedCache::Warm) => 0,
            _ => loads,
        }
    }
}

/// A browser and the driver that goes with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Chromium or Chrome, through `chromedriver`.
    #[default]
    Chromium,
    /// Firefox, through `geckodriver`: it reports fewer figures.
    Firefox,
}

/// Calibration of the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalibrationSettings {
    /// Page loads per load of the calibration page; 0 for never.
    #[serde(default = "default_every")]
    pub every: u32,
    /// Largest slowdown of the calibration page against its time before the load. Beyond it, page loads carry no verdict.
    #[serde(default = "default_limit")]
    pub limit: Factor,
}

const fn default_every() -> u32 {
    2
}

const fn default_limit() -> Factor {
    Factor::HALF_AGAIN
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self {
            every: default_every(),
            limit: default_limit(),
        }
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
            crate::words::en::conditions(&conditions),
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
