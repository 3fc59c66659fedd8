//! Effects of planned events on what users and the front door saw.

use serde::{Deserialize, Serialize};

use super::spike::{SecondSums, recovered};
use crate::evidence::StackEvent;
use crate::runs::RunRecord;
use crate::slo::Objective;

/// Seconds of a month of 30 days.
const MONTH: f64 = 30.0 * 24.0 * 3600.0;

/// Effect of one event that was carried out. It is watched from its beginning to the recovery from it, at most to the next event or
/// to the end of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventEffect {
    /// The event.
    pub event: StackEvent,
    /// 1-second slices in which the front door did not answer; `None` if it was not watched.
    pub downtime: Option<u32>,
    /// Requests that failed.
    pub failed: u64,
    /// All requests that ended.
    pub requests: u64,
    /// Requests over the objective's target that did not fail; 0 without an objective on response times.
    pub slow: u64,
    /// Seconds from the event's end to the first five seconds in a row that kept the objective and in which the front door answered;
    /// `None` if there were none.
    pub recovery: Option<f64>,
    /// Seconds watched after its end.
    pub watched: f64,
    /// Share of a month's error budget of the uptime objective that the downtime uses; `None` without such an objective.
    pub budget: Option<f64>,
}

/// Effects of all events that began, in order of time. `objective` is the first latency objective over requests; `uptime` the
/// availability that the uptime objective wants, as a share.
pub(super) fn effects(record: &RunRecord, objective: Option<&Objective>, uptime: Option<f64>) -> Vec<EventEffect> {
    let mut events: Vec<&StackEvent> = record.evidence.observations.stack_events.iter().collect();
    events.retain(|event| event.begun.is_some());
    events.sort_by(|one, other| one.begun.partial_cmp(&other.begun).unwrap_or(std::cmp::Ordering::Equal));
    let sums = SecondSums::new(record, objective);
    let end = record.evidence.plan.end().as_secs_f64();
    let begins: Vec<f64> = events.iter().filter_map(|event| event.begun).collect();
    let effects = events.iter().zip(&begins).map(|(event, begun)| {
        let next = begins.iter().copied().find(|next| next > begun).unwrap_or(end).min(end);
        effect(record, &sums, event, *begun, next, uptime)
    });
    effects.collect()
}

fn effect(
    record: &RunRecord,
    sums: &SecondSums,
    event: &StackEvent,
    begun: f64,
    last: f64,
    uptime: Option<f64>,
) -> EventEffect {
    let done = event.ended.unwrap_or(begun);
    let door = record.evidence.observations.front_door.as_ref();
    let down =
        |second: u32| door.is_some_and(|door| door.slices.iter().any(|slice| slice.second == second && !slice.up));
    let (from, to) = (super::spike::whole(done), super::spike::whole(last));
    let recovered = recovered(&sums.judged, from, to, sums.allowed, &down);
    let recovery = recovered.map(|second| (f64::from(second) - done).max(0.0));
    let until = recovered.unwrap_or(to);
    let first = super::spike::whole(begun.floor());
    let affected = || sums.all.range(first..until.max(first)).map(|(_, cell)| cell);
    let downtime = door.map(|door| {
        let slices = door.slices.iter();
        let down = slices.filter(|slice| !slice.up && (first..until.max(first)).contains(&slice.second));
        u32::try_from(down.count()).unwrap_or(u32::MAX)
    });
    let budget = downtime.zip(uptime).and_then(|(down, wanted)| {
        let allowed = (1.0 - wanted) * MONTH;
        (allowed > 0.0).then(|| f64::from(down) / allowed)
    });
    EventEffect {
        event: event.clone(),
        downtime,
        failed: affected().map(|cell| cell.failed).sum(),
        requests: affected().map(|cell| cell.requests).sum(),
        slow: affected().map(|cell| cell.slow).sum(),
        recovery,
        watched: (last - done).max(0.0),
        budget,
    }
}
