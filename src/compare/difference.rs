//! Compares a measure on both sides and makes its row.

use hdrhistogram::Histogram;

use super::row::{Groups, change, matters};
use super::{Change, Digest, Distribution, Measure, Row, Sample};
use crate::record::new_histogram;
use crate::slo::{ComparedSide, Remark};
use crate::stats::{
    ALPHA, BoundedEstimate, HistogramSample, Shift, cliffs_delta, dominance, fnv_1a, mann_whitney, median,
    median_shift, quantile_shift, recovered_shift, score_interval,
};
use crate::units::saturating_u64;

/// Factor from one-sided 95 % bounds to a two-sided 95 % interval: the ratio of the normal quantiles of 0.975 and 0.95.
const WIDENED: f64 = 1.959_964 / 1.644_854;
/// Fewest independent samples per side for which a quantile's interval is taken without a note.
const FEW: f64 = 20.0;

/// The measure's row; `None` if a side lacks the measure.
pub(super) fn row(base: &[Digest], new: &[Digest], measure: &Measure) -> Option<Row> {
    let values = |side: &[Digest]| -> Option<Vec<f64>> {
        let values = side.iter().map(|digest| {
            let own = digest.counterpart(measure)?;
            Some(digest.value(own))
        });
        values.collect()
    };
    let (base_values, new_values) = (values(base)?, values(new)?);
    // The median, so that one run among several that went wrong does not move the group.
    let middle = |values: &[f64]| median(values).unwrap_or(f64::INFINITY);
    let (before, after) = (middle(&base_values), middle(&new_values));
    let mut notes = Vec::new();
    let groups = (base.len() > 1 || new.len() > 1).then(|| groups(&base_values, &new_values));
    let shift = match (base, new) {
        ([base], [new]) => single(base, new, measure, &mut notes),
        _ => several(&base_values, &new_values, &mut notes),
    };
    // A base value among failures has no size to take 5 % of; only the fixed least shift is left.
    let matters = matters(if before.is_finite() { before } else { 0.0 }, measure.unit);
    let change = match &shift {
        Some(shift) => change(shift.point, shift.low, shift.high, matters, measure.floor),
        None => among_failures(before, after, &mut notes),
    };
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    Some(Row {
        kind: measure.kind,
        name: measure.name.clone(),
        indicator: measure.indicator.clone(),
        statistic: measure.statistic.clone(),
        model: measure.model,
        unit: measure.unit,
        floor: measure.floor,
        // An objective gates if it gates in the new runs, even if it did not when the baseline was made.
        gate: measure.gate
            || new
                .iter()
                .filter_map(|digest| digest.counterpart(measure))
                .any(|own| own.gate),
        base: finite(before),
        new: finite(after),
        shift: shift.and_then(|shift| finite(shift.point)),
        low: shift.and_then(|shift| finite(shift.low)),
        high: shift.and_then(|shift| finite(shift.high)),
        matters,
        groups,
        change,
        notes,
    })
}

/// A quantile among failures on one side only is a larger change than any time.
fn among_failures(base: f64, new: f64, notes: &mut Vec<Remark>) -> Change {
    match (base.is_finite(), new.is_finite()) {
        (true, false) => {
            notes.push(Remark::FailsNow);
            Change::Regressed
        }
        (false, true) => {
            notes.push(Remark::FailedBefore);
            Change::Improved
        }
        (false, false) => {
            notes.push(Remark::FailsOnBothSides);
            Change::Undecided
        }
        (true, true) => Change::Similar,
    }
}

/// One run per side: the interval follows from the samples of each run.
fn single(base: &Digest, new: &Digest, measure: &Measure, notes: &mut Vec<Remark>) -> Option<Shift> {
    let (before, after) = (base.counterpart(measure)?, new.counterpart(measure)?);
    match (&before.sample, &after.sample) {
        (
            Sample::Quantile {
                distribution: one,
                quantile,
                effective: base_worth,
            },
            Sample::Quantile {
                distribution: other,
                effective: new_worth,
                ..
            },
        ) => {
            let (one, other) = (base.distributions.get(*one)?, new.distributions.get(*other)?);
            for (side, effective) in [(ComparedSide::Base, *base_worth), (ComparedSide::New, *new_worth)] {
                // A note and no refusal: the interval is wide already, and whoever compares wants to see it.
                if effective < FEW {
                    notes.push(Remark::FewSamples { side, effective });
                }
            }
            let (one, other) = (
                RebuiltHistogram::from_distribution(one),
                RebuiltHistogram::from_distribution(other),
            );
            // 1 − 0.95 is 0.050000000000000044 in binary, and is rounded to 0.05.
            let above = ((1.0 - quantile) * 1e12).round() / 1e12;
            let shift = quantile_shift(
                one.sample(*base_worth),
                other.sample(*new_worth),
                above,
                ALPHA,
                seed(measure),
            )?;
            Some(in_millis(shift))
        }
        (
            Sample::Share {
                hits: one,
                total: of_one,
                effective: base_worth,
            },
            Sample::Share {
                hits: other,
                total: of_other,
                effective: new_worth,
            },
        ) => {
            let share = |hits: u64, total: u64| hits as f64 / total.max(1) as f64;
            Some(recovered_shift(
                score_interval(share(*one, *of_one), *base_worth, ALPHA),
                score_interval(share(*other, *of_other), *new_worth, ALPHA),
            ))
        }
        // Numbers without a distribution: their own intervals are combined.
        (one, other) => Some(recovered_shift(bounded(one)?, bounded(other)?)),
    }
}

