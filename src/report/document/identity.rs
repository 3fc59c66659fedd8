//! Sums that must agree; one that does not is a bug and makes the run invalid.

use serde::{Deserialize, Serialize};

use crate::record::{Counters, Recording};
use crate::words::en::text::count;

/// One sum over the whole run, shown even when it agrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The sum with its numbers: `planned 4,200 = started 4,200 + dropped 0`.
    pub statement: String,
    /// True if both sides agree.
    pub holds: bool,
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
        Identity {
            statement: format!(
                "planned {} = started {} + dropped {}",
                count(planned),
                count(started),
                count(dropped)
            ),
            holds: recording
                .load
                .iter()
                .all(|load| load.planned == load.started + load.dropped),
        },
        Identity {
            statement: format!(
                "started {} = completed {} + failed {} + interrupted {}",
                count(started),
                count(completed),
                count(failed),
                count(interrupted)
            ),
            holds: recording
                .load
                .iter()
                .all(|load| load.started == load.completed + load.failed + load.interrupted),
        },
        Identity {
            statement: format!(
                "requests {} = sum of all seconds {}",
                count(total.total()),
                count(seconds.total())
            ),
            holds: total.outcomes == seconds.outcomes,
        },
    ]
}
