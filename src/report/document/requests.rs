//! Requests of the judged window, by series and by group of series.

use std::collections::BTreeSet;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::super::percentile;
use crate::record::{Counters, Outcome, Recording, SeriesRecord, Timing, Timings, new_histogram};
use crate::slo::{LoadPlan, Objective, Selector};

/// Times of a set of requests in milliseconds; `None` where the percentile falls among failures, which rank above every
/// success.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percentiles {
    /// Median.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// Longest success.
    pub max: Option<f64>,
}

impl Percentiles {
    pub(super) fn new(successes: &Histogram<u64>, total: u64) -> Self {
        let at = |quantile| percentile::of_histogram(successes, total, quantile).map(millis);
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            max: (!successes.is_empty()).then(|| millis(successes.max())),
        }
    }
}

/// Microseconds in milliseconds.
pub(super) fn millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}

/// One series, or several counted together, over the judged window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRow {
    /// `journey.step`, or a selector such as `#api`; `*` for all.
    pub name: String,
    /// The series' tags; empty for a group.
    pub tags: Vec<String>,
    /// Requests that ended, however they ended.
    pub requests: u64,
    /// Requests per second of the judged window.
    pub per_second: f64,
    /// From intended start to end: what is judged.
    pub response: Percentiles,
    /// From sending to end.
    pub service: Percentiles,
    /// From sending to the first byte of the answer.
    pub first_byte: Percentiles,
    /// Connections made, and what making one took.
    pub connect: PartRow,
    /// TLS handshakes made, and what one took.
    pub tls: PartRow,
    /// How requests ended, outcomes that did not occur left out.
    pub outcomes: Vec<(String, u64)>,
    /// Requests that count in the error rate.
    pub errors: u64,
    /// Requests that the stack's limiter turned away.
    pub rate_limited: u64,
    /// For each latency limit of the run: requests that took longer or did not succeed.
    pub over: Vec<u64>,
    /// Body bytes received.
    pub bytes: u64,
    /// Percentile spectrum; only for groups.
    pub spectrum: Vec<SpectrumPoint>,
}

/// A part of a request that only some requests have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRow {
    /// Requests that had it.
    pub count: u64,
    /// What it took them.
    pub times: Percentiles,
}

impl PartRow {
    fn new(times: Option<&Histogram<u64>>) -> Self {
        times.map_or_else(Self::default, |times| Self {
            count: times.len(),
            times: Percentiles::new(times, times.len()),
        })
    }
}

/// One point of the percentile spectrum, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpectrumPoint {
    /// The quantile as a fraction.
    pub quantile: f64,
    /// Response time at it.
    pub response: Option<f64>,
    /// Service time at it.
    pub service: Option<f64>,
}

/// Several series added up; histograms merge without loss, so percentiles of the sum are exact to the histogram's digits.
struct Sum {
    counters: Counters,
    timings: Timings,
}

