//! Requests of the judged window, by series and by group of series.

use std::collections::BTreeSet;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::super::percentile;
use crate::evidence::{LoadModel, LoadPlan, SeriesPlan};
use crate::record::{Counters, Outcome, Recording, SeriesKey, SeriesRecord, Timing, Timings, new_histogram};
use crate::slo::{Objective, Selector};

/// Times of a set of requests in milliseconds; `None` if the percentile falls among failures, which rank above every
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
            // The longest success: a maximum among failures would be infinite in every run with one of them.
            max: (!successes.is_empty()).then(|| millis(successes.max())),
        }
    }
}

/// Microseconds in milliseconds.
pub(super) fn millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}

/// The limits that are counted against, in milliseconds.
pub(super) fn limits(recording: &Recording) -> Vec<f64> {
    recording.limits.iter().map(|limit| millis(*limit)).collect()
}

/// One series, or several counted together, over the judged window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRow {
    /// `journey.step`, or a selector such as `#api`; `*` for all.
    pub name: String,
    /// The model of the phases whose requests these are; the two are never counted together.
    #[serde(default)]
    pub model: LoadModel,
    /// The series' tags; empty for a group.
    pub tags: Vec<String>,
    /// Requests that ended, however they ended.
    pub requests: u64,
    /// Requests per second of the judged window.
    pub per_second: f64,
    /// From intended start to end; objectives judge these times.
    pub response: Percentiles,
    /// From sending to end.
    pub service: Percentiles,
    /// From sending to the first byte of the answer.
    pub first_byte: Percentiles,
    /// Connections made, and the time to make one.
    pub connect: PartRow,
    /// TLS handshakes made, and the time of one.
    pub tls: PartRow,
    /// Number of requests by outcome; outcomes that did not occur are left out.
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
    /// Times of the part.
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

/// The selector of all series.
const ALL: &str = "*";

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
struct SeriesSum {
    counters: Counters,
    timings: Timings,
}

