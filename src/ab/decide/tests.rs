use super::super::fixture;
use super::*;
use crate::stats::normal;
use rand::SeedableRng;
use rand::rngs::SmallRng;

/// An objective of 35 ms with those pairs.
fn concluded(readings: &[[Reading; 2]], floor: bool, unit: Unit, alpha: f64) -> ComparedMeasure {
    let mut measure = fixture::document().measures.remove(0);
    (measure.floor, measure.unit) = (floor, unit);
    conclude(&mut measure, readings, alpha);
    measure
}

fn pairs(values: &[[f64; 2]]) -> Vec<[Reading; 2]> {
    values.iter().map(|pair| pair.map(Reading::Value)).collect()
}

fn millis(values: &[[f64; 2]]) -> Outcome {
    concluded(&pairs(values), false, Unit::Milliseconds, ALPHA).outcome
}

#[test]
fn every_conclusion_is_reached_from_pairs() {
    let shifted = |shift: f64, spread: f64| -> Vec<[f64; 2]> {
        let turns = (0..12).map(|number| f64::from(number % 3 - 1));
        turns.map(|turn| [35.0, 35.0 + shift + spread * turn]).collect()
    };
    for (shift, spread, expected) in [
        (10.0, 3.0, Outcome::Regressed),
        (-10.0, 3.0, Outcome::Improved),
        (0.0, 3.0, Outcome::Unchanged),
        (10.0, 20.0, Outcome::Undecided),
        // Certainly slower, but it may be too little to matter.
        (4.5, 2.0, Outcome::Undecided),
        // Certainly not slower by 5 ms, perhaps faster by more.
        (-4.0, 4.0, Outcome::NotWorse),
    ] {
        assert_eq!(millis(&shifted(shift, spread)), expected, "{shift} {spread}");
        // Of what more is better, the opposite holds.
        let turned: Vec<[f64; 2]> = shifted(shift, spread).iter().map(|[a, b]| [*a, 2.0 * a - b]).collect();
        let floor = concluded(&pairs(&turned), true, Unit::Milliseconds, ALPHA);
        assert_eq!(floor.outcome, expected, "{shift} {spread}");
    }
    assert_eq!(millis(&[]), Outcome::Undecided);
    assert_eq!(millis(&[[35.0, 95.0]; 3]), Outcome::Undecided);
}

#[test]
fn failures_are_worse_than_any_time_and_need_six_pairs() {
    let failing = [35.0, f64::INFINITY];
    let readings = |count: usize| -> Vec<[Reading; 2]> { vec![[Reading::Value(35.0), Reading::Failed]; count] };
    let outcome = |count| concluded(&readings(count), false, Unit::Milliseconds, ALPHA).outcome;
    assert_eq!((outcome(5), outcome(6)), (Outcome::Undecided, Outcome::Regressed));
    assert_eq!(among_failures(&[[f64::INFINITY; 2]; 9], ALPHA), Outcome::Undecided);
    assert_eq!(among_failures(&[[failing[1], failing[0]]; 6], ALPHA), Outcome::Improved);
}

#[test]
fn no_error_in_few_requests_proves_little() {
    let share = |hits: [u64; 2], total: u64, count: usize| {
        let readings = vec![hits.map(|hits| Reading::Share { hits, total }); count];
        concluded(&readings, false, Unit::Share, ALPHA).outcome
    };
    assert_eq!(share([0, 0], 60, 10), Outcome::Undecided);
    assert_eq!(share([0, 0], 1_000, 10), Outcome::Unchanged);
    assert_eq!(share([0, 30], 1_000, 6), Outcome::Regressed);
}

#[test]
fn a_pair_without_a_value_does_not_count() {
    let mut readings = pairs(&[
        [35.0, 45.0],
        [36.0, 47.0],
        [35.0, 45.5],
        [34.0, 44.0],
        [35.0, 46.0],
        [35.0, 45.2],
    ]);
    readings.push([Reading::Value(35.0), Reading::Missing]);
    let measure = concluded(&readings, false, Unit::Milliseconds, ALPHA);
    assert_eq!((measure.pairs, measure.outcome), (6, Outcome::Regressed));
}

#[test]
fn the_risk_of_a_false_alarm_is_shared_by_the_deciding_objectives() {
    let risks = [1, 2, 4, 10].map(alpha);
    for (risk, expected) in risks.into_iter().zip([0.05, 0.05, 0.025, 0.01]) {
        assert!((risk - expected).abs() < 1e-12, "{risk}");
    }
}

#[test]
fn one_regression_decides_and_an_undecided_objective_does_not() {
    let mut document = fixture::document();
    document.deciding.push("Errors".to_owned());
    for (first, second, outcome, decided) in [
        (Outcome::Regressed, Outcome::Undecided, Outcome::Regressed, true),
        (Outcome::Unchanged, Outcome::Undecided, Outcome::Undecided, false),
        (Outcome::Unchanged, Outcome::NotWorse, Outcome::NotWorse, true),
        (Outcome::Improved, Outcome::Unchanged, Outcome::Unchanged, true),
    ] {
        (document.measures[0].outcome, document.measures[1].outcome) = (first, second);
        assert_eq!((document.outcome(), document.is_decided()), (outcome, decided));
    }
}

/// Shares of `count` comparisons that end as regressed, as any other decision and as undecided within `most` pairs, and the mean
/// number of pairs, where B is slower by `shift` and `noise` draws the pairs' errors.
fn simulated(shift: f64, most: usize, count: u32, mut noise: impl FnMut() -> f64) -> [f64; 4] {
    let mut ends = [0.0; 4];
    for _ in 0..count {
        let mut values = Vec::new();
        let outcome = loop {
            values.push([35.0, 35.0 + shift + noise()]);
            let outcome = millis(&values);
            if outcome != Outcome::Undecided || values.len() == most {
                break outcome;
            }
        };
        let place = match outcome {
            Outcome::Regressed => 0,
            Outcome::Undecided => 2,
            _ => 1,
        };
        ends[place] += 1.0 / f64::from(count);
        ends[3] += values.len() as f64 / f64::from(count);
    }
    ends
}

#[test]
fn false_alarms_are_rare_at_any_noise_and_10_ms_more_are_found() {
    let mut random = SmallRng::seed_from_u64(3);
    for deviation in [1.0, 3.0, 6.0, 20.0] {
        let [alarms, ..] = simulated(0.0, 40, 400, || deviation * normal(&mut random));
        assert!(alarms <= ALPHA, "{deviation} ms: {alarms}");
    }
    let [found, ..] = simulated(10.0, PAIRS_IN_TEN_MINUTES, 400, || 5.0 * normal(&mut random));
    assert!(found >= 0.9, "{found}");
}

/// Pairs that fit ten minutes with runs of 15 s: two runs, what goes with them, and the waits for rest.
const PAIRS_IN_TEN_MINUTES: usize = 12;
