//! Users of a closed phase: their number over time, and their think time between iterations.

use std::time::Duration;

use crate::journey::Think;
use crate::units::Span;

/// A number of users that changes linearly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ramp {
    pub(super) length: Duration,
    pub(super) from: u32,
    pub(super) to: u32,
}

/// Interval in which one user is present, as offsets from the phase's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) from: Duration,
    pub(super) until: Duration,
}

/// The users of a closed phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowd {
    lines: Vec<Ramp>,
    /// Time between the arrivals of two successive users.
    hatch_every: Duration,
    pub(super) think: Option<Think>,
}

impl Crowd {
    pub(super) fn new(lines: Vec<Ramp>, hatch_every: Option<Span>, think: Option<Think>) -> Self {
        Self {
            lines,
            hatch_every: hatch_every.map_or(Duration::ZERO, Span::get),
            think,
        }
    }

    /// Time from the first line's start to the last one's end.
    pub(super) fn length(&self) -> Duration {
        self.lines.iter().map(|line| line.length).sum()
    }

    /// Largest number of users at once.
    pub fn users(&self) -> u32 {
        let ends = self.lines.iter().flat_map(|line| [line.from, line.to]);
        ends.max().unwrap_or(0)
    }

    /// Intervals in which user `number` (from 0) is present: while there are more than `number` users. The last to come is the
    /// first to leave.
    pub(super) fn presences(&self, number: u32) -> Vec<Presence> {
        let mut stays = Vec::new();
        let mut here = None;
        let mut now = Duration::ZERO;
        for line in &self.lines {
            if here.is_none() && line.from > number {
                here = Some(now);
            }
            let steps = line.from.abs_diff(line.to);
            let crossing = now
                + line
                    .length
                    .mul_f64(f64::from(line.from.abs_diff(number)) / f64::from(steps.max(1)));
            if here.is_none() && line.to > number {
                here = Some(crossing);
            } else if line.to <= number
                && let Some(from) = here.take()
            {
                stays.push(Presence { from, until: crossing });
            }
            now += line.length;
        }
        stays.extend(here.map(|from| Presence { from, until: now }));
        // By the user's number, so that the order in which users begin does not depend on the stages.
        let hatched = self.hatch_every * number;
        for stay in &mut stays {
            stay.from = stay.from.max(hatched);
        }
        // Users who would hatch after the end of their stay never come.
        stays.retain(|stay| stay.from < stay.until);
        stays
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(lines: &[(u64, u32)]) -> Crowd {
        let mut from = 0;
        let lines = lines.iter().map(|(seconds, to)| Ramp {
            length: Duration::from_secs(*seconds),
            from: std::mem::replace(&mut from, *to),
            to: *to,
        });
        Crowd::new(lines.collect(), None, None)
    }

    fn stays(crowd: &Crowd, number: u32) -> Vec<(f64, f64)> {
        let stays = crowd.presences(number).into_iter();
        stays
            .map(|stay| (stay.from.as_secs_f64(), stay.until.as_secs_f64()))
            .collect()
    }

    #[test]
    fn users_come_and_go_along_the_lines() {
        // 0 → 10 in 10 s, 10 for 5 s, 10 → 4 in 3 s, 4 → 6 in 4 s.
        let crowd = crowd(&[(10, 10), (5, 10), (3, 4), (4, 6)]);
        assert_eq!(crowd.users(), 10);
        assert_eq!(stays(&crowd, 0), [(0.0, 22.0)]);
        // The fourth comes at 3 s and stays; the fifth leaves at 18 s, when four are left, and is back at once.
        assert_eq!(stays(&crowd, 3), [(3.0, 22.0)]);
        assert_eq!(stays(&crowd, 4), [(4.0, 18.0), (18.0, 22.0)]);
        // The sixth leaves one step earlier and is back one step later.
        assert_eq!(stays(&crowd, 5), [(5.0, 17.5), (20.0, 22.0)]);
        // The last to come is the first to leave, half a second into the way down.
        assert_eq!(stays(&crowd, 9), [(9.0, 15.5)]);
        assert_eq!(stays(&crowd, 10), []);
    }

    #[test]
    fn users_hatch_one_by_one_while_the_phase_lasts() {
        let line = Ramp {
            length: Duration::from_secs(3),
            from: 5,
            to: 5,
        };
        let crowd = Crowd::new(vec![line], Some(Span::from_millis(1_250)), None);
        assert_eq!(stays(&crowd, 0), [(0.0, 3.0)]);
        assert_eq!(stays(&crowd, 1), [(1.25, 3.0)]);
        assert_eq!(stays(&crowd, 2), [(2.5, 3.0)]);
        assert_eq!(stays(&crowd, 3), [], "the phase is over at 3 s");
    }

    #[test]
    fn a_stage_of_no_length_is_a_jump() {
        let crowd = crowd(&[(0, 3), (2, 3), (0, 1), (2, 1)]);
        assert_eq!(stays(&crowd, 0), [(0.0, 4.0)]);
        assert_eq!(stays(&crowd, 1), [(0.0, 2.0)]);
        assert_eq!(stays(&crowd, 2), [(0.0, 2.0)]);
    }
}
