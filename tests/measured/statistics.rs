//! Objectives on a mean, a maximum, a throughput and an Apdex, as a user meets them.

use super::bench::Bench;
use crate::quick::statistics::add_to;
use crate::workspace::{code, words};

#[test]
fn each_is_measured_judged_shown_and_compared() {
    let _alone = crate::alone();
    let bench = Bench::new();
    add_to(&bench.workspace);
    let (output, folder) = bench.judged(10, &["--save-baseline", "main"]);
    let text = words(&output);
    assert_eq!(code(&output), 0, "{text}");
    let report = std::fs::read_to_string(folder.join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let measured = |name: &str| {
        let verdicts = report["judgement"]["verdicts"].as_array().unwrap();
        let verdict = verdicts.iter().find(|verdict| verdict["objective"]["name"] == name);
        let verdict = verdict.unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(verdict["word"], "PASS", "{verdict:#}");
        verdict["measurement"].clone()
    };
    // The server takes from 10 to 14 ms, 12 on average; 100 a second are sent.
    let mean = measured("Mean");
    let point = mean["point"].as_f64().unwrap();
    let longest = measured("Longest")["point"].as_f64().unwrap();
    assert!((12.0..longest).contains(&point), "{mean:#}");
    assert!(mean["low"].as_f64().unwrap() <= point && mean["high"].as_f64().unwrap() >= point);
    let throughput = measured("Throughput")["point"].as_f64().unwrap();
    assert!(throughput > 60.0 && throughput <= 100.0, "{throughput}");
    let apdex = measured("Apdex")["point"].as_f64().unwrap();
    assert!(apdex >= 0.99, "{apdex}");
    for shown in ["≥ 60/s", "≥ 0.9", "mean", "max", "score"] {
        assert!(text.contains(shown), "no {shown} in {text}");
    }
    // Judged again and held against another run they are what they were.
    let again = bench.workspace.diapason(&["report", "reports/latest"]);
    assert_eq!(code(&again), 0, "{}", words(&again));
    let relative = [
        "--set",
        "objective.Throughput.target=baseline - 20 %",
        "--set",
        "objective.Mean.target=baseline + 200ms",
    ];
    let (output, _) = bench.judged(320, &[&relative[..], &["--baseline", "main"]].concat());
    let text = words(&output);
    assert_eq!(code(&output), 1, "{text}");
    assert!(
        text.contains("Mean: Target missed: ") && text.contains("regressed: "),
        "{text}"
    );
    assert!(text.contains("/s (baseline "), "{text}");
}
