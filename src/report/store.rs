//! The run folder: evidence is saved before it is judged, and read again by `diapason report`.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Document, Environment, Exporter, Rendering, ReportError};
use crate::error::Hint;
use crate::evidence::{Ended, Evidence, StackRecord};
use crate::gzip;
use crate::record::Recording;
use crate::scenario::PlanSummary;
use crate::secrets::{Secrets, masked_toml};

const SCENARIO: &str = "scenario.toml";
const PLAN: &str = "plan.json";
const ENVIRONMENT: &str = "environment.json";
const STACK: &str = "stack.json";
const FAILURE: &str = "failure.txt";
const RUN: &str = "run.json";
const EVIDENCE: &str = "evidence";
const OBSERVATIONS: &str = "evidence/observations.json";

/// Everything that is known of a run before it is judged.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// The scenario file's text, as it was read.
    pub scenario: String,
    /// What was planned.
    pub plan: PlanSummary,
    /// The machine.
    pub environment: Environment,
    /// The stack.
    pub stack: StackRecord,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// What was recorded and observed.
    pub evidence: Evidence,
}

/// What `run.json` holds: the run itself, apart from its plan and its evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunFile {
    started: Timestamp,
    interrupted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
}

/// A folder that holds one run: `scenario.toml plan.json environment.json stack.json run.json evidence/ report.json` and
/// the renderings.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    secrets: Secrets,
}

impl RunFolder {
    /// Makes `BASE/YYYYMMDD-HHMMSS-SCENARIO` (UTC; a number is appended where it exists) with its `evidence/`.
    pub fn create(base: &Path, scenario: &str) -> Result<Self, ReportError> {
        fs::create_dir_all(base).map_err(ReportError::write(base))?;
        let stem = run_name(Timestamp::now(), scenario);
        let mut path = base.join(&stem);
        let mut number = 1;
        loop {
            match fs::create_dir(&path) {
                Ok(()) => break,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    number += 1;
                    path = base.join(format!("{stem}-{number}"));
                }
                Err(error) => return Err(ReportError::write(&path)(error)),
            }
        }
        let folder = Self {
            path,
            secrets: Secrets::default(),
        };
        let evidence = folder.evidence();
        fs::create_dir(&evidence).map_err(ReportError::write(&evidence))?;
        Ok(folder)
    }

    /// An existing run folder.
    pub fn open(path: &Path) -> Result<Self, ReportError> {
        // Through links, so that `reports/latest` shows the run's own name.
        let path = path.canonicalize().map_err(ReportError::read(path))?;
        if gzip::is_file(&path.join(PLAN)) && path.join(EVIDENCE).is_dir() {
            Ok(Self {
                path,
                secrets: Secrets::default(),
            })
        } else {
            Err(ReportError::NotARun { path })
        }
    }

    /// Keeps those secrets out of every file written from now on.
    pub fn hide(&mut self, secrets: &Secrets) {
        self.secrets = secrets.clone();
    }

    /// Writes down why there is no report: `failure.txt`, with causes and hint.
    pub fn fail(&self, error: &dyn Hint) -> Result<(), ReportError> {
        let mut text = format!("error: {error}\n");
        let mut cause = error.source();
        while let Some(source) = cause {
            text.extend(["  caused by: ", &source.to_string(), "\n"]);
            cause = source.source();
        }
        text.extend(error.hint().map(|hint| format!("hint: {hint}\n")));
        self.write_file(FAILURE, text.as_bytes())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the recording is written while the run goes on: `evidence/`.
    pub fn evidence(&self) -> PathBuf {
        self.path.join(EVIDENCE)
    }

    /// Saves everything (`Recording::save` writes the recording into `evidence/`).
    pub fn save(&self, record: &RunRecord) -> Result<(), ReportError> {
        let evidence = self.evidence();
        fs::create_dir_all(&evidence).map_err(ReportError::write(&evidence))?;
        // The recording first: it is what cannot be made again.
        record
            .evidence
            .recording
            .save(&evidence)
            .map_err(|source| ReportError::Recording {
                action: "save",
                path: evidence,
                source,
            })?;
        self.write_json(OBSERVATIONS, &record.evidence.observations)?;
        let run = RunFile {
            started: record.started,
            interrupted: record.evidence.interrupted,
            ended: record.evidence.ended.clone(),
        };
        self.write_json(RUN, &run)?;
        self.write_json(ENVIRONMENT, &record.environment)?;
        self.write_json(STACK, &record.stack)?;
        self.write_file(SCENARIO, masked_toml(&record.scenario).as_bytes())?;
        // Last, as its presence says that the folder holds a run.
        self.write_json(PLAN, &record.plan)
    }

    /// Reads a saved run; each of its files may be compressed (`plan.json.gz`).
    pub fn load(&self) -> Result<RunRecord, ReportError> {
        let evidence = self.evidence();
        let plan: PlanSummary = self.read_json(PLAN)?;
        let run: RunFile = self.read_json(RUN)?;
        let recording = Recording::load(&evidence).map_err(|source| ReportError::Recording {
            action: "load",
            path: evidence,
            source,
        })?;
        Ok(RunRecord {
            scenario: self.read_text(SCENARIO)?,
            environment: self.read_json(ENVIRONMENT)?,
            stack: self.read_json(STACK)?,
            started: run.started,
            evidence: Evidence {
                plan: plan.load.clone(),
                recording,
                observations: self.read_json(OBSERVATIONS)?,
                interrupted: run.interrupted,
                ended: run.ended,
            },
            plan,
        })
    }

    /// Renders the document with those exporters into the folder and says which files were written.
    pub fn render<'a>(
        &self,
        document: &Document,
        exporters: impl IntoIterator<Item = &'a dyn Exporter>,
    ) -> Result<Vec<PathBuf>, ReportError> {
        let mut written = Vec::new();
        for exporter in exporters {
            for Rendering { name, content } in exporter.render(document)? {
                self.write_file(&name, content.as_bytes())?;
                written.push(self.path.join(name));
            }
        }
        Ok(written)
    }

    /// Writes one more rendering into the folder.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), ReportError> {
        self.write_file(name, text.as_bytes())
    }

    /// Points `BASE/latest` at this folder.
    pub fn mark_latest(&self) -> Result<(), ReportError> {
        let (Some(base), Some(name)) = (self.path.parent(), self.path.file_name()) else {
            return Ok(());
        };
        let latest = base.join("latest");
        let fresh = base.join(format!(".latest-{}", std::process::id()));
        symlink(name, &fresh)
            .and_then(|()| fs::rename(&fresh, &latest))
            .map_err(ReportError::write(&latest))
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), ReportError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(ReportError::Json)?;
        text.push(b'\n');
        self.write_file(name, &text)
    }

    fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, ReportError> {
        let path = self.path.join(name);
        let text = gzip::read(&path)?;
        serde_json::from_slice(&text).map_err(|source| ReportError::Understand { path, source })
    }

    fn read_text(&self, name: &str) -> Result<String, ReportError> {
        let path = self.path.join(name);
        let no_text = |error| ReportError::read(&path)(std::io::Error::new(ErrorKind::InvalidData, error));
        String::from_utf8(gzip::read(&path)?).map_err(no_text)
    }

    fn write_file(&self, name: &str, content: &[u8]) -> Result<(), ReportError> {
        let path = self.path.join(name);
        match std::str::from_utf8(content) {
            Ok(text) => write_atomically(&path, self.secrets.mask_file(text).as_bytes()),
            Err(_) => write_atomically(&path, content),
        }
    }
}

