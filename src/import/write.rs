//! Writes what was imported, and holds every journey against the compiler first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use toml::Value;

use super::account::Account;
use super::error::ImportError;
use super::import_result::{ImportResult, Load};
use super::print::{quoted_key, text};
use crate::journey::{JourneyError, Journeys};

/// Sessions that decide an error rate of 1 % and a p95.
const NEEDED: f64 = 450.0;
/// Shortest and longest steady phase in seconds.
const SHORTEST_PHASE: f64 = 90.0;
const LONGEST_PHASE: f64 = 900.0;
/// Most files of a folder that the compiler may need.
const MOST_COPIED: usize = 1_000;
/// Largest of them in bytes.
const LARGEST_COPIED: u64 = 4 << 20;

/// Destination of imported files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destination {
    /// Name of the scenario, and beginning of the names of journeys and data.
    pub name: String,
    /// The folder with scenarios, journeys and stacks.
    pub out: PathBuf,
    /// The stack that the scenario uses.
    pub stack: String,
    /// True if existing files may be replaced.
    pub force: bool,
}

/// The files written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenFiles {
    /// The scenario; `None` if the source has one journey and no load.
    pub scenario: Option<PathBuf>,
    /// The journeys.
    pub journeys: Vec<PathBuf>,
    /// Other files.
    pub data: Vec<PathBuf>,
}

impl Destination {
    /// Checks the name.
    pub fn check(&self) -> Result<(), ImportError> {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let begins = self.name.starts_with(|letter: char| letter.is_ascii_alphanumeric());
        if begins && self.name.chars().all(is_part) {
            Ok(())
        } else {
            Err(ImportError::Name {
                name: self.name.clone(),
            })
        }
    }
}

