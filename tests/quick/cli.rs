//! The command line as a user meets it: whole outputs, exit codes, hints.

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

/// Exit code, then standard output and standard error as they are.
fn shown(arguments: &[&str]) -> String {
    let output = diapason(arguments);
    format!(
        "exit {}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap()
    )
}

/// Writes a changed copy of the gate scenario beside the others, where its journeys and stacks are found.
fn changed_gate(folder: &Path, from: &str, to: &str) -> String {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for part in ["journeys", "stacks", "data"] {
        std::os::unix::fs::symlink(scenarios.join(part), folder.join(part)).unwrap();
    }
    let text = std::fs::read_to_string(scenarios.join("gate.toml")).unwrap();
    assert!(text.contains(from), "the gate scenario no longer holds {from:?}");
    let path = folder.join("changed.toml");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn refused(from: &str, to: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = changed_gate(folder.path(), from, to);
    shown(&["check", &path]).replace(folder.path().to_str().unwrap(), "DIR")
}

#[test]
fn check_shows_the_plan_and_the_evidence_it_will_yield() {
    let text = shown(&["check", "scenarios/gate.toml"]);
    assert!(text.starts_with("exit 0\n"), "{text}");
    for line in [
        "steady",
        "tasks.update",
        "API response time",
        "Uptime",
        "cannot be decided",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}

#[test]
fn a_missing_scenario_is_named_with_a_hint() {
    insta::assert_snapshot!(shown(&["run", "scenarios/none.toml"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: failed to read scenario: scenarios/none.toml
      caused by: No such file or directory (os error 2)
    hint: `diapason list scenarios` shows the scenarios at hand
    "#);
}

#[test]
fn an_unknown_key_is_shown_where_it_stands() {
    insta::assert_snapshot!(refused("count = 100", "cuont = 100"), @r#"
    exit 2
    --- stdout
    --- stderr
    error: not a valid scenario: DIR/changed.toml
      caused by: TOML parse error at line 13, column 1
           |
        13 | cuont = 100
           | ^^^^^
        unknown field `cuont`, expected one of `count`, `log-in-every`, `graceful-stop`, `setup`, `teardown`, `teardown-at-most`
    hint: `diapason schema scenario --markdown` describes every key
    "#);
}

#[test]
fn a_plan_that_cannot_decide_a_gating_objective_is_refused() {
    insta::assert_snapshot!(refused("duration = \"45s\"", "duration = \"20s\""), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/changed.toml: this plan cannot decide the gating objective `Frontend load time`: it yields 8 samples where a pass needs at least 11
    hint: make the phases that are judged for it 1.4 times as long (or the rate as high), or set `gate = false` on the objective
    "#);
}

#[test]
fn an_unknown_journey_is_named() {
    insta::assert_snapshot!(refused("projects = 5", "porjects = 5"), @r#"
    exit 2
    --- stdout
    --- stderr
    error: no journey `porjects` in DIR/journeys
    hint: did you mean `projects`?
    "#);
}

#[test]
fn an_unknown_indicator_is_named_with_those_there_are() {
    insta::assert_snapshot!(refused("\"query-time\"", "\"querytime\""), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/changed.toml: objective `Database query time`: there is no indicator `querytime`
    hint: use one of response-time, transaction-time, apdex, throughput, error-rate, page-load, page-shown, largest-contentful-paint, interaction-to-next-paint, blocking-time, layout-shift, page-errors, query-time, uptime, rate-limited, downtime, recovery, lost
    "#);
}

#[test]
fn a_selector_that_selects_nothing_is_refused() {
    insta::assert_snapshot!(refused("of = \"#api\"", "of = \"#apy\""), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/changed.toml: objective `API response time`: `#apy` selects no request of this plan
    hint: a selector names a journey, a `journey.step` or a `#tag`; `!` excludes; this plan's series are login.login, manager-login.login, projects.list, projects.detail, projects.stats, tasks.list, tasks.mine, tasks.of_project, tasks.detail, tasks.create, tasks.create.cleanup, tasks.update, tasks.comment
    "#);
}

#[test]
fn windows_that_cannot_be_judged_are_refused() {
    let settings = "quantile = \"p95\"\ntarget = \"100ms\"";
    let every = |length: &str| refused(settings, &format!("in-every = \"{length}\"\n{settings}"));
    insta::assert_snapshot!(every("1500ms"), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/changed.toml: objective `API response time`: windows of `in-every = "1s 500ms"` are not of whole seconds
    hint: write whole seconds, at least one: `in-every = "10s"`
    "#);
    assert!(every("500ms").starts_with("exit 2\n"));
    assert!(every("1s").starts_with("exit 0\n"));
    let maximum = "statistic = \"max\"\nin-every = \"10s\"\ntarget = \"100ms\"";
    insta::assert_snapshot!(refused(settings, maximum), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/changed.toml: objective `API response time`: the maximum of the whole run is that of its worst window: `in-every` adds nothing
    hint: remove `in-every`
    "#);
}

#[test]
fn an_objective_without_its_probe_is_refused() {
    insta::assert_snapshot!(refused("[probes.postgres]", ""), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/changed.toml: objective `Database query time`: needs the postgres probe
    hint: add `[probes.postgres]` to the scenario
    "#);
}

#[test]
fn an_override_that_does_not_fit_is_named() {
    insta::assert_snapshot!(shown(&["check", "--set", "phase.steady.duration=fast"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot set `phase.steady.duration`: `fast` is not a duration such as `100ms`, `2s` or `1m 30s`
    hint: a key is a dotted path into the scenario file, such as `phase.steady.duration`
    "#);
    insta::assert_snapshot!(shown(&["check", "--set", "phase.9.duration=5s"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot set `phase.9.duration`: there is no element `9` (by number 0 to 2 or by name)
    hint: a key is a dotted path into the scenario file, such as `phase.steady.duration`
    "#);
}

#[test]
fn bad_usage_exits_with_2() {
    assert_eq!(diapason(&["run"]).status.code(), Some(2));
    assert_eq!(diapason(&["frobnicate"]).status.code(), Some(2));
    assert_eq!(
        diapason(&["run", "scenarios/gate.toml", "--export", "papyrus"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn a_folder_that_holds_no_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = shown(&["report", folder.path().to_str().unwrap()]).replace(folder.path().to_str().unwrap(), "DIR");
    insta::assert_snapshot!(text, @r#"
    exit 2
    --- stdout
    --- stderr
    error: not a run folder: DIR
    hint: name a folder that `diapason run` wrote: it holds plan.json and evidence/; `reports/latest` is the newest; `diapason report` also takes a search for capacity, which holds capacity.json
    "#);
}

#[test]
fn lists_name_everything_there_is() {
    for (kind, names) in [
        ("scenarios", &["gate"][..]),
        ("journeys", &["frontend", "login", "projects", "tasks"]),
        ("stacks", &["reference"]),
        (
            "indicators",
            &[
                "apdex",
                "error-rate",
                "page-load",
                "query-time",
                "response-time",
                "throughput",
                "uptime",
            ],
        ),
        ("exporters", &["html", "json", "junit", "markdown"]),
        (
            "executors",
            &[
                "constant-arrival-rate",
                "constant-users",
                "ramping-arrival-rate",
                "ramping-users",
                "stepped-arrival-rate",
            ],
        ),
        (
            "probes",
            &["browser", "containers", "front-door", "generator", "postgres"],
        ),
    ] {
        let text = shown(&["list", kind]);
        assert!(text.starts_with("exit 0\n"), "{text}");
        for name in names {
            assert!(text.lines().any(|line| line.starts_with(name)), "no {name} in\n{text}");
        }
    }
}

#[test]
fn a_host_that_is_not_the_users_own_is_not_loaded() {
    let target = ["check", "scenarios/gate.toml", "--target", "https://shop.example:8443"];
    insta::assert_snapshot!(shown(&target), @r#"
    exit 2
    --- stdout
    --- stderr
    error: `shop.example` is neither this machine nor a host that you list as your own: it is not loaded
    hint: if it is yours to load: `--i-own shop.example`, or `allowed-hosts = ["shop.example"]` in the stack file or under `[stack]`
    "#);
    let owned = shown(&[&target[..], &["--i-own", "shop.example"]].concat());
    assert!(owned.starts_with("exit 0\n"), "{owned}");
    let listed = shown(&[&target[..], &["--set", "stack.allowed-hosts=['shop.example']"]].concat());
    assert!(listed.starts_with("exit 0\n"), "{listed}");
}

#[test]
fn every_command_is_completed_and_has_a_manual_page() {
    let help = shown(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<&str> = listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.contains(&"run") && commands.contains(&"man"), "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = shown(&["completions", shell]);
        assert!(script.starts_with("exit 0\n"), "{script}");
        for name in &commands {
            assert!(script.contains(name), "{shell} does not complete {name}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    let written = diapason(&["man", "--out", pages.to_str().unwrap()]);
    assert!(written.status.success(), "{written:?}");
    for name in &commands {
        let page = std::fs::read_to_string(pages.join(format!("diapason-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(shown(&["man"]).contains(".TH diapason 1"));
    std::fs::write(folder.path().join("file"), "").unwrap();
    let refused = shown(&["man", "--out", folder.path().join("file/pages").to_str().unwrap()]);
    assert!(
        refused.starts_with("exit 2\n") && refused.contains("hint: "),
        "{refused}"
    );
}
