//! Finds a run's place among the earlier comparable runs of its scenario.

use std::path::Path;

use super::trend::trend_of;
use super::{HistoryEntry, MeasuredValue};
use crate::compare::{Comparison, Digest, Measure, MeasureKind, Row, Sample, compare, load_side};
use crate::report::{ChangeSinceLast, EarlierRun, EarlierRuns, LevelChange, ObjectiveHistory};
use crate::slo::{VerdictWord, find};

/// Number of runs whose values are kept, this one included.
const RUNS: usize = 50;
/// Number of earlier runs that are tried for a comparison: one that was interrupted cannot carry a conclusion.
const TRIED: usize = 5;

/// The place of `run` among `before`, runs of its scenario in any order. `digest` is its own extract, if it can be compared.
///
/// The change since the last comparable run is that of `diapason compare` while the run's folder is there; without it, the shift
/// is recovered from both values and their bounds, as the history has them.
pub fn earlier(run: &HistoryEntry, digest: Option<&Digest>, before: &[HistoryEntry]) -> EarlierRuns {
    let mut others: Vec<&HistoryEntry> = before
        .iter()
        .filter(|entry| entry.run != run.run && entry.started < run.started && entry.scenario == run.scenario)
        .collect();
    others.sort_by_key(|entry| entry.started);
    let comparable: Vec<&HistoryEntry> = others
        .iter()
        .copied()
        .filter(|entry| entry.comparable == run.comparable)
        .collect();
    let not_comparable = others.len() - comparable.len();
    let mut valid = comparable;
    valid.retain(|entry| entry.verdict != VerdictWord::Invalid);
    let (last, comparison) = since_last(run, digest, &valid);
    // The run itself is the last of those that are kept.
    let skipped = (valid.len() + 1).saturating_sub(RUNS);
    let runs: Vec<&HistoryEntry> = valid.into_iter().skip(skipped).chain([run]).collect();
    let objectives = run
        .measured
        .iter()
        .filter(|measured| measured.kind == MeasureKind::Objective);
    let objectives = objectives.map(|measured| {
        let found = comparison.as_ref().and_then(|found| row(found, measured));
        ObjectiveHistory {
            since_last: found.map(|row| ChangeSinceLast {
                base: row.base,
                new: row.new,
                shift: row.shift,
                low: row.low,
                high: row.high,
                change: row.change,
            }),
            ..over_runs(&runs, measured)
        }
    });
    EarlierRuns {
        not_comparable,
        last: last.map(|entry| EarlierRun {
            id: entry.name().to_owned(),
            started: entry.started,
            word: entry.verdict,
            tags: entry.tags.clone(),
        }),
        objectives: objectives.collect(),
    }
}

/// Values and change points of an objective over those runs, oldest first.
pub(super) fn over_runs(runs: &[&HistoryEntry], measured: &MeasuredValue) -> ObjectiveHistory {
    let same: Vec<(&HistoryEntry, Option<f64>)> = runs
        .iter()
        .filter_map(|entry| Some((*entry, own(entry, measured)?.value)))
        .collect();
    let trend = trend_of(measured, same.iter().map(|(entry, value)| (*entry, *value)));
    let levels = trend.levels.windows(2).filter_map(|pair| {
        let [before, after] = pair else { return None };
        let (run, started, _) = trend.points.get(after.first)?;
        // The trend's points leave out values among failures.
        let finite = same.iter().enumerate().filter(|(_, (_, value))| value.is_some());
        let (at, _) = finite.clone().nth(after.first)?;
        Some(LevelChange {
            at,
            run: run.clone(),
            started: *started,
            before: before.median,
            after: after.median,
            p: after.p.unwrap_or(1.0),
        })
    });
    ObjectiveHistory {
        name: measured.name.clone(),
        indicator: measured.indicator.clone(),
        statistic: measured.statistic.clone(),
        unit: measured.unit,
        since_last: None,
        changes: levels.collect(),
        values: same.iter().map(|(_, value)| *value).collect(),
    }
}

/// The same number of another run.
fn own<'a>(entry: &'a HistoryEntry, measured: &MeasuredValue) -> Option<&'a MeasuredValue> {
    entry.measured.iter().find(|other| {
        other.kind == measured.kind
            && other.name == measured.name
            && other.indicator == measured.indicator
            && other.statistic == measured.statistic
    })
}

fn row<'a>(comparison: &'a Comparison, measured: &MeasuredValue) -> Option<&'a Row> {
    comparison.of(MeasureKind::Objective).find(|row| {
        row.name == measured.name && row.indicator == measured.indicator && row.statistic == measured.statistic
    })
}

/// The last of the runs that can be compared, with the comparison; the last run alone if none can.
fn since_last<'a>(
    run: &HistoryEntry,
    digest: Option<&Digest>,
    valid: &[&'a HistoryEntry],
) -> (Option<&'a HistoryEntry>, Option<Comparison>) {
    let last = valid.last().copied();
    // Its place is shown; its numbers prove nothing about a change.
    if run.verdict == VerdictWord::Invalid {
        return (last, None);
    }
    let candidates = valid.iter().rev().take(TRIED);
    let mut compared = candidates.filter_map(|entry| {
        let of_folders = digest.and_then(|own| Some((load(entry)?, own)));
        let comparison = match of_folders {
            Some((base, own)) => compare(&[base], std::slice::from_ref(own), false),
            None => compare(&[numbers(entry)], &[numbers(run)], false),
        };
        Some((*entry, comparison.ok()?))
    });
    match compared.next() {
        Some((entry, comparison)) => (Some(entry), Some(comparison)),
        None => (last, None),
    }
}

