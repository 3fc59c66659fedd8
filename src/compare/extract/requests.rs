//! Sets of requests: those selected by an objective, those of a series.

use std::collections::HashMap;
use std::path::Path;

use super::super::{CompareError, Distribution, Sample};
use super::effective::effective_samples;
use crate::evidence::{Evidence, LoadModel};
use crate::record::{Counters, Outcome, SeriesRecord, Timing, read_hlog_seconds};
use crate::slo::Objective;
use crate::units::saturating_u64;

/// The interval log's name in the evidence folder.
const LOG: &str = "recording.hlog";

/// Requests that a share counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Share {
    /// Requests that count as errors.
    Errors,
    /// Requests that the limiter refused.
    RateLimited,
}

impl Share {
    fn of(self, counters: &Counters) -> u64 {
        match self {
            Self::Errors => counters.errors(),
            Self::RateLimited => counters.of(Outcome::RateLimited),
        }
    }
}

/// Sets of records, as positions in the recording; two objectives on the same requests share one set.
pub(super) struct RequestSets<'a> {
    evidence: &'a Evidence,
    sets: Vec<Vec<usize>>,
}

impl<'a> RequestSets<'a> {
    pub(super) fn new(evidence: &'a Evidence) -> Self {
        Self {
            evidence,
            sets: Vec::new(),
        }
    }

    /// The set of the requests that the objective selects.
    pub(super) fn of_objective(&mut self, objective: &Objective) -> usize {
        let plan = &self.evidence.plan;
        let known = if objective.over_transactions() {
            &plan.transactions
        } else {
            &plan.series
        };
        let selected = |record: &SeriesRecord| {
            let mut series = known.iter();
            let mut phases = plan.phases.iter();
            series.any(|series| series.name == record.key.series && objective.selects(series))
                && phases.any(|phase| phase.name == record.key.phase && objective.reads(phase.model))
        };
        let set = self.judged(selected, objective.over_transactions());
        self.add(set)
    }

    /// The set of the requests of one series and model; `None` if there are none.
    pub(super) fn of_series(&mut self, name: &str, model: LoadModel) -> Option<usize> {
        self.of_name(name, model, false)
    }

    /// The set of one transaction and model; `None` if there is none.
    pub(super) fn of_transaction(&mut self, name: &str, model: LoadModel) -> Option<usize> {
        self.of_name(name, model, true)
    }

    fn of_name(&mut self, name: &str, model: LoadModel, transactions: bool) -> Option<usize> {
        let plan = &self.evidence.plan;
        let selected = |record: &SeriesRecord| {
            let mut phases = plan.phases.iter();
            record.key.series == name
                && phases.any(|phase| phase.name == record.key.phase && phase.model == model)
                && record.counters.total() > 0
        };
        let set = self.judged(selected, transactions);
        (!set.is_empty()).then(|| self.add(set))
    }

    /// Positions of judged records, of transactions or of requests.
    fn judged(&self, selected: impl Fn(&SeriesRecord) -> bool, transactions: bool) -> Vec<usize> {
        let requests = self.evidence.recording.series.len();
        let records = self.all().enumerate();
        records
            .filter(|(at, record)| (*at >= requests) == transactions && record.judged && selected(record))
            .map(|(at, _)| at)
            .collect()
    }

    /// All records: those of requests, then those of transactions.
    fn all(&self) -> impl Iterator<Item = &'a SeriesRecord> + use<'a> {
        let recording = &self.evidence.recording;
        recording.series.iter().chain(&recording.transactions)
    }

    fn add(&mut self, set: Vec<usize>) -> usize {
        // An objective and a series may select the same requests: their distribution is kept once.
        if let Some(known) = self.sets.iter().position(|known| *known == set) {
            return known;
        }
        self.sets.push(set);
        self.sets.len() - 1
    }

    fn records(&self, set: usize) -> impl Iterator<Item = &'a SeriesRecord> + '_ {
        let positions = self.sets.get(set).into_iter().flatten();
        positions.filter_map(|at| {
            let recording = &self.evidence.recording;
            let transaction = at.checked_sub(recording.series.len());
            transaction.map_or_else(|| recording.series.get(*at), |at| recording.transactions.get(at))
        })
    }

    /// The distribution of each set.
    pub(super) fn distributions(&mut self) -> Vec<Distribution> {
        (0..self.sets.len()).map(|set| self.distribution(set)).collect()
    }

