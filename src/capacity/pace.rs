//! How long steps take, and how much time a search has for them.

use std::time::{Duration, Instant};

/// The share of a case, where `waiting` cases, itself among them, have what is left of the time: as much as each one after it.
///
/// `searched` is what all cases have taken, before this sitting as well, and `elapsed` what this sitting has.
pub(super) fn share_of_time(at_most: Duration, (searched, elapsed): (Duration, Duration), waiting: usize) -> Duration {
    let left = at_most.saturating_sub(searched.max(elapsed));
    left / u32::try_from(waiting.max(1)).unwrap_or(u32::MAX)
}

/// How long steps take, with the log-ins, the warm-up and the wait for rest that go with them.
pub(super) struct Pace {
    since: Instant,
    /// Plain steps' lengths made since then.
    made: u32,
    /// What a plain step lasts before any was made.
    at_least: f64,
}

impl Pace {
    /// Where a plain step lasts that many seconds or more.
    pub(super) fn new(at_least: f64) -> Self {
        Self {
            since: Instant::now(),
            made: 0,
            at_least,
        }
    }

    /// From now on steps are made.
    pub(super) fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// A step of that many plain steps' length was made.
    pub(super) fn made(&mut self, length: u32) {
        self.made += length;
    }

    /// Whether that many plain steps' lengths more would end after that.
    pub(super) fn overruns(&self, length: u32, deadline: Instant) -> bool {
        let each = match self.made {
            0 => self.at_least,
            made => self.since.elapsed().as_secs_f64() / f64::from(made),
        };
        Instant::now() + Duration::from_secs_f64(each * f64::from(length)) > deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn cases_share_what_is_left() {
        assert_eq!(share_of_time(seconds(90), (seconds(0), seconds(0)), 3), seconds(30));
        // The first was done early: the others have more.
        assert_eq!(share_of_time(seconds(90), (seconds(10), seconds(12)), 2), seconds(39));
        // A search that goes on has spent 70 s in another sitting.
        assert_eq!(share_of_time(seconds(90), (seconds(70), seconds(1)), 2), seconds(10));
        assert_eq!(share_of_time(seconds(90), (seconds(95), seconds(0)), 1), seconds(0));
    }

    #[test]
    fn the_next_steps_are_expected_to_take_as_long_as_those_before() {
        let mut pace = Pace::new(20.0);
        let now = Instant::now();
        assert!(!pace.overruns(2, now + seconds(41)) && pace.overruns(2, now + seconds(39)));
        pace.since = now.checked_sub(seconds(300)).unwrap();
        pace.made(2);
        pace.made(4);
        // 50 s each.
        assert!(!pace.overruns(2, now + seconds(101)) && pace.overruns(2, now + seconds(99)));
    }
}
