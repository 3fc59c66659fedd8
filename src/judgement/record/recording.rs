//! The merged recording of the requests of a run.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::error::HlogError;
use super::key::SeriesKey;
use super::{Answers, Counters, Outcome, Spread, Timing, Timings, hlog, new_histogram, read_hlog_seconds};
use crate::gzip;
use crate::secrets::Secrets;

/// File next to the interval log, with the exact counts.
const COUNTS: &str = "recording.json";

/// One second of one series, for charts and windows. The second is that of the request's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondCell {
    /// Whole seconds since the run's zero.
    pub second: u32,
    /// Exact counts of that second.
    pub counters: Counters,
    /// Median of that second's response times, in microseconds; 0 if there is none.
    pub p50: u64,
    /// 95th percentile of that second's response times, in microseconds.
    pub p95: u64,
    /// 99th percentile of that second's response times, in microseconds.
    pub p99: u64,
    /// Longest response time of that second, in microseconds.
    pub max: u64,
}

impl SecondCell {
    /// The cell of a second with those counts and response times.
    pub(super) fn new(second: u32, counters: Counters, response: Option<&Histogram<u64>>) -> Self {
        let at = |quantile| response.map_or(0, |response| response.value_at_quantile(quantile));
        Self {
            second,
            counters,
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: response.map_or(0, Histogram::max),
        }
    }
}

/// One series within one phase.
#[derive(Debug, Clone)]
pub struct SeriesRecord {
    /// Its series and phase.
    pub key: SeriesKey,
    /// True if the phase is judged.
    pub judged: bool,
    /// Exact counts of the whole phase.
    pub counters: Counters,
    /// A histogram of each of its times; that of the response time holds successes only, failures are in the counters.
    pub timings: Timings,
    /// Requests of the whole phase by status, with examples; empty in recordings made before they were counted.
    pub answers: Answers,
    /// Second by second.
    pub seconds: Vec<SecondCell>,
    /// Response times of successes within stretches of whole seconds; empty until [`Recording::read_stretches`].
    pub stretches: Vec<(Range<u32>, Histogram<u64>)>,
}

impl SeriesRecord {
    /// An empty record for that many latency limits.
    pub fn new(key: SeriesKey, judged: bool, limits: usize) -> Self {
        Self {
            key,
            judged,
            counters: Counters::new(limits),
            timings: Timings::default(),
            answers: Answers::default(),
            seconds: Vec::new(),
            stretches: Vec::new(),
        }
    }
}

/// Arrivals of one phase and their iterations: `planned = started + dropped` and
/// `started = completed + failed + interrupted`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadTotals {
    /// Name of the phase.
    pub phase: String,
    /// Arrivals in the schedule.
    pub planned: u64,
    /// Iterations begun.
    pub started: u64,
    /// Arrivals that found no idle user or came after the run was stopped.
    pub dropped: u64,
    /// Iterations that ran to their end.
    pub completed: u64,
    /// Iterations that ended early because a step they depend on failed.
    pub failed: u64,
    /// Iterations still running when their grace period was over.
    pub interrupted: u64,
    /// Requests within the iterations, where each is a recorded session; `None` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walked: Option<WalkTotals>,
}

/// Recorded sessions that were walked again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalkTotals {
    /// Requests in the planned sessions.
    pub requests: u64,
    /// Requests begun.
    pub begun: u64,
    /// Sessions of which every request was begun, in order and by one user.
    pub kept: u64,
    /// Requests that follow another of their session.
    pub later: u64,
    /// Median of their shifts in microseconds: intended start after the previous answer, less the start that the record has for
    /// them. Positive where the system was slower than in the record.
    pub shift_p50: i64,
    /// 99th percentile of the shifts in microseconds.
    pub shift_p99: i64,
    /// Greatest shift in microseconds.
    pub shift_max: i64,
}

impl LoadTotals {
    fn numbers(&self) -> [u64; 6] {
        [
            self.planned,
            self.started,
            self.dropped,
            self.completed,
            self.failed,
            self.interrupted,
        ]
    }
}

