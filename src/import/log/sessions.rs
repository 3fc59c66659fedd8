//! Sessions: the requests of one client without a long pause.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::line::Line;

/// Pause in seconds after which a client begins another session, as web analytics have it.
const PAUSE: f64 = 1800.0;
/// Parts of a whole that a sample is counted in.
const PARTS: u64 = 1_000_000;

/// One replayed request: 24 bytes, of which a log of a gigabyte has some five million.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoggedRequest {
    /// Number of its session.
    pub session: u32,
    /// Number of its line among all lines read, from 1.
    pub line: u32,
    /// Index of its shape.
    pub shape: u16,
    /// Status of its answer, in the lower bits; the highest is set if it is beside others.
    status: u16,
    /// Seconds since the epoch at which it began.
    pub started: f64,
    /// Seconds that it took; 0 if the log does not tell.
    pub took: f32,
}

/// Bit of a request that began before the requests of its session before it were over; a status has three digits.
const BESIDE: u16 = 1 << 15;

impl LoggedRequest {
    /// A request of that line, with the status of its answer; alone, of the first session and shape, and at no known time.
    pub fn new(line: u32, status: u16) -> Self {
        Self {
            session: 0,
            line,
            shape: 0,
            status: status & !BESIDE,
            started: 0.0,
            took: 0.0,
        }
    }

    /// Status of its answer.
    pub fn status(&self) -> u16 {
        self.status & !BESIDE
    }

    /// True if it began before the requests of its session before it were over.
    pub fn is_beside(&self) -> bool {
        self.status & BESIDE != 0
    }

    /// Marks it as beside others, or not.
    pub fn set_beside(&mut self, beside: bool) {
        self.status = self.status() | if beside { BESIDE } else { 0 };
    }
}

/// Seconds in single precision, which is exact to a microsecond for a request of ten seconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the precision that is lost is below the log's own"
)]
pub(super) fn short(seconds: f64) -> f32 {
    seconds as f32
}

/// Seconds by which a request may begin before the one before it is over, as clocks of milliseconds have it.
const OVERLAP: f64 = 0.002;

/// Marks the requests that began before others of their session were over, and returns their number. `visits` are sorted by session
/// and start.
pub(super) fn mark_overlaps(visits: &mut [LoggedRequest]) -> u64 {
    let mut overlapping = 0;
    for session in visits.chunk_by_mut(|one, other| one.session == other.session) {
        let mut ended = f64::NEG_INFINITY;
        for visit in session {
            let beside = visit.started < ended - OVERLAP;
            visit.set_beside(beside);
            overlapping += u64::from(beside);
            ended = ended.max(visit.started + f64::from(visit.took));
        }
    }
    overlapping
}

/// Seconds from the end of a request to the start of the next; negative if they overlap.
pub(super) fn gap(pair: &[LoggedRequest]) -> f64 {
    pair[1].started - pair[0].started - f64::from(pair[0].took)
}

/// The sessions of a log.
#[derive(Debug, Default)]
pub(super) struct LogSessions {
    /// Number of the session under way, and the end of its last request, by the hash of its client.
    under_way: HashMap<u64, (u32, f64)>,
    pub(super) count: u32,
}

impl LogSessions {
    /// The hash of a line's client: the session field, or address and agent.
    pub(super) fn client(line: &Line) -> u64 {
        let mut hasher = DefaultHasher::new();
        match &line.session {
            Some(session) => session.hash(&mut hasher),
            // Users behind one address are told apart by their browsers at least.
            None => (&line.address, &line.agent).hash(&mut hasher),
        }
        hasher.finish()
    }

    /// True if the sessions of that client are in a sample of that share.
    pub(super) fn is_sampled(client: u64, share: f64) -> bool {
        // Mixed again: the low bits also place the client in the table.
        let mut hasher = DefaultHasher::new();
        (client, "sample").hash(&mut hasher);
        ((hasher.finish() % PARTS) as f64) < share * PARTS as f64
    }

    /// Number of the session that a request belongs to.
    pub(super) fn number(&mut self, client: u64, line: &Line) -> u32 {
        let next = self.count;
        match self.under_way.entry(client) {
            Entry::Occupied(mut entry) => {
                let (session, last) = entry.get_mut();
                if line.started() - *last > PAUSE {
                    *session = next;
                    self.count += 1;
                }
                *last = last.max(line.ended);
                *session
            }
            Entry::Vacant(entry) => {
                entry.insert((next, line.ended));
                self.count += 1;
                next
            }
        }
    }
}