/// Writes beside the file and renames, so that a reader never sees half of it and a crash keeps the old one.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), ReportError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new()
            // As any file the user makes; tempfile's own default is readable by its owner only.
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder)?;
        std::io::Write::write_all(&mut file, content)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(ReportError::write(path))
}

/// `20260301-081500-gate`, with nothing in it that a file name does not like.
pub(super) fn run_name(time: Timestamp, scenario: &str) -> String {
    let scenario: String = scenario
        .chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => letter,
            _ => '-',
        })
        .collect();
    format!("{}-{scenario}", time.strftime("%Y%m%d-%H%M%S"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_saved_is_what_is_loaded() {
        let base = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(base.path(), "gate").unwrap();
        let record = sample::record(&folder.evidence());
        folder.save(&record).unwrap();
        let loaded = RunFolder::open(folder.path()).unwrap().load().unwrap();
        assert_eq!(loaded.scenario, masked_toml(&record.scenario));
        assert_eq!(loaded.plan, record.plan);
        assert_eq!(loaded.environment, record.environment);
        assert_eq!(loaded.stack, record.stack);
        assert_eq!(loaded.started, record.started);
        assert_eq!(loaded.evidence.observations, record.evidence.observations);
        assert_eq!(loaded.evidence.recording.limits, record.evidence.recording.limits);
        assert_eq!(
            Document::new(&loaded, sample::judgement()),
            Document::new(&record, sample::judgement())
        );
    }

    #[test]
    fn a_run_may_be_compressed_file_by_file() {
        let base = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(base.path(), "gate").unwrap();
        let record = sample::record(&folder.evidence());
        folder.save(&record).unwrap();
        let files = [PLAN, RUN, ENVIRONMENT, STACK, SCENARIO, OBSERVATIONS];
        for name in files
            .into_iter()
            .chain(["evidence/recording.json", "evidence/recording.hlog"])
        {
            let path = folder.path().join(name);
            let packed = fs::File::create(folder.path().join(format!("{name}.gz"))).unwrap();
            let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
            std::io::Write::write_all(&mut packed, &fs::read(&path).unwrap()).unwrap();
            packed.finish().unwrap();
            fs::remove_file(path).unwrap();
        }
        let loaded = RunFolder::open(folder.path()).unwrap().load().unwrap();
        assert_eq!(loaded.scenario, masked_toml(&record.scenario));
        assert_eq!(
            Document::new(&loaded, sample::judgement()),
            Document::new(&record, sample::judgement())
        );
        // Damage is told with what to do.
        fs::write(folder.path().join("evidence/recording.json.gz"), "no gzip").unwrap();
        let error = folder.load().unwrap_err();
        assert!(error.hint().unwrap().contains("cut short"), "{:?}", error.hint());
        fs::write(folder.path().join("plan.json.gz"), "no gzip").unwrap();
        let error = folder.load().unwrap_err();
        assert!(error.to_string().ends_with("plan.json.gz"), "{error}");
    }

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
        assert!(matches!(RunFolder::open(base.path()), Err(ReportError::NotARun { .. })));
    }
}
