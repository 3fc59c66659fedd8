//! The folder of a search, its renderings, and its text for the terminal.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use super::{CapacityDocument, Language, charts, html, markdown, words};
use crate::gzip;
use crate::report::export::html::file_name;
use crate::report::{Rendering, ReportError};
use crate::runs::{RunsError, create_numbered, read_numbered, v0, write_atomically};
use crate::secrets::Secrets;

const DOCUMENT: &str = "capacity.json";
const JSON: &str = "json";
const STEPS: &str = "steps";
const WARM_UP: &str = "warm-up";

/// The formats that a search is written in, by the names of the exporters. `junit` is not among them: a search finds a rate;
/// only an expected load passes or fails, and the exit code shows that.
pub const CAPACITY_FORMATS: &[&str] = &[JSON, "html", "markdown", "svg", "csv"];

/// A folder that holds one search: `capacity.json`, its renderings, and the steps' run folders in `steps/`.
#[derive(Debug)]
pub struct CapacityFolder {
    path: PathBuf,
    secrets: RwLock<Secrets>,
}

impl CapacityFolder {
    /// Makes `BASE/YYYYMMDD-HHMMSS-SCENARIO` (a number is appended if it exists).
    pub fn create(base: &Path, scenario: &str) -> Result<Self, ReportError> {
        Ok(Self::at(create_numbered(base, scenario)?))
    }

    /// True if that folder holds a search.
    pub fn is_one(path: &Path) -> bool {
        gzip::is_file(&path.join(DOCUMENT))
    }

    /// Opens an existing folder with its document, which may be compressed (`capacity.json.gz`).
    pub fn open(path: &Path) -> Result<(Self, CapacityDocument), ReportError> {
        // A link to the folder is followed: paths of steps are kept relative to the folder itself.
        let path = path.canonicalize().map_err(RunsError::read(path))?;
        let file = path.join(DOCUMENT);
        let text = gzip::read(&file).map_err(RunsError::from)?;
        let document = read_numbered(&file, &text, CapacityDocument::FORMAT, v0::capacity)?;
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
            // A poisoned lock still holds the secrets: a thread that panicked must not make the others show them.
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

    /// Folder in which the steps' run folders are made.
    pub fn steps(&self) -> PathBuf {
        self.path.join(STEPS)
    }

    /// Folder in which the run folders of warm-ups are made. Warm-ups do not count as steps.
    pub fn warm_up(&self) -> PathBuf {
        self.path.join(WARM_UP)
    }

    /// The path relative to the folder, if it lies below it.
    pub fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.path).unwrap_or(path).display().to_string()
    }

    /// Saves the document.
    pub fn save(&self, document: &CapacityDocument) -> Result<(), ReportError> {
        self.write(DOCUMENT, &json(document)?)
    }

    /// Saves the document and writes its renderings.
    pub fn render(&self, document: &CapacityDocument) -> Result<(), ReportError> {
        self.save(document)?;
        self.render_again(document)
    }

    /// Renders the document without saving it again.
    pub fn render_again(&self, document: &CapacityDocument) -> Result<(), ReportError> {
        for format in CAPACITY_FORMATS.iter().filter(|format| **format != JSON) {
            for Rendering { name, content } in renderings(document, format)? {
                self.write(&name, &content)?;
            }
        }
        self.remove_stale_pages(document);
        Ok(())
    }

    /// Removes pages of an earlier rendering in languages that are not asked for any more.
    fn remove_stale_pages(&self, document: &CapacityDocument) {
        let languages = document.page_languages();
        let kept: Vec<String> = languages
            .iter()
            .map(|language| file_name(*language, &languages))
            .collect();
        let all = Language::ALL
            .into_iter()
            .map(|language| format!("index.{}.html", language.tag()));
        for name in all.filter(|name| !kept.contains(name)) {
            // Most often there is none.
            let _ = std::fs::remove_file(self.path.join(name));
        }
    }

    fn write(&self, name: &str, text: &str) -> Result<(), ReportError> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        write_atomically(&self.path.join(name), secrets.mask_file(text).as_bytes())?;
        Ok(())
    }
}

/// Files of a search in one of [`CAPACITY_FORMATS`], the main file first; none in any other format.
pub fn renderings(document: &CapacityDocument, format: &str) -> Result<Vec<Rendering>, ReportError> {
    Ok(match format {
        JSON => vec![Rendering::new(DOCUMENT, json(document)?)],
        "html" => {
            let languages = document.page_languages();
            let pages = languages.iter().map(|language| {
                let page = html::page(document, *language, &languages)?;
                Ok(Rendering::new(&file_name(*language, &languages), page))
            });
            pages.collect::<Result<Vec<_>, ReportError>>()?
        }
        "markdown" => vec![Rendering::new("summary.md", markdown::summary(document))],
        "svg" => drawn(document)?,
        "csv" => vec![Rendering::new("steps.csv", markdown::csv(document))],
        _ => Vec::new(),
    })
}

fn json(document: &CapacityDocument) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(document).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

/// The charts as files; in a sweep, their names begin with the case's number.
fn drawn(document: &CapacityDocument) -> Result<Vec<Rendering>, ReportError> {
    let mut files = Vec::new();
    for (number, case) in document.cases.iter().enumerate() {
        let case_number = if document.cases.len() > 1 {
            format!("{}-", number + 1)
        } else {
            String::new()
        };
        for chart in charts::all(case, &document.objectives, document.language())? {
            files.push(Rendering::new(
                &format!("{case_number}{}.svg", chart.name),
                chart.file(),
            ));
        }
    }
    Ok(files)
}

/// Text printed when a search is over; ends with a line break.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_of_a_later_version_is_refused_by_its_format() {
        let folder = tempfile::tempdir().unwrap();
        let format = CapacityDocument::FORMAT + 1;
        let text = format!(r#"{{"format": {format}, "cases": 1}}"#);
        std::fs::write(folder.path().join(DOCUMENT), text).unwrap();
        let error = CapacityFolder::open(folder.path()).unwrap_err();
        assert!(
            matches!(&error, ReportError::Runs(RunsError::Newer { found, .. }) if *found == format),
            "{error}"
        );
    }
}
