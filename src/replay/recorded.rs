//! Sessions and single requests at their times in the log.

use std::time::Duration;

use crate::import::LoggedRequest;
use crate::units::{saturating_u32, saturating_u64};
use crate::workload::SessionRequest;

/// Requests of a log, and the sessions in them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ReplaySessions {
    /// The requests of all sessions.
    pub(super) requests: Vec<SessionRequest>,
    /// Start, first request, number of requests and length in the log of each session, ascending by start.
    pub(super) list: Vec<ReplaySession>,
}

/// One session at the speed of the replay.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ReplaySession {
    pub(super) start: Duration,
    pub(super) first: u32,
    pub(super) count: u32,
    /// To the end of its last request, which takes as long as in the log.
    pub(super) length: Duration,
}

/// Sessions of the visits, which are sorted by session and start. `journey` gives the index of the journey of a kind.
///
/// Pauses become shorter by the speed, the time that requests take does not: it is the system's own. A session whose requests take half
/// of its time is not twice as short at speed 2.
pub(super) fn sessions(visits: &[LoggedRequest], speed: f64, journey: impl Fn(u16) -> u32) -> ReplaySessions {
    let zero = first_start(visits);
    let mut sessions = ReplaySessions {
        requests: Vec::with_capacity(visits.len()),
        list: Vec::new(),
    };
    for session in visits.chunk_by(|one, other| one.session == other.session) {
        let begun = session[0].started;
        let first = saturating_u32(sessions.requests.len() as f64);
        // Ends of all requests so far: in the log, and at the speed of the replay from the start of the session.
        let (mut ended, mut length) = (begun, 0.0_f64);
        for beside in session.chunk_by(|_, next| next.is_beside()) {
            let pause = (beside[0].started - ended) / speed;
            let start = length + pause.max(0.0);
            for visit in beside {
                let at = start + (visit.started - beside[0].started) / speed;
                sessions.requests.push(SessionRequest {
                    journey: journey(visit.shape),
                    at: micros(at),
                    pause: if visit.is_beside() { 0 } else { micros(pause) },
                    beside: visit.is_beside(),
                });
                ended = ended.max(visit.started + f64::from(visit.took));
                length = length.max(at + f64::from(visit.took));
            }
        }
        sessions.list.push(ReplaySession {
            start: seconds((begun - zero) / speed),
            first,
            count: saturating_u32(session.len() as f64),
            length: seconds(length),
        });
    }
    sessions.list.sort_by_key(|session| session.start);
    sessions
}

/// Each request as a session of its own, at its own time.
pub(super) fn lines(visits: &[LoggedRequest], speed: f64, journey: impl Fn(u16) -> u32) -> ReplaySessions {
    let zero = first_start(visits);
    let mut sessions = ReplaySessions {
        requests: Vec::with_capacity(visits.len()),
        list: Vec::with_capacity(visits.len()),
    };
    for visit in visits {
        sessions.list.push(ReplaySession {
            start: seconds((visit.started - zero) / speed),
            first: saturating_u32(sessions.requests.len() as f64),
            count: 1,
            length: seconds(f64::from(visit.took)),
        });
        sessions.requests.push(SessionRequest {
            journey: journey(visit.shape),
            ..SessionRequest::default()
        });
    }
    sessions.list.sort_by_key(|session| session.start);
    sessions
}

/// Start of the first request in seconds.
pub(super) fn first_start(visits: &[LoggedRequest]) -> f64 {
    visits.iter().map(|visit| visit.started).fold(f64::INFINITY, f64::min)
}

fn micros(seconds: f64) -> u64 {
    saturating_u64((seconds * 1e6).round())
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_micros(micros(seconds))
}
