//! Exact counts, on which verdicts rest.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Outcome;

/// Exact counters of one series over some stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counters {
    /// Requests by outcome, in the order of [`Outcome::ALL`]. Older runs have fewer outcomes.
    #[serde(deserialize_with = "padded")]
    pub outcomes: [u64; Outcome::ALL.len()],
    /// For each latency limit of the plan, in the plan's order: requests that took longer or did not succeed.
    pub over: Vec<u64>,
    /// Requests with a time above the histograms' highest value.
    pub out_of_range: u64,
    /// Body bytes received.
    pub bytes: u64,
    /// Sum of the response times that count, in microseconds; 0 in older runs, which did not count it.
    #[serde(default)]
    pub micros: u64,
}

/// Counts by outcome; those that a shorter list lacks are 0.
fn padded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u64; Outcome::ALL.len()], D::Error> {
    // New outcomes are appended to `Outcome::ALL`, so the counts of older files keep their places.
    let counts = Vec::<u64>::deserialize(deserializer)?;
    let mut outcomes = [0; Outcome::ALL.len()];
    match outcomes.get_mut(..counts.len()) {
        Some(known) => known.copy_from_slice(&counts),
        None => {
            return Err(D::Error::invalid_length(
                counts.len(),
                &"at most one count for each outcome",
            ));
        }
    }
    Ok(outcomes)
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
        // A failed request is over every limit: an error must not look like a fast answer.
        let failed = !outcome.is_timed();
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
        // A sum over series starts without limits (`Counters::default()`) and takes the width of the first one added.
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

    /// Requests whose times count.
    pub fn timed(&self) -> u64 {
        self.of(Outcome::Success) + self.of(Outcome::SessionExpired)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_session_is_no_error_and_its_time_counts() {
        let mut counters = Counters::new(1);
        for (outcome, micros) in [
            (Outcome::Success, 10),
            (Outcome::SessionExpired, 20),
            (Outcome::SessionExpired, 200),
            (Outcome::ClientError, 5),
        ] {
            counters.count(outcome, micros, 0, &[100]);
        }
        assert_eq!((counters.total(), counters.timed(), counters.errors()), (4, 3, 1));
        assert_eq!((counters.over[0], counters.micros), (2, 230));
    }

    #[test]
    fn older_runs_have_fewer_outcomes() {
        let read = |count: usize| {
            let outcomes = vec![1; count];
            let text = serde_json::json!({ "outcomes": outcomes, "over": [], "out_of_range": 0, "bytes": 0 });
            serde_json::from_value::<Counters>(text)
        };
        let older = read(13).unwrap();
        assert_eq!(
            (older.of(Outcome::Interrupted), older.of(Outcome::SessionExpired)),
            (1, 0)
        );
        assert_eq!(read(14).unwrap().total(), 14);
        assert!(read(15).is_err());
    }
}
