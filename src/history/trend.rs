//! Trend of one number over the runs, and its change points.

use super::{HistoryEntry, HistoryError, MeasuredValue};
use crate::compare::MeasureKind;
use crate::slo::{Samples, Unit, samples_of};
use crate::stats::{ALPHA, change_points, median};
use crate::units::saturating_usize;
use crate::words::en::text;

/// Fewest runs between two changes: with fewer, chance produces levels.
const LEAST: usize = 4;
/// Seed of the permutations, so that equal histories give equal results.
const SEED: u64 = 20_251_121;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A stretch of runs between two changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Position of its first run among the trend's.
    pub first: usize,
    /// Number of runs.
    pub runs: usize,
    /// Their median.
    pub median: f64,
    /// p-value of the change: probability of one as clear in a random order of the runs. `None` for the first level.
    pub p: Option<f64>,
}

/// One number over the runs that have it, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Objective or series.
    pub kind: MeasureKind,
    /// Its name, with the word for errors where it is about those of a series.
    pub name: String,
    /// Its name alone.
    pub subject: String,
    /// Name of the indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Name and start of each run, and its value.
    pub points: Vec<(String, jiff::Timestamp, f64)>,
    /// Runs in which it fell among failures, which cannot be plotted.
    pub among_failures: usize,
    /// The levels; at least one if there is a point.
    pub levels: Vec<Level>,
}

/// The trends of `what`: the name of an objective, of an indicator (its objectives) or of a series; of one statistic if
/// given. `entries` are comparable runs, oldest first.
pub fn trends(entries: &[HistoryEntry], what: &str, statistic: Option<&str>) -> Result<Vec<Trend>, HistoryError> {
    let wanted = |measured: &MeasuredValue| {
        let named = measured.name.eq_ignore_ascii_case(what);
        // Of objectives alone: each series has the same indicators, and all of them would be shown.
        let of_indicator = measured.kind == MeasureKind::Objective && measured.indicator == what;
        (named || of_indicator) && statistic.is_none_or(|statistic| measured.statistic == statistic)
    };
    let mut trends: Vec<(String, Trend)> = Vec::new();
    for entry in entries {
        for measured in entry.measured.iter().filter(|measured| wanted(measured)) {
            // One name may be that of an objective and of a series, and an objective may have several statistics.
            let key = format!(
                "{:?}/{}/{}/{}",
                measured.kind, measured.name, measured.indicator, measured.statistic
            );
            if !trends.iter().any(|(known, _)| *known == key) {
                trends.push((key.clone(), Trend::new(measured)));
            }
            let Some((_, trend)) = trends.iter_mut().find(|(known, _)| *known == key) else {
                continue;
            };
            trend.push(entry, measured.value);
        }
    }
    if trends.is_empty() {
        return Err(HistoryError::NothingMeasured {
            what: what.to_owned(),
            known: known(entries),
        });
    }
    let found = trends.into_iter().map(|(_, mut trend)| {
        trend.find_levels();
        trend
    });
    Ok(found.collect())
}

/// Names that the newest run measured, for which a trend can be requested.
fn known(entries: &[HistoryEntry]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    // Of the newest run: names that a scenario no longer has would mislead.
    for measured in entries.iter().rev().take(1).flat_map(|entry| &entry.measured) {
        if !names.contains(&measured.name) {
            names.push(measured.name.clone());
        }
    }
    names
}

/// The trend of one number over those runs, oldest first.
pub(super) fn trend_of<'a>(
    measured: &MeasuredValue,
    values: impl Iterator<Item = (&'a HistoryEntry, Option<f64>)>,
) -> Trend {
    let mut trend = Trend::new(measured);
    for (entry, value) in values {
        trend.push(entry, value);
    }
    trend.find_levels();
    trend
}

impl Trend {
    fn push(&mut self, entry: &HistoryEntry, value: Option<f64>) {
        match value {
            Some(value) => self.points.push((entry.name().to_owned(), entry.started, value)),
            None => self.among_failures += 1,
        }
    }

    fn new(measured: &MeasuredValue) -> Self {
        let errors =
            if measured.kind == MeasureKind::Series && samples_of(&measured.indicator) == Some(Samples::Failures) {
                " errors"
            } else {
                ""
            };
        Self {
            kind: measured.kind,
            name: format!("{}{errors}", measured.name),
            subject: measured.name.clone(),
            indicator: measured.indicator.clone(),
            statistic: measured.statistic.clone(),
            unit: measured.unit,
            points: Vec::new(),
            among_failures: 0,
            levels: Vec::new(),
        }
    }

