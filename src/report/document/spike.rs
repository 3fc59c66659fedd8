//! Effect of a sudden multiple of the load, and the time that the system took to recover from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::{LoadModel, PhasePlan};
use crate::record::{Counters, SeriesRecord};
use crate::runs::RunRecord;
use crate::slo::Objective;

/// Least multiple of the rate before it that makes a phase a spike.
const MULTIPLE: f64 = 3.0;
/// Seconds in a row that must keep the objective for the system to have recovered.
const CALM: u32 = 5;

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
    let sums = SecondSums::new(record, objective);
    let recovery = recovered(&sums.judged, whole(end), whole(last), sums.allowed, &|_| false)
        .map(|second| (f64::from(second) - end).max(0.0));
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

pub(super) fn whole(seconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a run lasts at most days"
    )]
    let whole = seconds.max(0.0).ceil() as u32;
    whole
}

/// Requests of one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SecondSum {
    /// All that ended.
    pub(super) requests: u64,
    /// Those that failed.
    pub(super) failed: u64,
    /// Those that succeeded over the objective's target.
    pub(super) slow: u64,
}

/// Sums of a run by second.
pub(super) struct SecondSums {
    /// Every request.
    pub(super) all: BTreeMap<u32, SecondSum>,
    /// Requests that the objective selects: those that missed its target, and all. Without an objective every failure is a miss.
    pub(super) judged: BTreeMap<u32, (u64, u64)>,
    /// Share of misses that the objective allows.
    pub(super) allowed: f64,
}

impl SecondSums {
    /// Adds the seconds of all series up.
    pub(super) fn new(record: &RunRecord, objective: Option<&Objective>) -> Self {
        let recording = &record.evidence.recording;
        let limit = objective.and_then(|objective| recording.limit_index(objective.target.micros()?));
        let (mut all, mut judged) = (BTreeMap::<u32, SecondSum>::new(), BTreeMap::<u32, (u64, u64)>::new());
        for series in &recording.series {
            let mut plans = record.evidence.plan.series.iter();
            let plan = plans.find(|plan| plan.name == series.key.series);
            let selected = objective.is_none_or(|objective| plan.is_some_and(|plan| objective.selects(plan)));
            for cell in &series.seconds {
                let (total, failed) = (cell.counters.total(), cell.counters.errors());
                let over = limit.and_then(|limit| cell.counters.over.get(limit).copied());
                let sum = all.entry(cell.second).or_default();
                sum.requests += total;
                sum.failed += failed;
                if selected {
                    // Failures count as over every limit.
                    sum.slow += over.unwrap_or(failed).saturating_sub(failed);
                    let counted = judged.entry(cell.second).or_default();
                    counted.0 += over.unwrap_or(failed);
                    counted.1 += total;
                }
            }
        }
        Self {
            all,
            judged,
            allowed: objective
                .and_then(|objective| objective.quantile)
                .map_or(0.05, crate::units::Quantile::allowed_above),
        }
    }
}

/// The first second from `from` on at which a calm stretch begins: its samples together keep the share allowed, and none of its
/// seconds is `down`.
pub(super) fn recovered(
    seconds: &BTreeMap<u32, (u64, u64)>,
    from: u32,
    end: u32,
    allowed: f64,
    down: &dyn Fn(u32) -> bool,
) -> Option<u32> {
    (from..end.saturating_sub(CALM - 1)).find(|start| {
        if (*start..start + CALM).any(down) {
            return false;
        }
        let stretch = seconds.range(*start..start + CALM);
        let (bad, all) = stretch.fold((0, 0), |sum, (_, cell)| (sum.0 + cell.0, sum.1 + cell.1));
        all > 0 && bad as f64 <= allowed * all as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_is_the_first_calm_stretch() {
        // Twenty requests a second; all are late until second 12, and one in second 14.
        let seconds = (5..30).map(|second| {
            (
                second,
                if second <= 12 {
                    (20, 20)
                } else {
                    (u64::from(second == 14), 20)
                },
            )
        });
        let seconds = seconds.collect();
        // 13 … 17: 1 of 100 is within 5 %.
        assert_eq!(recovered(&seconds, 10, 30, 0.05, &|_| false), Some(13));
        // None of 100 may be late: only 15 … 19.
        assert_eq!(recovered(&seconds, 10, 30, 0.001, &|_| false), Some(15));
        assert_eq!(recovered(&seconds, 10, 17, 0.05, &|_| false), None);
        // The front door is silent in second 15.
        assert_eq!(recovered(&seconds, 10, 30, 0.05, &|second| second == 15), Some(16));
        assert_eq!(recovered(&BTreeMap::new(), 10, 30, 0.05, &|_| false), None);
    }
}
