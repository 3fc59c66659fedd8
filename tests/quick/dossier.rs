//! A run as a dossier: packed, verified, and found out where anything was changed.

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::workspace::{Workspace, code, data, words};

/// Changes bytes inside the archive, which stays a valid one.
fn altered(archive: &Path, from: &[u8], to: &[u8]) {
    let mut tar = Vec::new();
    GzDecoder::new(std::fs::File::open(archive).unwrap())
        .read_to_end(&mut tar)
        .unwrap();
    let at = tar.windows(from.len()).position(|window| window == from).unwrap();
    tar[at..at + to.len()].copy_from_slice(to);
    let mut gzip = GzEncoder::new(std::fs::File::create(archive).unwrap(), Compression::fast());
    gzip.write_all(&tar).unwrap();
    gzip.finish().unwrap();
}

#[test]
fn a_run_is_packed_and_anybody_can_judge_it_again() {
    let workspace = Workspace::new();
    let run = workspace.saved("slow-api", "run");
    workspace.diapason(&["report", &run, "--lang", "fr,en"]);
    let printed = data(&workspace.diapason(&["pack", &run, "-o", "run.tar.gz"]));
    let hash = printed.split_whitespace().next().unwrap().to_owned();
    assert_eq!(hash.len(), 64, "{printed}");
    // Packed again it is the same archive.
    assert_eq!(
        data(&workspace.diapason(&["pack", &run, "-o", "again.tar.gz"]))
            .split_whitespace()
            .next(),
        Some(hash.as_str())
    );
    let verified = workspace.diapason(&["verify", "run.tar.gz", "--sha256", &hash]);
    assert!(
        data(&verified).contains("complete") && data(&verified).contains("the same answer: WARN"),
        "{}",
        words(&verified)
    );
    let other = workspace.diapason(&["verify", "run.tar.gz", "--sha256", "00"]);
    assert_eq!(code(&other), 1, "{}", words(&other));
}

#[test]
fn whatever_was_changed_is_found() {
    let workspace = Workspace::new();
    let run = workspace.saved("slow-api", "run");
    let fresh = || {
        workspace.diapason(&["pack", &run, "-o", "run.tar.gz"]);
        workspace.path().join("run.tar.gz")
    };
    // A page says something else: the hash does not hold.
    altered(&fresh(), b"\"interrupted\": false", b"\"interrupted\": true ");
    let output = workspace.diapason(&["verify", "run.tar.gz"]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert!(words(&output).contains("changed: run.json"), "{}", words(&output));
    // The manifest claims another verdict: every hash holds, the answer does not.
    altered(&fresh(), b"\"overall\": \"WARN\"", b"\"overall\": \"PASS\"");
    let output = workspace.diapason(&["verify", "run.tar.gz"]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert!(words(&output).contains("verdict: PASS → WARN"), "{}", words(&output));
    // A byte of the archive itself, and no archive at all.
    let path = fresh();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    for file in ["run.tar.gz", "reports/run/run.json"] {
        let output = workspace.diapason(&["verify", file]);
        assert_eq!(code(&output), 2, "{file}: {}", words(&output));
        assert!(words(&output).contains("hint: "), "{file}: {}", words(&output));
    }
}

#[test]
fn a_redacted_dossier_has_the_same_answer_and_no_examples() {
    let workspace = Workspace::new();
    let run = workspace.saved("limiter", "run");
    workspace.diapason(&["report", &run]);
    let page = std::fs::read_to_string(workspace.path().join(&run).join("index.html")).unwrap();
    assert!(
        page.contains("data:image/") && page.contains("503 Service Temporarily"),
        "the run has nothing to leave out"
    );
    data(&workspace.diapason(&["pack", &run, "-o", "run.tar.gz", "--redact"]));
    let verified = workspace.diapason(&["verify", "run.tar.gz"]);
    assert!(data(&verified).contains("redacted"), "{}", words(&verified));
    let mut tar = Vec::new();
    GzDecoder::new(std::fs::File::open(workspace.path().join("run.tar.gz")).unwrap())
        .read_to_end(&mut tar)
        .unwrap();
    let text = String::from_utf8_lossy(&tar);
    assert!(text.contains("<!DOCTYPE html>"));
    for left_out in ["data:image/", "503 Service Temporarily"] {
        assert!(!text.contains(left_out), "{left_out}");
    }
    // The run itself is untouched.
    assert_eq!(
        page,
        std::fs::read_to_string(workspace.path().join(&run).join("index.html")).unwrap()
    );
}

#[test]
fn a_remark_is_shown_with_its_author_wherever_the_run_is() {
    let workspace = Workspace::new();
    let run = workspace.saved("slow-api", "run");
    workspace.diapason(&["report", &run, "--accept", "acceptable", "--lang", "fr,en"]);
    workspace.diapason(&["history", "index", "reports"]);
    let output = workspace.diapason(&[
        "history",
        "note",
        "run",
        "accepted <b>until</b> the index is there",
        "--by",
        "C. Martin",
    ]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    for file in ["run/index.html", "run/index.fr.html", "index.html", "index.fr.html"] {
        let page = std::fs::read_to_string(workspace.path().join("reports").join(file)).unwrap();
        assert!(
            page.contains("accepted &lt;b&gt;until&lt;/b&gt;") && page.contains("C. Martin"),
            "{file}"
        );
    }
    // It stays judged by the column that it was judged by.
    let report = std::fs::read_to_string(workspace.path().join("reports/run/report.json")).unwrap();
    assert!(report.contains("\"accept\": \"acceptable\""));
    let missing = workspace.diapason(&["history", "note", "other", "x", "--by", "y"]);
    assert_eq!(code(&missing), 2, "{}", words(&missing));
}

#[test]
fn an_acknowledged_miss_exits_0_until_its_day_and_is_no_baseline() {
    let workspace = Workspace::new();
    let until = |day: &str| {
        let run = workspace.dated("slow-api", &format!("until-{day}"), "2026-03-02T08:00:00Z");
        workspace.edit(&format!("{run}/plan.json"), |plan| {
            for objective in plan["objectives"].as_array_mut().unwrap() {
                objective["acknowledge"] =
                    serde_json::json!({ "until": day, "reason": "the index comes with 1.5", "by": "C. Martin" });
            }
        });
        let output = workspace.diapason(&["report", &run, "--lang", "fr,en"]);
        let page = |file: &str| std::fs::read_to_string(workspace.path().join(&run).join(file)).unwrap();
        (
            code(&output),
            page("index.html"),
            page("index.fr.html"),
            page("junit.xml"),
        )
    };
    let (exit, english, french, junit) = until("2026-03-02");
    assert_eq!(exit, 0);
    assert!(english.contains("Acknowledged until 2026-03-02") && english.contains("the index comes with 1.5"));
    assert!(french.contains("Reconnu jusqu’au 2 mars 2026") && french.contains("C. Martin"));
    assert!(!junit.contains("<failure"), "{junit}");
    let (exit, english, _, junit) = until("2026-03-01");
    assert_eq!(exit, 1);
    assert!(english.contains("ended on 2026-03-01: it gates again") && junit.contains("<failure"));
}
