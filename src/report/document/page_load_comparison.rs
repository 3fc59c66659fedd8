//! Latency of requests in seconds with and without a page load, to show if page loads disturbed the requests.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::percentile;
use super::requests::millis;
use crate::evidence::browser::PageLoad;
use crate::record::{Counters, Recording, Window};

/// Judged seconds during which a page was loading, compared with those in which none was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageLoadComparison {
    /// Seconds during which a page was loading.
    pub with: Seconds,
    /// Seconds without a page load.
    pub without: Seconds,
}

/// Requests in a set of seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seconds {
    /// Number of seconds.
    pub seconds: u64,
    /// Requests that ended in them.
    pub requests: u64,
    /// For each latency limit of the run, the requests that took longer or did not succeed: exact.
    pub over: Vec<u64>,
    /// Median of the slowest request of each of these seconds, in milliseconds.
    pub typical_slowest: Option<f64>,
    /// Slowest request of all, in milliseconds.
    pub slowest: Option<f64>,
}

impl PageLoadComparison {
    /// `None` if there was no page load in the window.
    pub(super) fn new(recording: &Recording, loads: &[PageLoad], window: Window) -> Option<Self> {
        let touched: BTreeSet<u32> = loads.iter().flat_map(seconds_of).collect();
        if !loads.iter().any(|load| window.contains_secs(load.at)) {
            return None;
        }
        let judged: Vec<u32> = (whole(window.start.as_secs_f64())..whole(window.end.as_secs_f64())).collect();
        let (with, without): (Vec<u32>, Vec<u32>) = judged.into_iter().partition(|second| touched.contains(second));
        Some(Self {
            with: Seconds::new(recording, &with.into_iter().collect()),
            without: Seconds::new(recording, &without.into_iter().collect()),
        })
    }
}

impl Seconds {
    fn new(recording: &Recording, seconds: &BTreeSet<u32>) -> Self {
        let mut counters = Counters::new(recording.limits.len());
        let mut slowest: BTreeMap<u32, u64> = BTreeMap::new();
        let judged = recording.series.iter().filter(|record| record.judged);
        for cell in judged.flat_map(|record| &record.seconds) {
            if seconds.contains(&cell.second) {
                counters.add(&cell.counters);
                let slowest = slowest.entry(cell.second).or_default();
                *slowest = (*slowest).max(cell.max);
            }
        }
        let mut each: Vec<f64> = slowest.values().map(|micros| millis(*micros)).collect();
        each.sort_by(f64::total_cmp);
        Self {
            seconds: seconds.len() as u64,
            requests: counters.total(),
            over: counters.over,
            typical_slowest: percentile::of_sorted(&each, each.len() as u64, 0.5),
            slowest: each.last().copied(),
        }
    }
}

/// From navigation start until the page was shown; a failed load counts in its first second only, as its end is unknown.
fn seconds_of(load: &PageLoad) -> impl Iterator<Item = u32> + use<> {
    let shown = load.load_ms.into_iter().chain(load.ready_ms).fold(0.0, f64::max);
    // Every second that the load touches counts as one with a load: the comparison looks for its influence.
    whole(load.at)..=whole(load.at + shown / 1e3)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a run; a float outside saturates"
)]
fn whole(seconds: f64) -> u32 {
    seconds as u32
}
