//! Comparison of two sides.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::difference::row;
use super::{Change, CompareError, Difference, Digest, MeasureKind, Row, differences};
use crate::slo::VerdictWord;
use crate::words::en;

/// Version of `comparison.json`, incremented when a field changes its meaning.
pub(super) const FORMAT: u32 = 1;

/// A run of one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Name of the run.
    pub id: String,
    /// Start of its load.
    pub started: Timestamp,
    /// Verdict on the run.
    pub word: VerdictWord,
    /// `--tag` labels.
    pub tags: Vec<(String, String)>,
}

/// Result of comparing two sides; the single source of every rendering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Version of this format.
    pub format: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// The runs compared with.
    pub base: Vec<Side>,
    /// The runs compared.
    pub new: Vec<Side>,
    /// The worst change among the deciding rows.
    pub change: Change,
    /// All differences between the runs, those that make them incomparable first.
    pub differences: Vec<Difference>,
    /// Reasons against the comparison that were overruled.
    pub overruled: Vec<String>,
    /// Measures that only one side has, in words.
    pub left_out: Vec<String>,
    /// Objectives first, then series, each in the order of the first base run.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// The deciding rows: gating objectives.
    pub fn deciding(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.gate)
    }

    /// The rows of that kind.
    pub fn of(&self, kind: MeasureKind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }
}

/// Compares two sides, or refuses with all reasons. With `anyway` it compares nevertheless and keeps the reasons.
pub fn compare(base: &[Digest], new: &[Digest], anyway: bool) -> Result<Comparison, CompareError> {
    // Every run is held against the first one: what agrees with it agrees with the others.
    let first = base.first().ok_or(CompareError::Empty("BASE"))?;
    if new.is_empty() {
        return Err(CompareError::Empty("NEW"));
    }
    let found = all_differences(first, base, new);
    let unfit = unfit(base.iter().chain(new));
    let blocking = found.iter().filter(|difference| difference.blocks);
    let reasons: Vec<String> = blocking.map(ToString::to_string).chain(unfit).collect();
    if !reasons.is_empty() && !anyway {
        return Err(CompareError::NotComparable(reasons));
    }
    let mut rows: Vec<Row> = first
        .measures
        .iter()
        .filter_map(|measure| row(base, new, measure))
        .collect();
    if rows.is_empty() {
        return Err(CompareError::NothingInCommon);
    }
    rows.sort_by_key(|row| row.kind);
    // If no objective gates, the objectives decide; if there is none, all rows do.
    if !rows.iter().any(|row| row.gate) {
        let any = rows.iter().any(|row| row.kind == MeasureKind::Objective);
        for row in rows.iter_mut().filter(|row| !any || row.kind == MeasureKind::Objective) {
            row.gate = true;
        }
    }
    let deciding = rows.iter().filter(|row| row.gate);
    Ok(Comparison {
        format: FORMAT,
        scenario: first.scenario.clone(),
        base: base.iter().map(side).collect(),
        new: new.iter().map(side).collect(),
        // Ordered from worst to best: one regression makes the comparison one.
        change: deciding.map(|row| row.change).min().unwrap_or(Change::Similar),
        differences: found,
        overruled: reasons,
        left_out: left_out(base, new),
        rows,
    })
}

fn side(digest: &Digest) -> Side {
    Side {
        id: digest.id.clone(),
        started: digest.started,
        word: digest.word,
        tags: digest.tags.clone(),
    }
}

/// Compares every run with the first; runs of a group must agree as well. A difference of several runs is named once.
fn all_differences(first: &Digest, base: &[Digest], new: &[Digest]) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for digest in base.iter().skip(1).chain(new) {
        for difference in differences(&first.fingerprint, &digest.fingerprint) {
            // Several runs of a side usually differ in the same way from the other side.
            if !found.contains(&difference) {
                found.push(difference);
            }
        }
    }
    found.sort_by_key(|difference| !difference.blocks);
    found
}

fn unfit<'a>(digests: impl Iterator<Item = &'a Digest>) -> Vec<String> {
    digests
        .flat_map(|digest| {
            let reasons = digest.unfit.iter();
            reasons.map(|reason| {
                format!(
                    "run {} cannot carry a conclusion: {}",
                    digest.id,
                    en::exclusion_reason(reason)
                )
            })
        })
        .collect()
}

