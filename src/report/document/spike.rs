//! Effect of a sudden multiple of the load, and the time that the system took to recover from it.

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
        .filter(|phase| phase.model == LoadModel::Open)
        .collect();
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
    let allowed = objective
        .and_then(|objective| objective.quantile)
        .map_or(0.05, crate::units::Quantile::allowed_above);
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
    let mut seconds: std::collections::BTreeMap<u32, (u64, u64)> = std::collections::BTreeMap::new();
    for cell in recording
        .series
        .iter()
        .filter(selected)
        .flat_map(|series| &series.seconds)
    {
        let counted = seconds.entry(cell.second).or_default();
        counted.0 += over(&cell.counters).unwrap_or_else(|| cell.counters.errors());
        counted.1 += cell.counters.total();
    }
    let recovery =
        recovered(&seconds, whole(end), whole(last), allowed).map(|second| (f64::from(second) - end).max(0.0));
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

fn whole(seconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a run lasts at most days"
    )]
    let whole = seconds.max(0.0).ceil() as u32;
    whole
}

/// The first second from `from` on at which a calm stretch begins: its samples together keep the share allowed.
fn recovered(seconds: &std::collections::BTreeMap<u32, (u64, u64)>, from: u32, end: u32, allowed: f64) -> Option<u32> {
    (from..end.saturating_sub(CALM - 1)).find(|start| {
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
        assert_eq!(recovered(&seconds, 10, 30, 0.05), Some(13));
        // None of 100 may be late: only 15 … 19.
        assert_eq!(recovered(&seconds, 10, 30, 0.001), Some(15));
        assert_eq!(recovered(&seconds, 10, 17, 0.05), None);
        assert_eq!(recovered(&std::collections::BTreeMap::new(), 10, 30, 0.05), None);
    }
}
