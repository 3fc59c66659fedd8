//! Fidelity of a replay: its requests beside those of the record.

use std::collections::{BTreeMap, BTreeSet};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::requests::Percentiles;
use crate::evidence::{Evidence, RecordedKind, ReplayPlan};
use crate::record::{SeriesRecord, Timing, WalkTotals, new_histogram};
use crate::stats::{ALPHA, HistogramSample, quantile_shift};

/// Most kinds whose times are compared.
const MOST_KINDS: usize = 12;
/// Fewest requests on each side for the times of a kind.
const FEWEST: u64 = 20;
/// The quantile whose shift is reported.
const QUANTILE: f64 = 0.95;

/// A replay beside its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fidelity {
    /// Share of the lines read whose requests are replayed as they are.
    pub replayed: f64,
    /// The requests by kind, the most frequent of the record first.
    pub kinds: Vec<KindRow>,
    /// Largest difference between the share of a kind in the replay and in the record, in percentage points.
    pub largest_difference: f64,
    /// Delay of the generator itself: from the intended start of each request to its sending.
    pub lag: Percentiles,
    /// Sessions that were to be walked.
    pub sessions: u64,
    /// Counts and shifts of the sessions; `None` if nothing was walked.
    pub walked: Option<WalkTotals>,
    /// Answers by status, in the record and in the replay; 0 stands for requests without an answer.
    pub statuses: Vec<(u16, u64, u64)>,
    /// Times of requests at the proxy in the record and at the client in the replay: of all, then of the most frequent kinds.
    pub times: Vec<TimesRow>,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRow {
    /// Series of the replay.
    pub series: String,
    /// True if a rule gave it its request.
    pub mapped: bool,
    /// Requests in the record that are replayed.
    pub recorded: u64,
    /// Their share of all.
    pub recorded_share: f64,
    /// Requests made.
    pub made: u64,
    /// Their share of all.
    pub made_share: f64,
}

/// Times of requests in milliseconds, without those that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimesRow {
    /// Series of the replay; `*` for all.
    pub series: String,
    /// Number of times in the record and in the replay.
    pub counts: (u64, u64),
    /// Times in the record.
    pub recorded: Percentiles,
    /// Times in the replay, from sending to the end.
    pub made: Percentiles,
    /// Change of the 95th percentile; `None` if there are too few, or it falls among failures.
    pub shift: Option<ShiftRow>,
}

/// A change with its 95 % interval in milliseconds; an end without bound is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftRow {
    /// The estimate.
    pub point: f64,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Fidelity {
    /// The replay of a run; `None` if it replayed nothing.
    pub fn new(evidence: &Evidence) -> Option<Self> {
        let plan = evidence.plan.replay.as_ref()?;
        let recording = &evidence.recording;
        let records: Vec<&SeriesRecord> = recording
            .series
            .iter()
            .filter(|record| record.key.phase == plan.phase)
            .collect();
        let find = |kind: &RecordedKind| records.iter().find(|record| record.key.series == kind.series).copied();
        let made = |kind: &RecordedKind| find(kind).map_or(0, |record| record.counters.total());
        let known = plan.kinds.iter().map(|kind| kind.requests).sum::<u64>();
        let all: u64 = plan.kinds.iter().map(made).sum();
        let share = |part: u64, all: u64| if all > 0 { part as f64 / all as f64 } else { 0.0 };
        let kinds: Vec<KindRow> = plan
            .kinds
            .iter()
            .map(|kind| KindRow {
                series: kind.series.clone(),
                mapped: kind.mapped,
                recorded: kind.requests,
                recorded_share: share(kind.requests, known),
                made: made(kind),
                made_share: share(made(kind), all),
            })
            .collect();
        let differences = kinds
            .iter()
            .map(|row| (row.made_share - row.recorded_share).abs() * 100.0);
        let totals = recording.load.iter().find(|totals| totals.phase == plan.phase);
        let mut lag = new_histogram();
        for lags in records.iter().filter_map(|record| record.timings.get(Timing::SendLag)) {
            // Same bounds everywhere, so adding cannot fail.
            let _ = lag.add(lags);
        }
        Some(Self {
            replayed: share(plan.replayed, plan.read),
            largest_difference: differences.fold(0.0, f64::max),
            lag: Percentiles::new(&lag, lag.len()),
            sessions: totals.map_or(0, |totals| totals.planned),
            walked: totals.and_then(|totals| totals.walked.clone()),
            statuses: statuses(plan, &records),
            times: times(plan, find),
            kinds,
        })
    }
}