/// A number with its own bounds; a missing bound is infinite.
fn bounded(sample: &Sample) -> Option<BoundedEstimate> {
    let Sample::Value { point, low, high } = sample else {
        return None;
    };
    let point = (*point)?;
    let widened = |bound: Option<f64>, open: f64| bound.map_or(open, |bound| point + (bound - point) * WIDENED);
    Some(BoundedEstimate {
        point,
        low: widened(*low, f64::NEG_INFINITY),
        high: widened(*high, f64::INFINITY),
    })
}

/// Several runs per side: the run is the unit, so each counts as one value.
fn several(base: &[f64], new: &[f64], notes: &mut Vec<Remark>) -> Option<Shift> {
    if base.iter().chain(new).any(|value| !value.is_finite()) {
        // Differences of infinite values are undefined; the medians are still shown.
        return None;
    }
    let shift = median_shift(base, new, ALPHA)?;
    if shift.low == f64::NEG_INFINITY {
        notes.push(Remark::FewRuns {
            base: base.len(),
            new: new.len(),
        });
    }
    Some(shift)
}

fn groups(base: &[f64], new: &[f64]) -> Groups {
    let values = |values: &[f64]| {
        values
            .iter()
            .map(|value| Some(*value).filter(|value| value.is_finite()))
            .collect()
    };
    let delta = cliffs_delta(base, new).unwrap_or(0.0);
    Groups {
        base: values(base),
        new: values(new),
        p: mann_whitney(base, new).map_or(1.0, |test| test.p),
        delta,
        dominance: dominance(delta).to_owned(),
    }
}

/// A distribution, rebuilt as the histogram it came from.
struct RebuiltHistogram {
    histogram: Histogram<u64>,
    failed: u64,
}

impl RebuiltHistogram {
    fn from_distribution(distribution: &Distribution) -> Self {
        let mut histogram = new_histogram();
        for (micros, weight) in &distribution.times {
            // The values come from a histogram with these bounds, so recording cannot fail; longer ones would count as
            // the longest.
            histogram.saturating_record_n(*micros, saturating_u64(weight.round()));
        }
        Self {
            histogram,
            failed: saturating_u64(distribution.failed.round()),
        }
    }

    fn sample(&self, effective: f64) -> HistogramSample<'_> {
        HistogramSample {
            histogram: &self.histogram,
            beyond: self.failed,
            effective,
        }
    }
}

fn in_millis(shift: Shift) -> Shift {
    Shift {
        point: shift.point / 1e3,
        low: shift.low / 1e3,
        high: shift.high / 1e3,
    }
}

