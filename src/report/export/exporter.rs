//! The exporter of a format, and the files that it writes.

use crate::report::{Document, ReportError};

/// A file an exporter writes, relative to the run folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendering {
    /// File name.
    pub name: String,
    /// Content.
    pub content: String,
}

impl Rendering {
    pub(in crate::report) fn new(name: &str, content: String) -> Self {
        Self {
            name: name.to_owned(),
            content,
        }
    }
}

/// Writes the document in one format.
pub trait Exporter: Sync {
    /// The name used on the command line.
    fn name(&self) -> &'static str;
    /// One sentence for `diapason list exporters`.
    fn describe(&self) -> &'static str;
    /// True if the format is written into each run folder, even if not asked for.
    fn standard(&self) -> bool {
        true
    }
    /// The files, the main one first.
    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError>;
}
