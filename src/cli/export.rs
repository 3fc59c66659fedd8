//! `--export FORMAT[=PATH]`.

use std::path::{Path, PathBuf};

use super::output::Output;
use crate::capacity::Explored;
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
                let known: Vec<&str> = EXPORTERS.iter().map(|exporter| exporter.name()).collect();
                Some(format!("use one of {}", known.join(", ")))
            }
            Self::NotOfASearch(_) => Some(format!("use one of {}", CAPACITY_FORMATS.join(", "))),
            Self::Render(source) => source.hint(),
            Self::Write { .. } => None,
        }
    }
}

/// One rendering asked for on the command line.
#[derive(Clone)]
pub(super) struct Export {
    exporter: &'static dyn Exporter,
    path: Option<PathBuf>,
}

pub(super) fn parse(texts: &[String]) -> Result<Vec<Export>, ExportError> {
    let parse_one = |text: &String| {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text.as_str(), None),
        };
        let exporter = EXPORTERS.iter().find(|exporter| exporter.name() == name);
        let exporter = *exporter.ok_or_else(|| ExportError::Unknown(name.to_owned()))?;
        Ok(Export { exporter, path })
    };
    texts.iter().map(parse_one).collect()
}

impl Export {
    pub(super) fn to_standard_output(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// Writes a run: the main file to the path, or all of them into the run folder where none was given.
    pub(super) fn write(&self, finished: &Finished, output: Output) -> Result<(), ExportError> {
        let renderings = self.exporter.render(&finished.document)?;
        self.write_files(&renderings, finished.folder.path(), output)
    }

    /// Writes a search for capacity, likewise.
    pub(super) fn write_search(&self, search: &Explored, output: Output) -> Result<(), ExportError> {
        let format = self.exporter.name();
        if !CAPACITY_FORMATS.contains(&format) {
            return Err(ExportError::NotOfASearch(format));
        }
        let renderings = capacity_renderings(&search.document, format)?;
        self.write_files(&renderings, search.folder.path(), output)
    }

    fn write_files(&self, renderings: &[Rendering], folder: &Path, output: Output) -> Result<(), ExportError> {
        if self.to_standard_output() {
            if let Some(main) = renderings.first() {
                output.print(&main.content);
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
