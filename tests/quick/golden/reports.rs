//! Renderings of each saved run: on the terminal, in `report.json`, on the page, in Markdown, `JUnit` and CSV.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Copies, evidence, for_each, hold, is_old, names, page, table};

/// Parts of `report.json` that charts over time are drawn from; the others are tables of the page.
const DRAWN: [&str; 8] = [
    "judged",
    "limits",
    "send_lag",
    "timeline",
    "trends",
    "spikes",
    "beside_pages",
    "generator",
];

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_str(&read(folder, file)).unwrap()
}

#[test]
fn every_saved_run_is_judged_and_told_as_it_was() {
    for_each(&runs(), |name| {
        let copies = Copies::new();
        let folder = copies.of(name);
        let shown = copies.shown(&["report", name, "--export", "csv"]);
        let report = json(&folder, "report.json");
        hold(name, "told", &format!("{shown}{}", told(&report)));
        hold(name, "summary", &read(&folder, "summary.md"));
        hold(name, "junit", &read(&folder, "junit.xml"));
        hold(name, "series", &read(&folder, "series.csv"));
        hold(name, "page", &page::text(&read(&folder, "index.html")));
        hold(name, "data", &data(report));
    });
}

/// Names of the saved runs in the present format that are no search.
pub(super) fn runs() -> Vec<String> {
    let names = names().into_iter();
    names.filter(|name| !is_search(name) && !is_old(name)).collect()
}

fn is_search(name: &str) -> bool {
    diapason::gzip::is_file(&evidence().join(name).join("capacity.json"))
}

#[test]
fn every_saved_search_is_told_as_it_was() {
    let names = names().into_iter();
    let searches: Vec<String> = names.filter(|name| is_search(name) && !is_old(name)).collect();
    for_each(&searches, |name| {
        let copies = Copies::new();
        let folder = copies.of(name);
        hold(name, "told", &copies.shown(&["report", name]));
        hold(name, "summary", &read(&folder, "summary.md"));
        hold(name, "steps", &read(&folder, "steps.csv"));
        hold(name, "page", &page::text(&read(&folder, "index.html")));
        hold(name, "page-fr", &page::text(&read(&folder, "index.fr.html")));
    });
}

#[test]
fn old_runs_and_searches_are_still_read() {
    let old: Vec<String> = names().into_iter().filter(|name| is_old(name)).collect();
    for_each(&old, |name| {
        let copies = Copies::new();
        copies.of(name);
        hold(name, "told", &copies.shown(&["report", name]));
    });
}

