//! One step of a search, as it was measured.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::StepReason;
use crate::evidence::{Evidence, PhasePlan};
use crate::record::{Outcome, Timing, Window, new_histogram};
use crate::report::Document;
use crate::runs::RunRecord;
use crate::sizing::{Little, Purpose, SearchStep, StepVerdict};
use crate::slo::{Tally, Verdict};
use crate::words::en::text;

/// Resource use of one service in a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Name of the container's service, numbered if there are replicas.
    pub service: String,
    /// Mean cores in use.
    pub cores: f64,
    /// Its CPU limit in cores.
    pub limit: Option<f64>,
    /// Mean share of scheduling periods in which it was throttled.
    pub throttled: f64,
    /// Highest memory in bytes.
    pub memory: u64,
}

/// The figures of a step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFigures {
    /// Seconds judged.
    pub seconds: f64,
    /// Journeys per second that were begun; 0 in the closed model, which offers none.
    pub offered: f64,
    /// Journeys per second that were answered in the judged window, whenever begun: successful requests over requests of a
    /// journey.
    pub throughput: f64,
    /// Requests per second, however they ended.
    pub requests: f64,
    /// Share of requests that count as errors.
    pub errors: f64,
    /// Median of the judged response times in milliseconds; `None` if it falls among failures.
    pub p50: Option<f64>,
    /// Their 95th percentile.
    pub p95: Option<f64>,
    /// Their 99th percentile.
    pub p99: Option<f64>,
    /// Mean service time of a successful request in milliseconds.
    pub service: f64,
    /// Requests in the system at once, on average: the service times of all successes, over the time.
    pub concurrency: f64,
    /// Check of Little's law: users within a journey, counted once a second, against throughput × stay.
    pub little: Option<Little>,
    /// Resource use of each service.
    pub usage: Vec<Usage>,
    /// Mean cores that the generator used.
    pub generator: f64,
    /// Mean cores that the whole machine used.
    pub host: f64,
    /// Cores of the machine.
    pub cores: f64,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Rate, length and purpose of the step, with its answer.
    pub tried: SearchStep,
    /// Reason for the answer.
    pub reason: StepReason,
    /// Its run folder, relative to the search's.
    pub run: String,
    /// Value, 95 % bounds and decision of each gating objective, in words: `API response time: 82 ms [79 – 86], met`.
    pub objectives: Vec<String>,
    /// Samples of the gating objectives that are decided on shares; those of steps at the same rate are pooled.
    #[serde(default)]
    pub tallies: Vec<Tally>,
    /// Its figures.
    pub reading: StepFigures,
}

impl Step {
    /// Value, bounds and decision of each gating objective of a finished run, one line each.
    pub fn objectives_of(document: &Document) -> Vec<String> {
        let verdicts = document
            .judgement
            .verdicts
            .iter()
            .filter(|verdict| verdict.objective.gate);
        let line = |verdict: &Verdict| {
            let value = verdict
                .measurement
                .as_ref()
                .map_or_else(|| "not measured".to_owned(), text::measured);
            let decision = verdict.accepted(document.judgement.accept).name();
            format!("{}: {value}, {decision}", verdict.objective.name)
        };
        verdicts.map(line).collect()
    }

    /// Samples of the gating objectives that are decided on shares.
    pub fn tallies_of(document: &Document, evidence: &Evidence) -> Vec<Tally> {
        let verdicts = document.judgement.verdicts.iter();
        let gating = verdicts.filter(|verdict| verdict.objective.gate);
        gating
            .filter_map(|verdict| Tally::count(evidence, &verdict.objective, document.judgement.accept))
            .collect()
    }

    /// Judged time of the step, which ends before its planned end if it was clear.
    pub fn judged(&self) -> Duration {
        Duration::from_secs_f64(self.reading.seconds.max(0.0))
    }

    /// True if the step may enter a model: the load was as planned and the answers came from the system.
    pub fn counts(&self) -> bool {
        self.tried.answer != StepVerdict::Limited && self.reading.throughput > 0.0
    }

    /// True if the answer is decided, met or missed.
    pub fn decided(&self) -> bool {
        matches!(self.tried.answer, StepVerdict::Met | StepVerdict::Missed)
    }

    /// True if its purpose is confirmation.
    pub fn confirms(&self) -> bool {
        self.tried.purpose == Purpose::Confirmation
    }
}

