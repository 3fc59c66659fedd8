//! Objectives on a mean, a maximum, a throughput and an Apdex, as a user meets them.

use super::compare::{Bench, code, words};

const MORE: &str = r#"
[[objective]]
name = "Mean"
indicator = "response-time"
statistic = "mean"
target = "4s"
acceptable = "8s"
[[objective]]
name = "Longest"
indicator = "response-time"
statistic = "max"
target = "5s"
acceptable = "6s"
[[objective]]
name = "Throughput"
indicator = "throughput"
target = "60/s"
acceptable = "50/s"
[[objective]]
name = "Apdex"
indicator = "apdex"
threshold = "5s"
target = "0.9"
acceptable = "0.8"
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    let path = bench.path().join("short.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    // Long enough for seconds to tell their spread.
    let text = text.replace("duration = \"2s\"", "duration = \"6s\"");
    std::fs::write(&path, text + MORE).unwrap();
    bench
}

#[test]
fn each_is_measured_judged_shown_and_compared() {
    let _alone = crate::alone();
    let bench = bench();
    let (output, folder) = bench.run(10, &["--save-baseline", "main"]);
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
    // The server takes from 10 to 14 ms, and half of that range on average; 100 a second are sent.
    let mean = measured("Mean");
    let point = mean["point"].as_f64().unwrap();
    assert!((12.0..60.0).contains(&point), "{mean:#}");
    assert!(mean["low"].as_f64().unwrap() <= point && mean["high"].as_f64().unwrap() >= point);
    assert!(measured("Longest")["point"].as_f64().unwrap() >= point);
    let throughput = measured("Throughput")["point"].as_f64().unwrap();
    assert!(throughput > 90.0 && throughput <= 100.0, "{throughput}");
    let apdex = measured("Apdex")["point"].as_f64().unwrap();
    assert!(apdex >= 0.99, "{apdex}");
    for shown in ["≥ 60/s", "≥ 0.9", "mean", "max", "score"] {
        assert!(text.contains(shown), "no {shown} in {text}");
    }
    // Judged again and held against another run they are what they were.
    let again = bench.diapason(&["report", "reports/latest"]);
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

#[test]
fn what_cannot_be_shown_is_refused_before_the_run() {
    let bench = bench();
    let refused = |settings: &[&str]| {
        let mut arguments = vec!["check", "short.toml", "--target", "http://127.0.0.1:1"];
        for setting in settings {
            arguments.extend(["--set", *setting]);
        }
        let output = bench.diapason(&arguments);
        assert_eq!(code(&output), 2, "{}", words(&output));
        words(&output)
    };
    let above = refused(&["objective.Throughput.target=100/s"]);
    assert!(
        above.contains("wants at least 100/s, and the plan sends about 100.0/s"),
        "{above}"
    );
    assert!(above.contains("hint: raise the rate, lower the limit"), "{above}");
    let twice = refused(&["objective.Mean.quantile=p95"]);
    assert!(twice.contains("it has a quantile and a statistic"), "{twice}");
    let kind = refused(&["objective.Throughput.target=100ms"]);
    assert!(
        kind.contains("a limit of `throughput` is a rate, not `100ms`"),
        "{kind}"
    );
    // 600 requests cannot show a score of 0.995: ln 0.025 / ln 0.995 = 735.9.
    let few = refused(&["objective.Apdex.target=0.995"]);
    assert!(
        few.contains("`Apdex`: it yields 600 samples where a pass needs at least 736"),
        "{few}"
    );
}
