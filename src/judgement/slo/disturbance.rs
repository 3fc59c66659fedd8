//! Time of a planned event, and the recovery of the stack from it.

use std::collections::BTreeMap;

use super::Objective;
use crate::evidence::front_door::FrontDoorObservation;
use crate::evidence::{Evidence, SeriesPlan, StackEvent};
use crate::units::{Quantile, Span};

/// Seconds in a row that must be calm for the stack to have recovered. A single calm second may be one in which hardly anybody asked.
pub(super) const CALM: u32 = 5;

/// Requests of one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestSum {
    /// All that ended.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that succeeded over the limit.
    pub slow: u64,
}

/// Requests of a run by second, whether a phase is judged or not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestSums {
    /// Every request.
    pub all: BTreeMap<u32, RequestSum>,
    /// Requests of the selected series: those over the limit, and all. Failures count as over it; without a limit they alone do.
    pub selected: BTreeMap<u32, (u64, u64)>,
    /// Share of requests over the limit that a calm stretch may have.
    pub allowed: f64,
}

impl RequestSums {
    /// The seconds against the target of that latency objective over requests; without one only failures count, and 5 % may fail.
    pub fn of_objective(evidence: &Evidence, objective: Option<&Objective>) -> Self {
        let limit = objective.and_then(|objective| objective.target.micros());
        let allowed = objective.and_then(|objective| objective.quantile);
        Self::new(
            evidence,
            limit.map(Span::from_micros),
            allowed.map_or(0.05, Quantile::allowed_above),
            |series| objective.is_none_or(|objective| objective.selects(series)),
        )
    }

    /// Adds the seconds of all series up. `limit` must be among the limits that the run counted against.
    pub fn new(evidence: &Evidence, limit: Option<Span>, allowed: f64, selects: impl Fn(&SeriesPlan) -> bool) -> Self {
        let recording = &evidence.recording;
        let limit = limit.and_then(|limit| recording.limit_index(limit.as_micros()));
        let mut sums = Self {
            allowed,
            ..Self::default()
        };
        for series in &recording.series {
            let mut plans = evidence.plan.series.iter();
            let is_selected = plans.any(|plan| plan.name == series.key.series && selects(plan));
            for cell in &series.seconds {
                let (total, failed) = (cell.counters.total(), cell.counters.errors());
                let over = limit.and_then(|limit| cell.counters.over.get(limit).copied());
                let sum = sums.all.entry(cell.second).or_default();
                sum.requests += total;
                sum.failed += failed;
                if is_selected {
                    sum.slow += over.unwrap_or(failed).saturating_sub(failed);
                    let counted = sums.selected.entry(cell.second).or_default();
                    counted.0 += over.unwrap_or(failed);
                    counted.1 += total;
                }
            }
        }
        sums
    }

    /// The first second from `from` on at which a calm stretch begins, one that is over at `end`: its requests together keep the
    /// share allowed, and none of its seconds is `down`. A stretch without requests is not calm: nobody knows.
    pub fn recovered(&self, from: u32, end: u32, down: impl Fn(u32) -> bool) -> Option<u32> {
        (from..end.saturating_sub(CALM - 1)).find(|start| {
            if (*start..start + CALM).any(&down) {
                return false;
            }
            let stretch = self.selected.range(*start..start + CALM);
            let (over, all) = stretch.fold((0, 0), |sum, (_, cell)| (sum.0 + cell.0, sum.1 + cell.1));
            all > 0 && over as f64 <= self.allowed * all as f64
        })
    }
}

/// An event that was carried out, with the time in which its effect is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Disturbance<'a> {
    /// The event.
    pub event: &'a StackEvent,
    /// Second of the run in which it began.
    pub first: u32,
    /// Time at which it was done, in seconds of the run.
    pub ended: f64,
    /// Time up to which its effect is looked for, in seconds of the run: the begin of the next event, or the end of the run.
    pub last: f64,
    /// True if another event begins at [`Self::last`].
    pub followed: bool,
    door: Option<&'a FrontDoorObservation>,
}

impl<'a> Disturbance<'a> {
    /// All events that began, in order of time.
    pub fn all(evidence: &'a Evidence) -> Vec<Self> {
        let mut begun: Vec<(f64, &StackEvent)> = Vec::new();
        for event in &evidence.observations.stack_events {
            begun.extend(event.begun.map(|at| (at, event)));
        }
        begun.sort_by(|one, other| one.0.total_cmp(&other.0));
        let end = evidence.plan.end().as_secs_f64();
        let disturbance = |(at, event): &(f64, &'a StackEvent)| {
            let next = begun.iter().map(|(next, _)| *next).find(|next| next > at);
            Self {
                event,
                // The second in which it began counts whole: what fails in it may be its effect.
                first: whole_second(at.floor()),
                ended: event.ended.unwrap_or(*at),
                last: next.unwrap_or(end).min(end),
                followed: next.is_some_and(|next| next < end),
                door: evidence.observations.front_door.as_ref(),
            }
        };
        begun.iter().map(disturbance).collect()
    }

