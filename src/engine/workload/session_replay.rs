//! One phase of recorded sessions under way.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::shared::{BorrowedUser, PacerState};
use super::{RecordedSessions, shifts::Shifts};
use crate::journey::{IterationEnd, Journey, JourneyId, Journeys};
use crate::record::{PhaseRecorder, WalkTotals};
use crate::timer;

/// Recorded sessions with their journeys found, and counts of what was walked of them.
pub(super) struct SessionReplay {
    recorded: Arc<RecordedSessions>,
    journeys: Vec<Option<JourneyId>>,
    requests: Cell<u64>,
    begun: Cell<u64>,
    kept: Cell<u64>,
    /// `None` only if histograms cannot be made.
    shifts: Option<RefCell<Shifts>>,
}

impl SessionReplay {
    pub(super) fn new(recorded: Arc<RecordedSessions>, known: &Journeys) -> Self {
        Self {
            journeys: recorded.journeys.iter().map(|name| known.find(name)).collect(),
            requests: Cell::default(),
            begun: Cell::default(),
            kept: Cell::default(),
            // The shift is a figure of the report only: without it the replay goes on.
            shifts: Shifts::new().ok().map(RefCell::new),
            recorded,
        }
    }

    /// Length of the phase.
    pub(super) fn length(&self) -> Duration {
        self.recorded.length
    }

    /// Counts the requests of an arrival, which may be dropped.
    pub(super) fn plan(&self, arrival: usize) {
        let requests = self.recorded.session(arrival).len() as u64;
        self.requests.set(self.requests.get() + requests);
    }

    /// Walks the session of that arrival: its first request at `start`, each later one when its pause after the answers before it
    /// is over, and requests that overlapped at their distances in the record. A request that fails does not end it: the users of
    /// the record went on as well. Returns `None` if it is cut off.
    pub(super) async fn walk(
        self: Rc<Self>,
        arrival: usize,
        mut lent: BorrowedUser,
        start: Instant,
        shared: PacerState,
        phase: usize,
    ) -> Option<IterationEnd> {
        let recorder = PhaseRecorder::new(&shared.recorder, phase);
        let user = lent.user()?;
        let mut finished = start;
        let mut all = IterationEnd::Completed;
        user.begin_recorded_session();
        let mut is_first = true;
        for legs in self.recorded.session(arrival).chunk_by(|_, next| next.beside) {
            let mut intended = start;
            if !std::mem::take(&mut is_first) {
                intended = finished + Duration::from_micros(legs[0].pause);
                if intended > timer::now() {
                    tokio::select! {
                        biased;
                        () = timer::sleep_until(intended) => {}
                        () = shared.enough.cancelled() => return None,
                    }
                } else if shared.enough.is_cancelled() {
                    return None;
                }
                self.note_shift(intended, start + Duration::from_micros(legs[0].at));
            }
            self.begun.set(self.begun.get() + legs.len() as u64);
            let found: Vec<(&Journey, Instant)> = legs
                .iter()
                .filter_map(|leg| {
                    let id = self.journeys.get(leg.journey as usize).copied().flatten()?;
                    let after = Duration::from_micros(leg.at.saturating_sub(legs[0].at));
                    Some((shared.journeys.of(id), intended + after))
                })
                .collect();
            if found.len() < legs.len() {
                all = IterationEnd::Failed;
            }
            let ending;
            (finished, ending) = match found[..] {
                [] => continue,
                [(journey, intended)] => user.iterate_until(journey, intended, &recorder).await,
                // Boxed, because it is rare and would enlarge the future of every session.
                _ => Box::pin(user.iterate_beside(&found, &recorder)).await,
            };
            match ending {
                IterationEnd::Completed => {}
                IterationEnd::Failed => all = IterationEnd::Failed,
                IterationEnd::Exhausted => return Some(IterationEnd::Exhausted),
            }
        }
        self.kept.set(self.kept.get() + 1);
        Some(all)
    }

    fn note_shift(&self, intended: Instant, recorded: Instant) {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        let shift = match intended.checked_duration_since(recorded) {
            Some(late) => micros(late),
            None => -micros(recorded.duration_since(intended)),
        };
        if let Some(shifts) = &self.shifts {
            shifts.borrow_mut().record(shift);
        }
    }

    /// The totals.
    pub(super) fn totals(&self) -> WalkTotals {
        let mut totals = WalkTotals {
            requests: self.requests.get(),
            begun: self.begun.get(),
            kept: self.kept.get(),
            ..WalkTotals::default()
        };
        if let Some(shifts) = &self.shifts {
            shifts.borrow().sum_up(&mut totals);
        }
        totals
    }
}
