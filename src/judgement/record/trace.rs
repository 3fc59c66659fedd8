//! Single requests that are followed through the servers: a share of them carries an id that the servers log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::SeriesId;

/// Traces that wait to be taken; more are dropped, as nobody seems to take them.
const MOST_WAITING: usize = 100_000;

/// What the client saw of a request that carried an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// Its number within the run.
    pub id: u64,
    /// The step it belongs to.
    pub series: SeriesId,
    /// When it was sent.
    pub sent: Instant,
    /// When it was over.
    pub finished: Instant,
}

/// How ids are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSettings {
    /// The header that carries them: `X-Request-Id`, `User-Agent`.
    pub header: String,
    /// What stands before an id's number, in this run and no other.
    pub prefix: String,
    /// Requests that carry one, a second.
    pub most: u32,
}

/// Says which requests carry an id, and takes what the client saw of them. Off by default; clones are one.
#[derive(Debug, Clone, Default)]
pub struct Tracing(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    settings: TraceSettings,
    traces: Mutex<Vec<Trace>>,
}

impl Tracing {
    /// Ids are sent so.
    pub fn new(settings: TraceSettings) -> Self {
        Self(Some(Arc::new(Shared {
            settings,
            traces: Mutex::default(),
        })))
    }

    /// How ids are sent; none where they are not.
    pub fn settings(&self) -> Option<&TraceSettings> {
        self.0.as_deref().map(|shared| &shared.settings)
    }

    /// Notes what was seen of a request; only those that carry an id take the lock.
    pub fn put(&self, trace: Trace) {
        let Some(shared) = &self.0 else { return };
        let mut traces = shared.traces.lock().unwrap_or_else(PoisonError::into_inner);
        if traces.len() < MOST_WAITING {
            traces.push(trace);
        }
    }

    /// What was noted since.
    pub fn take(&self) -> Vec<Trace> {
        let Some(shared) = &self.0 else { return Vec::new() };
        std::mem::take(&mut *shared.traces.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_puts_another_takes() {
        let settings = TraceSettings {
            header: "X-Request-Id".to_owned(),
            prefix: "run-".to_owned(),
            most: 1,
        };
        let tracing = Tracing::new(settings);
        let now = Instant::now();
        let trace = Trace {
            id: 7,
            series: SeriesId(0),
            sent: now,
            finished: now,
        };
        tracing.clone().put(trace);
        assert_eq!(tracing.take(), [trace]);
        assert_eq!(tracing.take(), []);
        let off = Tracing::default();
        off.put(trace);
        assert!(off.take().is_empty() && off.settings().is_none());
    }
}