/// The recording of a run.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// The latency limits, in microseconds, that `Counters::over` counts against.
    pub limits: Vec<u64>,
    /// One entry per series and phase that saw a request.
    pub series: Vec<SeriesRecord>,
    /// One entry per transaction and phase that saw one. They are no requests: nothing that counts requests reads them.
    pub transactions: Vec<SeriesRecord>,
    /// One entry per phase.
    pub load: Vec<LoadTotals>,
    /// All series together, second by second; their percentiles cannot be derived from those of the series.
    pub seconds: Vec<SecondCell>,
    /// Response times of successful requests second by second, all series together.
    pub spread: Spread,
    /// (whole second since the run's zero, users in the middle of an iteration), sampled once a second.
    pub busy: Vec<(u32, u32)>,
}

impl Recording {
    /// The judged series that `select` accepts.
    pub fn judged<'a>(
        &'a self,
        select: impl Fn(&SeriesKey) -> bool + 'a,
    ) -> impl Iterator<Item = &'a SeriesRecord> + 'a {
        self.series
            .iter()
            .filter(move |record| record.judged && select(&record.key))
    }

    /// Masks secrets in the examples of answers.
    pub fn mask(&mut self, secrets: &Secrets) {
        for record in &mut self.series {
            record.answers.mask(secrets);
        }
    }

    /// Position in `Counters::over` of a limit in microseconds, if the run counted against it.
    pub fn limit_index(&self, micros: u64) -> Option<usize> {
        self.limits.iter().position(|limit| *limit == micros)
    }
}

impl Recording {
    /// Recounts server errors as rate-limited by the limiter's own log: (whole second, number refused). The log does not name
    /// the series: in turn, those with server errors in that second or the next are recounted. Requests that the client already
    /// counted as rate-limited are subtracted first. Returns the number of recounted requests.
    pub fn limiter_refused(&mut self, refused: &[(u32, u64)]) -> u64 {
        let mut recounted = 0;
        let logged: u64 = refused.iter().map(|(_, count)| count).sum();
        let known = self
            .series
            .iter()
            .map(|record| record.counters.of(Outcome::RateLimited));
        // Answers with status 429 are in the log as well; counting them twice would turn server errors into refusals.
        let mut left = logged.saturating_sub(known.sum());
        for (second, count) in refused {
            let mut count = (*count).min(left);
            for record in &mut self.series {
                for cell in record
                    .seconds
                    .iter_mut()
                    // The proxy logs when it refuses, the generator counts when the answer is in: the same second or
                    // the next.
                    .filter(|cell| (*second..=*second + 1).contains(&cell.second))
                {
                    let moved = cell.counters.of(Outcome::ServerError).min(count);
                    cell.counters.recount(Outcome::ServerError, Outcome::RateLimited, moved);
                    record
                        .counters
                        .recount(Outcome::ServerError, Outcome::RateLimited, moved);
                    record
                        .answers
                        .recount(Outcome::ServerError, Outcome::RateLimited, moved);
                    if let Some(all) = self.seconds.iter_mut().find(|all| all.second == cell.second) {
                        all.counters.recount(Outcome::ServerError, Outcome::RateLimited, moved);
                    }
                    count -= moved;
                    left -= moved;
                    recounted += moved;
                }
            }
        }
        recounted
    }
}

impl Recording {
    /// Reads the response times within each of these stretches of whole seconds from the interval log: the histograms of a whole
    /// phase cannot be taken apart.
    pub fn read_stretches(&mut self, folder: &Path, stretches: &[Range<u32>]) -> Result<(), HlogError> {
        if stretches.is_empty() {
            return Ok(());
        }
        let (of_requests, of_transactions) = (slots(&self.series), slots(&self.transactions));
        read_hlog_seconds(&folder.join(hlog::FILE), |second, tag, histogram| {
            let Some((slot, _)) = tag
                .rsplit_once('/')
                .filter(|(_, kind)| *kind == Timing::Response.name())
            else {
                return Ok(());
            };
            let record = match (of_requests.get(slot), of_transactions.get(slot)) {
                (Some(at), _) => self.series.get_mut(*at),
                (None, Some(at)) => self.transactions.get_mut(*at),
                (None, None) => None,
            };
            let (Some(record), Some(stretch)) = (record, stretches.iter().find(|stretch| stretch.contains(&second)))
            else {
                return Ok(());
            };
            record.add_to_stretch(stretch, histogram)
        })
    }
}

