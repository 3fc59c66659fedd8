//! A folder that the program is run in, and saved runs to run it on.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SHORT: &str = r#"
name = "short"
description = "d"
seed = 7
[stack]
use = "none"
[users]
count = 100
[journeys]
get = 1
[[phase]]
name = "steady"
duration = "2s"
workload = { executor = "constant-arrival-rate", rate = "100/s" }
[[objective]]
name = "Response time"
indicator = "response-time"
quantile = "p95"
target = "5s"
acceptable = "10s"
[[objective]]
name = "Errors"
indicator = "error-rate"
target = "5 %"
acceptable = "10 %"
"#;

/// An empty folder of the test's own, removed with it.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes `short.toml`: 2 s of 100 requests a second that are judged by a p95 and the share of errors.
    pub(crate) fn scenario(&self) {
        std::fs::create_dir_all(self.path().join("journeys")).unwrap();
        let journey = "name = \"get\"\ndescription = \"d\"\n[[step]]\nname = \"get\"\npath = \"/\"\n";
        std::fs::write(self.path().join("journeys/get.toml"), journey).unwrap();
        std::fs::write(self.path().join("short.toml"), SHORT).unwrap();
    }

    /// The program in that folder, told nothing by the test's own environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diapason"));
        command
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env_remove("DIAPASON_HISTORY");
        command
    }

    pub(crate) fn diapason(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Copies a saved run of `tests/evidence/` to `reports/NAME`, and says so.
    pub(crate) fn saved(&self, evidence: &str, name: &str) -> String {
        let saved = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/evidence")
            .join(evidence);
        copy(&saved, &self.path().join("reports").join(name));
        format!("reports/{name}")
    }

    /// The same, of a run that began at another time.
    pub(crate) fn dated(&self, evidence: &str, name: &str, started: &str) -> String {
        let run = self.saved(evidence, name);
        self.edit(&format!("{run}/run.json"), |value| value["started"] = started.into());
        run
    }

    /// Changes a JSON file of a copy.
    pub(crate) fn edit(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let path = self.path().join(file);
        let mut value: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        change(&mut value);
        std::fs::write(path, value.to_string()).unwrap();
    }
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let entries = std::fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for entry in entries {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Everything that was printed, data first.
pub(crate) fn words(output: &Output) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(text).unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// The data that a success printed.
pub(crate) fn data(output: &Output) -> String {
    assert_eq!(code(output), 0, "{}", words(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}
