//! `--export FORMAT[=PATH]`.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use super::output::Output;
use super::pdf::{self, PdfError};
use crate::capacity::SearchOutcome;
use crate::error::Hint;
use crate::report::{CAPACITY_FORMATS, EXPORTERS, Exporter, Rendering, ReportError, capacity_renderings};
use crate::run::Finished;

/// An export that cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error("there is no format `{0}`")]
    Unknown(String),
    #[error("a search for capacity is not written as {0}")]
    NotOfASearch(&'static str),
    #[error(transparent)]
    Render(#[from] ReportError),
    #[error(transparent)]
    Pdf(#[from] PdfError),
    #[error("failed to write export: {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl Hint for ExportError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown(_) => {
                let known: Vec<&str> = EXPORTERS.iter().map(|exporter| exporter.name()).chain([PDF]).collect();
                Some(format!("use one of {}", known.join(", ")))
            }
            Self::NotOfASearch(_) => Some(format!("use one of {}", CAPACITY_FORMATS.join(", "))),
            Self::Render(source) => source.hint(),
            Self::Pdf(source) => source.hint(),
            Self::Write { .. } => Some("name a file in a folder that is there and that you may write to".to_owned()),
        }
    }
}

/// The format that a browser prints.
const PDF: &str = "pdf";

#[derive(Clone, Copy)]
enum Format {
    Exporter(&'static dyn Exporter),
    /// The page, printed.
    Pdf,
}

impl Format {
    fn find(name: &str) -> Result<Self, ExportError> {
        let exporter = EXPORTERS.iter().find(|exporter| exporter.name() == name);
        match exporter {
            Some(exporter) => Ok(Self::Exporter(*exporter)),
            None if name == PDF => Ok(Self::Pdf),
            None => Err(ExportError::Unknown(name.to_owned())),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Exporter(exporter) => exporter.name(),
            Self::Pdf => PDF,
        }
    }
}

/// One rendering asked for on the command line.
#[derive(Clone)]
pub(super) struct Export {
    format: Format,
    path: Option<PathBuf>,
}

pub(super) fn parse(texts: &[String]) -> Result<Vec<Export>, ExportError> {
    let parse_one = |text: &String| {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text.as_str(), None),
        };
        let format = Format::find(name)?;
        Ok(Export { format, path })
    };
    texts.iter().map(parse_one).collect()
}

