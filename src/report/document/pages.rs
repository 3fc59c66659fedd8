//! Page loads in the browser, by page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::percentile;
use crate::evidence::browser::{
    ApiCall, BrowserObservation, Cache, CacheUse, Calibration, Conditions, Exhibit, PageLoad,
};
use crate::evidence::{Limitation, LoadPlan};
use crate::record::Window;

/// Most distinct messages that are listed.
const MOST_MESSAGES: usize = 20;

/// Observations of the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// Name and version of the browser.
    pub browser: String,
    /// Conditions that the pages were loaded under, in words.
    #[serde(default)]
    pub conditions: String,
    /// Those conditions as facts; `None` in documents made before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loaded: Option<LoadConditions>,
    /// Number of times that the browser had to be started again.
    pub restarts: u32,
    /// Causes of the restarts, the first few.
    #[serde(default)]
    pub lost: Vec<String>,
    /// Page loads that were skipped because the load before was still running.
    pub skipped: u32,
    /// Speed of the browser itself.
    #[serde(default)]
    pub calibration: Option<CalibrationRow>,
    /// The judged loads of all pages together; then one row per page, one for each cache state if both were asked for.
    pub rows: Vec<PageRow>,
    /// Calls by scripts of the pages, the largest share of the time first.
    #[serde(default)]
    pub calls: Vec<CallRow>,
    /// Reasons of failed loads, failed requests and console errors: page, message, and number of loads with it, the most frequent first.
    #[serde(default)]
    pub messages: Vec<(String, String, u64)>,
    /// Loads that are shown in full.
    #[serde(default)]
    pub exhibits: Vec<Exhibit>,
    /// Limitations of the page loads and of what this browser reports.
    #[serde(default)]
    pub untold: Vec<Limitation>,
    /// Every load of the run, warm-up included.
    pub loads: Vec<PageLoad>,
}

/// Conditions that the pages were loaded under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadConditions {
    /// Cache, network and processor.
    pub conditions: Conditions,
    /// The phase in which alone they were loaded; `None` if they were loaded beside all requests.
    pub phase: Option<String>,
}

/// The harness's own page before the load and in the judged window; times are medians in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRow {
    /// Median before the load.
    pub before: Option<f64>,
    /// Median during the load; `None` if there are too few times, or most loads did not end.
    pub during: Option<f64>,
    /// Number of times that it was loaded in the judged window.
    pub count: u64,
    /// Ratio of the median during the load to the one before.
    pub slowdown: Option<f64>,
    /// Largest ratio allowed.
    pub limit: f64,
    /// True if the ratio exceeds the limit.
    pub slowed: bool,
}

