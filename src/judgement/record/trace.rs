//! Tracing of single requests through the servers: a share of them carries an id that the servers log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::SeriesId;

/// Greatest number of traces kept until they are taken; further ones are dropped, which bounds the memory.
const MOST_WAITING: usize = 100_000;

/// Times at the client of a request that carried an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// Its number within the run.
    pub id: u64,
    /// The step it belongs to.
    pub series: SeriesId,
    /// Time of sending.
    pub sent: Instant,
    /// Time of its end.
    pub finished: Instant,
}

/// Settings of the ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSettings {
    /// The header that carries them: `X-Request-Id`, `User-Agent`.
    pub header: String,
    /// Prefix of the id's number, unique to this run.
    pub prefix: String,
    /// Requests per second that are to carry one.
    pub most: u32,
}

/// Collects the traces of requests that carry an id. Off by default; clones share their settings and traces.
#[derive(Debug, Clone, Default)]
pub struct Tracing(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    settings: TraceSettings,
    traces: Mutex<Vec<Trace>>,
}

impl Tracing {
    /// Tracing with these settings.
    pub fn new(settings: TraceSettings) -> Self {
        Self(Some(Arc::new(Shared {
            settings,
            traces: Mutex::default(),
        })))
    }

    /// Settings of the ids; `None` if none are sent.
    pub fn settings(&self) -> Option<&TraceSettings> {
        self.0.as_deref().map(|shared| &shared.settings)
    }

    /// Stores the trace of one request; without tracing no lock is taken.
    pub fn store(&self, trace: Trace) {
        let Some(shared) = &self.0 else { return };
        let mut traces = shared.traces.lock().unwrap_or_else(PoisonError::into_inner);
        if traces.len() < MOST_WAITING {
            traces.push(trace);
        }
    }

    /// Takes the traces stored since the last call.
    pub fn take(&self) -> Vec<Trace> {
        let Some(shared) = &self.0 else { return Vec::new() };
        // Taken as a whole, so that the load thread waits for a swap of pointers and not for a copy.
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
        tracing.clone().store(trace);
        assert_eq!(tracing.take(), [trace]);
        assert_eq!(tracing.take(), []);
        let off = Tracing::default();
        off.store(trace);
        assert!(off.take().is_empty() && off.settings().is_none());
    }
}