impl SeriesRecord {
    /// Adds response times of one second within a stretch.
    fn add_to_stretch(&mut self, stretch: &Range<u32>, histogram: &Histogram<u64>) -> Result<(), HlogError> {
        let known = self.stretches.iter().position(|(known, _)| known == stretch);
        let index = known.unwrap_or_else(|| {
            self.stretches.push((stretch.clone(), new_histogram()));
            self.stretches.len() - 1
        });
        match self.stretches.get_mut(index) {
            Some((_, sum)) => sum.add(histogram).map_err(|_| HlogError::Bounds),
            None => Ok(()),
        }
    }

    /// The response times within that stretch, if they were read.
    pub fn stretch(&self, stretch: &Range<u32>) -> Option<&Histogram<u64>> {
        let (_, histogram) = self.stretches.iter().find(|(known, _)| known == stretch)?;
        Some(histogram)
    }
}

/// Index of each record by the first two parts of its tags in the interval log.
fn slots(records: &[SeriesRecord]) -> HashMap<String, usize> {
    let records = records.iter().enumerate();
    records
        .map(|(at, record)| (format!("{}/{}", record.key.phase, record.key.series), at))
        .collect()
}

/// Content of the file next to the interval log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    limits: Vec<u64>,
    load: Vec<LoadTotals>,
    #[serde(default)]
    seconds: Vec<SecondCell>,
    #[serde(default)]
    busy: Vec<(u32, u32)>,
    series: Vec<SeriesCounts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transactions: Vec<SeriesCounts>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesCounts {
    key: SeriesKey,
    judged: bool,
    counters: Counters,
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    answers: Answers,
    seconds: Vec<SecondCell>,
}

impl Recording {
    /// Writes the exact counts into the folder that already holds the interval log.
    pub fn save(&self, folder: &Path) -> Result<(), HlogError> {
        let path = folder.join(COUNTS);
        let counts = Counts {
            limits: self.limits.clone(),
            load: self.load.clone(),
            seconds: self.seconds.clone(),
            busy: self.busy.clone(),
            series: self.series.iter().map(SeriesCounts::from_record).collect(),
            transactions: self.transactions.iter().map(SeriesCounts::from_record).collect(),
        };
        // Without indentation: a long run has some hundred thousand cells.
        let text = serde_json::to_vec(&counts).map_err(|error| HlogError::malformed(&path, error))?;
        std::fs::write(&path, text).map_err(|source| HlogError::File {
            action: "write recording",
            path,
            source,
        })
    }

    /// Reads a recording back: exact counts from `recording.json`, histograms from the interval log; either may be
    /// compressed (`recording.json.gz`).
    pub fn load(folder: &Path) -> Result<Self, HlogError> {
        let path = folder.join(COUNTS);
        // Counts and histograms are two files: counts decide and have to be exact, histograms illustrate and are large.
        let text = gzip::read(&path)?;
        let counts: Counts = serde_json::from_slice(&text).map_err(|error| HlogError::malformed(&path, error))?;
        // Checked once here, so that no sum over a damaged or made-up file can overflow later.
        if !counts.add_up() {
            return Err(HlogError::malformed(&path, "its counts are too large to be added up"));
        }
        let requests = counts.series.len();
        let records = counts.series.into_iter().chain(counts.transactions);
        let mut series: Vec<SeriesRecord> = records.map(SeriesCounts::record).collect();
        let slots = slots(&series);
        let log = folder.join(hlog::FILE);
        let mut spread = Spread::default();
        read_hlog_seconds(&log, |second, tag, histogram| {
            let (slot, kind) = tag.rsplit_once('/').unwrap_or((tag, ""));
            let at = slots.get(slot);
            let Some(record) = at.and_then(|at| series.get_mut(*at)) else {
                return Err(HlogError::malformed(&log, format!("unknown series `{tag}`")));
            };
            let Some(timing) = Timing::ALL.into_iter().find(|timing| timing.name() == kind) else {
                return Err(HlogError::malformed(&log, format!("unknown timing `{tag}`")));
            };
            if timing == Timing::Response && at.is_some_and(|at| *at < requests) {
                spread.add(second, histogram);
            }
            record
                .timings
                .get_mut(timing)
                .add(histogram)
                .map_err(|_| HlogError::Bounds)
        })?;
        // They were chained behind the requests above, so that one pass over the log fills both.
        let transactions = series.split_off(requests);
        Ok(Self {
            limits: counts.limits,
            series,
            transactions,
            load: counts.load,
            seconds: counts.seconds,
            spread,
            busy: counts.busy,
        })
    }
}