    /// The event of that name; `None` if it did not begin.
    pub fn named(evidence: &'a Evidence, name: &str) -> Option<Self> {
        Self::all(evidence).into_iter().find(|each| each.event.name == name)
    }

    /// 1-second slices in which the front door did not answer, and slices that were observed; `None` if it was not watched.
    pub fn down_and_observed(&self) -> Option<(u64, u64)> {
        let watched = self.first..self.end().max(self.first);
        let slices = self.door?.slices.iter().filter(|slice| watched.contains(&slice.second));
        Some(slices.fold((0, 0), |(down, observed), slice| {
            (down + u64::from(!slice.up), observed + 1)
        }))
    }

    /// Slices that there are to observe.
    pub fn slices(&self) -> u64 {
        u64::from(self.end().saturating_sub(self.first))
    }

    /// Second at which the stack had recovered; `None` if it did not while it was watched.
    pub fn recovered(&self, sums: &RequestSums) -> Option<u32> {
        let down = |second| {
            let mut slices = self.door.iter().flat_map(|door| &door.slices);
            slices.any(|slice| slice.second == second && !slice.up)
        };
        sums.recovered(whole_second(self.ended), self.end(), down)
    }

    /// Seconds from the event's end to the recovery from it.
    pub fn recovery(&self, sums: &RequestSums) -> Option<f64> {
        let second = self.recovered(sums)?;
        Some((f64::from(second) - self.ended).max(0.0))
    }

    /// The last whole second that is watched.
    pub fn end(&self) -> u32 {
        whole_second(self.last)
    }
}

/// The next whole second.
pub fn whole_second(seconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a run lasts at most days"
    )]
    let whole = seconds.max(0.0).ceil() as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::record::Outcome;

    fn sums(selected: impl IntoIterator<Item = (u32, (u64, u64))>, allowed: f64) -> RequestSums {
        RequestSums {
            selected: selected.into_iter().collect(),
            allowed,
            ..RequestSums::default()
        }
    }

    #[test]
    fn recovery_is_the_first_calm_stretch() {
        // Twenty requests a second; all are late until second 12, and one in second 14.
        let seconds = (5..30).map(|second| {
            let late = if second <= 12 { 20 } else { u64::from(second == 14) };
            (second, (late, 20))
        });
        let found = |allowed, end, down: &dyn Fn(u32) -> bool| sums(seconds.clone(), allowed).recovered(10, end, down);
        // 13 … 17: 1 of 100 is within 5 %.
        assert_eq!(found(0.05, 30, &|_| false), Some(13));
        // None of 100 may be late: only 15 … 19.
        assert_eq!(found(0.001, 30, &|_| false), Some(15));
        assert_eq!(found(0.05, 17, &|_| false), None);
        // The front door is silent in second 15.
        assert_eq!(found(0.05, 30, &|second| second == 15), Some(16));
        assert_eq!(sums([], 0.05).recovered(10, 30, |_| false), None);
    }

    #[test]
    fn an_event_is_watched_until_the_next() {
        let mut run = fixture::Run::new();
        run.event("first", 20.0, 24.5);
        run.event("second", 40.0, 41.0);
        for second in 10..70 {
            run.slice(second, !(20..23).contains(&second) && second != 41);
            run.requests_at(second, "projects.list", Outcome::Success, 50_000, 20);
        }
        let evidence = run.evidence();
        let names: Vec<&str> = Disturbance::all(&evidence)
            .iter()
            .map(|each| each.event.name.as_str())
            .collect();
        assert_eq!(names, ["first", "second"]);
        let first = Disturbance::named(&evidence, "first").unwrap();
        assert_eq!((first.down_and_observed(), first.slices()), (Some((3, 20)), 20));
        let second = Disturbance::named(&evidence, "second").unwrap();
        assert_eq!((second.down_and_observed(), second.slices()), (Some((1, 30)), 30));
        let calm = RequestSums::new(&evidence, Some(Span::from_millis(100)), 0.05, |_| true);
        // 24.5 s is over in second 25.
        assert_eq!(first.recovery(&calm), Some(0.5));
        // Second 41 is down.
        assert_eq!(second.recovery(&calm), Some(1.0));
        assert!(Disturbance::named(&evidence, "third").is_none());
    }
}
