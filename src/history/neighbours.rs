//! A run beside those before it, in one line.

use super::{Entry, Measured};
use crate::compare::Kind;
use crate::report::text;
use crate::slo::{Unit, Word};

/// How many runs before it a run is shown beside.
const RUNS: usize = 10;

/// A gating objective's value and the range it had in the runs before.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    /// Name of the objective.
    pub name: String,
    /// Its statistic.
    pub statistic: String,
    unit: Unit,
    value: Option<f64>,
    before: Vec<Option<f64>>,
}

impl Neighbours {
    /// Of each objective that `run` measured; only the newest ten comparable, valid runs before it count. None without one.
    pub fn of(run: &Entry, before: &[Entry]) -> Vec<Self> {
        let comparable = |entry: &&Entry| {
            entry.run != run.run && entry.comparable == run.comparable && entry.verdict != Word::Invalid
        };
        let before: Vec<&Entry> = before.iter().rev().filter(comparable).take(RUNS).collect();
        let objectives = run.measured.iter().filter(|measured| measured.kind == Kind::Objective);
        objectives
            .filter_map(|measured| {
                let same = |other: &&Measured| {
                    other.kind == measured.kind && other.name == measured.name && other.statistic == measured.statistic
                };
                let values: Vec<Option<f64>> = before
                    .iter()
                    .filter_map(|entry| entry.measured.iter().find(same).map(|measured| measured.value))
                    .collect();
                (!values.is_empty()).then(|| Self {
                    name: measured.name.clone(),
                    statistic: measured.statistic.clone(),
                    unit: measured.unit,
                    value: measured.value,
                    before: values,
                })
            })
            .collect()
    }
}

impl std::fmt::Display for Neighbours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |value: Option<f64>| text::value(value, self.unit);
        let rank = |value: &Option<f64>| value.unwrap_or(f64::INFINITY);
        let mut sorted = self.before.clone();
        sorted.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
        let low = shown(sorted.first().copied().flatten());
        let high = shown(sorted.last().copied().flatten());
        let range = if low == high { low } else { format!("{low} to {high}") };
        let runs = match self.before.len() {
            1 => "the run before".to_owned(),
            count => format!("the {count} runs before"),
        };
        let (name, statistic) = (&self.name, &self.statistic);
        write!(f, "{name} {statistic} {}; {runs}: {range}", shown(self.value))
    }
}
