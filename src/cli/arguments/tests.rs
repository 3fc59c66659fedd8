use clap::error::ErrorKind;

use super::*;
use crate::scenario::PlanOptions;

/// Parsed and shown, so that one flag too many is seen as well.
fn command(line: &str) -> String {
    format!("{:?}", Arguments::parse_line(line).unwrap().command)
}

/// Fields that `flags` add to the command, as `field: value` of [`command`].
fn changed(line: &str, flags: &str) -> Vec<String> {
    let fields = |line: &str| -> Vec<String> {
        let shown = command(line);
        // Fields of nested structures follow their names; a comma divides fields and elements of lists alike.
        shown.split(", ").map(str::to_owned).collect()
    };
    let before = fields(line);
    let after = fields(&format!("{line} {flags}"));
    after.into_iter().filter(|field| !before.contains(field)).collect()
}

#[test]
fn each_flag_of_a_plan_becomes_an_option_and_changes_no_other() {
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        owned.collect::<Vec<_>>()
    };
    let none = PlanOptions::default;
    let table = [
        ("", none()),
        (
            "--target http://127.0.0.1:1",
            PlanOptions {
                target: Some("http://127.0.0.1:1".to_owned()),
                ..none()
            },
        ),
        (
            "--i-own a.example --i-own b.example",
            PlanOptions {
                own_hosts: vec!["a.example".to_owned(), "b.example".to_owned()],
                ..none()
            },
        ),
        (
            "--profile minimum",
            PlanOptions {
                profile: Some("minimum".to_owned()),
                ..none()
            },
        ),
        (
            "--profile minimum --scale-profile",
            PlanOptions {
                profile: Some("minimum".to_owned()),
                scale_profile: true,
                ..none()
            },
        ),
        (
            "--seed 18446744073709551615",
            PlanOptions {
                seed: Some(u64::MAX),
                ..none()
            },
        ),
        (
            "--tag commit=4f1c --tag empty=",
            PlanOptions {
                tags: pairs(&[("commit", "4f1c"), ("empty", "")]),
                ..none()
            },
        ),
        // In the order given; only the first `=` divides.
        (
            "--set a.b=1 --set a.b=x=y",
            PlanOptions {
                overrides: pairs(&[("a.b", "1"), ("a.b", "x=y")]),
                ..none()
            },
        ),
    ];
    for (flags, expected) in table {
        for command in ["run s.toml", "capacity s.toml", "check s.toml"] {
            let plan = match Arguments::parse_line(&format!("{command} {flags}")).unwrap().command {
                Command::Run(run) => run.plan,
                Command::Capacity(capacity) => capacity.plan,
                Command::Check(check) => check.plan,
                other => panic!("{other:?}"),
            };
            assert_eq!(
                format!("{:?}", plan.options()),
                format!("{expected:?}"),
                "{command} {flags}"
            );
        }
    }
}

