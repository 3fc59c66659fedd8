//! Which runs are made again, and what `ci/test` makes of their number.

use std::process::Command;

use crate::repetition::Undecided;
use crate::workspace::{Workspace, code, words};

/// Why that saved run would be made again.
fn undecided(workspace: &Workspace, run: &str) -> Option<Undecided> {
    let output = workspace.diapason(&["report", run]);
    Undecided::of_run(code(&output), || {
        let text = std::fs::read(workspace.path().join(run).join("report.json")).unwrap();
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}: {}", words(&output)))
    })
}

#[test]
fn a_run_is_made_again_where_the_generator_was_late_or_the_samples_decide_nothing() {
    let workspace = Workspace::new();
    for (evidence, expected) in [
        ("compare-base", None),
        // What is missed, and what is not valid for the system's own reasons, stands.
        ("slow-api", None),
        ("limiter", None),
        ("lost-probe", None),
        ("killed-container", None),
        ("slow-generator", Some(Undecided::Generator)),
    ] {
        let run = workspace.saved(evidence, evidence);
        assert_eq!(undecided(&workspace, &run), expected, "{evidence}");
    }
    // Too few slices and requests for these, which is why they do not gate.
    let run = workspace.saved("compare-base", "open");
    workspace.edit(&format!("{run}/plan.json"), |plan| {
        for objective in plan["objectives"].as_array_mut().unwrap() {
            objective["gate"] = true.into();
        }
    });
    assert_eq!(undecided(&workspace, &run), Some(Undecided::Samples));
}

/// Exit code and output of the end of `ci/test` where those repetitions were counted.
fn end_of_tests(repetitions: &str) -> (i32, String) {
    let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/ci/test")).unwrap();
    let function = |name: &str| {
        let begin = script.find(&format!("\n{name}() {{")).unwrap();
        let length = script[begin..].find("\n}\n").map_or(0, |end| end + 3);
        &script[begin..begin + length]
    };
    let limit = script
        .lines()
        .find(|line| line.starts_with("most_repetitions="))
        .unwrap();
    let say = script.lines().find(|line| line.starts_with("say() {")).unwrap();
    let end = format!(
        "set -euo pipefail\n{limit}\n{say}\nfailed=()\n{}{}tell_repetitions\nfinish\n",
        function("tell_repetitions"),
        function("finish")
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("repetitions");
    std::fs::write(&file, repetitions).unwrap();
    let mut bash = Command::new("bash");
    let output = bash.args(["-c", &end]).env("DIAPASON_TEST_REPETITIONS", &file).output();
    let output = output.unwrap();
    (code(&output), words(&output))
}

#[test]
fn more_than_three_repetitions_that_the_generator_does_not_explain_fail_the_suite() {
    let (exit, said) = end_of_tests("");
    assert!(exit == 0 && !said.contains("made again"), "{said}");
    let late = "generator engine::stack::gate\n".repeat(9);
    let three = format!("{late}{}", "samples engine::live::limits\n".repeat(3));
    let (exit, said) = end_of_tests(&three);
    assert_eq!(exit, 0, "{said}");
    for told in ["9 generator engine::stack::gate", "3 samples engine::live::limits"] {
        assert!(said.contains(told), "no {told} in {said}");
    }
    let (exit, said) = end_of_tests(&format!("{three}samples measured::closed::run\n"));
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("FAILED: repetitions"), "{said}");
}