/// Answers by status. Kinds that share a series count once in the replay.
fn statuses(plan: &ReplayPlan, records: &[&SeriesRecord]) -> Vec<(u16, u64, u64)> {
    let mut counts: BTreeMap<u16, (u64, u64)> = BTreeMap::new();
    for (status, count) in plan.kinds.iter().flat_map(|kind| &kind.statuses) {
        counts.entry(*status).or_default().0 += count;
    }
    let series: BTreeSet<&str> = plan.kinds.iter().map(|kind| kind.series.as_str()).collect();
    let made = records
        .iter()
        .filter(|record| series.contains(record.key.series.as_str()));
    for kind in made.flat_map(|record| record.answers.kinds()) {
        // 0 stands for no answer, which no log has as a status.
        counts.entry(kind.status.unwrap_or(0)).or_default().1 += kind.count;
    }
    counts
        .into_iter()
        .map(|(status, (recorded, made))| (status, recorded, made))
        .collect()
}

fn times<'a>(plan: &ReplayPlan, find: impl Fn(&RecordedKind) -> Option<&'a SeriesRecord>) -> Vec<TimesRow> {
    let (mut recorded, mut made, mut beyond) = (new_histogram(), new_histogram(), 0);
    let mut rows = Vec::new();
    let timed = plan.kinds.iter().filter(|kind| !kind.durations.is_empty());
    for (kind, record) in timed.filter_map(|kind| Some((kind, find(kind)?))) {
        let mut own = new_histogram();
        for (micros, count) in &kind.durations {
            // A duration of more than ten minutes is out of bounds, and not compared.
            let _ = own.record_n((*micros).max(1), *count);
        }
        // From the sending on, because a proxy's log knows no intended start.
        let service = record.timings.of(Timing::Service);
        let failed = record.counters.total().saturating_sub(service.len());
        let _ = recorded.add(&own);
        let _ = made.add(&service);
        beyond += failed;
        // A p95 needs twenty samples to have one above it.
        if rows.len() < MOST_KINDS && own.len().min(service.len()) >= FEWEST {
            rows.push(row(&kind.series, &own, &service, failed));
        }
    }
    if recorded.is_empty() || made.is_empty() {
        return Vec::new();
    }
    rows.insert(0, row("*", &recorded, &made, beyond));
    rows
}