#[test]
fn what_is_not_said_has_a_default() {
    for (line, expected) in [
        ("capacity", "scenario: \"scenarios/capacity.toml\""),
        ("capacity", "out: \"reports\""),
        ("capacity", "accept: None"),
        ("check", "scenario: \"scenarios/gate.toml\""),
        ("check", "live: false"),
        ("run s.toml", "out: \"reports\""),
        ("run s.toml", "accept: Target"),
        ("run s.toml", "history: None"),
        ("run s.toml", "bisect: false"),
        ("report", "runs: [\"reports/latest\"]"),
        ("report", "accept: None"),
        ("compare a b", "anyway: false"),
        ("compare a b", "out: \"reports\""),
        ("history", "command: None"),
        ("history", "out: \"reports\""),
        ("history export", "Export { format: Csv, path: None }"),
        ("history prune --older-than 90d", "keep: 0, yes: false, dry_run: false"),
        ("init --compose c.yml", "out: None, force: false"),
        ("stack up", "stack: \"reference\""),
        ("list probes", "scenarios: \"scenarios\""),
    ] {
        let shown = command(line);
        assert!(shown.contains(expected), "{line}: {shown}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of flags")]
fn each_flag_sets_its_own_field_alone() {
    for (line, flags, expected) in [
        (
            "run s.toml",
            "t.toml",
            &["Run(RunArguments { scenarios: [\"s.toml\"", "\"t.toml\"]"][..],
        ),
        ("run s.toml", "--export json", &["export: [\"json\"]"]),
        ("run s.toml", "--abort-on-miss", &["abort_on_miss: true"]),
        ("run s.toml", "--keep-stack", &["keep_stack: true"]),
        ("run s.toml", "--keep-failed", &["keep_failed: true"]),
        ("capacity", "--keep-failed", &["keep_failed: true"]),
        ("stack up", "--keep-failed", &["keep_failed: true"]),
        (
            "run s.toml",
            "--baseline a,b",
            &["baselines: BaselineArguments { baseline: [\"a\"", "\"b\"]"],
        ),
        ("run s.toml", "--save-baseline a", &["save_baseline: Some(\"a\")"]),
        (
            "run s.toml --baseline a",
            "--fail-on-regression",
            &["fail_on_regression: true"],
        ),
        ("run s.toml --baseline a", "--anyway", &["anyway: true }"]),
        ("run s.toml", "--history h.db", &["history: Some(\"h.db\")"]),
        ("run s.toml", "--bisect", &["bisect: true"]),
        ("run s.toml", "--ci gitlab", &["ci: Gitlab"]),
        (
            "run s.toml",
            "--metrics pushgateway=http://h",
            &["metrics: [Push(Pushgateway", "\"http://h\")]"],
        ),
        ("run s.toml", "--progress json", &["progress: Json })"]),
        ("doctor", "--format json", &["Doctor { format: Json }"]),
        ("capacity", "--resume reports/x", &["resume: Some(\"reports/x\")"]),
        ("check", "--live", &["live: true"]),
        ("report", "a b", &["Report(ReportArguments { runs: [\"a\"", "\"b\"]"]),
        (
            "report",
            "--export junit=- --export json",
            &["export: [\"junit=-\"", "\"json\"]"],
        ),
        ("report", "--accept acceptable", &["accept: Some(Acceptable) })"]),
        ("compare a b", "--anyway", &["anyway: true"]),
        ("compare a b", "--export html", &["export: [\"html\"]"]),
        ("compare a b", "--out o", &["out: \"o\""]),
        ("compare a b", "--bisect", &["bisect: true })"]),
        (
            "history",
            "--scenario gate",
            &["filter: HistoryFilter { scenario: Some(\"gate\")"],
        ),
        ("history", "--tag branch=main", &["tags: [(\"branch\"", "\"main\")]"]),
        ("history", "--since 7d", &["since: Some(\"7d\")"]),
        ("history", "--verdict fail", &["verdict: Some(\"fail\")"]),
        ("history", "--last 3", &["last: Some(3) }"]),
        ("history", "--history h.db", &["history: Some(\"h.db\")"]),
        // Global flags stand before and behind a subcommand.
        ("history export", "--last 3", &["last: Some(3) }"]),
        (
            "history export",
            "--format json h.json",
            &[
                "History(HistoryArguments { command: Some(Export { format: Json",
                "path: Some(\"h.json\") })",
            ],
        ),
        ("history trend p95", "--statistic p50", &["statistic: Some(\"p50\")"]),
        ("history trend p95", "--all", &["all: true"]),
        ("history trend p95", "--export svg=-", &["export: Some(\"svg=-\")"]),
        (
            "history index a",
            "b",
            &[
                "History(HistoryArguments { command: Some(Index { folders: [\"a\"",
                "\"b\"] })",
            ],
        ),
        ("history prune --older-than 9d", "--keep 4", &["keep: 4"]),
        ("history prune --older-than 9d", "--yes", &["yes: true"]),
        ("history prune --older-than 9d", "--dry-run", &["dry_run: true }))"]),
    ] {
        assert_eq!(changed(line, flags), expected, "{line} {flags}");
    }
    assert!(Arguments::parse_line("-q run s.toml").unwrap().quiet);
    assert!(Arguments::parse_line("run s.toml --quiet").unwrap().quiet);
    assert!(!Arguments::parse_line("run s.toml").unwrap().quiet);
}

#[test]
fn what_makes_no_sense_is_bad_usage() {
    use ErrorKind::{
        ArgumentConflict, DisplayHelpOnMissingArgumentOrSubcommand, InvalidSubcommand, InvalidValue,
        MissingRequiredArgument, UnknownArgument, ValueValidation,
    };
    for (line, kind) in [
        ("", DisplayHelpOnMissingArgumentOrSubcommand),
        ("frobnicate", InvalidSubcommand),
        ("run", MissingRequiredArgument),
        ("run s.toml --frobnicate", UnknownArgument),
        ("run s.toml --accept nothing", InvalidValue),
        ("run s.toml --seed -1", UnknownArgument),
        ("run s.toml --seed x", ValueValidation),
        ("run s.toml --set users.count", ValueValidation),
        ("run s.toml --tag =main", ValueValidation),
        ("run s.toml --scale-profile", MissingRequiredArgument),
        ("run s.toml --fail-on-regression", MissingRequiredArgument),
        ("run s.toml --anyway", MissingRequiredArgument),
        ("capacity --max-rate fast", ValueValidation),
        ("capacity --at-most-time long", ValueValidation),
        ("capacity s.toml --resume reports/x", ArgumentConflict),
        ("capacity --resume reports/x --expect 85/s", ArgumentConflict),
        ("capacity --resume reports/x --sweep a=1", ArgumentConflict),
        ("capacity --resume reports/x --max-rate 85/s", ArgumentConflict),
        ("compare", MissingRequiredArgument),
        ("compare a", MissingRequiredArgument),
        ("compare --base a", MissingRequiredArgument),
        ("compare --new a", MissingRequiredArgument),
        ("compare a b --base c --new d", ArgumentConflict),
        ("history --last few", ValueValidation),
        ("history export --format xml", InvalidValue),
        ("history index", MissingRequiredArgument),
        ("history trend", MissingRequiredArgument),
        ("history prune", MissingRequiredArgument),
        ("history prune --older-than 9d --yes --dry-run", ArgumentConflict),
        ("init", MissingRequiredArgument),
        ("stack down", MissingRequiredArgument),
        ("stack down a --all", ArgumentConflict),
        ("list", MissingRequiredArgument),
        ("list colours", InvalidValue),
    ] {
        let error = Arguments::parse_line(line).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (kind, 2), "{line}");
    }
}

