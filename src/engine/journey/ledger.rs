//! Writes that users have been told of.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::record::SeriesId;

/// A write that the system acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Series of the step that made it.
    pub series: SeriesId,
    /// Time of the acknowledgement.
    pub at: Instant,
    /// Identity of the row, as the step's `writes` says.
    pub identity: String,
}

/// The acknowledged writes of a run; clones write into the same one. Only a step that a comparison is about takes the lock.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    wanted: Arc<BTreeSet<u16>>,
    writes: Arc<Mutex<Vec<Write>>>,
}

impl Ledger {
    /// A ledger of those series.
    pub fn new(series: impl IntoIterator<Item = SeriesId>) -> Self {
        Self {
            wanted: Arc::new(series.into_iter().map(|series| series.0).collect()),
            writes: Arc::default(),
        }
    }

    /// True if writes of that series are kept.
    pub(super) fn wants(&self, series: SeriesId) -> bool {
        self.wanted.contains(&series.0)
    }

    pub(super) fn add(&self, series: SeriesId, at: Instant, identity: String) {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.push(Write { series, at, identity });
    }

    /// The writes of that series so far.
    pub fn of(&self, series: SeriesId) -> Vec<Write> {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.iter().filter(|write| write.series == series).cloned().collect()
    }
}