/// Writes all files, or none if one exists already and may not be replaced. Steps that the compiler refuses are left out and
/// noted in the account.
pub fn write(imported: &mut ImportResult, to: &Destination) -> Result<WrittenFiles, ImportError> {
    to.check()?;
    compile(imported, to)?;
    let mut files: Vec<(PathBuf, Vec<u8>, bool)> = Vec::new();
    let mut written = WrittenFiles::default();
    for file in &imported.files {
        let path = to.out.join(&file.path);
        written.data.push(path.clone());
        files.push((path, file.content.clone(), file.secret));
    }
    for journey in &imported.journeys {
        let path = to.out.join("journeys").join(format!("{}.toml", journey.name));
        written.journeys.push(path.clone());
        files.push((path, text(journey).into_bytes(), false));
    }
    if imported.mix.len() > 1 || imported.load.is_some() {
        let path = to.out.join(format!("{}.toml", to.name));
        written.scenario = Some(path.clone());
        files.push((path, scenario(imported, to).into_bytes(), false));
    }
    if let Some((path, ..)) = files.iter().find(|(path, ..)| path.exists() && !to.force) {
        return Err(ImportError::Exists { path: path.clone() });
    }
    for (path, content, secret) in &files {
        let failed = |source| ImportError::Write {
            path: path.clone(),
            source,
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        if *secret {
            write_secret(path, content).map_err(failed)?;
        } else {
            fs::write(path, content).map_err(failed)?;
        }
    }
    Ok(written)
}

/// Writes a file that only its owner may read.
fn write_secret(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // An existing file keeps its mode when it is opened.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(content)
}

/// Compiles the journeys as they will be written, without the steps that are refused.
fn compile(imported: &mut ImportResult, to: &Destination) -> Result<(), ImportError> {
    let folder = tempfile::tempdir().map_err(|source| ImportError::Write {
        path: std::env::temp_dir(),
        source,
    })?;
    // An imported journey may name others that are there already, as its session.
    for part in ["journeys", "data"] {
        copy(&to.out.join(part), &folder.path().join(part));
    }
    let steps: usize = imported.journeys.iter().map(super::Draft::requests).sum();
    for _ in 0..=steps {
        let Err(error) = compiled(imported, folder.path())? else {
            return Ok(());
        };
        let Some((journey, step)) = place(&error) else {
            return Err(error.into());
        };
        let reason = crate::error::one_line(&error);
        let draft = imported.journeys.iter_mut().find(|draft| draft.name == journey);
        // Without a step that compiles there is no journey: the reason is then one for all of it.
        if !draft.is_some_and(|draft| draft.remove(&step) && !draft.steps.is_empty()) {
            return Err(error.into());
        }
        let Account { replayed, .. } = &mut imported.account;
        *replayed = replayed.saturating_sub(1);
        let note = format!("step {step} of {journey} is left out: {reason}");
        imported.account.leave_out("a step that does not compile", &step);
        imported.account.note(note);
    }
    Ok(())
}

fn compiled(imported: &ImportResult, folder: &Path) -> Result<Result<Journeys, JourneyError>, ImportError> {
    let journeys = folder.join("journeys");
    let all = imported.journeys.iter().map(|journey| {
        (
            journeys.join(format!("{}.toml", journey.name)),
            text(journey).into_bytes(),
        )
    });
    let files = imported
        .files
        .iter()
        .map(|file| (folder.join(&file.path), file.content.clone()));
    for (path, content) in all.chain(files) {
        let failed = |source| ImportError::Write {
            path: path.clone(),
            source,
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&path, content).map_err(failed)?;
    }
    let names: Vec<String> = imported.journeys.iter().map(|journey| journey.name.clone()).collect();
    // A session journey alone is loaded as any other, so that one by itself compiles too.
    let needed: Vec<String> = names
        .iter()
        .filter(|name| {
            let needs = |journey: &super::Draft| journey.keys.get("session").and_then(Value::as_str) == Some(name);
            !imported.journeys.iter().any(needs)
        })
        .cloned()
        .collect();
    Ok(Journeys::load(&journeys, &needed))
}

/// Copies the small files of a folder. One that cannot be copied is missed by the compiler, if anything needs it.
fn copy(from: &Path, to: &Path) {
    let entries = fs::read_dir(from).into_iter().flatten().flatten();
    for entry in entries.take(MOST_COPIED) {
        let is_small = entry
            .metadata()
            .is_ok_and(|data| data.is_file() && data.len() <= LARGEST_COPIED);
        if is_small && fs::create_dir_all(to).is_ok() {
            let _ = fs::copy(entry.path(), to.join(entry.file_name()));
        }
    }
}

/// Journey and step of an error.
fn place(error: &JourneyError) -> Option<(String, String)> {
    let JourneyError::Key { place, .. } = error else {
        return None;
    };
    let journey = place.path.file_stem()?.to_string_lossy().into_owned();
    Some((journey, place.step.clone()?))
}

/// A scenario for the mix, to begin with.
fn scenario(imported: &ImportResult, to: &Destination) -> String {
    let default = Load {
        per_second: 5.0,
        ..Load::default()
    };
    let load = imported.load.as_ref().unwrap_or(&default);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "# Written by `diapason import`. Look it through: the load, the users and the objectives are yours to decide.\n\
         name = {name}\ndescription = \"Imported traffic\"\n\n[stack]\nuse = {stack}\n\n[users]\ncount = {users}\n\n\
         # The mix: which journey an arriving user walks, and its weight.\n[journeys]\n",
        name = Value::String(to.name.clone()),
        stack = Value::String(to.stack.clone()),
        users = users(load),
    );
    let mix: BTreeMap<&str, f64> = imported
        .mix
        .iter()
        .map(|(name, weight)| (name.as_str(), *weight))
        .collect();
    for (journey, weight) in mix {
        let _ = writeln!(text, "{} = {}", quoted_key(journey), Value::Float(weight));
    }
    for note in &load.notes {
        let _ = write!(text, "\n# {note}");
    }
    let spacing = if load.poisson { ", spacing = \"poisson\"" } else { "" };
    let per_second = load.per_second.clamp(0.001, 100_000.0);
    let rate = format!("{per_second:.3}");
    let rate = rate.trim_end_matches('0').trim_end_matches('.');
    let workload = format!("workload = {{ executor = \"constant-arrival-rate\", rate = \"{rate}/s\"{spacing} }}");
    let seconds = (NEEDED / per_second).ceil().clamp(SHORTEST_PHASE, LONGEST_PHASE);
    // A plan that cannot decide what gates is refused.
    let gate = if seconds * per_second < NEEDED {
        "# Too few requests to decide it at this rate: shown, not judged.\ngate = false\n"
    } else {
        ""
    };
    let _ = write!(
        text,
        "\n[[phase]]\nname = \"warm-up\"\nduration = \"10s\"\njudged = false\n{workload}\n\n\
         [[phase]]\nname = \"steady\"\nduration = \"{seconds}s\"\n{workload}\n\n\
         [[objective]]\nname = \"Response time\"\nindicator = \"response-time\"\nquantile = \"p95\"\ntarget = \"200ms\"\n\
         acceptable = \"500ms\"\n{gate}\n\
         [[objective]]\nname = \"Error rate\"\nindicator = \"error-rate\"\ntarget = \"1 %\"\nacceptable = \"5 %\"\n{gate}"
    );
    text
}

/// Users for the sessions that are under way at a time, with room for twice as many.
fn users(load: &Load) -> u64 {
    let length = if load.session_seconds > 0.0 {
        load.session_seconds
    } else {
        60.0
    };
    crate::units::saturating_u64((load.per_second * length * 2.0).ceil()).clamp(20, 5_000)
}
