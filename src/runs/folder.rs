//! The run folder: evidence is saved before it is judged, and read again by `diapason report`.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::RunsError;
use super::file::{create_numbered, write_atomically};
use super::format::{self, read_numbered};
use super::record::RunRecord;
use super::v0;
use crate::error::{Hint, chain};
use crate::evidence::{Accept, EarlyEnd, Evidence, Examination};
use crate::gzip;
use crate::record::Recording;
use crate::scenario::PlanSummary;
use crate::secrets::{Secrets, masked_toml};
use crate::slo::EventWindow;
use crate::words::Language;

/// Version of the run folder's format; it grows when a field of one of its files changes its meaning.
const FORMAT: u32 = 3;

const SCENARIO: &str = "scenario.toml";
const PLAN: &str = "plan.json";
const ENVIRONMENT: &str = "environment.json";
const STACK: &str = "stack.json";
const EARLIER: &str = "earlier.json";
const EXAMINATION: &str = "examination.json";
const FAILURE: &str = "failure.txt";
const RUN: &str = "run.json";
const EVIDENCE: &str = "evidence";
const OBSERVATIONS: &str = "evidence/observations.json";

/// Content of `run.json`: the run itself, apart from its plan and its evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunFile {
    /// Version of the run folder's format; 0 in folders written before it existed.
    #[serde(default)]
    format: u32,
    started: Timestamp,
    interrupted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<EarlyEnd>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    baseline_withdrawn: bool,
}

/// Reads an examination that `check --live --export json` or a run wrote; it may be compressed.
pub fn examination_file(path: &Path) -> Result<Examination, RunsError> {
    let text = gzip::read(path)?;
    // Findings of format 1 hold sentences only, which are read as they are.
    read_numbered(path, &text, Examination::FORMAT, |_| {})
}

/// A folder that holds one run: `scenario.toml plan.json environment.json stack.json run.json evidence/ report.json` and
/// the renderings.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    secrets: Secrets,
}

impl RunFolder {
    /// Makes `BASE/YYYYMMDD-HHMMSS-SCENARIO` (UTC; a number is appended if it exists) with its `evidence/`.
    pub fn create(base: &Path, scenario: &str) -> Result<Self, RunsError> {
        let path = create_numbered(base, scenario)?;
        let folder = Self {
            path,
            secrets: Secrets::default(),
        };
        let evidence = folder.evidence();
        fs::create_dir(&evidence).map_err(RunsError::write(&evidence))?;
        Ok(folder)
    }

    /// An existing run folder.
    pub fn open(path: &Path) -> Result<Self, RunsError> {
        // Through links, so that `reports/latest` shows the run's own name.
        let path = path.canonicalize().map_err(RunsError::read(path))?;
        if gzip::is_file(&path.join(PLAN)) && path.join(EVIDENCE).is_dir() {
            Ok(Self {
                path,
                secrets: Secrets::default(),
            })
        } else {
            Err(RunsError::NotARun { path })
        }
    }

    /// Keeps those secrets out of every file written from now on.
    pub fn hide(&mut self, secrets: &Secrets) {
        self.secrets = secrets.clone();
    }

    /// Writes the reason there is no report to `failure.txt`, with causes and hint.
    pub fn fail(&self, error: &dyn Hint) -> Result<(), RunsError> {
        // The same words as on the terminal, which a CI server may have cut off.
        let mut text = format!("error: {error}\n");
        let causes = error.source().into_iter().flat_map(chain);
        text.extend(causes.map(|cause| format!("  caused by: {cause}\n")));
        text.extend(error.hint().map(|hint| format!("hint: {hint}\n")));
        self.write_file(FAILURE, text.as_bytes())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder in which the recording is written during the run: `evidence/`.
    pub fn evidence(&self) -> PathBuf {
        self.path.join(EVIDENCE)
    }

    /// Saves a run as it was recorded (`Recording::save` writes the recording into `evidence/`).
    pub fn save(&self, record: &RunRecord) -> Result<(), RunsError> {
        let evidence = self.evidence();
        fs::create_dir_all(&evidence).map_err(RunsError::write(&evidence))?;
        // The recording first, because it cannot be made again.
        record
            .evidence
            .recording
            .save(&evidence)
            .map_err(|source| RunsError::Recording {
                action: "save",
                path: evidence,
                source,
            })?;
        self.write_json(OBSERVATIONS, &record.evidence.observations)?;
        let run = RunFile {
            format: FORMAT,
            started: record.started,
            interrupted: record.evidence.interrupted,
            ended: record.evidence.ended.clone(),
            baseline_withdrawn: record.baseline_withdrawn,
        };
        self.write_json(RUN, &run)?;
        self.write_json(ENVIRONMENT, &record.environment)?;
        self.write_json(STACK, &record.stack)?;
        self.write_file(SCENARIO, masked_toml(&record.scenario).as_bytes())?;
        // Last, because its presence marks the folder as a run.
        self.write_json(PLAN, &record.plan)
    }

    /// Reads a saved run and corrects it; each of its files may be compressed (`plan.json.gz`).
    pub fn load(&self) -> Result<RunRecord, RunsError> {
        let evidence = self.evidence();
        let path = self.path.join(RUN);
        // The number in `run.json` holds for all files of the folder.
        let is_old = format::number(&path, &gzip::read(&path)?, FORMAT)? < FORMAT;
        let plan: PlanSummary = self.read_json(PLAN, is_old.then_some(v0::plan as fn(&mut Value)))?;
        let run: RunFile = self.read_json(RUN, None)?;
        let recording = Recording::load(&evidence).map_err(|source| RunsError::Recording {
            action: "load",
            path: evidence,
            source,
        })?;
        let recorded = RunRecord {
            scenario: self.read_text(SCENARIO)?,
            environment: self.read_json(ENVIRONMENT, None)?,
            stack: self.read_json(STACK, is_old.then_some(v0::stack as fn(&mut Value)))?,
            started: run.started,
            evidence: Evidence {
                plan: plan.load.clone(),
                recording,
                observations: self.read_json(OBSERVATIONS, is_old.then_some(v0::observations as fn(&mut Value)))?,
                interrupted: run.interrupted,
                ended: run.ended,
                corrections: Vec::new(),
                left_out: Vec::new(),
            },
            plan,
            baseline_withdrawn: run.baseline_withdrawn,
        };
        self.with_event_windows(recorded.corrected())
    }

    /// The record with the response times within the windows of its events, which stand second by second in the folder's log only.
    pub fn with_event_windows(&self, mut record: RunRecord) -> Result<RunRecord, RunsError> {
        let windows = EventWindow::all(&record.evidence, &record.plan.objectives).into_iter();
        let stretches: Vec<_> = windows.map(|window| window.seconds).collect();
        let path = self.evidence();
        let read = record.evidence.recording.read_stretches(&path, &stretches);
        read.map_err(|source| RunsError::Recording {
            action: "load",
            path,
            source,
        })?;
        Ok(record)
    }

    /// Writes a rendering into the folder.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), RunsError> {
        self.write_file(name, text.as_bytes())
    }

