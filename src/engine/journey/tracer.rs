//! Selection of the requests that carry an id: a share of them, spread over each second, so that they sample all of it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use hyper::header::{HeaderName, HeaderValue, USER_AGENT};

use super::exchange::WireRequest;
use crate::record::{Outcome, SeriesId, Trace, Tracing};
use crate::timer;

/// 2³² divided by the golden ratio. Its multiples fill the numbers below 2³² evenly, and so do those of every k-th request (Weyl
/// 1916): a step that recurs in a steady rhythm is neither left out nor the only one that is marked.
const GOLDEN: u32 = 0x9e37_79b9;

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
    /// End of the current second.
    end: Instant,
    /// Requests of this second; `marked` of them carry an id.
    seen: u32,
    marked: u32,
    /// One request in `every` carries an id.
    every: u32,
    next: u64,
}

impl Tracer {
    /// `None` if no ids are sent, or if the header's name is not valid.
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
                end: timer::now(),
                seen: 0,
                marked: 0,
                every: 1,
                next: 0,
            }),
            tracing,
        })
    }

    /// Gives the request an id if it is selected, and returns the id.
    pub(super) fn mark(&self, now: Instant, request: &mut WireRequest) -> Option<u64> {
        let id = self.turn(now)?;
        let value = HeaderValue::from_str(&format!("{}{id}", self.prefix)).ok()?;
        request.headers_mut().insert(self.header.clone(), value);
        Some(id)
    }

    /// Returns the next id if this request is selected. The previous second's count sets the share, for about `most` ids a second
    /// and never more than twice as many.
    fn turn(&self, now: Instant) -> Option<u64> {
        let mut pace = self.pace.get();
        if now >= pace.end {
            pace.every = pace.seen.div_ceil(self.most).max(1);
            pace.end = now + Duration::from_secs(1);
            (pace.seen, pace.marked) = (0, 0);
        }
        let is_share = pace.seen.wrapping_mul(GOLDEN) <= u32::MAX / pace.every;
        let is_next = is_share && pace.marked < self.most.saturating_mul(2);
        let id = pace.next;
        pace.seen = pace.seen.saturating_add(1);
        pace.marked += u32::from(is_next);
        pace.next += u64::from(is_next);
        self.pace.set(pace);
        is_next.then_some(id)
    }

    /// Passes on the times of a request that carried an id, Only requests
    /// whose times count: the parts of the mean request are those of the requests that its whole is the mean of.
    pub(super) fn ended(&self, id: u64, series: SeriesId, sent: Instant, finished: Instant, outcome: Outcome) {
        if !outcome.is_timed() {
            return;
        }
        self.tracing.store(Trace {
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

    fn tracer(most: u32) -> Tracer {
        let settings = TraceSettings {
            header: "X-Request-Id".to_owned(),
            prefix: "run-".to_owned(),
            most,
        };
        Tracer::new(Tracing::new(settings)).unwrap()
    }

    /// Positions of the requests that carry an id, of `requests` in that second.
    fn marked(tracer: &Tracer, start: Instant, second: u64, requests: u32) -> Vec<u32> {
        let at = start + Duration::from_millis(1_000 + second * 1_001);
        (0..requests).filter(|_| tracer.turn(at).is_some()).collect()
    }

    #[test]
    fn a_share_of_many_and_all_of_few_carry_an_id() {
        let (tracer, start) = (tracer(10), Instant::now());
        let second = |number, requests| marked(&tracer, start, number, requests);
        assert_eq!(second(0, 7).len(), 7);
        assert_eq!(second(1, 100).len(), 20, "nobody knew that so many would come");
        let spread = second(2, 100);
        assert!((9..=11).contains(&spread.len()), "{spread:?}");
        assert!(spread.windows(2).all(|pair| pair[1] - pair[0] <= 13), "{spread:?}");
        assert_eq!(second(3, 5).len(), 1);
        assert_eq!(second(4, 5).len(), 5);
        assert!(Tracer::new(Tracing::default()).is_none());
    }

    #[test]
    fn each_step_of_one_users_journeys_has_its_share() {
        let (tracer, start) = (tracer(100), Instant::now());
        marked(&tracer, start, 0, 1_000);
        let marked = marked(&tracer, start, 1, 1_000);
        for steps in 2..=10 {
            for step in 0..steps {
                let share = marked.iter().filter(|request| *request % steps == step).count();
                assert!(
                    share * steps as usize >= marked.len() / 2,
                    "step {step} of {steps}: {marked:?}"
                );
            }
        }
    }
}
