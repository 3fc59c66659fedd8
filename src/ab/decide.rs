//! Conclusions from the pairs so far.

use super::{AbDocument, ComparedMeasure, Outcome, Reading};
use crate::compare::{Change, Measure, change, matters};
use crate::slo::Unit;
use crate::stats::{ALPHA, median, paired_shift, signs_positive};

/// Relative precision of a recorded value: that of the histogram it was read from.
const PRECISION: f64 = 0.001;

/// Risk of each objective's two-sided interval, so that one of `deciding` objectives is called regressed by chance with a
/// probability of at most 5 % at any look: each spends half of its risk on that end, and the risks add up (Bonferroni).
pub(super) fn alpha(deciding: usize) -> f64 {
    (2.0 * ALPHA / deciding.max(1) as f64).min(ALPHA)
}

/// An objective before the first pair.
pub(super) fn unmeasured(measure: &Measure, gate: bool) -> ComparedMeasure {
    ComparedMeasure {
        name: measure.name.clone(),
        indicator: measure.indicator.clone(),
        statistic: measure.statistic.clone(),
        unit: measure.unit,
        floor: measure.floor,
        gate,
        a: None,
        b: None,
        shift: None,
        low: None,
        high: None,
        matters: matters(0.0, measure.unit),
        pairs: 0,
        outcome: Outcome::Undecided,
    }
}

impl AbDocument {
    /// Concludes from the pairs so far.
    pub(super) fn conclude(&mut self) {
        let Self {
            measures, pairs, alpha, ..
        } = self;
        for (index, measure) in measures.iter_mut().enumerate() {
            let readings = pairs
                .iter()
                .map(|pair| [0, 1].map(|side| reading(&pair.runs[side].readings, index)));
            conclude(measure, &readings.collect::<Vec<_>>(), *alpha);
        }
    }
}

fn reading(readings: &[Reading], index: usize) -> Reading {
    readings.get(index).copied().unwrap_or(Reading::Missing)
}

/// Concludes on one objective from its readings (A, B) of every pair.
fn conclude(measure: &mut ComparedMeasure, readings: &[[Reading; 2]], alpha: f64) {
    let values: Vec<[f64; 2]> = readings
        .iter()
        .filter_map(|[a, b]| Some([a.value()?, b.value()?]))
        .collect();
    let side = |index: usize| median(&values.iter().map(|pair| pair[index]).collect::<Vec<_>>());
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    measure.pairs = values.len();
    (measure.a, measure.b) = (side(0).and_then(finite), side(1).and_then(finite));
    // A value among failures has no size to take 5 % of.
    measure.matters = matters(measure.a.unwrap_or(0.0), measure.unit);
    (measure.shift, measure.low, measure.high) = (None, None, None);
    measure.outcome = Outcome::Undecided;
    if values.iter().flatten().any(|value| !value.is_finite()) {
        measure.outcome = among_failures(&values, alpha);
        return;
    }
    let differences: Vec<f64> = values.iter().map(|[a, b]| b - a).collect();
    let Some(shift) = paired_shift(&differences, least(measure, readings), alpha) else {
        return;
    };
    measure.shift = finite(shift.point);
    (measure.low, measure.high) = (finite(shift.low), finite(shift.high));
    measure.outcome = match change(shift.point, shift.low, shift.high, measure.matters, measure.floor) {
        Change::Regressed => Outcome::Regressed,
        Change::Improved => Outcome::Improved,
        Change::Unchanged => Outcome::Unchanged,
        Change::Undecided | Change::Similar => {
            let worst = if measure.floor { -shift.low } else { shift.high };
            if worst <= measure.matters {
                Outcome::NotWorse
            } else {
                Outcome::Undecided
            }
        }
    };
}

/// Conclusion where a quantile falls among failures in some run: no difference has a size, so that only its sign counts. A quantile
/// among failures is worse than any time.
fn among_failures(values: &[[f64; 2]], alpha: f64) -> Outcome {
    let count = |is: fn(&[f64; 2]) -> bool| values.iter().filter(|pair| is(pair)).count();
    let (above, below) = (count(|[a, b]| b > a), count(|[a, b]| b < a));
    if signs_positive(above, below, alpha) {
        Outcome::Regressed
    } else if signs_positive(below, above, alpha) {
        Outcome::Improved
    } else {
        Outcome::Undecided
    }
}

/// The smallest standard deviation of a difference that is believed.
///
/// Of shares it is that of two independent binomial counts at the pooled share p = (hits + 1) / (total + 2) (Laplace's rule of
/// succession): √(2 p (1 − p) / n) with n samples a run. No error in any run does not prove that there is none.
fn least(measure: &ComparedMeasure, readings: &[[Reading; 2]]) -> f64 {
    if measure.unit != Unit::Share {
        return PRECISION * measure.a.unwrap_or(0.0).abs();
    }
    let counts = readings.iter().flatten().filter_map(|reading| match reading {
        Reading::Share { hits, total } => Some((*hits, *total)),
        _ => None,
    });
    let counts: Vec<(u64, u64)> = counts.collect();
    let hits: u64 = counts.iter().map(|(hits, _)| hits).sum();
    let total: u64 = counts.iter().map(|(_, total)| total).sum();
    let pooled = (hits as f64 + 1.0) / (total as f64 + 2.0);
    let samples = total as f64 / counts.len().max(1) as f64;
    (2.0 * pooled * (1.0 - pooled) / samples.max(1.0)).sqrt()
}

#[cfg(test)]
mod tests;
