//! Requests that did not succeed: the answers that they got, with examples.

use serde::{Deserialize, Serialize};

use crate::record::{Example, Outcome, Recording, SeriesRecord};

/// Requests of one series and phase that did not succeed, with one status and outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedRow {
    /// `journey.step`.
    pub series: String,
    /// Name of the phase.
    pub phase: String,
    /// True if the phase is judged.
    pub judged: bool,
    /// Status of the answers; `None` if none came, or if the run did not record it.
    pub status: Option<u16>,
    /// Outcome.
    pub outcome: Outcome,
    /// Number of requests.
    pub count: u64,
    /// All requests of the series in the phase.
    pub requests: u64,
    /// Whole seconds from the run's zero of the first and of the last of them.
    pub seconds: Option<(u32, u32)>,
    /// The first of them.
    pub first: Option<Example>,
    /// The first one of the last second that had any.
    pub last: Option<Example>,
}

impl FailedRow {
    /// Its share of the series' requests.
    pub fn share(&self) -> f64 {
        if self.requests == 0 {
            0.0
        } else {
            self.count as f64 / self.requests as f64
        }
    }
}

/// True for an outcome that is listed: an error, or a refusal by the limiter.
fn is_told(outcome: Outcome) -> bool {
    outcome.is_error() || outcome == Outcome::RateLimited
}

/// Rows of every series and phase.
pub(super) fn rows(recording: &Recording) -> Vec<FailedRow> {
    let mut rows: Vec<FailedRow> = recording.series.iter().flat_map(rows_of).collect();
    rows.sort_by(|a, b| {
        // Judged ones first: they are what the verdict hangs on.
        let rank = |row: &FailedRow| (row.judged, row.count);
        rank(b).cmp(&rank(a)).then_with(|| a.series.cmp(&b.series))
    });
    rows
}

fn rows_of(record: &SeriesRecord) -> Vec<FailedRow> {
    let row = |status, outcome, count| FailedRow {
        series: record.key.series.clone(),
        phase: record.key.phase.clone(),
        judged: record.judged,
        status,
        outcome,
        count,
        requests: record.counters.total(),
        seconds: seconds(record, outcome),
        first: None,
        last: None,
    };
    let kinds = record.answers.kinds().filter(|kind| is_told(kind.outcome));
    let mut rows: Vec<FailedRow> = kinds
        .map(|kind| FailedRow {
            first: kind.first.clone(),
            // An answer that came once is its first and its last example.
            last: kind.last.clone().filter(|last| kind.first.as_ref() != Some(last)),
            ..row(kind.status, kind.outcome, kind.count)
        })
        .collect();
    // Recordings made before statuses were counted have outcomes alone.
    for outcome in Outcome::ALL.into_iter().filter(|outcome| is_told(*outcome)) {
        let known = rows
            .iter()
            .filter(|row| row.outcome == outcome)
            .map(|row| row.count)
            .sum();
        let rest = record.counters.of(outcome).saturating_sub(known);
        if rest > 0 {
            rows.push(row(None, outcome, rest));
        }
    }
    rows
}

/// First and last second with that outcome.
fn seconds(record: &SeriesRecord, outcome: Outcome) -> Option<(u32, u32)> {
    let cells = record.seconds.iter().filter(|cell| cell.counters.of(outcome) > 0);
    let seconds = cells.map(|cell| cell.second);
    seconds.fold(None, |span, second| {
        let (first, last) = span.unwrap_or((second, second));
        Some((first.min(second), last.max(second)))
    })
}
