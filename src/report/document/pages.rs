//! Page loads in the browser, by page.

use serde::{Deserialize, Serialize};

use super::super::percentile;
use crate::probe::browser::{BrowserObservation, PageLoad};
use crate::record::Window;

/// What the browser saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// Name and version of the browser.
    pub browser: String,
    /// Times it had to be started again.
    pub restarts: u32,
    /// Loads whose turn came while the one before still ran.
    pub skipped: u32,
    /// All pages together first, then one row per page.
    pub rows: Vec<PageRow>,
    /// Every load of the run, warm-up included.
    pub loads: Vec<PageLoad>,
}

/// Loads of one page in the judged window. Times are milliseconds from navigation start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageRow {
    /// Name of the page; `*` for all.
    pub page: String,
    /// Loads, failed ones included.
    pub loads: u64,
    /// Loads that failed.
    pub failed: u64,
    /// Median of the first byte.
    pub ttfb: Option<f64>,
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
    /// Median of the bytes transferred.
    pub bytes: Option<f64>,
    /// Median of the resources requested.
    pub requests: Option<f64>,
}

impl Pages {
    pub(super) fn new(observation: &BrowserObservation, window: Window) -> Self {
        let judged: Vec<&PageLoad> = observation
            .loads
            .iter()
            .filter(|load| window.contains_secs(load.at))
            .collect();
        let mut names: Vec<&str> = Vec::new();
        for load in &judged {
            if !names.contains(&load.page.as_str()) {
                names.push(&load.page);
            }
        }
        let mut rows = vec![row("*", &judged)];
        rows.extend(names.into_iter().map(|name| {
            let of_page: Vec<&PageLoad> = judged.iter().copied().filter(|load| load.page == name).collect();
            row(name, &of_page)
        }));
        Self {
            browser: observation.browser.clone(),
            restarts: observation.restarts,
            skipped: observation.skipped,
            rows,
            loads: observation.loads.clone(),
        }
    }
}

fn row(page: &str, loads: &[&PageLoad]) -> PageRow {
    let succeeded: Vec<&PageLoad> = loads.iter().copied().filter(|load| load.failure.is_none()).collect();
    let sorted = |value: &dyn Fn(&PageLoad) -> Option<f64>| {
        let mut values: Vec<f64> = succeeded.iter().filter_map(|load| value(load)).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let median = |value: &dyn Fn(&PageLoad) -> Option<f64>| {
        let values = sorted(value);
        percentile::of_sorted(&values, values.len() as u64, 0.5)
    };
    let load_times = sorted(&|load| load.load_ms);
    let total = loads.len() as u64;
    PageRow {
        page: page.to_owned(),
        loads: total,
        failed: total - succeeded.len() as u64,
        ttfb: median(&|load| load.ttfb_ms),
        lcp: median(&|load| load.lcp_ms),
        ready: median(&|load| load.ready_ms),
        load_p50: percentile::of_sorted(&load_times, total, 0.5),
        load_p75: percentile::of_sorted(&load_times, total, 0.75),
        load_max: load_times.last().copied(),
        bytes: median(&|load| load.bytes.map(|bytes| bytes as f64)),
        requests: median(&|load| load.requests.map(f64::from)),
    }
}