#[test]
fn a_search_is_written_in_each_of_its_formats_and_refuses_others() {
    let copies = Copies::new();
    let folder = copies.of("capacity");
    let refused = |arguments: &[&str]| copies.shown(&[&["report", "capacity"], arguments].concat());
    insta::assert_snapshot!(refused(&["--export", "junit"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: a search for capacity is not written as junit
    hint: use one of json, html, markdown, svg, csv
    ");
    insta::assert_snapshot!(refused(&["--accept", "acceptable"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: a search for capacity is not judged again: the column of capacity is `target`
    hint: leave `--accept` out, or search with it: `diapason capacity --accept acceptable`
    ");
    let printed = |format: &str| {
        let output = copies.diapason(&["report", "capacity", "--export", &format!("{format}=-")]);
        String::from_utf8(output.stdout).unwrap()
    };
    for (format, file) in [
        ("html", "index.html"),
        ("markdown", "summary.md"),
        ("csv", "steps.csv"),
        ("svg", "throughput.svg"),
    ] {
        assert_eq!(printed(format).trim_end(), read(&folder, file).trim_end(), "{format}");
    }
    // A search that was made before languages were asked for has a page in both, unless one is asked for.
    let page = |name: &str| folder.join(name).exists();
    assert!(page("index.html") && page("index.fr.html"));
    copies.diapason(&["report", "capacity", "--lang", "fr"]);
    assert!(read(&folder, "index.html").contains("<html lang=\"fr\">") && !page("index.fr.html"));
    // What was saved is not written again, but where that is asked for.
    assert!(!folder.join("capacity.json").exists(), "it is saved compressed");
    copies.diapason(&["report", "capacity", "--export", "json"]);
    let document = json(&folder, "capacity.json");
    assert_eq!(document["scenario"], "capacity");
}

#[test]
fn an_examination_becomes_a_section_of_the_run() {
    let copies = Copies::new();
    let folder = copies.of("passing");
    let before = copies.shown(&["report", "passing"]);
    assert!(read(&folder, "index.html").contains("diapason run --examine"));
    let examination = serde_json::json!({
        "format": 1, "diapason": "0.1.0", "scenario": "gate", "tags": [["release", "1.4.2"]], "at": "2026-03-01T08:15:00Z",
        "front_door": "https://app.example", "counts": { "FAIL": 1, "PASS": 1 },
        "findings": [
            { "group": "health", "check": "services", "word": "PASS", "evidence": "5 services run" },
            { "group": "production readiness", "check": "TLS", "word": "FAIL", "evidence": "the certificate ended" },
        ],
    });
    let file = folder.join("../examined.json");
    fs::write(&file, examination.to_string()).unwrap();
    // The verdict does not depend on it, and it stays with the run.
    let with = copies.shown(&["report", "passing", "--examination", "examined.json", "--lang", "en,fr"]);
    assert_eq!(with.lines().next(), before.lines().next());
    for arguments in [&["report", "passing", "--lang", "en,fr"][..], &["report", "passing"]] {
        copies.diapason(arguments);
        let page = page::text(&read(&folder, "index.html"));
        assert!(
            page.contains("The examination without load found what is not met: TLS."),
            "{page}"
        );
        assert!(page.contains("https://app.example was examined on"), "{page}");
        assert!(read(&folder, "summary.md").contains("| TLS | FAIL | the certificate ended |"));
    }
    fs::write(
        &file,
        examination
            .to_string()
            .replace("\"FAIL\",\"evidence", "\"BAD\",\"evidence")
            .replace(": 1,", ": 1 ,"),
    )
    .unwrap();
    let broken = copies.shown(&["report", "passing", "--examination", "examined.json"]);
    assert!(broken.contains("error: failed to understand examined.json"), "{broken}");
    let missing = copies.shown(&["report", "passing", "--examination", "nowhere.json"]);
    assert!(
        missing.starts_with("exit 2") && missing.contains("nowhere.json"),
        "{missing}"
    );
}

/// Every verdict, rule of validity and cause, with its reason.
fn told(report: &Value) -> String {
    let mut out = String::from("--- verdicts\n");
    let text = |value: &Value| value.as_str().unwrap_or("–").to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let judgement = &report["judgement"];
    for verdict in list(&judgement["verdicts"]) {
        let gate = if verdict["objective"]["gate"] == false {
            ", advisory"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "{}: {}, target {}, acceptable {}{gate}\n  {}",
            text(&verdict["objective"]["name"]),
            text(&verdict["word"]),
            text(&verdict["target"]),
            text(&verdict["acceptable"]),
            text(&verdict["reason"])
        );
    }
    out.push_str("--- validity\n");
    for check in list(&judgement["validity"]) {
        let valid = if check["valid"] == true { "holds " } else { "BROKEN" };
        let (name, measured) = (text(&check["name"]), text(&check["measured"]));
        let _ = writeln!(
            out,
            "{valid}  {name}: {measured}; threshold: {}",
            text(&check["threshold"])
        );
        if check["valid"] == false {
            let _ = writeln!(out, "        {}", text(&check["hint"]));
        }
    }
    let attribution = &report["attribution"];
    let _ = writeln!(out, "--- cause\n{}", text(&attribution["sentence"]));
    for suspect in list(&attribution["suspects"]) {
        let _ = writeln!(
            out,
            "{:.2} {} in {} {}: {}\n     so: {}",
            suspect["weight"].as_f64().unwrap(),
            text(&suspect["rule"]),
            text(&suspect["tier"]),
            text(&suspect["service"]),
            text(&suspect["clause"]),
            text(&suspect["advice"])
        );
        for evidence in list(&suspect["evidence"]) {
            let _ = writeln!(out, "     as: {}", text(&evidence));
        }
    }
    out
}

/// What the charts of the page are drawn from.
fn data(mut report: Value) -> String {
    report
        .as_object_mut()
        .unwrap()
        .retain(|name, _| DRAWN.contains(&name.as_str()));
    table::text(&report)
}