/// Loads of one page in the judged window. Times are milliseconds from navigation start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageRow {
    /// Name of the page; `*` for all.
    pub page: String,
    /// Cache state of the loads; `None` if cold and warm loads are counted together.
    #[serde(default)]
    pub cache: Option<Cache>,
    /// Loads, failed ones included.
    pub loads: u64,
    /// Loads that failed.
    pub failed: u64,
    /// Median length of the name's look-up.
    #[serde(default)]
    pub dns: Option<f64>,
    /// Median length of connecting, TLS apart.
    #[serde(default)]
    pub connect: Option<f64>,
    /// Median length of the TLS handshake.
    #[serde(default)]
    pub tls: Option<f64>,
    /// Median time to the first byte.
    pub ttfb: Option<f64>,
    /// Median until the document was parsed.
    #[serde(default)]
    pub interactive: Option<f64>,
    /// Median of `DOMContentLoaded`.
    #[serde(default)]
    pub dom: Option<f64>,
    /// Median of the first contentful paint.
    #[serde(default)]
    pub fcp: Option<f64>,
    /// Median of the largest contentful paint.
    pub lcp: Option<f64>,
    /// Median until the page showed its data.
    pub ready: Option<f64>,
    /// Median of the load event.
    pub load_p50: Option<f64>,
    /// 75th percentile of the load event, failed loads ranking above all.
    pub load_p75: Option<f64>,
    /// Longest load event.
    pub load_max: Option<f64>,
    /// Load events of the loads that did not fail, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<f64>,
    /// 75th percentile of the largest contentful paint.
    #[serde(default)]
    pub lcp_p75: Option<f64>,
    /// 75th percentile of the longest interaction.
    #[serde(default)]
    pub inp_p75: Option<f64>,
    /// 75th percentile of the cumulative layout shift, without unit.
    #[serde(default)]
    pub layout_shift_p75: Option<f64>,
    /// Median of the total blocking time.
    #[serde(default)]
    pub blocking: Option<f64>,
    /// Median number of long tasks.
    #[serde(default)]
    pub long_tasks: Option<f64>,
    /// Median share of the time until the page was shown, during which at least one call of its scripts was under way.
    #[serde(default)]
    pub calls_share: Option<f64>,
    /// Median number of bytes transferred.
    pub bytes: Option<f64>,
    /// Median number of resources requested.
    pub requests: Option<f64>,
    /// All requests that failed.
    #[serde(default)]
    pub failed_requests: Option<u64>,
    /// All errors on the console.
    #[serde(default)]
    pub console_errors: Option<u64>,
}

/// Calls of one path by scripts of a page, over the judged loads that did not fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallRow {
    /// Name of the page.
    pub page: String,
    /// Path without query, identifiers as `:id`.
    pub path: String,
    /// Calls for each load of the page.
    pub per_load: f64,
    /// Calls with a status of 400 or more, or without an answer.
    pub failed: u64,
    /// Median length in milliseconds.
    pub p50: Option<f64>,
    /// Longest in milliseconds.
    pub max: Option<f64>,
    /// Total length of the calls, as a share of the time until the page was shown; it can exceed 100 % if calls overlap.
    pub share: f64,
}

impl Pages {
    pub(super) fn new(observation: &BrowserObservation, plan: &LoadPlan) -> Self {
        let window = plan.page_window();
        let judged: Vec<&PageLoad> = observation.judged(window).collect();
        let within = observation.loads.iter().filter(|load| window.contains_secs(load.at));
        let within: Vec<&PageLoad> = within.collect();
        let apart = observation.conditions.cache == CacheUse::Both;
        // Loads of both kinds of cache are listed, also where only one kind is judged.
        let shown = if apart { &within } else { &judged };
        let mut rows = vec![row("*", None, &judged)];
        for name in names(shown) {
            let of = |cache: Option<Cache>| {
                let loads = shown.iter().copied();
                let loads = loads.filter(|load| load.page == name && cache.is_none_or(|cache| load.cache == cache));
                loads.collect::<Vec<_>>()
            };
            let caches = if apart {
                vec![Some(Cache::Cold), Some(Cache::Warm)]
            } else {
                vec![None]
            };
            let caches = caches.into_iter().map(|cache| (cache, of(cache)));
            rows.extend(
                caches
                    .filter(|(_, loads)| !loads.is_empty())
                    .map(|(cache, loads)| row(name, cache, &loads)),
            );
        }
        let loaded = LoadConditions {
            conditions: observation.conditions.clone(),
            phase: plan.page_phase().map(|phase| phase.name.clone()),
        };
        Self {
            browser: observation.browser.clone(),
            // Told once the document is complete.
            conditions: String::new(),
            loaded: Some(loaded),
            restarts: observation.restarts,
            lost: observation.lost.clone(),
            skipped: observation.skipped,
            calibration: observation.calibration.as_ref().map(|seen| calibration(seen, window)),
            rows,
            calls: calls(&judged),
            messages: messages(&within),
            exhibits: observation.exhibits.clone(),
            untold: observation.untold.clone(),
            loads: observation.loads.clone(),
        }
    }

