//! The history as a user meets it, on saved runs and copies of them with other dates.

use serde_json::Value;

use crate::history::{added_at_once, copies, rows, runs};
use crate::workspace::{Workspace, code, data, words};

#[test]
fn runs_are_indexed_listed_and_filtered() {
    let workspace = Workspace::new();
    let first = workspace.dated("compare-base", "first", "2026-03-01T08:00:00Z");
    let tags = [["branch", "main"], ["api-token", "hush"]];
    workspace.edit(&format!("{first}/plan.json"), |plan| {
        plan["tags"] = serde_json::json!(tags);
    });
    let second = workspace.dated("slow-api", "second", "2026-03-02T08:00:00Z");
    workspace.edit(&format!("{second}/plan.json"), |plan| {
        plan["tags"] = serde_json::json!([["branch", "fast"]]);
    });
    workspace.dated("slow-statements", "third", "2026-03-03T08:00:00Z");
    // What leads to a run, and what is none.
    std::os::unix::fs::symlink("third", workspace.path().join("reports/latest")).unwrap();
    std::fs::create_dir(workspace.path().join("reports/notes")).unwrap();
    let index = || {
        let output = workspace.diapason(&["history", "index", "reports"]);
        assert_eq!(code(&output), 0, "{}", words(&output));
        assert!(
            words(&output).contains("3 runs in reports/history.sqlite"),
            "{}",
            words(&output)
        );
    };
    index();

    let all = data(&workspace.diapason(&["history"]));
    let names: Vec<&str> = all.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["third", "second", "first"], "newest first: {all}");
    assert!(
        all.contains("PASS") && all.contains("API response time p95 ") && all.contains("branch=fast"),
        "{all}"
    );
    assert!(!all.contains("hush") && all.contains("api-token=***"), "{all}");
    for (filter, expected) in [
        (
            &["--tag", "branch=main", "--verdict", "pass", "--since", "2026-03-01"][..],
            &["first"][..],
        ),
        (&["--last", "2"], &["third", "second"]),
        (&["--scenario", "other"], &[]),
        (&["--verdict", "warn"], &["third", "second"]),
        (&["--since", "2026-03-02T08:00:00Z"], &["third", "second"]),
    ] {
        let listed = data(&workspace.diapason(&[&["history"], filter].concat()));
        let names: Vec<&str> = listed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(names, expected, "{filter:?}: {listed}");
    }
    for refused in [["--since", "yesterday"], ["--verdict", "good"]] {
        let output = workspace.diapason(&[&["history"], &refused[..]].concat());
        assert_eq!(code(&output), 2, "{}", words(&output));
        assert!(words(&output).contains("error: `"), "{}", words(&output));
    }
    // Taken in once more, nothing is there twice.
    let before = rows(&workspace, &[]);
    index();
    assert_eq!(before, rows(&workspace, &[]));
    // Nor is the file's content any more telling than the list.
    let bytes = std::fs::read(workspace.path().join("reports/history.sqlite")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("hush"));
}

