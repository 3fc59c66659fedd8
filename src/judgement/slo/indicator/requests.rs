//! Judged requests, or transactions, that an objective selects.

use std::collections::HashSet;

use super::super::windows::SecondCount;
use super::super::{Note, Objective};
use crate::evidence::{Evidence, LoadModel, LoadPlan, SeriesPlan};
use crate::record::{Counters, SeriesRecord};
use crate::slo::Unmeasured;
use crate::slo::validity::failed_log_ins;

/// Judged records of the series that the objective selects, in phases of the load model that it reads.
pub(super) fn selected<'a>(
    evidence: &'a Evidence,
    objective: &Objective,
) -> impl Iterator<Item = &'a SeriesRecord> + use<'a> {
    let mut models = vec![LoadModel::Open, LoadModel::Closed];
    models.retain(|model| objective.reads(*model));
    of_models(evidence, objective, &models)
}

/// Judged records of the series that the objective selects, in phases of those load models.
fn of_models<'a>(
    evidence: &'a Evidence,
    objective: &Objective,
    models: &[LoadModel],
) -> impl Iterator<Item = &'a SeriesRecord> + use<'a> {
    let series = objective.series_of(&evidence.plan).iter();
    let names: HashSet<&str> = series
        .filter(|series| objective.selects(series))
        .map(|series| series.name.as_str())
        .collect();
    let phases = evidence.plan.phases.iter();
    let phases: HashSet<&str> = phases
        .filter(|phase| models.contains(&phase.model))
        .map(|phase| phase.name.as_str())
        .collect();
    let records = if objective.over_transactions() {
        &evidence.recording.transactions
    } else {
        &evidence.recording.series
    };
    records.iter().filter(move |record| {
        let key = &record.key;
        record.judged && names.contains(key.series.as_str()) && phases.contains(key.phase.as_str())
    })
}

/// Sum of the counters of the selected requests.
pub(super) fn counters(evidence: &Evidence, objective: &Objective) -> Result<Counters, Unmeasured> {
    let mut sum = Counters::new(evidence.recording.limits.len());
    for record in selected(evidence, objective) {
        sum.add(&record.counters);
    }
    if sum.total() == 0 {
        return Err(match failed_log_ins(evidence) {
            Some(log_ins) => Unmeasured::NoLogIn(log_ins.status),
            None if objective.over_transactions() => Unmeasured::NoTransaction,
            None => Unmeasured::NoRequest,
        });
    }
    Ok(sum)
}

/// Note for an objective that selects requests of the closed model; `None` if it selects none.
pub(super) fn closed_note(evidence: &Evidence, objective: &Objective) -> Option<Note> {
    let closed = of_models(evidence, objective, &[LoadModel::Closed]);
    let requests: u64 = closed.map(|record| record.counters.total()).sum();
    if requests == 0 {
        return None;
    }
    Some(if objective.reads(LoadModel::Closed) {
        Note::ClosedModel
    } else if objective.over_transactions() {
        Note::TransactionsLeftOut { transactions: requests }
    } else {
        Note::ClosedModelLeftOut { requests }
    })
}

/// Expected number of selected requests in the judged phases; `None` if some are of the closed model, in which their number
/// is not known before the run.
pub(super) fn expected(plan: &LoadPlan, objective: &Objective) -> Option<u64> {
    let known = objective.series_of(plan);
    // The number of requests of a closed phase depends on the system's answers and is not known before.
    let selected = || known.iter().filter(|series| objective.selects(series));
    let closed = objective.reads(LoadModel::Closed);
    if closed && selected().any(|series| series.models.contains(&LoadModel::Closed)) {
        return None;
    }
    let sum: f64 = selected().map(SeriesPlan::at_least).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates; a negative expectation is none"
    )]
    // Sums of shares such as 3 · 0.1 fall just short of whole numbers.
    let whole = (sum + 1e-6).floor() as u64;
    Some(whole)
}

/// Counts of the selected requests as (second, bad, all); `count` gives (bad, all).
pub(super) fn seconds(
    evidence: &Evidence,
    objective: &Objective,
    count: impl Fn(&Counters) -> (u64, u64),
) -> Vec<SecondCount> {
    let cells = selected(evidence, objective).flat_map(|record| &record.seconds);
    let counts = cells.map(|cell| {
        let (bad, all) = count(&cell.counters);
        (cell.second, bad, all)
    });
    counts.collect()
}
