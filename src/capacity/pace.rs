//! Duration of steps, and the time that a search has for them.

use std::time::{Duration, Instant};

use crate::sizing::{NextStep, Purpose, RemainingSteps, Search, SearchResult, SearchStep};
use crate::timer;
use crate::units::saturating_u32;

/// Length of the run of the closed model, in plain steps.
// As long as a plain step, so that its figures have as many samples as those it is compared with.
const CLOSED_RUN: u32 = 1;

/// Time for one case: the time left, divided equally among the `waiting` cases, itself included.
///
/// `searched` is the time that all cases have taken, in earlier sittings too; `elapsed` is the time of this sitting.
pub(super) fn share_of_time(at_most: Duration, searched: Duration, elapsed: Duration, waiting: usize) -> Duration {
    // The greater of both: earlier sittings count, and so does time of this sitting that no case has booked yet.
    let left = at_most.saturating_sub(searched.max(elapsed));
    left / u32::try_from(waiting.max(1)).unwrap_or(u32::MAX)
}

/// Computes the deadline of the next case; `None` if no time is left for it.
///
/// `searched` is the time that all cases have taken, `begin` the start of this sitting; `waiting` cases are left, the next
/// among them.
pub(super) fn deadline(at_most: Duration, searched: Duration, begin: Instant, waiting: usize) -> Option<Instant> {
    let now = timer::now();
    let share = share_of_time(at_most, searched, now - begin, waiting);
    (!share.is_zero()).then(|| now + share)
}

/// The next move of a case.
#[derive(Debug, PartialEq)]
pub(super) enum Move {
    /// It makes that step: rate, length in plain steps, purpose.
    Step(f64, u32, Purpose),
    /// The search is over.
    Done(SearchResult),
    /// The next step would end after the deadline.
    TimeUp,
}

/// Duration of steps: their judged time, which a clear step cuts short, and the log-ins, the warm-up and the wait for rest that go
/// with each.
pub(super) struct Pace {
    /// Start of the step to come.
    since: Instant,
    /// Number of steps made.
    made: u32,
    /// Seconds that these took beside their judged time; before any was made, those of one step.
    beside: f64,
    /// Judged seconds of a plain step that runs to its end.
    plain: f64,
}

impl Pace {
    /// A pace at which a plain step is judged for that many seconds.
    pub(super) fn new(plain: f64) -> Self {
        Self {
            since: timer::now(),
            made: 0,
            beside: 0.0,
            plain,
        }
    }

    /// Starts the clock: steps are made from now on. `warmed` is the judged time of the step that did not count, which tells what
    /// goes with a step; `None` without one.
    pub(super) fn begin(&mut self, warmed: Option<Duration>) {
        if let Some(judged) = warmed {
            self.beside = self.beside_of(judged);
        }
        self.since = timer::now();
    }

    /// Records that a step was made: `length` in plain steps, `planned` its judged time to its end, `judged` that until it was
    /// clear.
    pub(super) fn add_step(&mut self, length: u32, planned: Duration, judged: Duration) {
        let beside = self.beside_of(judged);
        // The warm-up's was a stand-in until a real step had been made.
        self.beside = if self.made == 0 { beside } else { self.beside + beside };
        self.made += 1;
        // Slow steps may be longer than written.
        self.plain = planned.as_secs_f64() / f64::from(length.max(1));
        self.since = timer::now();
    }

    /// Seconds since the last step beside those of its judged time.
    fn beside_of(&self, judged: Duration) -> f64 {
        (timer::now() - self.since).saturating_sub(judged).as_secs_f64()
    }

    /// Picks the next move after those steps and keeps enough time for the closed model's run.
    pub(super) fn coming(&self, search: &Search, tries: &[SearchStep], deadline: Instant) -> Move {
        let in_time = |ahead: RemainingSteps| !self.overruns(ahead.and(CLOSED_RUN), deadline);
        match search.next_in_time(tries, in_time) {
            NextStep::Done(found) => Move::Done(found),
            NextStep::Measure { length, .. } if self.overruns(RemainingSteps::step(length), deadline) => Move::TimeUp,
            NextStep::Measure { rate, length, purpose } => Move::Step(rate, length, purpose),
        }
    }

    /// Number of plain steps that end before the deadline, with the closed model's run after them.
    pub(super) fn steps_left(&self, deadline: Instant) -> u32 {
        let time = deadline.saturating_duration_since(timer::now()).as_secs_f64();
        saturating_u32((time / self.takes(RemainingSteps::step(1))).floor()).saturating_sub(CLOSED_RUN)
    }

    /// Seconds that so many plain steps take, with the closed model's run after them.
    pub(super) fn whole(&self, steps: u32) -> f64 {
        self.takes(RemainingSteps::step(1)) * f64::from(steps.saturating_add(CLOSED_RUN))
    }

    /// Seconds that those steps take if none ends early.
    pub(super) fn takes(&self, ahead: RemainingSteps) -> f64 {
        let beside = self.beside / f64::from(self.made.max(1));
        beside * f64::from(ahead.steps) + self.plain * f64::from(ahead.length)
    }

    /// True if those steps would end after the deadline.
    fn overruns(&self, ahead: RemainingSteps, deadline: Instant) -> bool {
        timer::now() + Duration::from_secs_f64(self.takes(ahead)) > deadline
    }
}