fn row(series: &str, recorded: &Histogram<u64>, made: &Histogram<u64>, failed: u64) -> TimesRow {
    let sample = |histogram, beyond: u64| HistogramSample {
        histogram,
        beyond,
        // Each request counts as one: a log has no batches from which bursts could be read.
        effective: histogram.len() as f64 + beyond as f64,
    };
    let finite = |micros: f64| Some(micros / 1e3).filter(|value| value.is_finite());
    // From the name, so that rendering the same run again gives the same interval.
    let seed = crate::stats::fnv_1a(series);
    // Failed requests rank above every time on the replay's side. A log tells durations of whatever was answered.
    let shift = quantile_shift(sample(recorded, 0), sample(made, failed), 1.0 - QUANTILE, ALPHA, seed);
    let total = made.len() + failed;
    TimesRow {
        series: series.to_owned(),
        counts: (recorded.len(), total),
        recorded: Percentiles::new(recorded, recorded.len()),
        made: Percentiles::new(made, total),
        shift: shift.map(|shift| ShiftRow {
            point: shift.point / 1e3,
            low: finite(shift.low),
            high: finite(shift.high),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{ArrivalFit, Dispersion, FoundSpacing, LeftOutLines, LeftOutReason, ReplayStarts};
    use crate::report::{Document, exporter, sample};
    use crate::words::Language;

    /// The steady phase of the sample as a replay of a log that had twice as many requests of one series, half as slow.
    fn replayed() -> (Evidence, Document) {
        let folder = tempfile::tempdir().unwrap();
        let mut record = sample::record(folder.path());
        let records = record.evidence.recording.series.iter().filter(|record| record.judged);
        let kinds: Vec<RecordedKind> = records
            .enumerate()
            .map(|(index, record)| {
                let requests = record.counters.total() * if index == 0 { 2 } else { 1 };
                RecordedKind {
                    journey: "j".to_owned(),
                    series: record.key.series.clone(),
                    mapped: index == 1,
                    requests,
                    planned: requests,
                    statuses: vec![(200, requests)],
                    durations: vec![(4_000, requests - requests / 2), (8_000, requests / 2)],
                }
            })
            .collect();
        let all: u64 = kinds.iter().map(|kind| kind.requests).sum();
        let even = Dispersion {
            index: 1.02,
            freedom: 9,
            spacing: FoundSpacing::Independent,
        };
        record.evidence.plan.replay = Some(ReplayPlan {
            phase: "steady".to_owned(),
            read: all + 20,
            replayed: all - 5,
            mapped: 5,
            left_out: [(LeftOutReason::Bot, 12), (LeftOutReason::Write("POST".to_owned()), 8)]
                .map(|(reason, lines)| LeftOutLines {
                    reason,
                    lines,
                    first: Some("access.log:7".to_owned()),
                })
                .to_vec(),
            starts: ReplayStarts::Sessions,
            speed: 2.0,
            requests: all,
            sessions: 960,
            coarse: 3,
            arrivals: Some(ArrivalFit {
                sessions: 960,
                minutes: 10.5,
                per_second: 1.5,
                counts: vec![80, 100],
                overall: Some(even),
                within: Some(even),
            }),
            kinds,
            ..ReplayPlan::default()
        });
        record.evidence.recording.load[1].walked = Some(WalkTotals {
            requests: all,
            begun: all - 1,
            kept: 959,
            later: 1_000,
            shift_p50: -2_500,
            shift_p99: 40_000,
            shift_max: 61_000,
        });
        record.plan.load = record.evidence.plan.clone();
        let judgement = sample::document().judgement;
        let document = Document::new(&record, judgement);
        (record.evidence, document)
    }

    #[test]
    fn the_mix_is_compared_kind_by_kind() {
        let (evidence, document) = replayed();
        let found = document.fidelity.clone().unwrap();
        let plan = evidence.plan.replay.unwrap();
        assert!(plan.is_complete());
        let made: u64 = found.kinds.iter().map(|row| row.made).sum();
        let recorded: u64 = found.kinds.iter().map(|row| row.recorded).sum();
        assert_eq!(recorded, plan.requests);
        let first = &found.kinds[0];
        assert_eq!(first.recorded, 2 * first.made);
        let difference = (first.recorded as f64 / recorded as f64 - first.made as f64 / made as f64) * 100.0;
        assert!((found.largest_difference - difference).abs() < 1e-9 && difference > 5.0);
        // Each request is sent 60 to 149 µs late.
        assert!((0.1..0.15).contains(&found.lag.p99.unwrap()), "{:?}", found.lag);
        let statuses: Vec<(u16, u64)> = found
            .statuses
            .iter()
            .map(|(status, _, made)| (*status, *made))
            .collect();
        assert_eq!(statuses.iter().map(|(_, made)| made).sum::<u64>(), made);
        assert_eq!((statuses[0].0, statuses[1].0), (200, 500));
        let all = &found.times[0];
        assert_eq!((all.series.as_str(), all.counts), ("*", (recorded, made)));
        let near = |value: Option<f64>, millis: f64| (value.unwrap() - millis).abs() < 0.01;
        assert!(near(all.recorded.p50, 4.0) && near(all.recorded.p95, 8.0), "{all:?}");
        let shift = all.shift.unwrap();
        assert!((shift.point - (all.made.p95.unwrap() - 8.0)).abs() < 0.1, "{shift:?}");
        assert!(shift.low.unwrap() < shift.point && shift.point < shift.high.unwrap());
        assert!(sample::document().fidelity.is_none());
    }

    #[test]
    fn the_report_tells_it_in_both_languages() {
        let (_, mut document) = replayed();
        document.languages = vec![Language::English, Language::French];
        let render = |format: &str| exporter(format).unwrap().render(&document).unwrap();
        let markdown = render("markdown").remove(0).content;
        let pages = render("html");
        for (text, page) in [
            ("Fidelity of the replay", &markdown),
            ("| a bot | 12 | access.log:7 |", &markdown),
            (
                "at speed 2: sessions start at their times in the log",
                &markdown.to_lowercase(),
            ),
            ("959 of 960 sessions were kept", &pages[0].content),
            ("by −2.50 ms (p50), 40.0 ms (p99), at most 61.0 ms", &pages[0].content),
            ("80 to 100 in a minute", &pages[0].content),
            ("Fidélité du rejeu", &pages[1].content),
            ("robot", &pages[1].content),
        ] {
            assert!(page.contains(text), "{text}\n{page}");
        }
        let saved = serde_json::to_string(&document).unwrap();
        let read: Document = serde_json::from_str(&saved).unwrap();
        assert_eq!(read.fidelity, document.fidelity);
    }
}
