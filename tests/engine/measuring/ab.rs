//! Two versions of a stack of two services in turns: one that is known to be slower, and one that is the same.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::engine::alone;
use crate::engine::docker::Label;
use crate::engine::isolation::shop::Shop;
use crate::engine::running::{Said, diapason};
use crate::repetition::{Undecided, decided};

/// Answers after as many milliseconds as its environment says.
const APP: &str = r"
const delay = Number(process.env.DELAY);
require('http').createServer((_, answer) => setTimeout(() => answer.end('ok'), delay)).listen(8080);";

fn shop() -> Shop {
    let shop = Shop::pair_of(
        "in-turns",
        APP,
        "environment: { DELAY: \"${DELAY:-5}\", OTHER: \"${OTHER:-0}\" }",
    );
    shop.last("3s");
    shop.change("rate = '10/s'", "rate = '20/s'");
    // Enough for a slow version on a busy machine: a dropped arrival makes a run invalid.
    shop.change("count = 2", "count = 20");
    shop
}

/// Folder and document of the only comparison in that folder.
fn compared(out: &Path) -> (std::path::PathBuf, Value) {
    let mut folders = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let folder = folders.next().unwrap();
    let document = serde_json::from_slice(&std::fs::read(folder.join("ab.json")).unwrap()).unwrap();
    (folder, document)
}

#[test]
fn a_version_that_is_60_ms_slower_is_found_regressed() {
    let _alone = alone();
    let shop = shop();
    let scenario = shop.scenario();
    let (said, out) = decided(
        |(said, _): &(Said, tempfile::TempDir)| {
            let undecided = (said.exit == 3).then_some(Undecided::Samples);
            // Invalid runs on a busy machine, most often.
            undecided.inspect(|_| eprintln!("{}", said.text))
        },
        || {
            let out = tempfile::tempdir().unwrap();
            let arguments = ["ab", scenario.to_str().unwrap(), "--b", "stack.env.DELAY=65"];
            let more = [
                "--at-most-time",
                "4m",
                "--lang",
                "fr,en",
                "--out",
                out.path().to_str().unwrap(),
            ];
            let said = diapason(&[&arguments[..], &more].concat(), &[]);
            said.label.nothing_left();
            (said, out)
        },
    );
    assert_eq!(said.exit, 1, "{}", said.text);
    assert!(said.text.contains("slower: regressed ("), "{}", said.text);
    let (folder, document) = compared(out.path());
    let time = &document["measures"][0];
    let number = |key: &str| time[key].as_f64().unwrap();
    assert!(
        number("low") > 0.0 && number("low") < 60.0 && number("high") > 60.0,
        "{time}"
    );
    // A B B A: neighbours in time are on one side across the pairs.
    let pairs = document["pairs"].as_array().unwrap();
    let firsts: Vec<&str> = pairs.iter().map(|pair| pair["first"].as_str().unwrap()).collect();
    assert!(
        firsts.len() >= 4 && firsts.iter().step_by(2).all(|side| *side == "A"),
        "{firsts:?}"
    );
    assert!(firsts.iter().skip(1).step_by(2).all(|side| *side == "B"), "{firsts:?}");
    for pair in pairs {
        for run in pair["runs"].as_array().unwrap() {
            assert!(
                folder.join(run["run"].as_str().unwrap()).join("report.json").is_file(),
                "{run}"
            );
        }
    }
    for file in ["index.html", "index.fr.html", "summary.md"] {
        assert!(folder.join(file).is_file(), "no {file}");
    }
}

#[test]
fn a_version_that_is_the_same_is_not_found_regressed() {
    let _alone = alone();
    let shop = shop();
    let out = tempfile::tempdir().unwrap();
    let scenario = shop.scenario();
    // The application does not read the variable.
    let arguments = [
        "ab",
        scenario.to_str().unwrap(),
        "--b",
        "stack.env.OTHER=1",
        "--at-most-time",
        "1m",
    ];
    let said = diapason(
        &[&arguments[..], &["--out", out.path().to_str().unwrap()]].concat(),
        &[],
    );
    said.label.nothing_left();
    assert!([0, 3].contains(&said.exit), "{}: {}", said.exit, said.text);
    let (_, document) = compared(out.path());
    assert!(!document["pairs"].as_array().unwrap().is_empty(), "{}", said.text);
}

#[test]
fn an_interrupted_comparison_keeps_its_pairs_and_leaves_no_stack() {
    let _alone = alone();
    let shop = shop();
    let out = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args([
            "ab",
            shop.scenario().to_str().unwrap(),
            "--b",
            "stack.env.OTHER=1",
            "--out",
        ])
        .arg(out.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let label = Label::of_process(child.id());
    let deadline = Instant::now() + Duration::from_secs(240);
    let has_a_pair = || {
        let mut folders = std::fs::read_dir(out.path()).unwrap();
        folders
            .next()
            .is_some_and(|folder| folder.unwrap().path().join("ab.json").is_file())
    };
    while !has_a_pair() {
        assert!(
            Instant::now() < deadline && child.try_wait().unwrap().is_none(),
            "no pair"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    label.nothing_left();
    let (folder, document) = compared(out.path());
    assert_eq!(document["end"], "interrupted");
    assert!(!document["pairs"].as_array().unwrap().is_empty());
    assert!(folder.join("index.html").is_file());
}
