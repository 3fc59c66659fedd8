//! What no change of names, hours, load or latency may do to a judgement, held for every saved run.

use diapason::evidence::Accept;
use diapason::report::Document;
use diapason::run::report_again;
use diapason::slo::VerdictWord;
use serde_json::{Value, json};

use super::altered::Run;
use super::renamed::{Names, shift};
use super::reports::runs;
use super::{Copies, for_each};

/// Verdicts, rules of validity and causes, as text.
fn concluded(document: &Document) -> String {
    let document = serde_json::to_value(document).unwrap();
    let attribution = &document["attribution"];
    let kept: Value = json!({
        "exit": document["exit"],
        "judgement": document["judgement"],
        "sentence": attribution["sentence"],
        "suspects": attribution["suspects"],
    });
    serde_json::to_string_pretty(&rounded(kept)).unwrap()
}

/// Numbers with twelve digits: the order of names is that of sums, whose last digits depend on it.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let rounded: f64 = format!("{:.11e}", number.as_f64().unwrap()).parse().unwrap();
            rounded.into()
        }
        Value::Array(items) => items.into_iter().map(rounded).collect(),
        Value::Object(object) => object.into_iter().map(|(key, value)| (key, rounded(value))).collect(),
        other => other,
    }
}

fn reported(folder: &std::path::Path) -> Document {
    report_again(folder, Accept::Target, &[]).unwrap().document
}

#[test]
fn other_names_change_no_verdict_and_no_cause() {
    for_each(&runs(), |name| {
        let copies = Copies::new();
        let folder = copies.of(name);
        let before = concluded(&reported(&folder));
        let names = Names::of(&folder);
        names.apply(&folder);
        let after = reported(&folder);
        assert!(after.series.iter().all(|row| row.name.starts_with("way-")), "{name}");
        let after = concluded(&after);
        same_lines(name, &before, &names.undone(&after));
    });
}

#[test]
fn another_hour_changes_no_verdict_and_no_cause() {
    for_each(&runs(), |name| {
        let copies = Copies::new();
        let folder = copies.of(name);
        let before = concluded(&reported(&folder));
        for hours in [-7, 5 * 24 + 13] {
            shift(&folder, hours);
            same_lines(name, &before, &concluded(&reported(&folder)));
        }
    });
}

/// Fails with the first line that differs: the texts are long.
fn same_lines(name: &str, before: &str, after: &str) {
    let lines = before.lines().zip(after.lines());
    for (before, after) in lines {
        assert_eq!(before, after, "{name}");
    }
    assert_eq!(before.lines().count(), after.lines().count(), "{name}");
}

/// Objectives on what drifts are set aside: what is spread evenly may well hide a drift.
fn without_drift(mut run: Run, document: &Document) -> Run {
    for objective in &mut run.record.plan.objectives {
        let mut verdicts = document.judgement.verdicts.iter();
        if verdicts.any(|verdict| verdict.objective.name == objective.name && verdict.drift.is_some()) {
            objective.gate = false;
        }
    }
    run
}

/// The run without what drifts, and how it is judged, unless it passes: then nothing can be turned into a pass.
fn not_passed(name: &str, copies: &Copies) -> Option<(Run, Document)> {
    let run = Run::load(&copies.of(name));
    let document = run.judged_again(copies.path());
    let run = without_drift(run, &document);
    let document = run.judged_again(copies.path());
    (document.exit.code != 0).then_some((run, document))
}

#[test]
fn more_failures_turn_nothing_into_a_pass() {
    for_each(&runs(), |name| {
        let copies = Copies::new();
        let Some((run, before)) = not_passed(name, &copies) else {
            return;
        };
        for share in [0.001, 0.05, 0.6] {
            let after = run.with_failures(share).judged_again(copies.path());
            assert_ne!(
                after.exit.code, 0,
                "{name}: {share} of the requests failed, and was {}",
                before.exit.code
            );
        }
    });
}

#[test]
fn longer_times_turn_nothing_into_a_pass() {
    for_each(&runs(), |name| {
        let copies = Copies::new();
        let Some((run, before)) = not_passed(name, &copies) else {
            return;
        };
        for factor in [1.02, 2.0, 60.0] {
            let after = run.slower(factor).judged_again(copies.path());
            assert_ne!(
                after.exit.code, 0,
                "{name}: {factor} times as long, and was {}",
                before.exit.code
            );
        }
    });
}

#[test]
fn fewer_samples_turn_nothing_undecided_into_a_pass() {
    for_each(&runs(), |name| {
        let copies = Copies::new();
        let run = Run::load(&copies.of(name));
        let before = run.judged_again(copies.path());
        for by in [2, 5, 30] {
            let after = run.thinned(by).judged_again(copies.path());
            let verdicts = before.judgement.verdicts.iter().zip(&after.judgement.verdicts);
            for (before, after) in verdicts.filter(|(before, _)| before.drift.is_none()) {
                assert!(
                    before.word != VerdictWord::Inconclusive || after.word != VerdictWord::Pass,
                    "{name}: one in {by} samples of {}: {} became {}",
                    before.objective.name,
                    diapason::words::en::reason(before),
                    diapason::words::en::reason(after)
                );
            }
        }
    });
}
