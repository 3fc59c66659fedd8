//! Effects of planned events on what users and the front door saw.

use serde::{Deserialize, Serialize};

use crate::evidence::StackEvent;
use crate::runs::RunRecord;
use crate::slo::{Disturbance, Objective, RequestSums, whole_second};

/// Seconds of a month of 30 days.
const MONTH: f64 = 30.0 * 24.0 * 3600.0;

/// Seconds at the end of what is watched in which a service that is not found again fails.
const LATEST: u32 = 5;

/// Effect of one event that was carried out. Requests are counted from its begin to the recovery from it, downtime to the next event or
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
    /// True if the event moved the service to other addresses, and requests went on failing to the end of what was watched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale_address: bool,
}

/// Effects of all events that began, in order of time. `objective` is the first latency objective over requests; `uptime` the
/// availability that the uptime objective wants, as a share.
pub(super) fn effects(record: &RunRecord, objective: Option<&Objective>, uptime: Option<f64>) -> Vec<EventEffect> {
    let sums = RequestSums::of_objective(&record.evidence, objective);
    let disturbances = Disturbance::all(&record.evidence);
    disturbances
        .iter()
        .map(|disturbance| effect(&sums, disturbance, uptime))
        .collect()
}

fn effect(sums: &RequestSums, disturbance: &Disturbance<'_>, uptime: Option<f64>) -> EventEffect {
    // Without a recovery everything to the end of the watch was affected.
    let until = disturbance.recovered(sums).unwrap_or(disturbance.end());
    let first = disturbance.first;
    let affected = || sums.all.range(first..until.max(first)).map(|(_, sum)| sum);
    let downtime = disturbance.down_and_observed();
    let downtime = downtime.map(|(down, _)| u32::try_from(down).unwrap_or(u32::MAX));
    let budget = downtime.zip(uptime).and_then(|(down, wanted)| {
        let allowed = (1.0 - wanted) * MONTH;
        // A target of 100 % has no budget to spend.
        (allowed > 0.0).then(|| f64::from(down) / allowed)
    });
    // Failures of the last seconds only: the first ones are those of the event itself.
    let latest = whole_second(disturbance.ended).max(disturbance.end().saturating_sub(LATEST));
    let fails = sums
        .all
        .range(latest.min(disturbance.end())..disturbance.end())
        .any(|(_, sum)| sum.failed > 0);
    EventEffect {
        stale_address: disturbance.event.moved.is_some() && disturbance.recovered(sums).is_none() && fails,
        event: disturbance.event.clone(),
        downtime,
        failed: affected().map(|sum| sum.failed).sum(),
        requests: affected().map(|sum| sum.requests).sum(),
        slow: affected().map(|sum| sum.slow).sum(),
        recovery: disturbance.recovery(sums),
        watched: (disturbance.last - disturbance.ended).max(0.0),
        budget,
    }
}
