//! Exact counts, on which verdicts rest.

use serde::{Deserialize, Serialize};

use super::Outcome;

/// Exact counters of one series over some stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counters {
    /// Requests by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; Outcome::ALL.len()],
    /// For each latency limit of the plan, in the plan's order: requests that took longer or did not succeed.
    pub over: Vec<u64>,
    /// Requests with a time above the histograms' highest value.
    pub out_of_range: u64,
    /// Body bytes received.
    pub bytes: u64,
    /// Sum of the response times of the successes, in microseconds; 0 in older runs, which did not count it.
    #[serde(default)]
    pub micros: u64,
}

impl Counters {
    /// Counters for that many latency limits.
    pub fn new(limits: usize) -> Self {
        Self {
            over: vec![0; limits],
            ..Self::default()
        }
    }

    /// Counts one request that took `micros`; `limits` are the plan's, in microseconds.
    pub fn count(&mut self, outcome: Outcome, micros: u64, bytes: u64, limits: &[u64]) {
        self.outcomes[outcome.index()] += 1;
        self.bytes += bytes;
        let failed = outcome != Outcome::Success;
        if !failed {
            self.micros += micros;
        }
        for (over, limit) in self.over.iter_mut().zip(limits) {
            *over += u64::from(failed || micros > *limit);
        }
    }

    /// Adds another stretch's counts to these.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.outcomes.iter_mut().zip(other.outcomes) {
            *sum += more;
        }
        if self.over.len() < other.over.len() {
            self.over.resize(other.over.len(), 0);
        }
        for (sum, more) in self.over.iter_mut().zip(&other.over) {
            *sum += more;
        }
        self.out_of_range += other.out_of_range;
        self.bytes += other.bytes;
        self.micros += other.micros;
    }

    /// Moves that many requests from one outcome to another, at most as many as had the first.
    pub(super) fn recount(&mut self, from: Outcome, to: Outcome, count: u64) {
        let moved = count.min(self.outcomes[from.index()]);
        self.outcomes[from.index()] -= moved;
        self.outcomes[to.index()] += moved;
    }

    /// Every number in it.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        let counts = self.outcomes.iter().chain(&self.over).copied();
        counts.chain([self.out_of_range, self.bytes, self.micros])
    }

    /// Requests with that outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome.index()]
    }

    /// All requests that ended, whatever their outcome.
    pub fn total(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Requests that count in the error rate.
    pub fn errors(&self) -> u64 {
        Outcome::ALL
            .into_iter()
            .filter(|outcome| outcome.is_error())
            .map(|outcome| self.of(outcome))
            .sum()
    }
}
