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