// The simulated clock is compiled with debug assertions only.
#[cfg(debug_assertions)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::{End, StepVerdict};
    use crate::timer::simulated::{simulate, stall};

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn cases_share_what_is_left() {
        assert_eq!(share_of_time(seconds(90), seconds(0), seconds(0), 3), seconds(30));
        // The first case ended early, so the others have more time.
        assert_eq!(share_of_time(seconds(90), seconds(10), seconds(12), 2), seconds(39));
        // A resumed search has spent 70 s in another sitting.
        assert_eq!(share_of_time(seconds(90), seconds(70), seconds(1), 2), seconds(10));
        assert_eq!(share_of_time(seconds(90), seconds(95), seconds(0), 1), seconds(0));
    }

    #[test]
    fn the_next_steps_are_expected_to_take_as_long_as_those_before() {
        simulate(async {
            let mut pace = Pace::new(20.0);
            let takes = |pace: &Pace, ahead: RemainingSteps| {
                let now = timer::now();
                let seconds = pace.takes(ahead);
                assert!(!pace.overruns(ahead, now + Duration::from_secs_f64(seconds)));
                assert!(pace.overruns(ahead, now + Duration::from_secs_f64(seconds - 0.1)));
                seconds.round()
            };
            assert!((takes(&pace, RemainingSteps::step(2)) - 40.0).abs() < 0.1);
            // The warm-up is no step, but it takes 30 s beside its judged 20 s.
            stall(seconds(50));
            pace.begin(Some(seconds(20)));
            assert!((takes(&pace, RemainingSteps::step(2)) - 70.0).abs() < 0.1);
            // One step to its end, and one that was clear after 10 s of 80: 10 s and 20 s beside.
            stall(seconds(50));
            pace.add_step(2, seconds(40), seconds(40));
            stall(seconds(30));
            pace.add_step(4, seconds(80), seconds(10));
            assert!((takes(&pace, RemainingSteps::step(2)) - 55.0).abs() < 0.1);
            assert!((takes(&pace, RemainingSteps::step(2).and(1)) - 90.0).abs() < 0.1);
            let now = timer::now();
            assert_eq!(
                pace.steps_left(now + seconds(139)),
                2,
                "three steps, one of which is the closed model's run"
            );
            assert!(pace.whole(2) <= 139.0 && pace.whole(3) > 139.0, "{}", pace.whole(2));
        });
    }

    #[test]
    fn what_a_case_leaves_of_its_time_is_the_others() {
        simulate(async {
            let begin = timer::now();
            let at_most = seconds(900);
            let mut searched = seconds(0);
            let mut sitting = Vec::new();
            // The first case ends early, the second takes too long by a step, the third takes the time that it has.
            for (waiting, takes) in [(3, 60), (2, 500), (1, 340)] {
                let until = deadline(at_most, searched, begin, waiting).unwrap();
                sitting.push((until - begin).as_secs());
                stall(seconds(takes));
                searched += seconds(takes);
            }
            assert_eq!(sitting, [300, 60 + 420, 900]);
            assert_eq!(deadline(at_most, searched, begin, 1), None);
            // A resumed search has the time that was not spent before.
            assert_eq!(
                deadline(at_most, seconds(840), timer::now(), 1),
                Some(timer::now() + seconds(60))
            );
        });
    }

    const SEARCH: Search = Search {
        from: 8.0,
        at_most: 1_000.0,
        at_least: 1.0,
        growth: 2.0,
        precision: 0.1,
        longest: 4,
        expected: None,
    };

    /// Lists the steps that fit into `at_most` seconds for a case that holds up to 50/s; a plain step is judged for 20 s, and each
    /// step takes 5 s more.
    fn searched(at_most: u64) -> (Vec<(f64, u32)>, Move, Duration) {
        simulate(async {
            let mut pace = Pace::new(20.0);
            pace.begin(None);
            let begin = timer::now();
            let until = begin + seconds(at_most);
            let mut tries = Vec::new();
            loop {
                let Move::Step(rate, length, purpose) = pace.coming(&SEARCH, &tries, until) else {
                    let last = pace.coming(&SEARCH, &tries, until);
                    let steps = tries.iter().map(|made| (made.rate, made.length));
                    return (steps.collect(), last, timer::now() - begin);
                };
                let judged = seconds(20) * length;
                stall(judged + seconds(5));
                pace.add_step(length, judged, judged);
                let answer = if rate <= 50.0 {
                    StepVerdict::Met
                } else {
                    StepVerdict::Missed
                };
                tries.push(SearchStep {
                    rate,
                    length,
                    purpose,
                    answer,
                    saturates: None,
                });
            }
        })
    }

    #[test]
    fn a_search_with_time_enough_ends_by_itself() {
        let (steps, last, took) = searched(3_600);
        assert_eq!(steps[..4], [(8.0, 1), (16.0, 1), (32.0, 1), (64.0, 1)]);
        let lengths: u32 = steps.iter().map(|(_, length)| length).sum();
        assert_eq!(
            took,
            seconds(20) * lengths + seconds(5) * u32::try_from(steps.len()).unwrap()
        );
        let Move::Done(found) = last else { panic!("{last:?}") };
        assert_eq!((found.end, found.confirmed), (End::Bracketed, true));
        assert!(
            found.holds.unwrap() <= 50.0 && found.broken.unwrap() > 50.0,
            "{found:?}"
        );
    }

    #[test]
    fn a_search_in_want_of_time_ends_before_its_deadline() {
        let (_, _, whole) = searched(3_600);
        let mut ends = Vec::new();
        for at_most in (0..whole.as_secs() + 50).step_by(5) {
            let (steps, last, took) = searched(at_most);
            // Before the first step, 20 s are assumed for a step that takes 25 s.
            let known = steps.len() > 1;
            assert!(!known || took <= seconds(at_most), "{took:?} of {at_most} s: {steps:?}");
            match last {
                Move::Done(found) => ends.push(Some(found.end)),
                Move::TimeUp => ends.push(None),
                Move::Step(..) => unreachable!(),
            }
        }
        ends.dedup();
        assert_eq!(ends, [None, Some(End::TimeUp), Some(End::Bracketed)]);
    }
}
