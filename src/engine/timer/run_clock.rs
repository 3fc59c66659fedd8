//! One clock for samples, probes and phases.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::now;

/// The run's time zero, on the monotonic and on the wall clock.
///
/// Everything in a run is an offset from it; the wall clock is only for joining what other programs timestamp.
#[derive(Debug, Clone, Copy)]
pub struct RunClock {
    origin: Instant,
    wall: Timestamp,
}

impl RunClock {
    /// A clock whose zero is `delay` from now: probes start before the load does.
    pub fn starting_in(delay: Duration) -> Self {
        // Both clocks are read once, together: the wall clock may be set while the run goes on.
        let lead = i64::try_from(delay.as_nanos()).unwrap_or(i64::MAX);
        Self {
            origin: now() + delay,
            wall: Timestamp::now()
                .checked_add(jiff::SignedDuration::from_nanos(lead))
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// The instant of zero.
    pub fn origin(&self) -> Instant {
        self.origin
    }

    /// The wall-clock time of zero.
    pub fn wall(&self) -> Timestamp {
        self.wall
    }

    /// The instant at that offset.
    pub fn at(&self, offset: Duration) -> Instant {
        self.origin + offset
    }

    /// Offset of an instant; zero for one before the run.
    pub fn offset(&self, instant: Instant) -> Duration {
        // Set-ups happen before the zero; their offsets are never judged, so zero is as good as a negative number.
        instant.saturating_duration_since(self.origin)
    }

    /// Offset of the present instant from the run's zero.
    pub fn now(&self) -> Duration {
        self.offset(now())
    }

    /// Offset of a wall-clock time in seconds, negative before the run.
    pub fn offset_of_wall(&self, time: Timestamp) -> f64 {
        time.duration_since(self.wall).as_secs_f64()
    }
}