    /// The load that an exhibit shows.
    pub fn load_of(&self, exhibit: &Exhibit) -> Option<&PageLoad> {
        self.loads
            .iter()
            .find(|load| load.page == exhibit.page && (load.at - exhibit.at).abs() < 1e-6)
    }
}

fn names<'a>(loads: &[&'a PageLoad]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for load in loads {
        if !names.contains(&load.page.as_str()) {
            names.push(&load.page);
        }
    }
    names
}

fn calibration(seen: &Calibration, window: Window) -> CalibrationRow {
    let count = seen.during.iter().filter(|load| window.contains_secs(load.at)).count();
    // JSON has no infinity.
    let finite = |value: &f64| value.is_finite();
    CalibrationRow {
        before: seen.before_ms(),
        during: seen.during_ms(window).map(|(during, _)| during).filter(finite),
        count: count as u64,
        slowdown: seen.slowdown(window).filter(finite),
        limit: seen.limit.get(),
        slowed: seen.slowed(window),
    }
}

fn row(page: &str, cache: Option<Cache>, loads: &[&PageLoad]) -> PageRow {
    let succeeded: Vec<&PageLoad> = loads.iter().copied().filter(|load| load.failure.is_none()).collect();
    let sorted = |value: &dyn Fn(&PageLoad) -> Option<f64>| {
        let mut values: Vec<f64> = succeeded.iter().filter_map(|load| value(load)).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let quantile = |value: &dyn Fn(&PageLoad) -> Option<f64>, share: f64| {
        let values = sorted(value);
        percentile::of_sorted(&values, values.len() as u64, share)
    };
    let median = |value: &dyn Fn(&PageLoad) -> Option<f64>| quantile(value, 0.5);
    let sum = |value: &dyn Fn(&PageLoad) -> Option<u32>| {
        let told: Vec<u64> = loads.iter().filter_map(|load| value(load)).map(u64::from).collect();
        (!told.is_empty()).then(|| told.iter().sum())
    };
    let load_times = sorted(&|load| load.load_ms);
    let total = loads.len() as u64;
    PageRow {
        page: page.to_owned(),
        cache,
        loads: total,
        failed: total - succeeded.len() as u64,
        dns: median(&|load| load.dns_ms),
        connect: median(&|load| load.connect_ms),
        tls: median(&|load| load.tls_ms),
        ttfb: median(&|load| load.ttfb_ms),
        interactive: median(&|load| load.interactive_ms),
        dom: median(&|load| load.dom_ms),
        fcp: median(&|load| load.fcp_ms),
        lcp: median(&|load| load.lcp_ms),
        ready: median(&|load| load.ready_ms),
        // Of all loads, because a failed one ranks above every time. The other figures are of successes, which alone
        // have them.
        load_p50: percentile::of_sorted(&load_times, total, 0.5),
        load_p75: percentile::of_sorted(&load_times, total, 0.75),
        load_max: load_times.last().copied(),
        times: load_times,
        // Web Vitals are judged at the 75th percentile (web.dev/vitals).
        lcp_p75: quantile(&|load| load.lcp_ms, 0.75),
        inp_p75: quantile(&|load| load.inp_ms, 0.75),
        layout_shift_p75: quantile(&|load| load.layout_shift, 0.75),
        blocking: median(&|load| load.blocking_ms),
        long_tasks: median(&|load| load.long_tasks.map(f64::from)),
        calls_share: median(&|load| load.calls_share),
        bytes: median(&|load| load.bytes.map(|bytes| bytes as f64)),
        requests: median(&|load| load.requests.map(f64::from)),
        failed_requests: sum(&|load| load.failed_requests),
        console_errors: sum(&|load| load.console_errors),
    }
}

fn calls(loads: &[&PageLoad]) -> Vec<CallRow> {
    let mut rows = Vec::new();
    for page in names(loads) {
        let of_page = || loads.iter().filter(|load| load.page == page && load.failure.is_none());
        let shown: f64 = of_page().filter_map(|load| load.shown_ms()).sum();
        let count = of_page().count() as f64;
        let mut paths: BTreeMap<&str, Vec<&ApiCall>> = BTreeMap::new();
        for call in of_page().flat_map(|load| &load.calls) {
            paths.entry(&call.path).or_default().push(call);
        }
        rows.extend(paths.into_iter().map(|(path, calls)| {
            let mut times: Vec<f64> = calls.iter().map(|call| call.took_ms).collect();
            times.sort_by(f64::total_cmp);
            // A status of 0 is a call without an answer, or one whose status the browser hides.
            let failed = calls
                .iter()
                // A browser reports 0 for a request that was blocked, cut off, or hidden by CORS.
                .filter(|call| call.status == 0 || call.status >= 400)
                .count();
            CallRow {
                page: page.to_owned(),
                path: path.to_owned(),
                per_load: calls.len() as f64 / count,
                failed: failed as u64,
                p50: percentile::of_sorted(&times, times.len() as u64, 0.5),
                max: times.last().copied(),
                share: if shown > 0.0 {
                    times.iter().sum::<f64>() / shown
                } else {
                    0.0
                },
            }
        }));
    }
    rows.sort_by(|one, other| other.share.total_cmp(&one.share));
    rows
}

fn messages(loads: &[&PageLoad]) -> Vec<(String, String, u64)> {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for load in loads {
        let failure = load.failure.as_ref();
        for message in failure.into_iter().chain(&load.messages) {
            *counts.entry((&load.page, message)).or_default() += 1;
        }
    }
    let rows = counts.into_iter();
    let mut rows: Vec<(String, String, u64)> = rows
        .map(|((page, message), count)| (page.to_owned(), message.to_owned(), count))
        .collect();
    rows.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    // Messages may hold an id each; without a bound the document would grow with every load.
    rows.truncate(MOST_MESSAGES);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn calls_are_counted_for_each_load_of_their_page() {
        let document = sample::document();
        let pages = document.pages.unwrap();
        let of = |path: &str| {
            let mut rows = pages.calls.iter().filter(|row| row.page == "tasks" && row.path == path);
            rows.next().cloned().unwrap()
        };
        let call = of("/api/projects/:id");
        assert!((call.per_load - 1.0).abs() < 1e-9 && call.failed == 0);
        assert!(call.share > 0.0 && call.max >= call.p50);
        assert_eq!(
            pages.messages,
            [
                ("dashboard".to_owned(), "/favicon.ico answered 404".to_owned(), 1),
                (
                    "dashboard".to_owned(),
                    "the page was not ready within 15 s".to_owned(),
                    1
                ),
            ]
        );
    }

    #[test]
    fn series_are_apart_by_cache_where_both_were_asked_for() {
        let mut observation = sample::observations().browser.unwrap();
        let mut plan = sample::document().plan.load;
        plan.phases[0].window = Window {
            start: std::time::Duration::ZERO,
            end: std::time::Duration::from_secs(70),
        };
        plan.phases[0].pages = true;
        let loaded = Pages::new(&observation, &plan).loaded.unwrap();
        assert_eq!(loaded.phase.as_deref(), Some("warm-up"));
        let rows = |observation: &BrowserObservation| {
            let rows = Pages::new(observation, &plan).rows;
            rows.into_iter()
                .map(|row| (row.page, row.cache, row.loads))
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(&observation).len(), 5);
        observation.conditions.cache = CacheUse::Both;
        observation.conditions.judged = crate::evidence::browser::JudgedCache::Warm;
        let apart = rows(&observation);
        // 23 loads, the first four of which are cold.
        assert_eq!(apart[0], ("*".to_owned(), None, 19));
        assert_eq!(apart[1], ("login".to_owned(), Some(Cache::Cold), 1));
        assert_eq!(apart.len(), 9);
    }
}