impl SeriesSum {
    fn new<'a>(recording: &Recording, records: impl Iterator<Item = &'a SeriesRecord>) -> Self {
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

    fn row(&self, name: &str, model: LoadModel, tags: &[String], seconds: f64) -> RequestRow {
        let total = self.counters.total();
        RequestRow {
            name: name.to_owned(),
            model,
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
        // Up to five nines, 99.999 %.
        (0..=100_u32)
            // Twenty points for each nine (90 %, 99 %, …), as the percentile plots of HdrHistogram have their axis.
            .map(|step| 10_f64.powf(f64::from(step) / 20.0))
            // Beyond 1 − 1/n there is no sample.
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

/// The models of the judged phases, the open one first; the open one if no phase is judged.
fn models(plan: &LoadPlan) -> BTreeSet<LoadModel> {
    let judged = plan.phases.iter().filter(|phase| phase.judged);
    let mut models: BTreeSet<LoadModel> = judged.map(|phase| phase.model).collect();
    if models.is_empty() {
        models.insert(LoadModel::Open);
    }
    models
}

/// True if the phase of that name is of that model.
fn of_model(plan: &LoadPlan, name: &str, model: LoadModel) -> bool {
    let mut phases = plan.phases.iter();
    phases.any(|phase| phase.name == name && phase.model == model)
}

/// One row per series of the plan and model that makes it, busiest first; a series without a request has a row too.
pub(super) fn series(recording: &Recording, plan: &LoadPlan) -> Vec<RequestRow> {
    rows(recording, &recording.series, &plan.series, plan)
}

/// One row per transaction of the plan and model that makes it, most frequent first.
pub(super) fn transactions(recording: &Recording, plan: &LoadPlan) -> Vec<RequestRow> {
    rows(recording, &recording.transactions, &plan.transactions, plan)
}

fn rows(recording: &Recording, made_of: &[SeriesRecord], known: &[SeriesPlan], plan: &LoadPlan) -> Vec<RequestRow> {
    let mut rows = Vec::new();
    for series in known {
        let records = |model| {
            made_of.iter().filter(move |record| {
                record.judged && record.key.series == series.name && of_model(plan, &record.key.phase, model)
            })
        };
        let mut made: Vec<LoadModel> = models(plan).into_iter().collect();
        // If both models are judged, only those with requests of the series have a row.
        if made.iter().any(|model| records(*model).next().is_some()) {
            made.retain(|model| records(*model).next().is_some());
        } else {
            made.truncate(1);
        }
        for model in made {
            let sum = SeriesSum::new(recording, records(model));
            rows.push(sum.row(&series.name, model, &series.tags, judged_seconds(plan, model)));
        }
    }
    rows.sort_by(|a, b| b.requests.cmp(&a.requests).then_with(|| a.name.cmp(&b.name)));
    rows
}

/// For each model one row for all series, one for the selection of each objective and one per tag, each with its spectrum.
pub(super) fn groups(recording: &Recording, plan: &LoadPlan, objectives: &[Objective]) -> Vec<RequestRow> {
    let tags: BTreeSet<&String> = plan.series.iter().flat_map(|series| &series.tags).collect();
    let mut selectors = vec![Selector(ALL.to_owned())];
    // A selector of transactions fits no series of requests.
    let over_requests = objectives.iter().filter(|objective| !objective.over_transactions());
    let selected = over_requests.filter_map(|objective| objective.of.clone());
    for selector in selected.chain(tags.into_iter().map(|tag| Selector(format!("#{tag}")))) {
        if !selectors.contains(&selector) {
            selectors.push(selector);
        }
    }
    let models = models(plan);
    let rows = selectors
        .iter()
        .flat_map(|selector| models.iter().map(move |model| (selector, *model)));
    rows.map(|(selector, model)| group(recording, plan, selector, model))
        .collect()
}

fn group(recording: &Recording, plan: &LoadPlan, selector: &Selector, model: LoadModel) -> RequestRow {
    let selected = plan.series.iter().filter(|series| selector.matches(series));
    let names: BTreeSet<&String> = selected.map(|series| &series.name).collect();
    let counts = |key: &SeriesKey| names.contains(&key.series) && of_model(plan, &key.phase, model);
    let sum = SeriesSum::new(recording, recording.judged(counts));
    RequestRow {
        spectrum: sum.spectrum(),
        ..sum.row(&selector.0, model, &[], judged_seconds(plan, model))
    }
}

/// Length of the judged phases of that model in seconds.
fn judged_seconds(plan: &LoadPlan, model: LoadModel) -> f64 {
    // The planned lengths, not the first and last request: a system that falls silent must not gain in throughput.
    let judged = plan.phases.iter().filter(|phase| phase.judged && phase.model == model);
    judged.map(|phase| phase.window.length().as_secs_f64()).sum()
}

/// Send lag of every judged request that had a schedule, however it ended.
pub(super) fn send_lag(recording: &Recording, plan: &LoadPlan) -> Percentiles {
    let mut sum = new_histogram();
    for record in recording.judged(|key| of_model(plan, &key.phase, LoadModel::Open)) {
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

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn requests_of_the_two_models_are_not_counted_together() {
        let folder = tempfile::tempdir().unwrap();
        let evidence = sample::record(folder.path()).evidence;
        let (mut plan, mut recording) = (evidence.plan, evidence.recording);
        let before = series(&recording, &plan);
        // The same series once more, in a closed phase beside the open one.
        let mut closed = plan.phases.iter().find(|phase| phase.judged).unwrap().clone();
        let open = std::mem::replace(&mut closed.name, "closed".to_owned());
        (closed.model, closed.users) = (LoadModel::Closed, Some(50));
        plan.phases.push(closed);
        let records = recording.series.iter().filter(|record| record.key.phase == open);
        let again: Vec<SeriesRecord> = records
            .map(|record| {
                let mut again = record.clone();
                again.key.phase = "closed".to_owned();
                again
            })
            .collect();
        recording.series.extend(again);
        let rows = series(&recording, &plan);
        let asked = before.iter().filter(|row| row.requests > 0).count();
        assert_eq!(rows.len(), before.len() + asked);
        for row in before.iter().filter(|row| row.requests > 0) {
            let own: Vec<&RequestRow> = rows.iter().filter(|other| other.name == row.name).collect();
            assert!(own.iter().all(|other| other.requests == row.requests));
            assert!(own.iter().all(|other| (other.per_second - row.per_second).abs() < 1e-9));
            assert_eq!(own[1].label(), format!("{} (closed model)", row.name));
        }
        let all: Vec<RequestRow> = groups(&recording, &plan, &[]).into_iter().take(2).collect();
        assert_eq!(
            (all[0].label().as_str(), all[1].label().as_str()),
            ("all", "all (closed model)")
        );
        assert_eq!(all[0].requests, all[1].requests);
    }
}