impl Export {
    pub(super) fn to_standard_output(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// Tries the file it is to be written to, before anything is measured for it. A file that was not there is not left behind.
    pub(super) fn check_writable(&self) -> Result<(), ExportError> {
        let Some(path) = self.path.as_ref().filter(|_| !self.to_standard_output()) else {
            return Ok(());
        };
        let failed = |source| ExportError::Write {
            path: path.clone(),
            source,
        };
        let is_new = !path.exists();
        // For appending: a file that is there stays as it is until the run has something to put in its place.
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(failed)?;
        if is_new {
            std::fs::remove_file(path).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes a run: the main file to the path, or all files into the run folder if no path was given.
    pub(super) fn write(&self, finished: &Finished, output: Output) -> Result<(), ExportError> {
        match self.format {
            Format::Exporter(exporter) => {
                let renderings = exporter.render(&finished.document)?;
                self.write_files(&renderings, finished.folder.path(), output)
            }
            Format::Pdf => Ok(pdf::print(finished.folder.path(), self.path.as_deref())?),
        }
    }

    /// Writes a search for capacity in the same way.
    pub(super) fn write_search(&self, search: &SearchOutcome, output: Output) -> Result<(), ExportError> {
        let format = self.format.name();
        if format == PDF {
            return Ok(pdf::print(search.folder.path(), self.path.as_deref())?);
        }
        if !CAPACITY_FORMATS.contains(&format) {
            return Err(ExportError::NotOfASearch(format));
        }
        let renderings = capacity_renderings(&search.document, format)?;
        self.write_files(&renderings, search.folder.path(), output)
    }

    fn write_files(&self, renderings: &[Rendering], folder: &Path, output: Output) -> Result<(), ExportError> {
        if self.to_standard_output() {
            // Several files on one stream could not be told apart.
            if let Some(main) = renderings.first() {
                output.deliver(&main.content);
            }
            return Ok(());
        }
        let files: Vec<(PathBuf, &String)> = if let Some(path) = &self.path {
            let main = renderings.first().into_iter();
            main.map(|file| (path.clone(), &file.content)).collect()
        } else {
            let all = renderings.iter();
            all.map(|file| (folder.join(&file.name), &file.content)).collect()
        };
        for (path, content) in files {
            std::fs::write(&path, content).map_err(|source| ExportError::Write { path, source })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_a_format_and_perhaps_a_path() {
        for (text, name, path, printed) in [
            ("json", "json", None, false),
            ("json=-", "json", Some("-"), true),
            ("junit=out/j.xml", "junit", Some("out/j.xml"), false),
            // Only the first `=` divides.
            ("markdown=a=b.md", "markdown", Some("a=b.md"), false),
            ("html=./-", "html", Some("./-"), false),
            ("pdf=r.pdf", "pdf", Some("r.pdf"), false),
        ] {
            let export = parse(&[text.to_owned()]).unwrap().remove(0);
            assert_eq!(export.format.name(), name, "{text}");
            assert_eq!(export.path.as_deref(), path.map(std::path::Path::new), "{text}");
            assert_eq!(export.to_standard_output(), printed, "{text}");
        }
    }

    #[test]
    fn one_unknown_format_refuses_them_all_and_names_those_there_are() {
        let texts = ["json", "papyrus=x"].map(str::to_owned);
        let Err(error) = parse(&texts) else {
            panic!("papyrus is taken");
        };
        assert_eq!(error.to_string(), "there is no format `papyrus`");
        let hint = error.hint().unwrap();
        for exporter in EXPORTERS {
            assert!(hint.contains(exporter.name()), "no {} in {hint}", exporter.name());
        }
    }

    #[test]
    fn a_target_is_tried_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let tried = |target: &str| {
            let export = parse(&[format!("json={target}")]).unwrap().remove(0);
            export.check_writable().map_err(|error| error.to_string())
        };
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("old.json"), "old").unwrap();
        for target in ["-".to_owned(), path("new.json"), path("old.json")] {
            assert_eq!(tried(&target), Ok(()), "{target}");
        }
        assert!(!folder.path().join("new.json").exists());
        assert_eq!(std::fs::read_to_string(path("old.json")).unwrap(), "old");
        for target in [path("no/folder.json"), path("")] {
            assert!(
                tried(&target).unwrap_err().starts_with("failed to write export: "),
                "{target}"
            );
        }
    }

    #[test]
    fn files_are_written_where_they_are_asked_for() {
        let document = crate::report::sample::document();
        let base = tempfile::tempdir().unwrap();
        let finished = Finished {
            document,
            folder: crate::runs::RunFolder::create(base.path(), "gate").unwrap(),
            interrupted: false,
            compared: <_>::default(),
            indexed: None,
        };
        let written = |text: &str| {
            let export = parse(&[text.to_owned()]).unwrap().remove(0);
            export.write(&finished, Output::new(true))
        };
        let elsewhere = base.path().join("report.json");
        written(&format!("json={}", elsewhere.display())).unwrap();
        written("json").unwrap();
        let own = finished.folder.path().join("report.json");
        assert_eq!(std::fs::read(&elsewhere).unwrap(), std::fs::read(own).unwrap());
        // A format of several files writes all of them only if no path was given.
        let svg = base.path().join("one.svg");
        written(&format!("svg={}", svg.display())).unwrap();
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 3);
        let nowhere = base.path().join("no/folder.json");
        let error = written(&format!("json={}", nowhere.display())).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("failed to write export: {}", nowhere.display())
        );
    }
}