/// A seed that depends on the measure alone, so that every comparison uses the same (FNV-1a of its name).
fn seed(measure: &Measure) -> u64 {
    // Of the name alone, so that the same two runs give the same interval whatever else is compared.
    let text = format!("{}/{}/{}", measure.indicator, measure.name, measure.statistic);
    fnv_1a(&text)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{digest, known, millis};
    use super::*;
    use crate::slo::Unit;

    fn one(base: Digest, new: Digest) -> Row {
        let measure = base.measures[0].clone();
        row(&[base], &[new], &measure).unwrap()
    }

    fn assert_near(found: Option<f64>, expected: f64) {
        assert!(
            found.is_some_and(|found| (found - expected).abs() < 1e-6),
            "{found:?} for {expected}"
        );
    }

    #[test]
    fn known_bounds_make_the_bounds_of_the_shift() {
        let with = |sample| {
            digest(
                "run",
                vec![Measure {
                    sample,
                    ..millis("A", 0.0)
                }],
            )
        };
        // 100 ms and at most 140, then 150 ms and at least 120: √(30² + 40²) = 50, one-sided bounds widened to two-sided ones
        // by 1.96 / 1.645. The other way it is √(10² + 24²) = 26.
        let row = one(with(known(100.0, 76.0, 140.0)), with(known(150.0, 120.0, 160.0)));
        assert_near(row.shift, 50.0);
        assert_near(row.low, 50.0 - 50.0 * 1.959_964 / 1.644_854);
        assert_near(row.high, 50.0 + 26.0 * 1.959_964 / 1.644_854);
        assert_eq!(row.change, Change::Undecided);
        // A missing upper bound leaves the lower bound of the difference open.
        let open = Sample::Value {
            point: Some(100.0),
            low: Some(76.0),
            high: None,
        };
        let row = one(with(open), with(known(150.0, 150.0, 150.0)));
        assert_eq!((row.low, row.change), (None, Change::Undecided));
        assert_near(row.high, 50.0 + 24.0 * 1.959_964 / 1.644_854);
    }

    #[test]
    fn shares_are_compared_by_what_their_samples_are_worth() {
        let with = |hits, effective| {
            let sample = Sample::Share {
                hits,
                total: 1_000,
                effective,
            };
            let measure = Measure {
                unit: Unit::Share,
                ..millis("Errors", 0.0)
            };
            digest("run", vec![Measure { sample, ..measure }])
        };
        let sure = one(with(10, 1_000.0), with(50, 1_000.0));
        assert_near(sure.base, 0.01);
        assert_near(sure.new, 0.05);
        assert_near(sure.shift, 0.04);
        assert_eq!(sure.change, Change::Regressed);
        // The same numbers in one burst prove nothing.
        assert_eq!(one(with(10, 30.0), with(50, 30.0)).change, Change::Undecided);
        assert_eq!(one(with(10, 1e9), with(10, 1e9)).change, Change::Unchanged);
    }

    /// A run whose times are 1 to 1,000 ms plus `later`, worth `effective` independent samples.
    fn timed(later: u64, failed: f64, effective: f64) -> Digest {
        let sample = Sample::Quantile {
            distribution: 0,
            quantile: 0.5,
            effective,
        };
        Digest {
            distributions: vec![Distribution {
                times: (1..=1_000).map(|millis| ((millis + later) * 1_000, 1.0)).collect(),
                failed,
            }],
            ..digest(
                "run",
                vec![Measure {
                    sample,
                    ..millis("A", 0.0)
                }],
            )
        }
    }

    #[test]
    fn quantiles_are_compared_by_what_their_samples_are_worth() {
        let row = one(timed(0, 0.0, 1_000.0), timed(200, 0.0, 1_000.0));
        assert_eq!((row.base, row.change), (Some(500.0), Change::Regressed));
        // Half of 1,000 even numbers lies within 31 of the middle, a side, with 95 %: the shift within 44 of 200.
        let [low, high] = [row.low, row.high].map(Option::unwrap);
        assert!(
            (145.0..170.0).contains(&low) && (230.0..255.0).contains(&high),
            "{low} {high}"
        );
        assert_eq!(row.notes, []);
        assert_eq!(
            one(timed(200, 0.0, 1_000.0), timed(0, 0.0, 1_000.0)).change,
            Change::Improved
        );
        // Few independent samples are noted, on each side that has so few.
        let few = one(timed(0, 0.0, 19.4), timed(200, 0.0, 20.0));
        let worth = Remark::FewSamples {
            side: ComparedSide::Base,
            effective: 19.4,
        };
        assert_eq!(few.notes, [worth]);
        assert_eq!(few.change, Change::Undecided);
        // The median of 1,000 times and 1,001 failures is a failure.
        let failing = one(timed(0, 0.0, 1_000.0), timed(0, 1_001.0, 1_000.0));
        assert_eq!((failing.new, failing.change), (None, Change::Regressed));
    }

    #[test]
    fn a_measure_of_another_kind_says_nothing() {
        let quantile = timed(0, 0.0, 1_000.0);
        let number = digest("run", vec![millis("A", 900.0)]);
        let row = one(quantile, number);
        assert_eq!((row.shift, row.change), (None, Change::Similar));
    }

    #[test]
    fn measures_have_seeds_of_their_own_that_do_not_change() {
        assert_eq!(seed(&millis("A", 1.0)), seed(&millis("A", 2.0)));
        assert_ne!(seed(&millis("A", 1.0)), seed(&millis("B", 1.0)));
    }
}