impl StepFigures {
    /// Reads a finished run. A journey makes `requests` requests and has think times of `thinking` seconds in all.
    pub fn from_run(record: &RunRecord, document: &Document, requests: f64, thinking: f64) -> Self {
        let window = document.judged;
        let seconds = window.length().as_secs_f64();
        let recording = &record.evidence.recording;
        let whole = whole_seconds(window);
        let mut service = new_histogram();
        let (mut inside, mut succeeded, mut failed) = (0, 0, 0);
        for series in &recording.series {
            if series.judged {
                // All histograms share their bounds, so adding cannot fail.
                let _ = service.add(series.timings.of(Timing::Service));
            }
            // Requests of journeys begun in the warm-up are part of the system's work in the window.
            for cell in series.seconds.iter().filter(|cell| whole.contains(&cell.second)) {
                inside += cell.counters.total();
                succeeded += cell.counters.of(Outcome::Success);
                failed += cell.counters.errors();
            }
        }
        let per_second = |count: u64| count as f64 / f64::from(whole.end.saturating_sub(whole.start)).max(1e-9);
        let throughput = per_second(succeeded) / requests.max(1e-9);
        let mean = service.mean() / 1e6;
        let all = document.groups.first();
        let response = |of: fn(&crate::report::Percentiles) -> Option<f64>| all.and_then(|row| of(&row.response));
        let generator = document.generator.as_ref();
        let stay = thinking + requests * mean;
        let judged = evidence_phases(record).map(|phase| phase.arrivals).sum::<u64>();
        Self {
            seconds,
            offered: judged as f64 / seconds.max(1e-9),
            throughput,
            requests: per_second(inside),
            errors: failed as f64 / (inside.max(1)) as f64,
            p50: response(|times| times.p50),
            p95: response(|times| times.p95),
            p99: response(|times| times.p99),
            service: mean * 1e3,
            concurrency: per_second(succeeded) * mean,
            // Both sides are measured independently: users are counted once a second, the product comes from answers.
            little: busy(&recording.busy, window).map(|counts| Little::check(&counts, throughput, stay, seconds)),
            usage: document.containers.iter().filter_map(usage).collect(),
            generator: generator.and_then(|seen| seen.cpu_mean).unwrap_or(0.0),
            host: generator.and_then(|seen| seen.host_mean).unwrap_or(0.0),
            cores: generator.map_or(0.0, |seen| f64::from(seen.cores)),
        }
    }
}

/// Least share of the begun journeys that must be answered, then the standard deviations of Poisson counts that are noise.
const KEEPS_UP: f64 = 0.97;
const NOISE: f64 = 3.0;

impl StepFigures {
    /// True if fewer journeys were answered than were begun, by more than the noise of both counts.
    pub fn falls_behind(&self) -> bool {
        let begun = self.offered * self.seconds;
        let noise = NOISE * (2.0 * begun).sqrt();
        begun > 0.0 && self.throughput * self.seconds < KEEPS_UP * begun - noise
    }
}

fn evidence_phases(record: &RunRecord) -> impl Iterator<Item = &PhasePlan> {
    record.evidence.plan.phases.iter().filter(|phase| phase.judged)
}

/// The seconds that lie wholly inside the window: the others hold less than a second of its load.
fn whole_seconds(window: Window) -> std::ops::Range<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a run lasts at most days"
    )]
    let second = |seconds: f64| seconds as u32;
    // A second that lies in the window by a part only has work of another phase in it. The tolerance takes up rounding.
    second((window.start.as_secs_f64() - 1e-9).ceil().max(0.0))..second((window.end.as_secs_f64() + 1e-9).floor())
}

/// Least number of samples for an average.
const FEWEST_SAMPLES: usize = 5;

/// Users within a journey, second by second of the window; `None` if there are too few samples.
fn busy(samples: &[(u32, u32)], window: Window) -> Option<Vec<f64>> {
    let inside = samples
        .iter()
        .filter(|(second, _)| window.contains_secs(f64::from(*second)));
    let counts: Vec<f64> = inside.map(|(_, users)| f64::from(*users)).collect();
    (counts.len() >= FEWEST_SAMPLES).then_some(counts)
}

fn usage(container: &crate::evidence::usage::Container) -> Option<Usage> {
    Some(Usage {
        service: container.observed.service.clone(),
        cores: container.cpu_mean?,
        limit: container.observed.cpu_limit,
        throttled: container.throttled.unwrap_or(0.0),
        memory: container.memory_max.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn journeys_begun_in_the_warm_up_are_part_of_the_throughput() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = sample::record(folder.path());
        let read = |record: &RunRecord| StepFigures::from_run(record, &sample::document(), 5.0, 1.0);
        let before = read(&record);
        // A judged series once more, begun before the judged window and going on in it.
        let mut all = record.evidence.recording.series.iter();
        let mut series = all.find(|series| series.judged).unwrap().clone();
        series.judged = false;
        let inside = series.seconds.iter().filter(|cell| (10..70).contains(&cell.second));
        let more: u64 = inside.map(|cell| cell.counters.of(Outcome::Success)).sum();
        record.evidence.recording.series.push(series);
        let after = read(&record);
        let expected = before.throughput + more as f64 / before.seconds / 5.0;
        assert!(
            more > 0 && (after.throughput - expected).abs() < 1e-9 * expected,
            "{after:?}"
        );
        let unlike = |one: f64, other: f64| (one - other).abs() > 1e-9;
        assert!(!unlike(after.service, before.service) && !unlike(after.offered, before.offered));
    }

    #[test]
    fn only_seconds_of_the_judged_window_count() {
        let window = |start, end| Window {
            start: std::time::Duration::from_millis(start),
            end: std::time::Duration::from_millis(end),
        };
        let mut samples = vec![(1, 90), (7, 90)];
        samples.extend((2..7).map(|second| (second, second * 5)));
        assert_eq!(
            busy(&samples, window(2_000, 7_000)),
            Some(vec![10.0, 15.0, 20.0, 25.0, 30.0])
        );
        assert_eq!(busy(&samples, window(2_000, 6_000)), None);
        assert_eq!(whole_seconds(window(2_000, 7_000)), 2..7);
        // Of 2.3 … 7.3 s the second 2 and the second 7 are cut.
        assert_eq!(whole_seconds(window(2_300, 7_300)), 3..7);
    }
}
