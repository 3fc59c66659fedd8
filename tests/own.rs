//! Any team's own Compose file: stand-ins with the shape of real production files, brought up by the stack files that ship,
//! and walked by the journeys that ship.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::alone;

fn stacks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks")
}

fn diapason(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .env("ORCHESTR_A", stacks().join("orchestr-a"))
        .env("ORCHESTR_A_NEXT", stacks().join("orchestr-a-next"))
        .output()
        .unwrap()
}

fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What is there of that stack: nothing, once it is down.
fn remains(stack: &str) -> String {
    let label = format!("label=io.diapason.stack={stack}");
    [
        ["ps", "--all", "--quiet", "--filter"].as_slice(),
        &["volume", "ls", "--quiet", "--filter"],
        &["network", "ls", "--quiet", "--filter"],
    ]
    .iter()
    .map(|arguments| {
        let output = Command::new("docker").args(*arguments).arg(&label).output().unwrap();
        assert!(output.status.success(), "{}", talk(&output));
        String::from_utf8(output.stdout).unwrap()
    })
    .collect()
}

/// A short run of a scenario that ships, on its stand-in; its report.
fn short_run(scenario: &str) -> Value {
    let out = tempfile::tempdir().unwrap();
    let path = format!("scenarios/{scenario}.toml");
    let mut arguments = vec!["run", &path, "--out", out.path().to_str().unwrap()];
    // Too short for verdicts on purpose: what matters is that every journey finds what it expects.
    for setting in [
        "users.count=30",
        "users.log-in-every=100ms",
        "phase.warm-up.duration=1s",
        "phase.steady.duration=6s",
        "objective.API response time.gate=false",
        "objective.Database query time.gate=false",
        "objective.Error rate.gate=false",
    ] {
        arguments.extend(["--set", setting]);
    }
    let output = diapason(&arguments);
    assert!([0, 3].contains(&output.status.code().unwrap()), "{}", talk(&output));
    assert_eq!(remains(scenario), "", "something is left");
    let report = std::fs::read_to_string(out.path().join("latest/report.json")).unwrap();
    serde_json::from_str(&report).unwrap()
}

/// No request failed, and there were some.
#[track_caller]
fn expect_no_errors(report: &Value) {
    let verdicts = report["judgement"]["verdicts"].as_array().unwrap();
    let errors = verdicts
        .iter()
        .find(|verdict| verdict["objective"]["name"] == "Error rate")
        .unwrap();
    let counted = &errors["measurement"]["target"];
    assert_eq!(counted["bad"], 0, "{}", report["failures"]);
    assert!(counted["total"].as_u64().unwrap() > 50, "{counted}");
}

fn rewritten(report: &Value) -> String {
    report["stack"]["rewritten"].to_string()
}

#[test]
fn the_stack_of_december_2025_is_brought_up_seeded_and_walked() {
    let _alone = alone();
    let report = short_run("orchestr-a");
    expect_no_errors(&report);
    let seeded = report["stack"]["seeded"].to_string();
    assert_eq!(seeded, r#"[["users",116],["projects",201],["tasks",5000]]"#);
    let rewritten = rewritten(&report);
    for change in [
        "container orchestr-a-api-prod → diapason-",
        "volume orchestr-a-postgres-data-prod → diapason-",
        "network orchestr-a-network-prod → diapason-",
        "port 443 of nginx: 443 → not published",
        "environment of postgres: PGDATA set by the stack file",
    ] {
        assert!(rewritten.contains(change), "no {change:?} in {rewritten}");
    }
}

#[test]
fn the_stack_of_july_2026_gets_its_role_while_the_api_starts_and_certbot_is_left_out() {
    let _alone = alone();
    let report = short_run("orchestr-a-next");
    expect_no_errors(&report);
    let rewritten = rewritten(&report);
    assert!(rewritten.contains("service certbot → left out"), "{rewritten}");
    assert!(!rewritten.contains("orchestr-a-certbot-prod"), "{rewritten}");
    let timings = report["stack"]["timings"].as_array().unwrap();
    let position = |name: &str| timings.iter().position(|timing| timing[0] == name);
    // The API is not ready without the role.
    assert!(
        position("seed role").unwrap() < position("start api").unwrap(),
        "{timings:?}"
    );
    assert!(
        position("start nginx").unwrap() < position("seed application").unwrap(),
        "{timings:?}"
    );
}

/// Without the stack file's PGDATA the database ends at once: its log says why, and nothing is left.
#[test]
fn the_database_that_refuses_its_mount_is_quoted() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/stacks/orchestr-a.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let setting = "environment = { PGDATA = \"/var/lib/postgresql/data\" }";
    assert!(text.contains(setting));
    let path = folder.path().join("mistaken.toml");
    std::fs::write(&path, text.replace(setting, "")).unwrap();
    let output = diapason(&["stack", "up", path.to_str().unwrap()]);
    let said = talk(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in [
        "service `postgres` died (exit code 1)",
        "in 18+, these Docker images",
        "hint:",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    assert_eq!(remains("orchestr-a"), "");
}

#[test]
fn a_checkout_that_is_not_there_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["stack", "up", "orchestr-a"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("ORCHESTR_A", "/nowhere/orchestr-a")
        .output()
        .unwrap();
    let said = talk(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("/nowhere/orchestr-a/docker-compose.prod.yml"), "{said}");
}