    fn find_levels(&mut self) {
        let values: Vec<f64> = self.points.iter().map(|(_, _, value)| *value).collect();
        let changes = change_points(&values, LEAST, ALPHA, SEED);
        let starts = std::iter::once((0, None)).chain(changes.iter().map(|change| (change.at, Some(change.p))));
        let ends = changes.iter().map(|change| change.at).chain([values.len()]);
        let levels = starts.zip(ends).filter(|((first, _), end)| first < end);
        self.levels = levels
            .map(|((first, p), end)| Level {
                first,
                runs: end - first,
                median: median(values.get(first..end).unwrap_or_default()).unwrap_or(f64::NAN),
                p,
            })
            .collect();
    }

    /// The value with its unit.
    pub fn shown(&self, value: f64) -> String {
        text::value(Some(value), self.unit)
    }

    /// One character per run, scaled from the lowest to the highest value; `│` marks the start of a new level.
    pub fn sparkline(&self) -> String {
        let values = || self.points.iter().map(|(_, _, value)| *value);
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let mut line = String::new();
        for (index, value) in values().enumerate() {
            if index > 0 && self.levels.iter().any(|level| level.first == index) {
                line.push('│');
            }
            // Scaled from the lowest value, not from zero: a change by a tenth is less than one of eight bars.
            let share = if high > low { (value - low) / (high - low) } else { 0.0 };
            let bar = saturating_usize(share * BARS.len() as f64).min(BARS.len() - 1);
            line.extend(BARS.get(bar));
        }
        line
    }

