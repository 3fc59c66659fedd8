//! The scenario file, and what `--set` does to it.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use diapason::scenario::{Plan, PlanOptions, Scenario};

use super::damage::damaged_text;
use super::{cases, is_described, printed_back, scenarios, shipped};

/// A folder beside whose scenario everything lies that the shipped ones name.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["journeys", "stacks", "data"] {
            std::os::unix::fs::symlink(scenarios().join(part), folder.path().join(part)).unwrap();
        }
        Self(folder)
    }

    fn plan(&self, text: &str, options: PlanOptions) -> Result<Plan, diapason::scenario::ScenarioError> {
        let path: PathBuf = self.0.path().join("s.toml");
        std::fs::write(&path, text).unwrap();
        Plan::load(&path, options)
    }

    /// Plans it and holds what every plan must hold.
    fn survives(&self, text: &str) -> bool {
        match self.plan(text, PlanOptions::default()) {
            Ok(plan) => plan
                .summary
                .load
                .phases
                .iter()
                .all(|phase| phase.window.start <= phase.window.end),
            Err(error) => is_described(&error),
        }
    }
}

#[test]
fn the_files_this_starts_from_are_whole() {
    let folder = Folder::new();
    folder.plan(&shipped("gate.toml"), PlanOptions::default()).unwrap();
    folder.plan(CLOSED, PlanOptions::default()).unwrap();
}

/// What the gate does not use.
const CLOSED: &str = r#"
name = "other"
description = "closed, stepped and ramping phases, side by side"
seed = 9223372036854775807
timeout = "3s"

[stack]
use = "reference"
env = { FAULT_API_LATENCY_MS = "20" }

[users]
count = 30
log-in-every = "50ms"
graceful-stop = "1s"

[journeys]
projects = 5
login = 0.25

[[phase]]
name = "closed"
duration = "10s"
journeys = { tasks = 1.5 }
workload = { executor = "constant-users", users = 5, hatch-every = "20ms", think = "1s..2s" }

[[phase]]
name = "crowd"
start = "2s"
workload = { executor = "ramping-users", stages = [{ to = 10, over = "5s" }, { to = 0, over = "5s" }] }

[[phase]]
name = "stepped"
start = "3s"
duration = "10s"
judged = false
workload = { executor = "stepped-arrival-rate", from = "5/s", to = "20/s", steps = 4, spacing = "poisson" }

[[phase]]
name = "ramping"
workload = { executor = "ramping-arrival-rate", from = "1/s", stages = [{ to = "9/s", over = "10s" }] }

[probes.front-door]
path = "/api/health"

[[objective]]
name = "API"
indicator = "response-time"
of = "projects, !#write"
model = "open"
quantile = "p50"
target = "100ms"
acceptable = "1m 30s"
gate = false
"#;

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn any_text_is_planned_or_refused(text in "\\PC{0,200}") {
        prop_assert!(Folder::new().survives(&text));
    }

    #[test]
    fn a_damaged_scenario_is_planned_or_refused(text in damaged_text(shipped("gate.toml"))) {
        prop_assert!(Folder::new().survives(&text));
    }

    #[test]
    fn another_damaged_scenario_is_planned_or_refused(text in damaged_text(CLOSED.to_owned())) {
        prop_assert!(Folder::new().survives(&text));
    }

    #[test]
    fn what_is_read_is_what_is_printed(
        text in prop_oneof![damaged_text(shipped("gate.toml")), damaged_text(CLOSED.to_owned()), Just(CLOSED.to_owned())],
    ) {
        if let Some((value, again)) = printed_back::<Scenario>(&text) {
            prop_assert_eq!(value, again);
        }
    }

    #[test]
    fn any_override_is_taken_or_refused(
        key in prop_oneof!["[a-z0-9.-]{0,30}", "phase\\.(steady|0|1|99999999999999999999)(\\.[a-z]{1,9}){0,3}", "\\PC{0,20}"],
        value in prop_oneof!["\\PC{0,30}", "[0-9eE.+-]{1,30}", "[\\[{\"'\\n=a1]{1,40}"],
    ) {
        let options = PlanOptions { overrides: vec![(key, value)], ..PlanOptions::default() };
        if let Err(error) = Folder::new().plan(CLOSED, options) {
            prop_assert!(is_described(&error));
        }
    }
}

fn refused(from: &str, to: &str) -> String {
    assert!(CLOSED.contains(from), "{from}");
    let error = Folder::new()
        .plan(&CLOSED.replacen(from, to, 1), PlanOptions::default())
        .unwrap_err();
    assert!(is_described(&error));
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    let place = Path::new(&error.to_string())
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    cause.unwrap_or(place)
}

#[test]
fn what_would_take_for_ever_or_all_memory_is_refused() {
    assert!(refused("steps = 4", "steps = 4294967295").contains("4294967295 steps"));
    let poisson = "duration = \"7days\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"1000000/s\", spacing = \"poisson\" }";
    let phase = "duration = \"10s\"\njourneys = { tasks = 1.5 }\nworkload = { executor = \"constant-users\", users = 5, hatch-every = \"20ms\", think = \"1s..2s\" }";
    assert!(refused(phase, poisson).contains("604800000000 arrivals"));
    assert!(refused("start = \"3s\"", "start = \"9years\"").contains("days"));
    assert!(refused("\"50ms\"", "\"9years\"").contains("days"));
    assert!(refused("timeout = \"3s\"", "timeout = \"11years\"").contains("at most ten years"));
    assert!(refused("to = 10", "to = 4294967295").contains("users"));
}
