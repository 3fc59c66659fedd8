//! Any team's own Compose file: stand-ins with the shape of real production files, brought up by the stack files that ship,
//! and walked by the journeys that ship.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::running::{self, Running, Said, rewritten};
use super::{beside, beside_large};

fn stacks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks")
}

/// The stand-ins are the checkouts that the stack files look for.
const CHECKOUTS: &[(&str, &str)] = &[
    (
        "ORCHESTR_A",
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stacks/orchestr-a"),
    ),
    (
        "ORCHESTR_A_NEXT",
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stacks/orchestr-a-next"),
    ),
];

/// Nothing is left of what it brought up.
#[track_caller]
fn diapason(arguments: &[&str]) -> Said {
    let said = running::diapason(arguments, CHECKOUTS);
    said.label.nothing_left();
    said
}

/// A short run of a scenario that ships, on its stand-in; its report.
fn short_run(scenario: &str) -> Value {
    let path = Path::new("scenarios").join(format!("{scenario}.toml"));
    let gating = ["API response time", "Database query time", "Error rate"];
    short(&path, &gating)
}

/// A short run of that scenario, in which none of those objectives gates; its report.
fn short(scenario: &Path, gating: &[&str]) -> Value {
    // Too short for verdicts on purpose: what matters is that every journey finds what it expects.
    let mut settings = vec![
        "users.count=20".to_owned(),
        "users.log-in-every=100ms".to_owned(),
        "phase.warm-up.duration=1s".to_owned(),
        "phase.steady.duration=6s".to_owned(),
        "phase.steady.workload.rate=13/s".to_owned(),
    ];
    settings.extend(gating.iter().map(|name| format!("objective.{name}.gate=false")));
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let finished = Running::start(scenario, &settings, CHECKOUTS).finish();
    assert!([0, 3].contains(&finished.exit), "{}", finished.talk);
    finished.report()
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

/// The proxy's and the application's logs told where the time went.
#[track_caller]
fn expect_the_tiers(report: &Value) {
    let proxy = &report["proxy"];
    assert_eq!(proxy["carried_by"], "User-Agent", "{proxy}");
    assert_eq!(proxy["coarse"], serde_json::json!(["no-application-id"]));
    let all = &proxy["all"];
    let count = |key: &str| all[key].as_u64().unwrap();
    assert!(
        count("followed") > 50 && count("joined") * 10 >= count("followed") * 9,
        "{all}"
    );
    for part in ["client", "outside", "proxy", "connecting", "application", "own"] {
        assert!(all[part]["count"].as_u64() > Some(50), "{part}: {all}");
    }
}

#[test]
fn the_stack_of_december_2025_is_brought_up_seeded_and_walked() {
    let _place = beside_large();
    let report = short_run("orchestr-a");
    expect_no_errors(&report);
    expect_the_tiers(&report);
    let seeded = report["stack"]["seeded"].to_string();
    assert_eq!(seeded, r#"[["users",116],["projects",201],["tasks",5000]]"#);
    let rewritten = rewritten(&report["stack"]);
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
#[ignore = "one more large stack: ci/faults"]
fn the_stack_of_july_2026_gets_its_role_before_the_api_starts_and_certbot_is_left_out() {
    let _place = beside_large();
    let report = short_run("orchestr-a-next");
    expect_no_errors(&report);
    expect_the_tiers(&report);
    let rewritten = rewritten(&report["stack"]);
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
    let _place = beside_large();
    let folder = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/stacks/orchestr-a.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let setting = "environment = { PGDATA = \"/var/lib/postgresql/data\" }";
    assert!(text.contains(setting));
    let path = folder.path().join("mistaken.toml");
    std::fs::write(&path, text.replace(setting, "")).unwrap();
    let Said { exit, text: said, .. } = diapason(&["stack", "up", path.to_str().unwrap()]);
    assert_eq!(exit, 2, "{said}");
    for part in [
        "service `postgres` died (exit code 1)",
        "in 18+, these Docker images",
        "hint:",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
}

/// Starting files for a Compose file of `tests/stacks`, in that folder.
fn init(folder: &Path, compose: &str) -> String {
    let compose = stacks().join(compose);
    let said = diapason(&[
        "init",
        "--compose",
        compose.to_str().unwrap(),
        "--out",
        folder.to_str().unwrap(),
    ]);
    assert_eq!(said.exit, 0, "{}", said.text);
    said.text
}

#[test]
fn init_writes_what_can_be_checked_and_replaces_nothing() {
    let _place = beside();
    let folder = tempfile::tempdir().unwrap();
    for (name, compose, told) in [
        (
            "orchestr-a",
            "orchestr-a/docker-compose.prod.yml",
            "front door: service nginx, port 80",
        ),
        (
            "orchestr-a-next",
            "orchestr-a-next/docker-compose.prod.yml",
            "left out: certbot",
        ),
        ("shop", "shop/compose.yml", "runs to its end: migrate"),
    ] {
        let said = init(folder.path(), compose);
        assert!(said.contains(told), "{said}");
        let scenario = folder.path().join(format!("{name}.toml"));
        let checked = diapason(&["check", scenario.to_str().unwrap()]);
        assert_eq!(checked.exit, 0, "{}", checked.text);
    }
    let shop = std::fs::read_to_string(folder.path().join("stacks/shop.toml")).unwrap();
    assert!(
        shop.contains("# Service console takes part with profile debug:"),
        "{shop}"
    );
    assert!(shop.contains("SHOP_PORT = \"8080\""), "{shop}");
    std::fs::write(folder.path().join("stacks/shop.toml"), "mine").unwrap();
    let compose = stacks().join("shop/compose.yml");
    let mut arguments = vec![
        "init",
        "--compose",
        compose.to_str().unwrap(),
        "--out",
        folder.path().to_str().unwrap(),
    ];
    let refused = diapason(&arguments);
    assert_eq!(refused.exit, 2, "{}", refused.text);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("stacks/shop.toml")).unwrap(),
        "mine"
    );
    arguments.push("--force");
    assert_eq!(diapason(&arguments).exit, 0);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("stacks/shop.toml")).unwrap(),
        shop
    );
}

