//! Objectives to `OpenSLO` and back, as a user does it.

use std::path::Path;
use std::process::{Command, Output};

fn diapason(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn imported(yaml: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slos.yaml");
    std::fs::write(&path, yaml).unwrap();
    diapason(&["objectives", "import", path.to_str().unwrap()])
}

/// The `[[objective]]` tables of a TOML text, as values.
fn objectives(toml_text: &str) -> Vec<toml::Value> {
    let table: toml::Table = toml::from_str(toml_text).unwrap();
    table["objective"].as_array().unwrap().clone()
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let yaml = text(&diapason(&[
        "objectives",
        "export",
        "scenarios/gate.toml",
        "--window",
        "28d",
    ]));
    let back = objectives(&text(&imported(&yaml)));
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
    let mut own = objectives(&std::fs::read_to_string(scenario).unwrap());
    // What the scenario leaves to its default is written out.
    for objective in &mut own {
        let table = objective.as_table_mut().unwrap();
        table.entry("gate").or_insert(true.into());
    }
    assert_eq!(back.len(), own.len());
    for (back, own) in back.iter().zip(&own) {
        assert_eq!(back.as_table(), own.as_table());
    }
}

#[test]
fn the_export_says_it_in_the_words_of_openslo() {
    let yaml = text(&diapason(&[
        "objectives",
        "export",
        "scenarios/gate.toml",
        "--service",
        "shop",
    ]));
    for expected in [
        "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: api-response-time-target\n",
        "      thresholdMetric:\n        metricSource:\n          type: Diapason\n          spec:\n",
        "    op: lte\n    value: 100.0\n    target: 0.95\n",
        "  service: shop\n",
        "  budgetingMethod: Timeslices\n",
        "    target: 0.999\n    timeSliceTarget: 1.0\n",
    ] {
        assert!(yaml.contains(expected), "no {expected:?} in\n{yaml}");
    }
    assert_eq!(yaml.matches("---\n").count(), 8, "{yaml}");
}

const FOREIGN: &str = r##"
apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: { description: The shop }
---
apiVersion: openslo/v1
kind: SLI
metadata: { name: failing }
spec:
  ratioMetric:
    bad: { metricSource: { type: Prometheus, spec: { query: sum(errors), indicator: error-rate, of: "#api" } } }
    total: { metricSource: { type: Prometheus, spec: { query: sum(requests) } } }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: errors, displayName: Errors }
spec:
  service: shop
  indicatorRef: failing
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives:
    - { displayName: loose, targetPercent: 99 }
    - { displayName: strict, target: 0.999 }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: fast }
spec:
  indicator:
    spec:
      thresholdMetric: { metricSource: { type: Prometheus, spec: { indicator: response-time, unit: seconds } } }
  budgetingMethod: Occurrences
  objectives: [{ op: lt, value: 0.25, target: 0.99 }]
"##;

#[test]
fn slos_of_another_tool_are_taken_over_where_they_name_an_indicator() {
    let output = imported(FOREIGN);
    insta::assert_snapshot!(text(&output), @r##"
    [[objective]]
    name = "Errors"
    indicator = "error-rate"
    of = "#api"
    target = "0.1 %"
    acceptable = "1 %"
    gate = true

    [[objective]]
    name = "fast"
    indicator = "response-time"
    quantile = "p99"
    target = "250ms"
    acceptable = "250ms"
    gate = true
    "##);
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("left out: Service `shop`\n"), "{talk}");
    assert!(talk.contains("left out: of SLO `errors` its time window"), "{talk}");
}

#[test]
fn other_versions_are_left_out_and_lists_may_be_empty() {
    let fast = "openslo/v1\nkind: SLO\nmetadata: { name: fast }";
    assert!(FOREIGN.contains(fast));
    let other = FOREIGN.replace(fast, "openslo/v1alpha\nkind: SLO\nmetadata: { name: fast, owner: me }");
    let other = other.replace(
        "  service: shop\n  indicatorRef",
        "  alertPolicies:\n  service: shop\n  indicatorRef",
    );
    assert!(other.contains("alertPolicies:\n"));
    let output = imported(&other);
    let talk = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{talk}");
    assert!(
        text(&output).contains("name = \"Errors\"") && !text(&output).contains("fast"),
        "{output:?}"
    );
    let told = "left out: SLO `fast`, which is of `openslo/v1alpha` and not of `openslo/v1`";
    assert!(talk.contains(told), "{talk}");
    let none = imported("apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: { name: a }\n");
    let talk = String::from_utf8(none.stderr).unwrap();
    assert!(talk.contains("only SLO `a`, which is of `openslo/v1alpha`"), "{talk}");
}

#[test]
fn what_no_objective_can_say_is_refused_by_its_name() {
    for (from, to, expected) in [
        (
            ", indicator: response-time",
            "",
            "error: SLO `fast`: its metric source names no indicator of Diapason",
        ),
        (
            "indicator: response-time",
            "indicator: speed",
            "error: SLO `fast`\n  caused by: there is no indicator `speed`",
        ),
        ("op: lt", "op: gt", "error: SLO `fast`: a time is kept from above"),
        (
            "indicatorRef: failing",
            "indicatorRef: other",
            "its indicator `other` is not in the file",
        ),
        (
            "indicator: response-time",
            "indicator: response-time, in-every: 1500ms",
            "windows of `in-every = \"1s 500ms\"` are not of whole seconds\nhint: write whole seconds",
        ),
        (
            "indicator: error-rate, of: \"#api\"",
            "indicator: error-rate, of: \"#\"",
            "error: SLO `Errors`\n  caused by: `#` is not a selector",
        ),
        ("unit: seconds", "unit: fortnights", "`fortnights` is no unit of time"),
        ("kind: SLO", "kind: Other", "there is no object of kind SLO"),
        ("service: shop", "servise: shop", "unknown field `servise`"),
    ] {
        let from = if from.starts_with(", ") {
            "indicator: response-time, "
        } else {
            from
        };
        assert!(FOREIGN.contains(from), "{from}");
        let output = imported(&FOREIGN.replace(from, to));
        let talk = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{talk}");
        assert!(talk.contains(expected), "no {expected:?} in\n{talk}");
    }
}
