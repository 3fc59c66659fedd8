//! Recorded sessions, to be walked again.

use std::time::Duration;

/// One request of a recorded session: 24 bytes, of which a large log has millions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionRequest {
    /// Index of its journey in [`RecordedSessions::journeys`].
    pub journey: u32,
    /// Microseconds from the start of the session to its start in the record, at the speed of the replay.
    pub at: u64,
    /// Microseconds from the end of all requests before it to its start, at the speed of the replay; 0 for the first.
    pub pause: u64,
    /// True if it began before those were over: it starts as long after the first of them as in the record.
    pub beside: bool,
}

/// Recorded sessions. Each arrival of a phase walks one, in the order of the arrivals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordedSessions {
    /// Names of the journeys, one iteration of which stands for a request.
    pub journeys: Vec<String>,
    /// The requests of all sessions.
    pub requests: Vec<SessionRequest>,
    /// For each arrival, index of the first request of its session and number of requests. Arrivals may share requests.
    pub sessions: Vec<(u32, u32)>,
    /// Length of the phase. Sessions that are under way at its end have the grace period left.
    pub length: Duration,
}

impl RecordedSessions {
    /// The requests of the session of that arrival; none if there is no such arrival.
    pub fn session(&self, arrival: usize) -> &[SessionRequest] {
        let Some((first, count)) = self.sessions.get(arrival) else {
            return &[];
        };
        let first = *first as usize;
        self.requests.get(first..first + *count as usize).unwrap_or_default()
    }

    /// True if a session has requests that overlap.
    pub fn overlap(&self) -> bool {
        self.requests.iter().any(|request| request.beside)
    }

    /// Number of requests of each journey over all arrivals.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.journeys.len()];
        let arrivals = 0..self.sessions.len();
        for request in arrivals.flat_map(|arrival| self.session(arrival)) {
            if let Some(count) = counts.get_mut(request.journey as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// Starts of the requests of each journey as in the record, from the start of the phase, whose arrivals are given.
    pub fn starts(&self, arrivals: impl Iterator<Item = Duration>) -> Vec<Vec<Duration>> {
        let mut starts = vec![Vec::new(); self.journeys.len()];
        for (number, arrival) in arrivals.enumerate() {
            for request in self.session(number) {
                if let Some(starts) = starts.get_mut(request.journey as usize) {
                    starts.push(arrival + Duration::from_micros(request.at));
                }
            }
        }
        starts
    }
}
