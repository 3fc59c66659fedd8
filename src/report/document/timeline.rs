//! The requests second by second, as charts need them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::requests::millis;
use crate::record::{Counters, Outcome, Recording, SecondCell};

/// Most points of a line: more would not be seen, and a report must stay small after a day's run.
const MOST_POINTS: u32 = 600;

/// Most columns of the heat map: each is a drawing of its own for every bucket that has requests.
const MOST_COLUMNS: u32 = 120;

/// The whole run on one time axis, warm-up included. A request counts in the second in which it ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// Seconds a point stands for: 1 for runs up to ten minutes.
    pub step: u32,
    /// All series together.
    pub all: Vec<LoadPoint>,
    /// Latencies of each series, busiest first.
    pub series: Vec<SeriesLine>,
    /// Seconds a column of the heat map stands for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub heat_step: u32,
    /// Distribution of the response times over time, all series together; empty in documents made before it was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heat: Vec<HeatColumn>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Response times of the successful requests that ended in one stretch of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeatColumn {
    /// First second of the stretch, from the run's zero.
    pub second: u32,
    /// Requests in each bucket; the bounds grow by √2 from 1 ms on, and the first bucket holds shorter times as well.
    pub counts: Vec<u64>,
}

/// All requests that ended in one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadPoint {
    /// First second of the step, from the run's zero.
    pub second: u32,
    /// Requests per second, however they ended.
    pub requests: f64,
    /// Requests per second that count in the error rate.
    pub errors: f64,
    /// Requests per second that the stack's limiter turned away.
    pub rate_limited: f64,
    /// Latencies of all series together; `None` if no request succeeded.
    pub latency: Option<LatencyPoint>,
}

/// Latencies of one series over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesLine {
    /// `journey.step`.
    pub name: String,
    /// Steps in which it had a success.
    pub points: Vec<LatencyPoint>,
}

/// Latencies in one step, in milliseconds. Percentiles are never averaged: if a step has several
/// seconds, each figure is that of its worst second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyPoint {
    /// First second of the step, from the run's zero.
    pub second: u32,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Longest.
    pub max: f64,
}

impl Timeline {
    /// The timeline of a run planned to last `planned` seconds.
    pub(super) fn new(recording: &Recording, planned: u32) -> Self {
        let last = recording
            .series
            .iter()
            .filter_map(|record| record.seconds.last())
            .map(|cell| cell.second + 1)
            .max()
            .unwrap_or(0);
        if last == 0 {
            return Self::default();
        }
        // Answers may come in after the planned end; both ends are to be seen.
        let step = planned.max(last).div_ceil(MOST_POINTS).max(1);
        Self {
            step,
            all: all(recording, step, planned.max(last)),
            series: series(recording, step),
            heat_step: heat_step(planned.max(last)),
            heat: heat(recording, heat_step(planned.max(last))),
        }
    }
}

fn heat_step(end: u32) -> u32 {
    end.div_ceil(MOST_COLUMNS).max(1)
}

fn heat(recording: &Recording, step: u32) -> Vec<HeatColumn> {
    let mut columns: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for (second, counts) in recording.spread.seconds() {
        let column = columns.entry(second / step * step).or_default();
        column.resize(column.len().max(counts.len()), 0);
        column.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let columns = columns.into_iter();
    columns.map(|(second, counts)| HeatColumn { second, counts }).collect()
}

fn all(recording: &Recording, step: u32, end: u32) -> Vec<LoadPoint> {
    // Every step has a point, so that a second without any request is visible.
    let mut sums: BTreeMap<u32, Counters> = (0..end.div_ceil(step))
        .map(|index| (index * step, Counters::default()))
        .collect();
    for cell in recording.series.iter().flat_map(|record| &record.seconds) {
        sums.entry(cell.second / step * step).or_default().add(&cell.counters);
    }
    let latencies = latencies(&recording.seconds, step);
    let per_second = |count: u64| count as f64 / f64::from(step);
    sums.into_iter()
        .map(|(second, counters)| LoadPoint {
            second,
            requests: per_second(counters.total()),
            errors: per_second(counters.errors()),
            rate_limited: per_second(counters.of(Outcome::RateLimited)),
            latency: latencies.get(&second).map(|values| latency(second, *values)),
        })
        .collect()
}

/// Percentiles and maximum of the worst second of each step, in microseconds.
fn latencies<'a>(cells: impl IntoIterator<Item = &'a SecondCell>, step: u32) -> BTreeMap<u32, [u64; 4]> {
    let mut steps: BTreeMap<u32, [u64; 4]> = BTreeMap::new();
    for cell in cells {
        // Percentiles of a second without a success are 0, and would look like a very fast one.
        if cell.counters.of(Outcome::Success) == 0 {
            continue;
        }
        let worst = steps.entry(cell.second / step * step).or_default();
        for (worst, value) in worst.iter_mut().zip([cell.p50, cell.p95, cell.p99, cell.max]) {
            // Percentiles of seconds cannot be averaged: a step of several seconds shows its worst one.
            *worst = (*worst).max(value);
        }
    }
    steps
}

fn series(recording: &Recording, step: u32) -> Vec<SeriesLine> {
    let mut lines: BTreeMap<&str, (u64, Vec<&SecondCell>)> = BTreeMap::new();
    for record in &recording.series {
        let (total, cells) = lines.entry(&record.key.series).or_default();
        *total += record.counters.total();
        cells.extend(&record.seconds);
    }
    let mut lines: Vec<_> = lines.into_iter().collect();
    // Busiest first, because the chart draws the first few.
    lines.sort_by_key(|(_, (total, _))| std::cmp::Reverse(*total));
    lines
        .into_iter()
        .map(|(name, (_, cells))| SeriesLine {
            name: name.to_owned(),
            points: latencies(cells, step)
                .into_iter()
                .map(|(second, values)| latency(second, values))
                .collect(),
        })
        .collect()
}

fn latency(second: u32, [p50, p95, p99, max]: [u64; 4]) -> LatencyPoint {
    LatencyPoint {
        second,
        p50: millis(p50),
        p95: millis(p95),
        p99: millis(p99),
        max: millis(max),
    }
}
