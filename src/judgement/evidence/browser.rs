//! Observations of the browser probe.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Limitation;
pub use super::conditions::{
    Bandwidth, Cache, CacheUse, Conditions, Factor, JudgedCache, NetworkProfile, SettingError,
};
use crate::record::Window;

/// One page load. Times are milliseconds from navigation start, absent if the load failed or the browser does not report them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageLoad {
    /// Name of the page.
    pub page: String,
    /// Seconds from the run's zero to the navigation start.
    pub at: f64,
    /// State of the cache before the load.
    #[serde(default)]
    pub cache: Cache,
    /// Cause of the failure, if it failed; the times are then absent.
    pub failure: Option<String>,
    /// Duration of the DNS look-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_ms: Option<f64>,
    /// Duration of connecting, without TLS; 0 on a connection that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_ms: Option<f64>,
    /// Duration of the TLS handshake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_ms: Option<f64>,
    /// First byte of the document.
    pub ttfb_ms: Option<f64>,
    /// The document was parsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interactive_ms: Option<f64>,
    /// `DOMContentLoaded`.
    pub dom_ms: Option<f64>,
    /// End of the load event: the judged time.
    pub load_ms: Option<f64>,
    /// First contentful paint.
    pub fcp_ms: Option<f64>,
    /// Largest contentful paint.
    pub lcp_ms: Option<f64>,
    /// Time at which the page showed its data (its `ready` selector).
    pub ready_ms: Option<f64>,
    /// Cumulative layout shift, without unit: the worst burst of shifts (web.dev/articles/cls).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout_shift: Option<f64>,
    /// The longest interaction of those that the journey scripts, from input to the next paint (web.dev/articles/inp).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inp_ms: Option<f64>,
    /// Tasks that held the page's thread for over 50 ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_tasks: Option<u32>,
    /// Total blocking time: the excess of each over 50 ms after the first contentful paint, summed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_ms: Option<f64>,
    /// Bytes transferred.
    pub bytes: Option<u64>,
    /// Resources requested, the document included.
    pub requests: Option<u32>,
    /// Those of them that got no answer, or one with a status of 400 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_requests: Option<u32>,
    /// Those of them that were answered as the proxy's limiter answers, by path as in [`ApiCall`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<String, u32>,
    /// Errors on the console, uncaught exceptions included; requests that failed are counted apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_errors: Option<u32>,
    /// The first failed requests and console errors, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
    /// Requests by scripts of the page (fetch, XHR) that were answered before everything was shown ([`Self::shown_ms`]), without
    /// those that fetch other pages in advance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ApiCall>,
    /// Share of the time until everything was shown ([`Self::shown_ms`]) during which at least one of them was in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_share: Option<f64>,
    /// Resources wanted from other origins, by origin; those of other hosts were not fetched.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<String, u32>,
}

impl PageLoad {
    /// A load that failed: no times.
    pub fn failed(page: &str, at: f64, reason: String) -> Self {
        Self {
            page: page.to_owned(),
            at,
            failure: Some(reason),
            ..Self::default()
        }
    }

    /// Marks it as failed after all: its times are dropped, its cache state, messages, error counts and refused requests are kept.
    pub fn fail(&mut self, reason: String) {
        // The times are dropped: half a load's times would count as those of a whole one. What explains the failure is
        // kept.
        let failed = Self::failed(&self.page, self.at, reason);
        let before = std::mem::replace(self, failed);
        self.cache = before.cache;
        self.messages = before.messages;
        self.failed_requests = before.failed_requests;
        self.refused = before.refused;
        self.console_errors = before.console_errors;
    }

    /// Milliseconds from navigation start until both the load event ended and the page showed its data.
    pub fn shown_ms(&self) -> Option<f64> {
        let load = self.load_ms?;
        // Data may show before the load event: the page is complete for its user at the later of both.
        Some(self.ready_ms.map_or(load, |ready| ready.max(load)))
    }
}

/// One request of a page's script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiCall {
    /// Path without query; numbers and identifiers in it as `:id`.
    pub path: String,
    /// Milliseconds from navigation start.
    pub start_ms: f64,
    /// Duration in milliseconds.
    pub took_ms: f64,
    /// Status; 0 without an answer.
    pub status: u16,
}

/// One request of a page, for the waterfall: milliseconds from navigation start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Path without query, or the origin if it is another.
    pub name: String,
    /// Its initiator: `navigation`, `script`, `link`, `img`, `css`, `fetch`.
    pub kind: String,
    /// Start of the fetch.
    pub start: f64,
    /// Sending of the request; the time before is waiting and connecting.
    pub request: f64,
    /// First byte.
    pub response: f64,
    /// Last byte.
    pub end: f64,
    /// Bytes transferred, 0 out of the cache.
    pub bytes: u64,
    /// Status; 0 without an answer.
    pub status: u16,
}

/// Reason for showing a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExhibitReason {
    /// It is the median of its page, or was nearest to it when it was taken.
    Typical,
    /// It is the slowest of its page.
    Slowest,
    /// It is the first of its page that failed.
    Failed,
}

/// A load that is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exhibit {
    /// Reason for showing it.
    pub why: ExhibitReason,
    /// Name of the page.
    pub page: String,
    /// Seconds from the run's zero to its navigation start, as in its [`PageLoad`].
    pub at: f64,
    /// The page as it looked once it was measured: a `data:` URI.
    pub picture: Option<String>,
    /// Its requests in the order in which they began.
    pub resources: Vec<Resource>,
}