/// The run in the entry's folder; `None` if it is gone, damaged, or another run by now.
fn load(entry: &HistoryEntry) -> Option<Digest> {
    // With this name for the folder of baselines, only a run folder can be found.
    let loaded = load_side(std::slice::from_ref(&entry.folder), Path::new("")).ok()?;
    loaded
        .into_iter()
        // A folder may hold another run by now. The index keeps whole microseconds.
        .find(|digest| digest.started.as_microsecond() == entry.started.as_microsecond())
}

/// The objectives of an entry with their bounds.
fn numbers(entry: &HistoryEntry) -> Digest {
    let objectives = entry
        .measured
        .iter()
        .filter(|measured| measured.kind == MeasureKind::Objective);
    let measures = objectives.map(|measured| Measure {
        kind: measured.kind,
        name: measured.name.clone(),
        indicator: measured.indicator.clone(),
        statistic: measured.statistic.clone(),
        model: None,
        unit: measured.unit,
        floor: find(&measured.indicator).is_some_and(|indicator| indicator.profile().floor),
        gate: false,
        sample: Sample::Value {
            point: measured.value,
            low: measured.low,
            high: measured.high,
        },
    });
    Digest::from_numbers(
        entry.name(),
        entry.started,
        &entry.scenario,
        entry.verdict,
        measures.collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{entry, measured};
    use super::*;
    use crate::slo::Change;

    /// A run whose p95 is known within 2 ms.
    fn run(day: u32, value: Option<f64>) -> HistoryEntry {
        let bounded = MeasuredValue {
            low: value.map(|value| value - 2.0),
            high: value.map(|value| value + 2.0),
            ..measured(value)
        };
        HistoryEntry {
            measured: vec![bounded],
            ..entry(&format!("run-{day}"), &format!("2026-03-{day:02}T08:00:00Z"))
        }
    }

    fn change(earlier: &EarlierRuns) -> Option<Change> {
        earlier.objectives[0].since_last.map(|since| since.change)
    }

    #[test]
    fn a_run_is_held_against_the_last_comparable_valid_run_before_it() {
        let new = run(9, Some(60.0));
        let mut invalid = run(7, Some(10.0));
        invalid.verdict = VerdictWord::Invalid;
        let mut elsewhere = run(8, Some(20.0));
        elsewhere.comparable = "00000000000000bb".to_owned();
        let later = run(10, Some(1.0));
        let before = [
            later,
            elsewhere,
            invalid,
            run(5, Some(30.0)),
            run(6, Some(40.0)),
            new.clone(),
        ];
        let found = earlier(&new, None, &before);
        assert_eq!(found.last.as_ref().unwrap().id, "run-6");
        assert_eq!(found.not_comparable, 1);
        let since = found.objectives[0].since_last.unwrap();
        assert_eq!(
            (since.base, since.new, since.shift),
            (Some(40.0), Some(60.0), Some(20.0))
        );
        // √(2² + 2²) ms each way, one-sided bounds widened to two-sided ones by 1.96 / 1.645.
        let half = 8.0_f64.sqrt() * 1.959_964 / 1.644_854;
        assert!(
            (since.low.unwrap() - (20.0 - half)).abs() < 1e-6 && (since.high.unwrap() - (20.0 + half)).abs() < 1e-6
        );
        assert_eq!(since.change, Change::Regressed);
        assert_eq!(found.objectives[0].values, [Some(30.0), Some(40.0), Some(60.0)]);
    }

    #[test]
    fn better_same_and_worse_need_an_interval_and_a_size() {
        for (value, expected) in [
            (60.0, Change::Regressed),
            (40.5, Change::Unchanged),
            (20.0, Change::Improved),
        ] {
            let found = earlier(&run(2, Some(value)), None, &[run(1, Some(40.0))]);
            assert_eq!(change(&found), Some(expected), "{value}");
        }
        let failed = earlier(&run(2, None), None, &[run(1, Some(40.0))]);
        assert_eq!(change(&failed), Some(Change::Regressed));
    }

    #[test]
    fn the_first_run_and_an_invalid_one_are_compared_with_none() {
        let first = earlier(&run(1, Some(40.0)), None, &[]);
        assert_eq!(
            (&first.last, change(&first), first.objectives[0].values.len()),
            (&None, None, 1)
        );
        let mut invalid = run(2, Some(90.0));
        invalid.verdict = VerdictWord::Invalid;
        let found = earlier(&invalid, None, &[run(1, Some(40.0))]);
        assert_eq!(
            (found.last.unwrap().id.as_str(), found.objectives[0].since_last),
            ("run-1", None)
        );
    }

    #[test]
    fn fifty_values_are_kept_and_their_change_points_have_the_run_they_begin_with() {
        let start: jiff::Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        let runs: Vec<HistoryEntry> = (0..60)
            .map(|index: i64| {
                let level = if index < 40 { 40.0 } else { 60.0 };
                // The thirty-first falls among failures: it has a place, but no value.
                let value = (index != 30).then_some(level + (index * 7 % 3) as f64);
                HistoryEntry {
                    run: format!("run-{index}"),
                    folder: format!("reports/run-{index}"),
                    started: start + jiff::SignedDuration::from_hours(index),
                    ..run(1, value)
                }
            })
            .collect();
        let (new, before) = runs.split_last().unwrap();
        let found = earlier(new, None, before).objectives.remove(0);
        assert_eq!(
            (found.values.len(), found.values[20], found.values[49]),
            (50, None, Some(62.0))
        );
        let changes: Vec<(usize, &str)> = found
            .changes
            .iter()
            .map(|change| (change.at, change.run.as_str()))
            .collect();
        assert_eq!(changes, [(30, "run-40")]);
    }
}