/// Objectives and series that some runs have and others lack.
fn left_out(base: &[Digest], new: &[Digest]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for digest in base.iter().chain(new) {
        for measure in &digest.measures {
            let lacking = base
                .iter()
                .chain(new)
                .find(|other| other.counterpart(measure).is_none());
            if let Some(other) = lacking {
                let text = format!("{} {}: not in run {}", measure.name, measure.statistic, other.id);
                if !names.contains(&text) {
                    names.push(text);
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{digest, fingerprint, known, millis};
    use super::super::{Fingerprint, Measure, Sample};
    use super::*;
    use crate::evidence::LoadModel;
    use crate::slo::{ExclusionReason, INDICATORS, Remark, Unit};

    /// One run against another with one measure each.
    fn one(base: Measure, new: Measure) -> Comparison {
        compare(&[digest("a", vec![base])], &[digest("b", vec![new])], false).unwrap()
    }

    #[test]
    fn a_shift_matters_from_5_percent_and_never_below_5_milliseconds() {
        for (base, new, expected) in [
            (40.0, 45.0, Change::Unchanged),
            (40.0, 45.01, Change::Regressed),
            (40.0, 35.0, Change::Unchanged),
            (40.0, 34.99, Change::Improved),
            // 5 % of 100 ms are 5 ms; of 400 ms 20.
            (100.0, 105.0, Change::Unchanged),
            (400.0, 420.0, Change::Unchanged),
            (400.0, 420.01, Change::Regressed),
            (400.0, 379.99, Change::Improved),
        ] {
            let found = one(millis("A", base), millis("A", new));
            assert_eq!(found.change, expected, "{base} → {new}");
            assert_eq!(
                found.rows[0].shift.map(|shift| (shift * 100.0).round()),
                Some(((new - base) * 100.0_f64).round())
            );
        }
    }

    #[test]
    fn of_throughput_apdex_and_uptime_less_is_worse_and_of_all_else_more() {
        let mut floors = Vec::new();
        for indicator in INDICATORS {
            if indicator.profile().floor {
                floors.push(indicator.profile().name);
            }
            let measure = |point| Measure {
                indicator: indicator.profile().name.to_owned(),
                floor: indicator.profile().floor,
                unit: Unit::PerSecond,
                ..millis("A", point)
            };
            let (less, more) = if indicator.profile().floor {
                (Change::Regressed, Change::Improved)
            } else {
                (Change::Improved, Change::Regressed)
            };
            assert_eq!(
                one(measure(100.0), measure(94.9)).change,
                less,
                "{}",
                indicator.profile().name
            );
            assert_eq!(
                one(measure(100.0), measure(105.1)).change,
                more,
                "{}",
                indicator.profile().name
            );
        }
        floors.sort_unstable();
        assert_eq!(floors, ["apdex", "throughput", "uptime"]);
        // A score counts as it is, a share as the lesser of itself and its complement: 5 % of 0.9, and of 0.1.
        for (unit, lost, expected) in [
            (Unit::Score, 0.044, Change::Unchanged),
            (Unit::Score, 0.046, Change::Regressed),
            (Unit::Share, 0.0049, Change::Unchanged),
            (Unit::Share, 0.0051, Change::Regressed),
        ] {
            let measure = |point| Measure {
                floor: true,
                unit,
                ..millis("A", point)
            };
            assert_eq!(
                one(measure(0.9), measure(0.9 - lost)).change,
                expected,
                "{unit:?} {lost}"
            );
        }
    }

    #[test]
    fn the_other_way_round_it_is_the_opposite() {
        let (fast, slow) = (millis("A", 100.0), millis("A", 160.0));
        let (there, back) = (one(fast.clone(), slow.clone()), one(slow, fast));
        assert_eq!((there.change, back.change), (Change::Regressed, Change::Improved));
        let ends = |comparison: &Comparison| {
            let row = &comparison.rows[0];
            [row.shift, row.low, row.high].map(Option::unwrap)
        };
        let ([shift, low, high], [against, from, to]) = (ends(&there), ends(&back));
        assert!((shift + against).abs() < 1e-9 && (low + to).abs() < 1e-9 && (high + from).abs() < 1e-9);
    }

    #[test]
    fn only_the_very_same_measure_is_held_against_another() {
        let common = || millis("common", 40.0);
        let measure = || millis("A", 40.0);
        for (what, other) in [
            (
                "kind",
                Measure {
                    kind: MeasureKind::Series,
                    ..measure()
                },
            ),
            (
                "name",
                Measure {
                    name: "B".to_owned(),
                    ..measure()
                },
            ),
            (
                "indicator",
                Measure {
                    indicator: "page-load".to_owned(),
                    ..measure()
                },
            ),
            (
                "statistic",
                Measure {
                    statistic: "p99".to_owned(),
                    ..measure()
                },
            ),
            (
                "model",
                Measure {
                    model: Some(LoadModel::Closed),
                    ..measure()
                },
            ),
        ] {
            let base = digest("a", vec![common(), measure()]);
            let new = digest("b", vec![common(), other.clone()]);
            let found = compare(&[base], &[new], false).unwrap();
            let names: Vec<&str> = found.rows.iter().map(|row| row.name.as_str()).collect();
            assert_eq!(names, ["common"], "{what}");
            let expected = [
                "A p95: not in run b".to_owned(),
                format!("{} {}: not in run a", other.name, other.statistic),
            ];
            assert_eq!(found.left_out, expected, "{what}");
            let alone = compare(&[digest("a", vec![measure()])], &[digest("b", vec![other])], false);
            assert!(matches!(alone, Err(CompareError::NothingInCommon)), "{what}");
        }
        // The unit, the gating and the samples may differ.
        let other = Measure {
            gate: false,
            sample: known(40.0, 1.0, 99.0),
            ..measure()
        };
        assert_eq!(one(measure(), other).left_out, [""; 0]);
    }

    #[test]
    fn gating_objectives_decide_then_objectives_then_everything() {
        let with = |measure: Measure, kind, gate| Measure { kind, gate, ..measure };
        let side = |point: f64, gates: [bool; 2]| {
            digest(
                "run",
                vec![
                    with(millis("gating", 40.0), MeasureKind::Objective, gates[0]),
                    with(millis("advisory", point), MeasureKind::Objective, gates[1]),
                    with(millis("series", 2.0 * point), MeasureKind::Series, false),
                ],
            )
        };
        let change = |gates| compare(&[side(40.0, gates)], &[side(90.0, gates)], false).unwrap();
        assert_eq!(change([true, false]).change, Change::Unchanged);
        assert_eq!(change([true, true]).change, Change::Regressed);
        let none = change([false, false]);
        assert_eq!(none.change, Change::Regressed);
        let deciding: Vec<&str> = none.deciding().map(|row| row.name.as_str()).collect();
        assert_eq!(deciding, ["gating", "advisory"]);
        // An objective that gates now was perhaps advisory when the baseline was made.
        let newly = compare(&[side(40.0, [true, false])], &[side(90.0, [true, true])], false).unwrap();
        assert_eq!(newly.change, Change::Regressed);
        let series = |point| digest("run", vec![with(millis("series", point), MeasureKind::Series, false)]);
        assert_eq!(
            compare(&[series(40.0)], &[series(90.0)], false).unwrap().change,
            Change::Regressed
        );
    }

    #[test]
    fn the_worst_deciding_change_is_the_answer_and_objectives_come_first() {
        let side = |points: [f64; 3]| {
            let series = Measure {
                kind: MeasureKind::Series,
                gate: false,
                ..millis("series", points[0])
            };
            digest("run", vec![series, millis("A", points[1]), millis("B", points[2])])
        };
        let found = compare(&[side([40.0; 3])], &[side([40.0, 20.0, 90.0])], false).unwrap();
        assert_eq!(found.change, Change::Regressed);
        let rows: Vec<(&str, Change)> = found.rows.iter().map(|row| (row.name.as_str(), row.change)).collect();
        assert_eq!(
            rows,
            [
                ("A", Change::Improved),
                ("B", Change::Regressed),
                ("series", Change::Unchanged)
            ]
        );
    }

    fn of(id: &str, fingerprint: Fingerprint, unfit: &[&str]) -> Digest {
        Digest {
            fingerprint,
            unfit: unfit
                .iter()
                .map(|reason| ExclusionReason::Verbatim((*reason).to_owned()))
                .collect(),
            ..digest(id, vec![millis("A", 40.0)])
        }
    }

    #[test]
    fn every_reason_not_to_compare_is_given_and_can_be_overruled() {
        let cores = |cores| {
            fingerprint(&[
                ("stack", "image of api", cores, false),
                ("hardware", "cores", cores, true),
            ])
        };
        let base = [of("a", cores("2"), &[])];
        let new = [of("b", cores("4"), &["it was interrupted"]), of("c", cores("8"), &[])];
        let expected = [
            "hardware: cores: 2 → 4",
            "hardware: cores: 2 → 8",
            "run b cannot carry a conclusion: it was interrupted",
        ];
        let Err(CompareError::NotComparable(reasons)) = compare(&base, &new, false) else {
            panic!("it is compared");
        };
        assert_eq!(reasons, expected);
        let overruled = compare(&base, &new, true).unwrap();
        assert_eq!(overruled.overruled, expected);
        assert_eq!(overruled.differences.len(), 4);
        assert!(overruled.differences[1].blocks && !overruled.differences[2].blocks);
        // An invalid baseline is refused too, and so are runs of one side that differ among themselves.
        assert!(compare(&[of("a", cores("2"), &["send lag"])], &base, false).is_err());
        assert!(compare(&[of("a", cores("2"), &[]), of("b", cores("4"), &[])], &base, false).is_err());
        // A difference that only distinguishes builds refuses nothing.
        let build = |image| fingerprint(&[("stack", "image of api", image, false)]);
        let found = compare(&[of("a", build("1"), &[])], &[of("b", build("2"), &[])], false).unwrap();
        assert_eq!((found.differences.len(), found.overruled.len()), (1, 0));
    }

    #[test]
    fn a_side_without_a_run_is_named() {
        let run = || [digest("a", vec![millis("A", 40.0)])];
        for (found, side) in [
            (compare(&[], &run(), true), "BASE"),
            (compare(&run(), &[], true), "NEW"),
        ] {
            assert!(matches!(found, Err(CompareError::Empty(named)) if named == side));
        }
    }

    #[test]
    fn several_runs_a_side_are_held_against_each_other_by_their_medians() {
        let side = |points: &[f64]| -> Vec<Digest> {
            points
                .iter()
                .map(|point| digest("run", vec![millis("A", *point)]))
                .collect()
        };
        let found = |base: &[f64], new: &[f64]| compare(&side(base), &side(new), false).unwrap().rows.remove(0);
        // All 16 differences lie between 57 and 63; the median of 1, 2, 2, 3 and so on is 60.
        let row = found(&[100.0, 101.0, 102.0, 103.0], &[160.0, 161.0, 162.0, 163.0]);
        assert_eq!((row.base, row.new, row.shift), (Some(101.5), Some(161.5), Some(60.0)));
        assert_eq!((row.change, row.low.is_some()), (Change::Regressed, true));
        let groups = row.groups.unwrap();
        assert_eq!((groups.delta, groups.dominance.as_str()), (1.0, "large"));
        // The exact p-value: 2 of the 70 rankings are as extreme.
        assert!((groups.p - 2.0 / 70.0).abs() < 1e-9, "{}", groups.p);
        // Three runs against one cannot show a change, however far apart they are.
        let row = found(&[100.0, 101.0, 102.0], &[900.0]);
        assert_eq!((row.change, row.low), (Change::Undecided, None));
        assert_eq!(row.notes, [Remark::FewRuns { base: 3, new: 1 }]);
    }

    #[test]
    fn what_falls_among_failures_is_worse_than_any_time() {
        let measure = |point: Option<f64>| Measure {
            sample: Sample::Value {
                point,
                low: point,
                high: point,
            },
            ..millis("A", 0.0)
        };
        for (base, new, change, note) in [
            (Some(40.0), None, Change::Regressed, Remark::FailsNow),
            (None, Some(40.0), Change::Improved, Remark::FailedBefore),
            (None, None, Change::Undecided, Remark::FailsOnBothSides),
        ] {
            let row = one(measure(base), measure(new)).rows.remove(0);
            assert_eq!((row.change, row.base, row.new, row.shift), (change, base, new, None));
            assert_eq!(row.notes, [note]);
        }
    }
}