/// Replicas, a migration that runs once, a secret, services without health checks: what `init` writes of it runs as it is.
#[test]
fn what_init_writes_of_an_unrelated_application_runs() {
    let _place = beside();
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), "shop/compose.yml");
    let report = short(&folder.path().join("shop.toml"), &["Response time", "Error rate"]);
    expect_no_errors(&report);
    let images = report["stack"]["images"].as_array().unwrap();
    let replicas = images.iter().filter(|image| image[0] == "app").count();
    assert_eq!(replicas, 2, "{images:?}");
    assert!(!images.iter().any(|image| image[0] == "console"), "{images:?}");
}

/// A service that logs in as a role that nobody has created, includes, profiles, an image without a health check: whatever
/// Compose file there is here, what `init` writes of it runs as it is.
#[test]
#[ignore = "four stacks: ci/faults"]
fn what_init_writes_of_every_compose_file_here_runs() {
    let _place = beside_large();
    for (stack, compose, told) in [
        (
            "orchestr-a-prod",
            "orchestr-a/docker-compose.prod.yml",
            "database: service postgres",
        ),
        (
            "orchestr-a-next-prod",
            "orchestr-a-next/docker-compose.prod.yml",
            "database role of api: app_user, created before it starts",
        ),
        ("shop-prod", "kiosk/compose.yml", "front door: service web, port 8080"),
        (
            "limited-prod",
            "limited/compose.yml",
            "front door: service nginx, port 80",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let said = init(folder.path(), compose);
        assert!(said.contains(told), "{said}");
        let mut written = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let scenario = written.find(|path| path.extension().is_some()).unwrap();
        let name = scenario.file_stem().unwrap().to_str().unwrap();
        assert!(stack.starts_with(name), "{name}");
        expect_no_errors(&short(&scenario, &["Response time", "Error rate"]));
    }
}

#[test]
#[ignore = "one more large stack: ci/faults"]
fn the_stacks_that_ship_are_held_against_the_deployment_guide() {
    let _place = beside_large();
    let Said { exit, text: said, .. } = diapason(&["check", "--live", "scenarios/orchestr-a.toml"]);
    // The default administrator of the guide is let in, on purpose.
    assert_eq!(exit, 1, "{said}");
    let lines: Vec<&str> = said.lines().map(str::trim_start).collect();
    for (word, evidence) in [
        ("PASS", "api /api/health answers 200"),
        ("PASS", "5000 tasks"),
        ("PASS", "nginx: 0.5 CPUs"),
        ("FAIL", "the default administrator is let in"),
    ] {
        let found = lines
            .iter()
            .any(|line| line.starts_with(word) && line.contains(evidence));
        assert!(found, "no {word} {evidence} in\n{said}");
    }
}

#[test]
fn a_checkout_that_is_not_there_is_named() {
    let nowhere = [("ORCHESTR_A", "/nowhere/orchestr-a")];
    let Said { exit, text: said, .. } = running::diapason(&["stack", "up", "orchestr-a"], &nowhere);
    assert_eq!(exit, 2, "{said}");
    assert!(said.contains("/nowhere/orchestr-a/docker-compose.prod.yml"), "{said}");
}