    /// One sentence per change.
    pub fn changes(&self) -> Vec<String> {
        let changed = self.levels.windows(2).filter_map(|pair| {
            let [before, after] = pair else { return None };
            let (run, started, _) = self.points.get(after.first)?;
            let percent = (after.median / before.median - 1.0) * 100.0;
            // A rise from no errors at all has no ratio.
            let percent = if before.median > 0.0 {
                format!(" ({percent:+.0} %)")
            } else {
                String::new()
            };
            Some(format!(
                "since {run} ({}): {} → {}{percent}, p = {:.3}",
                started.strftime("%Y-%m-%d"),
                self.shown(before.median),
                self.shown(after.median),
                after.p.unwrap_or(1.0),
            ))
        });
        changed.collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::super::fixture::{entry, measured};
    use super::super::page;
    use super::*;
    use crate::error::Hint;
    use crate::words::Language;

    fn trend(values: &[f64]) -> Trend {
        let start: jiff::Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let points = values.iter().enumerate();
        let mut trend = Trend {
            kind: MeasureKind::Objective,
            name: "API response time".to_owned(),
            subject: "API response time".to_owned(),
            indicator: "response-time".to_owned(),
            statistic: "p95".to_owned(),
            unit: Unit::Milliseconds,
            points: points
                .map(|(index, value)| (format!("run-{index}"), start, *value))
                .collect(),
            among_failures: 0,
            levels: Vec::new(),
        };
        trend.find_levels();
        trend
    }

    #[test]
    fn a_new_level_is_found_and_told() {
        let mut values: Vec<f64> = (0..12).map(|index| 30.0 + f64::from(index % 3)).collect();
        values.extend((0..12).map(|index| 44.0 + f64::from(index % 3)));
        let trend = trend(&values);
        assert_eq!(trend.levels.len(), 2, "{:?}", trend.levels);
        assert_eq!(trend.levels[1].first, 12);
        let changes = trend.changes();
        assert!(
            changes[0].starts_with("since run-12 (2026-03-01): 31.0 ms → 45.0 ms (+45 %), p = 0.0"),
            "{changes:?}"
        );
        assert_eq!(trend.sparkline().chars().filter(|letter| *letter == '│').count(), 1);
        for language in Language::ALL {
            assert!(
                page(std::slice::from_ref(&trend), "trend", language, &Language::ALL)
                    .unwrap()
                    .contains("<svg")
            );
        }
    }

    #[test]
    fn in_noise_no_change_is_found_more_often_than_one_in_twenty_times() {
        let found = (0..24).filter(|seed| {
            let mut random = SmallRng::seed_from_u64(*seed);
            let values: Vec<f64> = (0..20).map(|_| 30.0 + 4.0 * random.random::<f64>()).collect();
            trend(&values).levels.len() > 1
        });
        // The histories are the same in every run; binomial(24, 0.05) exceeds 4 with probability 0.006.
        let found = found.count();
        assert!(found <= 4, "{found} of 24");
    }

    #[test]
    fn each_change_has_the_date_of_its_first_run_and_the_medians_around_it() {
        let runs: Vec<HistoryEntry> = (0..36_u32)
            .map(|index| {
                let level = [40.0, 60.0, 50.0][index as usize / 12];
                let started = format!("2026-{:02}-{:02}T08:00:00Z", 3 + index / 12, 1 + index % 12);
                HistoryEntry {
                    measured: vec![measured(Some(level + f64::from(index * 7 % 3)))],
                    ..entry(&format!("run-{index}"), &started)
                }
            })
            .collect();
        let found = trends(&runs, "API response time", None).unwrap().remove(0);
        let levels: Vec<(usize, usize, f64)> = found
            .levels
            .iter()
            .map(|level| (level.first, level.runs, level.median))
            .collect();
        assert_eq!(levels, [(0, 12, 41.0), (12, 12, 61.0), (24, 12, 51.0)]);
        let told: Vec<String> = found
            .changes()
            .iter()
            .map(|change| change.split(", p = ").next().unwrap().to_owned())
            .collect();
        assert_eq!(
            told,
            [
                "since run-12 (2026-04-01): 41.0 ms → 61.0 ms (+49 %)",
                "since run-24 (2026-05-01): 61.0 ms → 51.0 ms (-16 %)"
            ]
        );
        assert!(found.levels[1..].iter().all(|level| level.p.is_some_and(|p| p <= 0.05)));
    }

    #[test]
    fn a_trend_is_asked_for_by_the_name_of_an_objective_an_indicator_or_a_series() {
        let named = |kind, name: &str, indicator: &str, statistic: &str| MeasuredValue {
            kind,
            name: name.to_owned(),
            indicator: indicator.to_owned(),
            statistic: statistic.to_owned(),
            ..measured(Some(40.0))
        };
        let run = HistoryEntry {
            measured: vec![
                named(MeasureKind::Objective, "API", "response-time", "p95"),
                named(MeasureKind::Objective, "Login", "response-time", "p99"),
                named(MeasureKind::Series, "get.get", "response-time", "p95"),
                named(MeasureKind::Series, "get.get", "error-rate", "share"),
            ],
            ..entry("run", "2026-03-01T08:00:00Z")
        };
        let found = |what: &str, statistic| -> Vec<String> {
            let trends = trends(std::slice::from_ref(&run), what, statistic).unwrap();
            trends
                .iter()
                .map(|trend| format!("{} {}", trend.name, trend.statistic))
                .collect()
        };
        assert_eq!(found("api", None), ["API p95"]);
        assert_eq!(found("response-time", None), ["API p95", "Login p99"]);
        assert_eq!(found("response-time", Some("p99")), ["Login p99"]);
        assert_eq!(found("get.get", None), ["get.get p95", "get.get errors share"]);
        for (what, statistic) in [("speed", None), ("api", Some("p99")), ("error-rate", None)] {
            let error = trends(std::slice::from_ref(&run), what, statistic).unwrap_err();
            assert_eq!(error.to_string(), format!("no run of the history measured `{what}`"));
            assert_eq!(error.hint().unwrap(), "there is API, Login, get.get");
        }
        let none = trends(&[], "API", None).unwrap_err();
        assert!(none.hint().unwrap().contains("history index"), "{none}");
    }

    #[test]
    fn runs_among_failures_are_counted_and_have_no_place() {
        let runs = [Some(40.0), None, Some(60.0)].map(|value| HistoryEntry {
            measured: vec![measured(value)],
            ..entry("run", "2026-03-01T08:00:00Z")
        });
        let trend = trends(&runs, "API response time", None).unwrap().remove(0);
        assert_eq!((trend.points.len(), trend.among_failures), (2, 1));
        assert_eq!(trend.sparkline(), "▁█");
        for (language, told) in [
            (Language::English, "1 run left out: the figure falls among failures."),
            (Language::French, "1 campagne laissée de côté"),
        ] {
            assert!(
                page(std::slice::from_ref(&trend), "trend", language, &[language])
                    .unwrap()
                    .contains(told)
            );
        }
    }

    #[test]
    fn where_nothing_changed_there_is_one_level() {
        let values: Vec<f64> = (0..20).map(|index| 30.0 + f64::from(index * 7 % 5)).collect();
        let found = trend(&values);
        assert_eq!((found.levels.len(), found.changes().len()), (1, 0));
        assert_eq!(trend(&[]).levels, []);
        assert_eq!(trend(&[5.0]).sparkline(), "▁");
    }
}
