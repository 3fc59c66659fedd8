//! Events of requests that their outcomes do not tell.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Series;
use crate::evidence::{RequestEvent, RequestEventKind};
use crate::record::SeriesId;

/// Counts of events by kind and series; clones count together. Only a request with an event takes the lock.
#[derive(Debug, Clone, Default)]
pub struct Events(Arc<Mutex<BTreeMap<(RequestEventKind, u16), u64>>>);

impl Events {
    pub(super) fn count(&self, series: SeriesId, kind: RequestEventKind) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((kind, series.0)).or_default() += 1;
    }

    /// The counts so far, with the names of the series.
    pub fn counts(&self, series: &[Series]) -> Vec<RequestEvent> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events = counts.iter().map(|((kind, id), count)| RequestEvent {
            kind: *kind,
            series: series
                .get(usize::from(*id))
                .map_or(String::new(), |series| series.name.clone()),
            count: *count,
        });
        events.collect()
    }
}