#[test]
fn a_replay_has_a_log_a_scenario_and_the_options_of_both() {
    let line = "replay a.log s.toml --log b.log --speed 4 --max-rate 20/s --session-field cookie --seed 3 --bisect";
    let Command::Replay(replay) = Arguments::parse_line(line).unwrap().command else {
        panic!("no replay")
    };
    assert_eq!(replay.first, PathBuf::from("a.log"));
    assert_eq!(replay.more, [PathBuf::from("b.log")]);
    assert_eq!(replay.run.scenarios, [PathBuf::from("s.toml")]);
    assert!((replay.speed - 4.0).abs() < f64::EPSILON && !replay.open && !replay.fit);
    assert_eq!(replay.max_rate.map(|rate| rate.to_string()), Some("20/s".to_owned()));
    assert_eq!(replay.log.session_field.as_deref(), Some("cookie"));
    assert_eq!((replay.run.plan.seed, replay.run.bisect), (Some(3), true));
    let refused = |line: &str| Arguments::parse_line(line).unwrap_err().kind();
    assert_eq!(refused("replay a.log s.toml --open --fit"), ErrorKind::ArgumentConflict);
    assert_eq!(refused("replay a.log"), ErrorKind::MissingRequiredArgument);
    assert_eq!(refused("replay a.log s.toml --speed fast"), ErrorKind::ValueValidation);
}