impl Sum {
    fn of<'a>(recording: &Recording, records: impl Iterator<Item = &'a SeriesRecord>) -> Self {
        let mut sum = Self {
            counters: Counters::new(recording.limits.len()),
            timings: Timings::default(),
        };
        for record in records {
            sum.counters.add(&record.counters);
            // All histograms share their bounds, so adding cannot fail.
            let _ = sum.timings.add(&record.timings);
        }
        sum
    }

    fn row(&self, name: &str, tags: &[String], seconds: f64) -> RequestRow {
        let total = self.counters.total();
        RequestRow {
            name: name.to_owned(),
            tags: tags.to_vec(),
            requests: total,
            per_second: if seconds > 0.0 { total as f64 / seconds } else { 0.0 },
            response: Percentiles::new(&self.timings.of(Timing::Response), total),
            service: Percentiles::new(&self.timings.of(Timing::Service), total),
            first_byte: Percentiles::new(&self.timings.of(Timing::FirstByte), total),
            connect: PartRow::new(self.timings.get(Timing::Connect)),
            tls: PartRow::new(self.timings.get(Timing::Tls)),
            outcomes: Outcome::ALL
                .into_iter()
                .map(|outcome| (outcome.name().to_owned(), self.counters.of(outcome)))
                .filter(|(_, count)| *count > 0)
                .collect(),
            errors: self.counters.errors(),
            rate_limited: self.counters.of(Outcome::RateLimited),
            over: self.counters.over.clone(),
            bytes: self.counters.bytes,
            spectrum: Vec::new(),
        }
    }

    /// Twenty points per decade of 1/(1−q), as far as there are samples beyond the point.
    fn spectrum(&self) -> Vec<SpectrumPoint> {
        let total = self.counters.total();
        let (response, service) = (self.timings.of(Timing::Response), self.timings.of(Timing::Service));
        (0..=100_u32)
            .map(|step| 10_f64.powf(f64::from(step) / 20.0))
            .take_while(|inverse| *inverse <= total as f64)
            .map(|inverse| {
                let quantile = 1.0 - 1.0 / inverse;
                SpectrumPoint {
                    quantile,
                    response: percentile::of_histogram(&response, total, quantile).map(millis),
                    service: percentile::of_histogram(&service, total, quantile).map(millis),
                }
            })
            .collect()
    }
}

/// One row per series of the plan, busiest first; a series without a request has a row too.
pub(super) fn series(recording: &Recording, plan: &LoadPlan) -> Vec<RequestRow> {
    let seconds = judged_seconds(plan);
    let mut rows: Vec<RequestRow> = plan
        .series
        .iter()
        .map(|series| {
            let records = recording.judged(|key| key.series == series.name);
            Sum::of(recording, records).row(&series.name, &series.tags, seconds)
        })
        .collect();
    rows.sort_by(|a, b| b.requests.cmp(&a.requests).then_with(|| a.name.cmp(&b.name)));
    rows
}

/// One row for all series, one for what each objective selects and one per tag, each with its spectrum.
pub(super) fn groups(recording: &Recording, plan: &LoadPlan, objectives: &[Objective]) -> Vec<RequestRow> {
    let tags: BTreeSet<&String> = plan.series.iter().flat_map(|series| &series.tags).collect();
    let mut selectors = vec![Selector("*".to_owned())];
    let selected = objectives.iter().filter_map(|objective| objective.of.clone());
    for selector in selected.chain(tags.into_iter().map(|tag| Selector(format!("#{tag}")))) {
        if !selectors.contains(&selector) {
            selectors.push(selector);
        }
    }
    selectors
        .iter()
        .map(|selector| group(recording, plan, selector))
        .collect()
}

fn group(recording: &Recording, plan: &LoadPlan, selector: &Selector) -> RequestRow {
    let selected = plan.series.iter().filter(|series| selector.matches(series));
    let names: BTreeSet<&String> = selected.map(|series| &series.name).collect();
    let sum = Sum::of(recording, recording.judged(|key| names.contains(&key.series)));
    RequestRow {
        spectrum: sum.spectrum(),
        ..sum.row(&selector.0, &[], judged_seconds(plan))
    }
}

/// Length of the judged phases in seconds.
pub(super) fn judged_seconds(plan: &LoadPlan) -> f64 {
    let judged = plan.phases.iter().filter(|phase| phase.judged);
    judged.map(|phase| phase.window.length().as_secs_f64()).sum()
}

/// Send lag of every judged request, however it ended.
pub(super) fn send_lag(recording: &Recording) -> Percentiles {
    let mut sum = new_histogram();
    for record in recording.judged(|_| true) {
        if let Some(lags) = record.timings.get(Timing::SendLag) {
            // Same bounds everywhere, so adding cannot fail.
            let _ = sum.add(lags);
        }
    }
    Percentiles::new(&sum, sum.len())
}

/// A time in whole seconds, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a run; a float outside saturates"
)]
pub(super) fn whole_seconds(seconds: f64) -> u32 {
    seconds.ceil() as u32
}
