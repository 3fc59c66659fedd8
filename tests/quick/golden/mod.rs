//! Saved runs of the reference stack, from evidence to verdict, cause and page: `tests/evidence/NAME` holds what was recorded
//! and observed, and everything that is said of it through the public path is a reviewed snapshot, `snapshots/NAME.KIND.snap`.
//!
//! `ci/golden` records the runs, CONTRIBUTING.md says how to add one and how to review what changed.

mod altered;
mod french;
mod groups;
mod page;
mod properties;
mod renamed;
mod reports;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;

/// The runs that must be there; more are taken as they are.
const NEEDED: &[&str] = &[
    "capacity",
    "closed",
    "compare-base",
    "compare-slower",
    "errors",
    "failed-log-ins",
    "interrupted",
    "killed-container",
    "limiter",
    "lock",
    "lost-probe",
    "no-index",
    "old-capacity",
    "old-closed",
    "old-lock",
    "out-of-memory",
    "passing",
    "pool-of-one",
    "slow-api",
    "slow-generator",
    "slow-pages",
    "slow-statements",
    "throttled-proxy",
];

fn evidence() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence")
}

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quick/golden/snapshots")
}

/// Names of the saved runs, in order; the search for capacity among them.
fn names() -> Vec<String> {
    let entries = fs::read_dir(evidence()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// True if it is a run in an older format, never recorded again: it proves that old runs are still read.
fn is_old(name: &str) -> bool {
    name.starts_with("old-")
}

/// A folder of copies, since a report is written into the folder of its run.
struct Copies {
    folder: tempfile::TempDir,
}

impl Copies {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A copy of that run, by its own name.
    fn of(&self, name: &str) -> PathBuf {
        let copy = self.path().join(name);
        copy_folder(&evidence().join(name), &copy);
        copy
    }

    /// Runs the program in the folder of copies, where relative paths name them.
    fn diapason(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_diapason"))
            .args(arguments)
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env_remove("DIAPASON_HISTORY")
            .output()
            .unwrap()
    }

    /// Exit code, standard output and standard error of that, with the folder's path as `DIR`.
    fn shown(&self, arguments: &[&str]) -> String {
        let output = self.diapason(arguments);
        let text = format!(
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap()
        );
        let folder = self.path().canonicalize().unwrap();
        text.replace(folder.to_str().unwrap(), "DIR")
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
}

/// Holds a text against `snapshots/NAME.KIND.snap`.
fn hold(name: &str, kind: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(snapshots());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let text = without_version(text);
    settings.bind(|| insta::assert_snapshot!(format!("{name}.{kind}"), text));
}

/// The text with the program's version left out: a new one changes no snapshot.
fn without_version(text: &str) -> String {
    let version = Regex::new(r"(?i)(diapason,? ?(?:version )?)\d+\.\d+\.\d+(?:-[a-z0-9.]+)?").unwrap();
    version.replace_all(text, "${1}VERSION").into_owned()
}

/// Does it for each name, two at a time, and fails with every name for which it failed.
fn for_each(names: &[String], test: impl Fn(&str) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failed = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(name))).is_err() {
                        failed.lock().unwrap().push(name.clone());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "of the saved runs: {failed:?}");
}

#[test]
fn every_saved_run_that_must_be_there_is() {
    let names = names();
    let missing: Vec<&&str> = NEEDED
        .iter()
        .filter(|name| !names.iter().any(|there| there == **name))
        .collect();
    assert!(missing.is_empty(), "missing in tests/evidence: {missing:?}");
}

#[test]
fn every_snapshot_is_of_a_run_that_is_there_and_is_reviewed() {
    let names = names();
    for entry in fs::read_dir(snapshots()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            Path::new(&file)
                .extension()
                .is_some_and(|extension| extension == "snap"),
            "not reviewed: {file}"
        );
        let name = file.split('.').next().unwrap();
        assert!(
            groups::NAMES.contains(&name) || names.iter().any(|there| there == name),
            "{file} is of no saved run: remove it"
        );
    }
}
