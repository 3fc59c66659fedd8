//! A run's values compared with those of earlier runs, one line per objective.

use super::{HistoryEntry, MeasuredValue};
use crate::compare::MeasureKind;
use crate::slo::{Unit, VerdictWord};
use crate::words::en::text;

/// Number of earlier runs that a run is compared with.
const RUNS: usize = 10;

/// An objective's value and its values in earlier runs.
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
    /// One line for each objective that `run` measured, from the newest ten comparable, valid runs in `before`; empty
    /// if there is none.
    pub fn find(run: &HistoryEntry, before: &[HistoryEntry]) -> Vec<Self> {
        let comparable = |entry: &&HistoryEntry| {
            // An invalid run's values are about the generator, or about a load that was not applied.
            entry.run != run.run && entry.comparable == run.comparable && entry.verdict != VerdictWord::Invalid
        };
        let before: Vec<&HistoryEntry> = before.iter().rev().filter(comparable).take(RUNS).collect();
        let objectives = run
            .measured
            .iter()
            .filter(|measured| measured.kind == MeasureKind::Objective);
        objectives
            .filter_map(|measured| {
                let same = |other: &&MeasuredValue| {
                    other.kind == measured.kind
                        && other.name == measured.name
                        && other.indicator == measured.indicator
                        && other.statistic == measured.statistic
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
        // No value: the percentile fell among failures, which is worse than any time.
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{entry, measured};
    use super::*;

    fn run(name: &str, value: Option<f64>) -> HistoryEntry {
        HistoryEntry {
            measured: vec![measured(value)],
            ..entry(name, "2026-03-01T08:00:00Z")
        }
    }

    fn shown(run: &HistoryEntry, before: &[HistoryEntry]) -> Vec<String> {
        Neighbours::find(run, before).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_objective_of_the_same_name_on_another_indicator_is_another() {
        let mut other = run("old", Some(40.0));
        "service-time".clone_into(&mut other.measured[0].indicator);
        assert_eq!(shown(&run("new", Some(50.0)), &[other]), [""; 0]);
    }

    #[test]
    fn a_run_is_shown_beside_the_range_of_the_ten_newest_before_it() {
        let new = run("new", Some(50.0));
        let of = |values: &[Option<f64>]| {
            let before: Vec<HistoryEntry> = values.iter().map(|value| run("old", *value)).collect();
            shown(&new, &before).join("\n")
        };
        for (before, expected) in [
            (
                &[Some(40.0)][..],
                "API response time p95 50.0 ms; the run before: 40.0 ms",
            ),
            (
                &[Some(44.0), Some(40.0), Some(42.0)],
                "API response time p95 50.0 ms; the 3 runs before: 40.0 ms to 44.0 ms",
            ),
            (
                &[Some(40.01), Some(40.02)],
                "API response time p95 50.0 ms; the 2 runs before: 40.0 ms",
            ),
            // A value among failures ranks above any time.
            (
                &[None, Some(40.0)],
                "API response time p95 50.0 ms; the 2 runs before: 40.0 ms to ∞ (failed)",
            ),
            (&[], ""),
        ] {
            assert_eq!(of(before), expected);
        }
        // The eleventh run before is left out.
        let mut eleven = vec![Some(1.0)];
        eleven.extend([Some(40.0); 10]);
        assert_eq!(
            of(&eleven),
            "API response time p95 50.0 ms; the 10 runs before: 40.0 ms"
        );
        let failed = run("new", None);
        assert_eq!(
            shown(&failed, &[run("old", Some(40.0))]),
            ["API response time p95 ∞ (failed); the run before: 40.0 ms"]
        );
    }

    #[test]
    fn only_comparable_valid_other_runs_are_neighbours_and_only_the_same_number_of_them() {
        let new = run("new", Some(50.0));
        let changed = |change: fn(&mut HistoryEntry)| {
            let mut old = run("old", Some(40.0));
            change(&mut old);
            shown(&new, &[old]).len()
        };
        for (change, count) in [
            ((|_| ()) as fn(&mut HistoryEntry), 1),
            // A failed run still counts, an invalid one does not.
            (|old| old.verdict = VerdictWord::Fail, 1),
            (|old| old.verdict = VerdictWord::Invalid, 0),
            (|old| old.comparable = "00000000000000bb".to_owned(), 0),
            (|old| old.run = "new".to_owned(), 0),
            (|old| old.measured[0].statistic = "p99".to_owned(), 0),
            (|old| old.measured[0].name = "Other".to_owned(), 0),
            (|old| old.measured[0].kind = MeasureKind::Series, 0),
        ] {
            assert_eq!(changed(change), count);
        }
        // Series are left out.
        let mut series = run("new", Some(50.0));
        series.measured[0].kind = MeasureKind::Series;
        assert_eq!(shown(&series, &[series.clone(), run("old", Some(40.0))]), [""; 0]);
    }
}
