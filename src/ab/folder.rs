//! The folder of a comparison in turns, and its renderings.

use std::path::{Path, PathBuf};

use super::{AbDocument, html, markdown};
use crate::report::{ReportError, localized};
use crate::runs::{create_numbered, read_numbered, write_atomically};
use crate::secrets::Secrets;

const DOCUMENT: &str = "ab.json";
const PAGE: &str = "index.html";
const SUMMARY: &str = "summary.md";
const RUNS: &str = "runs";
const WARM_UP: &str = "warm-up";

/// A folder that holds one comparison: `ab.json index.html summary.md`, and the run folders in `runs/`.
#[derive(Debug)]
pub struct AbFolder {
    path: PathBuf,
    /// Secrets of both stacks.
    secrets: Vec<Secrets>,
}

impl AbFolder {
    /// Makes `BASE/YYYYMMDD-HHMMSS-SCENARIO-ab` (a number is appended if it exists).
    pub fn create(base: &Path, scenario: &str) -> Result<Self, ReportError> {
        Ok(Self {
            path: create_numbered(base, &format!("{scenario}-ab"))?,
            secrets: Vec::new(),
        })
    }

    /// Reads the document of that folder.
    pub fn read(path: &Path) -> Result<AbDocument, ReportError> {
        let file = path.join(DOCUMENT);
        let text = crate::gzip::read(&file).map_err(crate::runs::RunsError::from)?;
        // There is no older format.
        Ok(read_numbered(&file, &text, AbDocument::FORMAT, |_| {})?)
    }

    /// Keeps those secrets out of every file written from now on, in addition to those known.
    pub(super) fn hide(&mut self, secrets: &Secrets) {
        self.secrets.push(secrets.clone());
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        let name = self.path.file_name();
        name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Folder in which the run folders are made.
    pub(super) fn runs(&self) -> PathBuf {
        self.path.join(RUNS)
    }

    /// Folder in which the run folders of warm-ups are made.
    pub(super) fn warm_up(&self) -> PathBuf {
        self.path.join(WARM_UP)
    }

    /// The path relative to the folder, if it lies below it.
    pub(super) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.path).unwrap_or(path).display().to_string()
    }

    /// Saves the document.
    pub(super) fn save(&self, document: &AbDocument) -> Result<(), ReportError> {
        let mut text = serde_json::to_string_pretty(document).map_err(ReportError::Json)?;
        text.push('\n');
        self.write(DOCUMENT, &text)
    }

    /// Saves the document and writes its renderings.
    pub(super) fn render(&self, document: &AbDocument) -> Result<(), ReportError> {
        self.save(document)?;
        let languages = document.page_languages();
        for language in &languages {
            let page = html::page(document, *language, &languages);
            self.write(&localized(PAGE, *language, &languages), &page)?;
        }
        self.write(SUMMARY, &markdown::summary(document))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), ReportError> {
        let mut text = text.to_owned();
        for secrets in &self.secrets {
            text = secrets.mask_file(&text);
        }
        write_atomically(&self.path.join(name), text.as_bytes())?;
        Ok(())
    }
}
