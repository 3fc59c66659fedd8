//! Comparing saved runs, as a user meets it: two of the same load, one of them with an API that takes 200 ms longer.

use serde_json::Value;

use crate::workspace::{Workspace, code, words};

/// Milliseconds, as the slower run was made.
const SLOWER_BY: f64 = 200.0;

/// A workspace with both runs, and what to name them by.
fn runs() -> (Workspace, String, String) {
    let workspace = Workspace::new();
    let base = workspace.saved("compare-base", "base");
    let slower = workspace.saved("slow-api", "slower");
    (workspace, base, slower)
}

fn json(workspace: &Workspace, base: &str, new: &str) -> Value {
    let output = workspace.diapason(&["compare", base, new, "--export", "json=-"]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)))
}

fn rows(comparison: &Value) -> &[Value] {
    comparison["rows"].as_array().unwrap()
}

#[test]
fn a_known_slowness_is_found_with_its_size() {
    let (workspace, base, slower) = runs();
    let comparison = json(&workspace, &base, &slower);
    let mut medians = 0;
    for row in rows(&comparison) {
        let number = |key: &str| row[key].as_f64().unwrap();
        let objective = row["name"] == "API response time";
        if row["indicator"] == "response-time" {
            assert_eq!(row["change"], "regressed", "{row:#}");
        }
        if objective {
            assert!(number("low") < SLOWER_BY && SLOWER_BY < number("high"), "{row:#}");
        } else if row["statistic"] == "p50" && row["kind"] == "series" {
            // What passes between the timer's end and the answer is longer as well, by a millisecond or two.
            assert!((number("shift") - SLOWER_BY).abs() < 5.0, "{row:#}");
            medians += 1;
        } else if row["indicator"] == "error-rate" || row["indicator"] == "query-time" {
            assert!(row["change"] != "regressed" && row["change"] != "improved", "{row:#}");
        }
    }
    assert_eq!(medians, 11, "one of each step");
    let output = workspace.diapason(&["compare", &base, &slower]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    let text = words(&output);
    assert!(
        text.starts_with("REGRESSED  gate: regressed: API response time p95"),
        "{text}"
    );
    assert!(
        text.contains("differs: stack: environment FAULT_API_LATENCY_MS: (none) → 200\n"),
        "{text}"
    );
    // The same runs give the same intervals, to the last digit.
    assert_eq!(comparison, json(&workspace, &base, &slower));
    // The other way round it is an improvement, which fails nothing.
    let output = workspace.diapason(&["compare", &slower, &base]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    let back = json(&workspace, &slower, &base);
    let api = rows(&back).iter().find(|row| row["name"] == "API response time");
    assert_eq!(api.unwrap()["change"], "improved", "{back:#}");
}

#[test]
fn a_run_differs_in_nothing_from_itself() {
    let (workspace, base, _) = runs();
    let comparison = json(&workspace, &base, &base);
    assert_eq!(comparison["differences"], Value::Array(Vec::new()));
    for row in rows(&comparison) {
        assert!(row["shift"] == 0.0 || row["shift"].is_null(), "{row:#}");
        assert!(row["change"] != "regressed" && row["change"] != "improved", "{row:#}");
    }
    let output = workspace.diapason(&["compare", &base, &base, "--bisect"]);
    assert_eq!(code(&output), 0, "{}", words(&output));
}

#[test]
fn every_format_holds_the_rows() {
    let (workspace, base, slower) = runs();
    let exports = ["--export", "html", "--export", "markdown=c.md", "--export", "json"];
    let output = workspace.diapason(&[&["compare", &base, &slower], &exports[..]].concat());
    assert_eq!(code(&output), 1, "{}", words(&output));
    for file in ["comparison.html", "c.md", "comparison.json"] {
        let text = std::fs::read_to_string(workspace.path().join(file)).unwrap();
        for expected in ["API response time", "projects.list", "regressed", "p95"] {
            assert!(text.contains(expected), "no {expected} in {file}");
        }
        assert!(
            words(&output).contains(&format!("comparison: {file}")),
            "{}",
            words(&output)
        );
    }
    let refused = workspace.diapason(&["compare", &base, &slower, "--export", "junit"]);
    assert_eq!(code(&refused), 2);
    assert!(
        words(&refused).contains("hint: use one of html, json, markdown"),
        "{}",
        words(&refused)
    );
}

#[test]
fn groups_are_compared_by_ranks() {
    let (workspace, base, slower) = runs();
    let output = workspace.diapason(&["compare", &format!("{base},{base}"), &slower, "--bisect"]);
    let text = words(&output);
    assert!(text.contains("2 and 1 runs cannot show a difference at 95 %"), "{text}");
    assert!(text.contains("Cliff's δ = +1.00 (large)"), "{text}");
    assert_eq!(code(&output), 125, "{text}");
    let sides = [[base.as_str(); 4].join(","), [slower.as_str(); 4].join(",")];
    let output = workspace.diapason(&["compare", &sides[0], &sides[1]]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    let listed = [
        &["compare", "--base"][..],
        &[base.as_str(); 4],
        &["--new"],
        &[slower.as_str(); 4],
    ]
    .concat();
    assert_eq!(words(&workspace.diapason(&listed)), words(&output));
}

#[test]
fn what_is_not_comparable_is_refused_with_each_reason() {
    let (workspace, base, slower) = runs();
    workspace.edit(&format!("{slower}/environment.json"), |value| {
        value["cores"] = 64.into();
    });
    workspace.edit(&format!("{slower}/plan.json"), |plan| {
        let overrides = plan["overrides"].as_array_mut().unwrap();
        overrides.push(serde_json::json!(["users.count", "40"]));
    });
    let output = workspace.diapason(&["compare", &base, &slower]);
    insta::assert_snapshot!(words(&output), @r"
    error: these runs cannot be compared:
      scenario: users.count: 100 → 40
      hardware: cores: 2 → 64
    hint: run both on the same machine with the same scenario, or compare nevertheless with `--anyway`
    ");
    assert_eq!(code(&output), 2);
    assert_eq!(code(&workspace.diapason(&["compare", &base, &slower, "--bisect"])), 125);
    let overruled = workspace.diapason(&["compare", &base, &slower, "--anyway"]);
    assert_eq!(code(&overruled), 1, "{}", words(&overruled));
    let text = words(&overruled);
    for reason in ["scenario: users.count: 100 → 40", "hardware: cores: 2 → 64"] {
        assert!(text.contains(&format!("compared although {reason}\n")), "{text}");
    }

    let output = workspace.diapason(&["compare", &base, "master"]);
    insta::assert_snapshot!(words(&output), @r"
    error: neither a run folder nor a saved baseline: master
    hint: `diapason run … --save-baseline NAME` saves one; run folders are in `reports/`
    ");
}

#[test]
fn nothing_is_concluded_from_a_run_that_was_cut_short_or_broken() {
    let (workspace, base, _) = runs();
    let run = workspace.saved("compare-base", "cut");
    workspace.edit(&format!("{run}/run.json"), |value| value["interrupted"] = true.into());
    for sides in [[&base, &run], [&run, &base]] {
        let output = workspace.diapason(&["compare", sides[0], sides[1]]);
        assert_eq!(code(&output), 2, "{}", words(&output));
        let told = " cannot carry a conclusion: it was interrupted";
        assert!(words(&output).contains(told), "{}", words(&output));
    }
}
