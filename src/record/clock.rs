//! One clock for samples, probes and phases.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::timer;

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
        let lead = i64::try_from(delay.as_nanos()).unwrap_or(i64::MAX);
        Self {
            origin: timer::now() + delay,
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
        instant.saturating_duration_since(self.origin)
    }

    /// Offset of now.
    pub fn now(&self) -> Duration {
        self.offset(timer::now())
    }

    /// Offset of a wall-clock time in seconds, negative before the run.
    pub fn offset_of_wall(&self, time: Timestamp) -> f64 {
        time.duration_since(self.wall).as_secs_f64()
    }
}

/// A half-open span of the run, as offsets from its zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First instant inside.
    pub start: Duration,
    /// First instant after.
    pub end: Duration,
}

impl Window {
    /// Whether the offset, in seconds, lies inside.
    pub fn contains_secs(&self, offset: f64) -> bool {
        offset >= self.start.as_secs_f64() && offset < self.end.as_secs_f64()
    }

    /// Its length.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }
}