    /// Saves the place of the run among earlier ones, which the history may not tell the same way later.
    pub fn save_earlier(&self, earlier: &impl Serialize) -> Result<(), RunsError> {
        self.write_json(EARLIER, earlier)
    }

    /// The place of the run among earlier ones, as it was when the run was judged; `None` if it was judged without a history.
    pub fn earlier<T: DeserializeOwned>(&self) -> Result<Option<T>, RunsError> {
        if gzip::is_file(&self.path.join(EARLIER)) {
            self.read_json(EARLIER, None).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Saves the examination of the system without load.
    pub fn save_examination(&self, examination: &Examination) -> Result<(), RunsError> {
        self.write_json(EXAMINATION, examination)
    }

    /// The examination of the system without load; `None` if there was none.
    pub fn examination(&self) -> Result<Option<Examination>, RunsError> {
        let path = self.path.join(EXAMINATION);
        if gzip::is_file(&path) {
            examination_file(&path).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The column of limits that the run was last judged by, as `report.json` says; the target if there is no report.
    pub fn accepted(&self) -> Accept {
        self.reported(&["judgement", "accept"])
    }

    /// The languages of the pages that the run was last rendered in, as `report.json` says; none if there is no report.
    pub fn languages(&self) -> Vec<Language> {
        self.reported(&["languages"])
    }

    fn reported<T: DeserializeOwned + Default>(&self, keys: &[&str]) -> T {
        let report: Option<Value> = self.read_json("report.json", None).ok();
        let found = report.as_ref().and_then(|report| {
            let mut keys = keys.iter();
            keys.try_fold(report, |value, key| value.get(key)).cloned()
        });
        found
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default()
    }

    /// Points `BASE/latest` at this folder.
    pub fn mark_latest(&self) -> Result<(), RunsError> {
        let (Some(base), Some(name)) = (self.path.parent(), self.path.file_name()) else {
            return Ok(());
        };
        let latest = base.join("latest");
        // A link cannot be replaced in one step, but renamed over: `latest` always leads somewhere.
        let fresh = base.join(format!(".latest-{}", std::process::id()));
        symlink(name, &fresh)
            .and_then(|()| fs::rename(&fresh, &latest))
            .map_err(RunsError::write(&latest))
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), RunsError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(RunsError::Json)?;
        text.push(b'\n');
        self.write_file(name, &text)
    }

    fn read_json<T: DeserializeOwned>(&self, name: &str, lift: Option<fn(&mut Value)>) -> Result<T, RunsError> {
        let path = self.path.join(name);
        let text = gzip::read(&path)?;
        format::read(&path, &text, lift)
    }

    fn read_text(&self, name: &str) -> Result<String, RunsError> {
        let path = self.path.join(name);
        let no_text = |error| RunsError::read(&path)(std::io::Error::new(ErrorKind::InvalidData, error));
        String::from_utf8(gzip::read(&path)?).map_err(no_text)
    }

    fn write_file(&self, name: &str, content: &[u8]) -> Result<(), RunsError> {
        let path = self.path.join(name);
        match std::str::from_utf8(content) {
            Ok(text) => write_atomically(&path, self.secrets.mask_file(text).as_bytes()),
            // Pictures and archives: masking works on text.
            Err(_) => write_atomically(&path, content),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_in_one_second_get_a_folder_each() {
        let base = tempfile::tempdir().unwrap();
        let first = RunFolder::create(base.path(), "a b/c").unwrap();
        let second = RunFolder::create(base.path(), "a b/c").unwrap();
        assert_ne!(first.path(), second.path());
        assert!(first.path().ends_with(first.path().file_name().unwrap()));
        assert!(first.path().to_string_lossy().contains("-a-b-c"));
    }

    #[test]
    fn latest_follows_the_newest() {
        let base = tempfile::tempdir().unwrap();
        let first = RunFolder::create(base.path(), "gate").unwrap();
        let second = RunFolder::create(base.path(), "gate").unwrap();
        first.mark_latest().unwrap();
        second.mark_latest().unwrap();
        let latest = base.path().join("latest").canonicalize().unwrap();
        assert_eq!(latest, second.path().canonicalize().unwrap());
    }

    #[test]
    fn a_folder_without_a_run_is_refused() {
        let base = tempfile::tempdir().unwrap();
        assert!(matches!(RunFolder::open(base.path()), Err(RunsError::NotARun { .. })));
    }
}