impl Counts {
    /// True if the sum of all its counts fits 64 bits, so that no partial sum can overflow.
    fn add_up(&self) -> bool {
        let records = || self.series.iter().chain(&self.transactions);
        let seconds = records().flat_map(|series| &series.seconds).chain(&self.seconds);
        let counters = seconds
            .map(|cell| &cell.counters)
            .chain(records().map(|series| &series.counters));
        let answers = records().flat_map(|series| series.answers.numbers());
        let counted = counters.flat_map(Counters::numbers).chain(answers);
        let load = self.load.iter().flat_map(LoadTotals::numbers);
        let sum = counted.chain(load).try_fold(0_u64, u64::checked_add);
        sum.is_some()
    }
}

impl SeriesCounts {
    fn from_record(record: &SeriesRecord) -> Self {
        Self {
            key: record.key.clone(),
            judged: record.judged,
            counters: record.counters.clone(),
            answers: record.answers.clone(),
            seconds: record.seconds.clone(),
        }
    }

    fn record(self) -> SeriesRecord {
        SeriesRecord {
            counters: self.counters,
            answers: self.answers,
            seconds: self.seconds,
            ..SeriesRecord::new(self.key, self.judged, 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_limiters_log_says_is_counted_apart() {
        let cell = |second, errors, limited| {
            let mut counters = Counters::new(0);
            counters.outcomes[Outcome::ServerError.index()] = errors;
            counters.outcomes[Outcome::RateLimited.index()] = limited;
            SecondCell::new(second, counters, None)
        };
        let record = |name: &str, seconds: Vec<SecondCell>| {
            let key = SeriesKey {
                phase: "steady".to_owned(),
                series: name.to_owned(),
            };
            let mut record = SeriesRecord::new(key, true, 0);
            for cell in &seconds {
                record.counters.add(&cell.counters);
            }
            record.seconds = seconds;
            record
        };
        let mut recording = Recording {
            series: vec![
                record("a", vec![cell(3, 2, 0), cell(9, 5, 0)]),
                record("b", vec![cell(4, 4, 1)]),
            ],
            seconds: vec![cell(3, 2, 0), cell(4, 4, 1), cell(9, 5, 0)],
            ..Recording::default()
        };
        let counts = |record: &SeriesRecord| {
            let counters = &record.counters;
            (counters.of(Outcome::ServerError), counters.of(Outcome::RateLimited))
        };
        // Six were logged, one of which the client recognised.
        assert_eq!(recording.limiter_refused(&[(3, 6)]), 5);
        assert_eq!(
            (counts(&recording.series[0]), counts(&recording.series[1])),
            ((5, 2), (1, 4))
        );
        assert_eq!(recording.seconds[1].counters.of(Outcome::RateLimited), 4);
        assert_eq!(recording.seconds[2].counters.of(Outcome::ServerError), 5, "long after");
        let before: Vec<_> = recording.series.iter().map(counts).collect();
        assert_eq!(recording.limiter_refused(&[(3, 6)]), 0);
        let after: Vec<_> = recording.series.iter().map(counts).collect();
        assert_eq!(after, before, "all are known");
    }
}
