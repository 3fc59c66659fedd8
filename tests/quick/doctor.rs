//! `diapason doctor` as a user and a script meet it.

use serde_json::Value;

use crate::workspace::{Workspace, code, words};

#[test]
fn an_engine_that_does_not_answer_is_told_with_its_remedy() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    let output = command
        .args(["doctor", "--format", "json"])
        .env("DOCKER_HOST", "unix:///no/engine.sock")
        // The registry is not asked behind a proxy.
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert_eq!(code(&output), 2, "{}", words(&output));
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = |name: &str| {
        let mut all = findings.as_array().unwrap().iter();
        all.find(|finding| finding["name"] == name)
            .unwrap_or_else(|| panic!("no {name} in {findings}"))
    };
    assert_eq!(finding("engine")["word"], "missing");
    assert!(finding("engine")["remedy"].as_str().unwrap().contains("--target URL"));
    for name in [
        "compose",
        "browser",
        "cores",
        "memory",
        "disk",
        "descriptors",
        "ports",
        "clock",
    ] {
        let finding = finding(name);
        assert_eq!(finding["remedy"].is_null(), finding["word"] == "ok", "{finding}");
    }
}

#[test]
fn each_finding_is_a_line() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    let output = command
        .arg("doctor")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() >= 10, "{text}");
    for line in text.lines() {
        let word = line.split_whitespace().next().unwrap();
        assert!(["ok", "warn", "missing"].contains(&word), "{line}");
        assert_eq!(line.contains(" – "), word != "ok", "{line}");
    }
}