/// One load of the calibration page, which is the harness's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationLoad {
    /// Seconds from the run's zero.
    pub at: f64,
    /// Milliseconds from navigation start to the end of the load event; `None` if it was not loaded in time.
    pub load_ms: Option<f64>,
}

/// Load times of the calibration page, before the load and during it: they show a browser that is itself slowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Greatest slow-down accepted, as a factor relative to before the load.
    pub limit: Factor,
    /// Milliseconds of each load of the calibration page before the load test.
    pub before: Vec<f64>,
    /// Loads of the calibration page during the run.
    pub during: Vec<CalibrationLoad>,
}

/// Fewest loads of the calibration page in the judged window from which a slow-down is computed.
const FEWEST: usize = 3;

impl Calibration {
    /// Median load time of the calibration page before the load test.
    pub fn before_ms(&self) -> Option<f64> {
        median(self.before.clone())
    }

    /// Median load time of the calibration page in that window, and the number of its loads; a load that did not end in time
    /// counts as infinitely long. `None` if there are too few.
    pub fn during_ms(&self, window: Window) -> Option<(f64, usize)> {
        // Only beside the judged loads: before them the machine is idle, and the browser as fast as in the calibration.
        let within = self.during.iter().filter(|load| window.contains_secs(load.at));
        // A calibration load that failed was not fast: it ranks above every time.
        let times: Vec<f64> = within.map(|load| load.load_ms.unwrap_or(f64::INFINITY)).collect();
        let count = times.len();
        median(times).filter(|_| count >= FEWEST).map(|median| (median, count))
    }

    /// Median load time of the calibration page in that window, divided by that before the load.
    pub fn slowdown(&self, window: Window) -> Option<f64> {
        let (during, _) = self.during_ms(window)?;
        Some(during / self.before_ms().filter(|before| *before > 0.0)?)
    }

    /// True if the browser itself was slowed beyond the limit.
    pub fn slowed(&self, window: Window) -> bool {
        self.slowdown(window).is_some_and(|factor| factor > self.limit.get())
    }
}

/// The lower median.
fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    // The mean of the middle two would be infinite as soon as one of them failed; the lower one is a time that was
    // measured.
    times.get(times.len().saturating_sub(1) / 2).copied()
}

/// All page loads of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserObservation {
    /// Name and version of the browser: `Chromium 156.0`.
    pub browser: String,
    /// Conditions under which the pages were loaded.
    #[serde(default)]
    pub conditions: Conditions,
    /// The loads in order, warm-up included; select by `at`.
    pub loads: Vec<PageLoad>,
    /// Number of times the browser had to be started again.
    pub restarts: u32,
    /// Causes of the first few restarts, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
    /// Planned page loads that were skipped because the load before was still running.
    pub skipped: u32,
    /// Calibration of the browser itself; `None` if it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Loads that are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exhibits: Vec<Exhibit>,
    /// Limitations of the page loads and of what this browser reports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Limitation>,
}

impl BrowserObservation {
    /// The loads that objectives judge: those that began in the window with the judged cache.
    pub fn judged(&self, window: Window) -> impl Iterator<Item = &PageLoad> {
        let judged = self.conditions.judged;
        self.loads
            .iter()
            .filter(move |load| window.contains_secs(load.at) && judged.holds(load.cache))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn calibration(during: &[(f64, Option<f64>)]) -> Calibration {
        Calibration {
            limit: 1.5.try_into().unwrap(),
            before: vec![60.0, 40.0, 50.0, 48.0, 900.0],
            during: during
                .iter()
                .map(|(at, load_ms)| CalibrationLoad {
                    at: *at,
                    load_ms: *load_ms,
                })
                .collect(),
        }
    }

    const WINDOW: Window = Window {
        start: Duration::from_secs(10),
        end: Duration::from_secs(70),
    };

    #[test]
    fn medians_in_the_judged_window_tell_how_much_slower_the_browser_was() {
        let slow = calibration(&[
            (5.0, Some(5_000.0)),
            (12.0, Some(100.0)),
            (20.0, Some(70.0)),
            (30.0, None),
            (70.0, Some(40.0)),
        ]);
        // Before: 40 48 [50] 60 900. During, within the window: 70 [100] ∞.
        assert_eq!(slow.during_ms(WINDOW), Some((100.0, 3)));
        assert_eq!((slow.slowdown(WINDOW), slow.slowed(WINDOW)), (Some(2.0), true));
        let at_the_limit = calibration(&[(12.0, Some(75.0)); 3]);
        assert!(!at_the_limit.slowed(WINDOW));
        assert!(calibration(&[(12.0, None); 3]).slowed(WINDOW));
    }

    #[test]
    fn two_loads_tell_nothing() {
        let few = calibration(&[(12.0, Some(900.0)), (13.0, Some(900.0)), (9.0, Some(900.0))]);
        assert_eq!((few.slowdown(WINDOW), few.slowed(WINDOW)), (None, false));
    }

    #[test]
    fn a_load_as_it_used_to_be_saved_is_read() {
        let load: PageLoad = serde_json::from_str(
            r#"{"page":"a","at":1.0,"failure":null,"ttfb_ms":1.0,"dom_ms":2.0,"load_ms":3.0,"fcp_ms":null,"lcp_ms":null,
                "ready_ms":9.0,"bytes":5,"requests":2}"#,
        )
        .unwrap();
        assert_eq!((load.cache, load.shown_ms()), (Cache::Warm, Some(9.0)));
    }
}