    fn distribution(&self, set: usize) -> Distribution {
        let mut sum = crate::record::new_histogram();
        let mut failed = 0;
        for record in self.records(set) {
            if let Some(times) = record.timings.get(Timing::Response) {
                // All histograms share their bounds, so adding cannot fail.
                let _ = sum.add(times);
            }
            failed += failures(&record.counters);
        }
        let buckets = sum.iter_recorded();
        Distribution {
            times: buckets
                .map(|bucket| (bucket.value_iterated_to(), bucket.count_since_last_iteration() as f64))
                .collect(),
            failed: failed as f64,
        }
    }

    /// Effective sample size of each of those quantiles, from time batches of the requests over the quantile.
    pub(super) fn worth_of_quantiles(
        &self,
        wanted: &[(usize, f64)],
        distributions: &[Distribution],
        evidence: &Path,
    ) -> Result<Vec<f64>, CompareError> {
        let mut over = self.over_thresholds(wanted, distributions, evidence)?;
        let worths = wanted.iter().enumerate().map(|(index, (set, _))| {
            let mut over = over.remove(&index).unwrap_or_default();
            let seconds = self.records(*set).flat_map(|record| &record.seconds);
            let mut all: HashMap<u32, (u64, u64)> = HashMap::new();
            for cell in seconds {
                let (bad, total) = all.entry(cell.second).or_default();
                *bad += failures(&cell.counters) + over.remove(&cell.second).unwrap_or_default();
                *total += cell.counters.total();
            }
            let mut seconds: Vec<_> = all.into_iter().collect();
            // A hash map has no order, and a sum of floats depends on it.
            seconds.sort_unstable();
            let seconds = seconds.into_iter();
            effective_samples(
                self.evidence.plan.judged_window(),
                seconds.map(|(second, (bad, total))| (f64::from(second), bad, total)),
            )
        });
        Ok(worths.collect())
    }

    /// For each quantile in `wanted`, the number of longer requests in each second.
    fn over_thresholds(
        &self,
        wanted: &[(usize, f64)],
        distributions: &[Distribution],
        evidence: &Path,
    ) -> Result<HashMap<usize, HashMap<u32, u64>>, CompareError> {
        let mut by_tag: HashMap<String, Vec<(usize, u64)>> = HashMap::new();
        for (index, (set, quantile)) in wanted.iter().enumerate() {
            let threshold = distributions
                .get(*set)
                .map_or(f64::INFINITY, |times| times.quantile(*quantile));
            // A quantile among the failed has no time that others could exceed.
            if !threshold.is_finite() {
                continue;
            }
            for record in self.records(*set) {
                let tag = format!("{}/{}/{}", record.key.phase, record.key.series, Timing::Response.name());
                by_tag.entry(tag).or_default().push((index, micros(threshold)));
            }
        }
        let mut over: HashMap<usize, HashMap<u32, u64>> = HashMap::new();
        // Seconds of the recording hold counts and three percentiles; only the log has each second's histogram.
        let log = evidence.join(LOG);
        let read = read_hlog_seconds(&log, |second, tag, histogram| {
            for (index, threshold) in by_tag.get(tag).into_iter().flatten() {
                let longer = histogram
                    .iter_recorded()
                    .filter(|bucket| bucket.value_iterated_to() > *threshold)
                    .map(|bucket| bucket.count_since_last_iteration());
                *over.entry(*index).or_default().entry(second).or_default() += longer.sum::<u64>();
            }
            Ok(())
        });
        read.map_err(CompareError::Record)?;
        Ok(over)
    }

    /// A share of the requests of that set.
    pub(super) fn share(&self, set: usize, share: Share) -> Sample {
        let counted = || self.records(set).map(|record| &record.counters);
        let mut seconds: Vec<_> = self.records(set).flat_map(|record| &record.seconds).collect();
        seconds.sort_by_key(|cell| cell.second);
        let seconds = seconds.into_iter();
        Sample::Share {
            hits: counted().map(|counters| share.of(counters)).sum(),
            total: counted().map(Counters::total).sum(),
            effective: effective_samples(
                self.evidence.plan.judged_window(),
                seconds.map(|cell| (f64::from(cell.second), share.of(&cell.counters), cell.counters.total())),
            ),
        }
    }
}

fn failures(counters: &Counters) -> u64 {
    counters.total() - counters.timed()
}

fn micros(millis: f64) -> u64 {
    saturating_u64((millis * 1e3).round())
}
