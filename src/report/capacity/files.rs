//! The folder of a search and what is printed of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;

use super::{CapacityDocument, Language, charts, html, markdown, words};
use crate::report::ReportError;
use crate::report::store::{run_name, write_atomically};
use crate::stack::Secrets;

const DOCUMENT: &str = "capacity.json";
const STEPS: &str = "steps";
const WARM_UP: &str = "warm-up";

/// A folder that holds one search: `capacity.json`, its renderings, and the steps' run folders in `steps/`.
#[derive(Debug)]
pub struct CapacityFolder {
    path: PathBuf,
    secrets: RwLock<Secrets>,
}

impl CapacityFolder {
    /// Makes `BASE/YYYYMMDD-HHMMSS-SCENARIO` (a number is appended where it exists).
    pub fn create(base: &Path, scenario: &str) -> Result<Self, ReportError> {
        fs::create_dir_all(base).map_err(ReportError::write(base))?;
        let stem = run_name(Timestamp::now(), scenario);
        for number in 1.. {
            let name = if number == 1 {
                stem.clone()
            } else {
                format!("{stem}-{number}")
            };
            let path = base.join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self::at(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(ReportError::write(&path)(error)),
            }
        }
        Err(ReportError::NotARun { path: base.to_owned() })
    }

    /// An existing one, with its document.
    pub fn open(path: &Path) -> Result<(Self, CapacityDocument), ReportError> {
        let path = path.canonicalize().map_err(ReportError::read(path))?;
        let file = path.join(DOCUMENT);
        let text = fs::read(&file).map_err(ReportError::read(&file))?;
        let document =
            serde_json::from_slice(&text).map_err(|source| ReportError::Understand { path: file, source })?;
        Ok((Self::at(path), document))
    }

    fn at(path: PathBuf) -> Self {
        Self {
            path,
            secrets: RwLock::default(),
        }
    }

    /// Keeps those secrets out of every file written from now on.
    pub fn hide(&self, secrets: &Secrets) {
        self.secrets
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(secrets);
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Where the steps' run folders are made.
    pub fn steps(&self) -> PathBuf {
        self.path.join(STEPS)
    }

    /// Where the run folders of warm-ups are made, which do not count.
    pub fn warm_up(&self) -> PathBuf {
        self.path.join(WARM_UP)
    }

    /// A path below the folder as it is written down.
    pub fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.path).unwrap_or(path).display().to_string()
    }

    /// Saves the document.
    pub fn save(&self, document: &CapacityDocument) -> Result<(), ReportError> {
        let mut text = serde_json::to_string_pretty(document).map_err(ReportError::Json)?;
        text.push('\n');
        self.write(DOCUMENT, &text)
    }

    /// Saves the document and everything that is rendered of it.
    pub fn render(&self, document: &CapacityDocument) -> Result<(), ReportError> {
        self.save(document)?;
        self.write("index.html", &html::page(document, Language::English)?)?;
        self.write("index.fr.html", &html::page(document, Language::French)?)?;
        self.write("summary.md", &markdown::summary(document))?;
        self.write("steps.csv", &markdown::csv(document))?;
        for (number, case) in document.cases.iter().enumerate() {
            let case_number = if document.cases.len() > 1 {
                format!("{}-", number + 1)
            } else {
                String::new()
            };
            for chart in charts::all(case, &document.objectives, Language::English)? {
                self.write(&format!("{case_number}{}.svg", chart.name), &chart.file())?;
            }
        }
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> Result<(), ReportError> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        write_atomically(&self.path.join(name), secrets.mask_file(text).as_bytes())
    }
}

/// What is printed when a search is over; ends with a line break.
pub fn terminal(document: &CapacityDocument) -> String {
    let language = Language::English;
    let mut lines = Vec::new();
    for case in &document.cases {
        let name = case.name();
        if !name.is_empty() {
            lines.push(format!("{name}:"));
        }
        let indent = if name.is_empty() { "" } else { "  " };
        let sentences = markdown::sentences(document, case, language);
        lines.extend(sentences.into_iter().map(|sentence| format!("{indent}{sentence}")));
    }
    lines.extend(words::expectation(document, language));
    lines.extend(document.stopped.map(|why| words::stopped(why, language).to_owned()));
    lines.join("\n") + "\n"
}
