//! Effect of a sudden multiple of the load, and the time that the system took to recover from it.

use serde::{Deserialize, Serialize};

use crate::evidence::{LoadModel, PhasePlan};
use crate::record::{Counters, SeriesRecord};
use crate::runs::RunRecord;
use crate::slo::{Objective, RequestSums, whole_second};

/// Least multiple of the rate before it that makes a phase a spike.
const MULTIPLE: f64 = 3.0;
/// One spike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// Name of the phase.
    pub phase: String,
    /// Arrivals per second before it.
    pub before: f64,
    /// Arrivals per second in it.
    pub during: f64,
    /// Seconds it lasted.
    pub seconds: f64,
    /// Highest p95 of a second in it or until recovery, in milliseconds.
    pub peak_p95: f64,
    /// Share of its requests that failed.
    pub errors: f64,
    /// Share of its requests that missed the objective's target; `None` without a target.
    pub missed: Option<f64>,
    /// Seconds from its end to the first five seconds in a row that kept the objective; `None` if there were none.
    pub recovery: Option<f64>,
    /// Seconds watched after its end.
    pub watched: f64,
}

fn rate(phase: &PhasePlan) -> f64 {
    phase.arrivals as f64 / phase.window.length().as_secs_f64().max(1e-9)
}

/// Every phase of the open model with at least three times the rate of the one before it, and with a phase after it.
pub(super) fn spikes(record: &RunRecord, objective: Option<&Objective>) -> Vec<Spike> {
    let phases: Vec<&PhasePlan> = record
        .evidence
        .plan
        .phases
        .iter()
        // A closed phase has no rate of its own that could jump.
        .filter(|phase| phase.model == LoadModel::Open)
        .collect();
    // A spike needs a phase after it, in which the recovery can be seen.
    let triples = phases.windows(3).filter_map(|three| match three {
        [before, spike, after] => Some((*before, *spike, *after)),
        _ => None,
    });
    let is_spike = |(before, spike, _): &(&PhasePlan, &PhasePlan, &PhasePlan)| {
        // The log-in phase is no level of the scenario's load: the first phase after it would always be a jump.
        before.name != crate::scenario::LOG_IN_PHASE && rate(before) > 0.0 && rate(spike) >= MULTIPLE * rate(before)
    };
    triples
        .filter(is_spike)
        .map(|(before, spike, _)| spike_in(record, objective, before, spike))
        .collect()
}

fn spike_in(record: &RunRecord, objective: Option<&Objective>, before: &PhasePlan, spike: &PhasePlan) -> Spike {
    let recording = &record.evidence.recording;
    let limit = objective.and_then(|objective| recording.limit_index(objective.target.micros()?));
    let selected = |series: &&SeriesRecord| {
        let plan = record
            .evidence
            .plan
            .series
            .iter()
            .find(|plan| plan.name == series.key.series);
        objective.is_none_or(|objective| plan.is_some_and(|plan| objective.selects(plan)))
    };
    let over = |counters: &Counters| limit.and_then(|limit| counters.over.get(limit).copied());
    let mut during = Counters::default();
    for series in recording.series.iter().filter(|series| series.key.phase == spike.name) {
        during.add(&series.counters);
    }
    let (mut missed, mut judged) = (0, 0);
    for series in recording
        .series
        .iter()
        .filter(|series| series.key.phase == spike.name)
        .filter(selected)
    {
        missed += over(&series.counters).unwrap_or(0);
        judged += series.counters.total();
    }
    let end = spike.window.end.as_secs_f64();
    let last = record.evidence.plan.end().as_secs_f64();
    let recovered =
        RequestSums::of_objective(&record.evidence, objective)
            .recovered(whole_second(end), whole_second(last), |_| false);
    let recovery = recovered.map(|second| (f64::from(second) - end).max(0.0));
    // The backlog of a spike is answered after it: its peak may lie there.
    let until = recovery.map_or(last, |recovery| end + recovery);
    let affected = recording.seconds.iter().filter(|cell| {
        let at = f64::from(cell.second);
        at >= spike.window.start.as_secs_f64() && at < until.max(end)
    });
    let total = during.total().max(1) as f64;
    Spike {
        phase: spike.name.clone(),
        before: rate(before),
        during: rate(spike),
        seconds: spike.window.length().as_secs_f64(),
        peak_p95: affected.map(|cell| cell.p95 as f64 / 1e3).fold(0.0, f64::max),
        errors: during.errors() as f64 / total,
        missed: (limit.is_some() && judged > 0).then(|| missed as f64 / judged as f64),
        recovery,
        watched: last - end,
    }
}
