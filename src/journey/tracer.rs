//! Which requests carry an id, and which one: every so many-th, so that a sample of a second is one of all of that second.

use std::cell::Cell;
use std::time::{Duration, Instant};

use hyper::header::{HeaderName, HeaderValue, USER_AGENT};

use super::connection::WireRequest;
use crate::record::{SeriesId, Trace, Tracing};

/// Marks requests; lives on the load thread.
#[derive(Debug)]
pub(super) struct Tracer {
    tracing: Tracing,
    header: HeaderName,
    prefix: String,
    most: u32,
    pace: Cell<Pace>,
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    /// When this second ends.
    end: Instant,
    /// Requests of this second, and those of them that carry an id.
    seen: u32,
    marked: u32,
    /// Of so many requests one carries an id.
    every: u32,
    next: u64,
}

impl Tracer {
    /// None where ids are not sent, or not in a header.
    pub(super) fn new(tracing: Tracing) -> Option<Self> {
        let settings = tracing.settings()?;
        Some(Self {
            header: settings.header.parse().ok()?,
            prefix: if settings.header.eq_ignore_ascii_case(USER_AGENT.as_str()) {
                format!(concat!("diapason/", env!("CARGO_PKG_VERSION"), " {}"), settings.prefix)
            } else {
                settings.prefix.clone()
            },
            most: settings.most.max(1),
            pace: Cell::new(Pace {
                end: Instant::now(),
                seen: 0,
                marked: 0,
                every: 1,
                next: 0,
            }),
            tracing,
        })
    }

    /// Gives the request an id, if it is its turn.
    pub(super) fn mark(&self, now: Instant, request: &mut WireRequest) -> Option<u64> {
        let id = self.turn(now)?;
        let value = HeaderValue::from_str(&format!("{}{id}", self.prefix)).ok()?;
        request.headers_mut().insert(self.header.clone(), value);
        Some(id)
    }

    /// As many as may be carry one, or all where they are fewer; how many come, the second before tells.
    fn turn(&self, now: Instant) -> Option<u64> {
        let mut pace = self.pace.get();
        if now >= pace.end {
            pace.every = pace.seen.div_ceil(self.most).max(1);
            pace.end = now + Duration::from_secs(1);
            (pace.seen, pace.marked) = (0, 0);
        }
        let is_next = pace.seen.is_multiple_of(pace.every) && pace.marked < self.most.saturating_mul(2);
        let id = pace.next;
        pace.seen = pace.seen.saturating_add(1);
        pace.marked += u32::from(is_next);
        pace.next += u64::from(is_next);
        self.pace.set(pace);
        is_next.then_some(id)
    }

    /// Notes how it went.
    pub(super) fn ended(&self, id: u64, series: SeriesId, sent: Instant, finished: Instant) {
        self.tracing.put(Trace {
            id,
            series,
            sent,
            finished,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TraceSettings;

    #[test]
    fn a_share_of_many_and_all_of_few_carry_an_id() {
        let tracer = Tracer::new(Tracing::new(TraceSettings {
            header: "X-Request-Id".to_owned(),
            prefix: "run-".to_owned(),
            most: 10,
        }))
        .unwrap();
        let start = Instant::now() + Duration::from_secs(1);
        let second = |number: u64, requests: u32| -> Vec<u32> {
            let at = start + Duration::from_millis(number * 1_001);
            (0..requests).filter(|_| tracer.turn(at).is_some()).collect()
        };
        assert_eq!(second(0, 7).len(), 7);
        assert_eq!(second(1, 100).len(), 20, "nobody knew that so many would come");
        assert_eq!(second(2, 100), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
        assert_eq!(second(3, 5).len(), 1);
        assert_eq!(second(4, 5).len(), 5);
        assert!(Tracer::new(Tracing::default()).is_none());
    }
}
