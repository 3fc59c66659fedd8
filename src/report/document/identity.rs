//! Sums that must agree; one that does not is a bug and makes the run invalid.

use serde::{Deserialize, Serialize};

use crate::record::{Counters, Recording};

/// One sum over the whole run, shown even when it agrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The sum with its numbers: `planned 4,200 = started 4,200 + dropped 0`.
    pub statement: String,
    /// True if both sides agree.
    pub holds: bool,
    /// The numbers; `None` in documents made before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<IdentitySum>,
}

/// Numbers of a sum that must agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum IdentitySum {
    /// Planned arrivals started or were dropped.
    Planned {
        /// Planned arrivals.
        planned: u64,
        /// Those that started.
        started: u64,
        /// Those that were dropped.
        dropped: u64,
    },
    /// Arrivals that started ended in some way.
    Started {
        /// Arrivals that started.
        started: u64,
        /// Those that completed.
        completed: u64,
        /// Those that failed.
        failed: u64,
        /// Those that were interrupted.
        interrupted: u64,
    },
    /// Requests are those of all seconds.
    Requests {
        /// Requests counted in all.
        requests: u64,
        /// Requests of all seconds, added up.
        seconds: u64,
    },
}

impl Identity {
    fn new(sum: IdentitySum, holds: bool) -> Self {
        Self {
            // Told once the document is complete.
            statement: String::new(),
            holds,
            sum: Some(sum),
        }
    }
}

pub(super) fn all(recording: &Recording) -> Vec<Identity> {
    let sum = |value: fn(&crate::record::LoadTotals) -> u64| recording.load.iter().map(value).sum::<u64>();
    let (planned, started, dropped) = (
        sum(|load| load.planned),
        sum(|load| load.started),
        sum(|load| load.dropped),
    );
    let (completed, failed, interrupted) = (
        sum(|load| load.completed),
        sum(|load| load.failed),
        sum(|load| load.interrupted),
    );
    let mut total = Counters::default();
    let mut seconds = Counters::default();
    for record in &recording.series {
        total.add(&record.counters);
        for cell in &record.seconds {
            seconds.add(&cell.counters);
        }
    }
    vec![
        Identity::new(
            IdentitySum::Planned {
                planned,
                started,
                dropped,
            },
            recording
                .load
                .iter()
                // Phase by phase: errors of two phases could cancel in the sums that are shown.
                .all(|load| load.planned == load.started + load.dropped),
        ),
        Identity::new(
            IdentitySum::Started {
                started,
                completed,
                failed,
                interrupted,
            },
            recording
                .load
                .iter()
                .all(|load| load.started == load.completed + load.failed + load.interrupted),
        ),
        Identity::new(
            IdentitySum::Requests {
                requests: total.total(),
                seconds: seconds.total(),
            },
            total.outcomes == seconds.outcomes,
        ),
    ]
}