#[test]
fn the_numbers_of_the_table_are_those_of_the_report() {
    let workspace = Workspace::new();
    let run = workspace.saved("slow-api", "run");
    workspace.diapason(&["report", &run]);
    workspace.diapason(&["history", "index", "reports"]);
    let report = std::fs::read(workspace.path().join(&run).join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let rows = rows(&workspace, &[]);
    let of = |name: &str, statistic: &str| {
        let found = rows
            .iter()
            .find(|row| row["name"] == name && row["statistic"] == statistic);
        found.unwrap_or_else(|| panic!("no {name} {statistic}"))
    };
    let mut objectives = 0;
    for verdict in report["judgement"]["verdicts"].as_array().unwrap() {
        let measured = &verdict["measurement"];
        if measured.is_null() {
            continue;
        }
        let row = of(
            verdict["objective"]["name"].as_str().unwrap(),
            measured["statistic"].as_str().unwrap(),
        );
        let unit = measured["unit"].as_str().unwrap();
        for (column, key) in [("value", "point"), ("low", "low"), ("high", "high")] {
            assert_eq!(row[format!("{column}_{unit}")], measured[key], "{row:#}");
        }
        assert_eq!(
            (&row["samples"], &row["measurement_verdict"]),
            (&measured["samples"], &verdict["word"])
        );
        assert_eq!(row["kind"], "objective");
        objectives += 1;
    }
    assert_eq!(objectives, 5);
    let mut series = 0;
    for row in report["series"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["requests"] != 0)
    {
        let name = row["name"].as_str().unwrap();
        for statistic in ["p50", "p95", "p99"] {
            assert_eq!(
                of(name, statistic)["value_milliseconds"],
                row["response"][statistic],
                "{name}"
            );
        }
        let errors = row["errors"].as_f64().unwrap() / row["requests"].as_f64().unwrap();
        assert_eq!(of(name, "share")["value_share"].as_f64(), Some(errors), "{name}");
        series += 4;
    }
    assert_eq!(rows.len(), objectives + series);
    let csv = data(&workspace.diapason(&["history", "export"]));
    assert_eq!(csv.lines().count(), rows.len() + 1, "{csv}");
    assert!(csv.starts_with("run,folder,scenario,started,load_seconds,"), "{csv}");
    data(&workspace.diapason(&["history", "export", "file.csv"]));
    assert_eq!(std::fs::read_to_string(workspace.path().join("file.csv")).unwrap(), csv);
}

/// A week of fast runs and a week of slower ones a month later.
fn two_levels() -> Workspace {
    let workspace = Workspace::new();
    for day in 1..=7 {
        workspace.dated(
            "compare-base",
            &format!("fast-{day}"),
            &format!("2026-01-0{day}T08:00:00Z"),
        );
        workspace.dated("slow-api", &format!("slow-{day}"), &format!("2026-02-0{day}T08:00:00Z"));
    }
    let output = workspace.diapason(&["history", "index", "reports"]);
    assert!(words(&output).contains("14 runs in "), "{}", words(&output));
    workspace
}

#[test]
fn a_change_of_level_is_found_and_dated() {
    let workspace = two_levels();
    let trend = data(&workspace.diapason(&["history", "trend", "API response time"]));
    assert!(trend.starts_with("API response time p95  14 runs\n"), "{trend}");
    assert!(trend.contains("  changed since slow-1 (2026-02-01): "), "{trend}");
    assert_eq!(trend.matches("changed since").count(), 1, "{trend}");
    // Among those of one level there is none.
    let since = ["history", "trend", "API response time", "--since", "2026-02-01"];
    let trend = data(&workspace.diapason(&since));
    assert!(
        trend.starts_with("API response time p95  7 runs\n") && trend.contains("  no change found\n"),
        "{trend}"
    );
    let page = [
        "history",
        "trend",
        "projects.list",
        "--statistic",
        "p50",
        "--export",
        "html=trend.html",
    ];
    data(&workspace.diapason(&page));
    let page = std::fs::read_to_string(workspace.path().join("trend.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("slow-1"), "{page}");
    let unknown = workspace.diapason(&["history", "trend", "speed"]);
    assert_eq!(code(&unknown), 2);
    assert!(
        words(&unknown).contains("hint: there is API response time, "),
        "{}",
        words(&unknown)
    );
    let format = workspace.diapason(&["history", "trend", "projects.list", "--export", "pdf"]);
    assert_eq!(
        (code(&format), words(&format).contains("hint: use html or svg")),
        (2, true),
        "{}",
        words(&format)
    );
}

#[test]
fn a_trend_leaves_out_what_is_not_comparable_with_the_newest_run() {
    let workspace = Workspace::new();
    let other = workspace.dated("compare-base", "other", "2026-01-01T08:00:00Z");
    workspace.edit(&format!("{other}/environment.json"), |value| value["cores"] = 64.into());
    workspace.dated("compare-base", "newest", "2026-01-02T08:00:00Z");
    workspace.diapason(&["history", "index", "reports"]);
    let output = workspace.diapason(&["history", "trend", "API response time"]);
    assert!(
        data(&output).starts_with("API response time p95  1 runs\n"),
        "{}",
        words(&output)
    );
    assert!(
        words(&output).contains("1 of 2 runs are comparable with the newest; --all shows"),
        "{}",
        words(&output)
    );
    let all = data(&workspace.diapason(&["history", "trend", "API response time", "--all"]));
    assert!(all.starts_with("API response time p95  2 runs\n"), "{all}");
}

#[test]
fn old_runs_go_but_no_baseline() {
    let workspace = two_levels();
    let reports = workspace.path().join("reports");
    // An old baseline, of a folder that could be taken for a run's.
    workspace.dated("compare-base", "baselines/main", "2025-01-01T00:00:00Z");
    workspace.diapason(&["history", "index", "reports/baselines"]);
    let prune =
        |more: &[&str]| workspace.diapason(&[&["history", "prune", "--older-than", "2026-02-04"], more].concat());
    let asked = prune(&[]);
    assert_eq!(code(&asked), 2, "{}", words(&asked));
    assert!(words(&asked).contains("there is nobody to ask"), "{}", words(&asked));
    // 7 fast, 3 slow, and the index's line on the baseline.
    let shown = prune(&["--dry-run"]);
    assert!(
        words(&shown).contains("11 runs and 10 folders would be removed"),
        "{}",
        words(&shown)
    );
    assert!(reports.join("fast-1").is_dir());
    let kept = prune(&["--keep", "9", "--dry-run"]);
    assert!(
        words(&kept).contains("6 runs and 5 folders would be removed"),
        "{}",
        words(&kept)
    );
    let removed = prune(&["--yes"]);
    assert_eq!(code(&removed), 0, "{}", words(&removed));
    assert!(!reports.join("fast-1").exists() && !reports.join("slow-3").exists() && reports.join("slow-4").is_dir());
    assert!(reports.join("baselines/main/plan.json").is_file());
    assert_eq!(runs(&rows(&workspace, &[])).len(), 4);
    let nothing = prune(&["--yes"]);
    assert!(words(&nothing).contains("nothing is that old"), "{}", words(&nothing));
}

#[test]
fn concurrent_processes_do_not_spoil_the_history() {
    let workspace = Workspace::new();
    let run = workspace.saved("compare-base", "run");
    let copies = copies(&workspace, &workspace.path().join(run));
    added_at_once(&workspace, &copies, &["--history", "together.sqlite"]);
}

#[test]
fn the_history_is_where_the_flag_or_the_environment_says() {
    let workspace = Workspace::new();
    workspace.saved("compare-base", "run");
    let index = |variable: &str, flag: &[&str]| {
        let mut command = workspace.command();
        command.args(["history", "index", "reports"]).args(flag);
        command.env("DIAPASON_HISTORY", variable).output().unwrap()
    };
    assert!(words(&index("variable.sqlite", &[])).contains("1 run in variable.sqlite"));
    let both = index("variable.sqlite", &["--history", "flag.sqlite"]);
    assert!(words(&both).contains("1 run in flag.sqlite"), "{}", words(&both));
    assert!(words(&index("", &["--out", "reports"])).contains("1 run in reports/history.sqlite"));
    std::fs::write(
        workspace.path().join("no.sqlite"),
        "this is no database, and long enough to be seen not to be one",
    )
    .unwrap();
    let damaged = index("no.sqlite", &[]);
    assert_eq!(code(&damaged), 2, "{}", words(&damaged));
    assert!(
        words(&damaged).contains("caused by: file is not a database"),
        "{}",
        words(&damaged)
    );
}
