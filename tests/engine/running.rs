//! Runs of the program, as it goes on and as it ended.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diapason::evidence::Rewrite;
use diapason::slo::Rule;
use diapason::words::en;
use serde_json::Value;

use super::docker::Label;
use crate::repetition::Undecided;

/// For what comes within seconds where all is well.
const PATIENCE: Duration = Duration::from_secs(240);

/// Changes to Compose's configuration that the record of a stack tells, a line each.
pub(super) fn rewritten(stack: &Value) -> String {
    let changes: Vec<Rewrite> = serde_json::from_value(stack["rewritten"].clone()).unwrap();
    let changes: Vec<String> = changes.iter().map(en::rewrite).collect();
    changes.join("\n")
}

/// A command that has ended.
pub(super) struct Said {
    pub(super) exit: i32,
    pub(super) text: String,
    /// What it labelled its stacks with.
    pub(super) label: Label,
}

pub(super) fn diapason(arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let child = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let label = Label::of_process(child.id());
    let output = child.wait_with_output().unwrap();
    Said {
        exit: output.status.code().unwrap(),
        text: String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        label,
    }
}

/// A run that goes on.
pub(super) struct Running {
    out: tempfile::TempDir,
    child: Child,
}

/// A run that has ended.
pub(super) struct Finished {
    pub(super) out: tempfile::TempDir,
    pub(super) exit: i32,
    pub(super) talk: String,
}

impl Running {
    pub(super) fn start(scenario: &Path, settings: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
        Self::with(scenario, &arguments, environment)
    }

    /// A run with these arguments.
    pub(super) fn with(scenario: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let out = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_diapason"));
        command.arg("run").arg(scenario).arg("--out").arg(out.path());
        command.args(arguments);
        let child = command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(File::create(out.path().join("stdout")).unwrap())
            .stderr(File::create(out.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        Self { out, child }
    }

    pub(super) fn talk(&self) -> String {
        fs::read_to_string(self.out.path().join("stderr")).unwrap()
    }

    /// What it labels its stack with.
    pub(super) fn label(&self) -> Label {
        Label::of_process(self.child.id())
    }

    pub(super) fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(self.goes_on(), "ended before {what}:\n{}", self.talk());
            assert!(Instant::now() < deadline, "no {what}:\n{}", self.talk());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the recording has begun.
    pub(super) fn wait_for_load(&mut self) {
        self.wait_until("load", |run| {
            run_folder(run.out.path()).is_some_and(|run| run.join("evidence/recording.hlog").exists())
        });
    }

    pub(super) fn goes_on(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(super) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Ends it as nothing can prepare for.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end, at which nothing of its stack is left.
    #[track_caller]
    pub(super) fn finish(self) -> Finished {
        let label = self.label();
        let finished = self.finish_anyhow();
        label.nothing_left();
        finished
    }

    /// Waits for its end.
    pub(super) fn finish_anyhow(mut self) -> Finished {
        let exit = self.child.wait().unwrap().code().unwrap();
        let talk = fs::read_to_string(self.out.path().join("stdout")).unwrap() + &self.talk();
        Finished {
            out: self.out,
            exit,
            talk,
        }
    }
}

/// Of a run that exits with 1: its target is missed; on a slow machine the acceptable limit may stay undecided.
pub(super) const NOT_MET: &[&str] = &["WARN", "FAIL", "INCONCLUSIVE"];
pub(super) const MET: &[&str] = &["PASS"];

impl Finished {
    pub(super) fn folder(&self) -> PathBuf {
        run_folder(self.out.path()).unwrap_or_else(|| panic!("no run folder\n{}", self.talk))
    }

    /// A file of JSON in its folder.
    pub(super) fn json(&self, name: &str) -> Value {
        let text =
            fs::read_to_string(self.folder().join(name)).unwrap_or_else(|error| panic!("{error}\n{}", self.talk));
        serde_json::from_str(&text).unwrap()
    }

    pub(super) fn report(&self) -> Value {
        self.json("report.json")
    }

    /// That validity rule.
    pub(super) fn rule(&self, rule: &Rule) -> Value {
        let report = self.report();
        let mut rules = report["judgement"]["validity"].as_array().unwrap().iter();
        let name = rule.to_string();
        rules.find(|rule| rule["name"] == *name).unwrap().clone()
    }

    /// The word of the objective of that name.
    pub(super) fn word(&self, objective: &str) -> String {
        let report = self.report();
        let mut verdicts = report["judgement"]["verdicts"].as_array().unwrap().iter();
        let verdict = verdicts.find(|verdict| verdict["objective"]["name"] == objective);
        verdict.unwrap()["word"].as_str().unwrap().to_owned()
    }

    /// True if other programs than the load and the stack had a tenth of the processors or more, and none was left.
    pub(super) fn machine_was_full(&self) -> bool {
        let report = self.report();
        let generator = &report["generator"];
        let cores = |value: &Value| value.as_f64().unwrap_or(0.0);
        let containers = report["containers"].as_array().unwrap().iter();
        let stack: f64 = containers.map(|container| cores(&container["cpu_mean"])).sum();
        let (all, host) = (cores(&generator["cores"]), cores(&generator["host_mean"]));
        host > 0.97 * all && host - stack - cores(&generator["cpu_mean"]) > 0.1 * all
    }

    /// Why it came to nothing.
    pub(super) fn undecided(&self) -> Option<Undecided> {
        Undecided::of_run(self.exit, || self.report())
    }

    #[track_caller]
    pub(super) fn expect(&self, exit: i32, words: &[(&str, &[&str])]) {
        assert_eq!(self.exit, exit, "{}", self.talk);
        for (objective, allowed) in words {
            let word = self.word(objective);
            assert!(allowed.contains(&word.as_str()), "{objective}: {word}\n{}", self.talk);
        }
    }

    /// The heaviest suspect is this rule's, in that tier and, where one is given, of that service.
    #[track_caller]
    pub(super) fn blames(&self, rule: &str, tier: &str, service: Option<&str>) {
        let report = self.report();
        let told = format!("{}\n{}", report["attribution"], self.talk);
        let first = &report["attribution"]["suspects"][0];
        let found = (first["rule"].as_str(), first["tier"].as_str());
        assert_eq!(found, (Some(rule), Some(tier)), "{told}");
        if service.is_some() {
            assert_eq!(first["service"].as_str(), service, "{told}");
        }
        assert!(self.talk.contains("why: ") && self.talk.contains("next: "), "{told}");
    }

    #[track_caller]
    pub(super) fn blames_nobody(&self) {
        let report = self.report();
        let suspects = report["attribution"]["suspects"].as_array().unwrap();
        assert!(suspects.is_empty(), "{suspects:?}");
    }
}

fn run_folder(out: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(out).unwrap().flatten().map(|entry| entry.path());
    entries.into_iter().find(|path| path.is_dir() && !path.is_symlink())
}
