//! What the tests of the history share, wherever it is.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::workspace::{Workspace, code, copy, data, words};

/// The flat rows of the history.
pub(crate) fn rows(workspace: &Workspace, more: &[&str]) -> Vec<Value> {
    let arguments = [&["history", "export", "--format", "json"], more].concat();
    serde_json::from_str(&data(&workspace.diapason(&arguments))).unwrap()
}

/// Which runs they are of.
pub(crate) fn runs(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["run"].as_str().unwrap().to_owned()).collect()
}

/// A run in that folder, copied to eight days of January.
pub(crate) fn copies(workspace: &Workspace, run: &Path) -> Vec<String> {
    let days = 1..=8;
    days.map(|day| {
        let name = format!("copies/run-{day}");
        copy(run, &workspace.path().join(&name));
        workspace.edit(&format!("{name}/run.json"), |value| {
            value["started"] = format!("2026-01-0{day}T08:00:00Z").into();
        });
        name
    })
    .collect()
}

/// Many processes add runs at the same time, into a history that none of them has made yet.
pub(crate) fn added_at_once(workspace: &Workspace, runs_of: &[String], history: &[&str]) {
    let children: Vec<_> = runs_of
        .iter()
        .map(|run| {
            let mut command = workspace.command();
            command.args(["history", "index", run]).args(history);
            command
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{}", words(&output));
        assert!(words(&output).contains("1 run in "), "{}", words(&output));
    }
    let rows = rows(workspace, history);
    assert_eq!(runs(&rows).len(), runs_of.len());
    let of_each = rows.len() / runs_of.len();
    assert!(of_each >= 6, "{of_each} numbers of each run");
    assert_eq!(rows.len(), of_each * runs_of.len(), "each run has all its numbers");
}
