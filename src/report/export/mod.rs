//! One exporter per format.

use super::Document;

/// A file an exporter writes, relative to the run folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendering {
    /// File name.
    pub name: String,
    /// Content.
    pub content: String,
}

/// Writes the document in one format.
pub trait Exporter: Sync {
    /// The name used on the command line.
    fn name(&self) -> &'static str;
    /// One sentence for `diapason list exporters`.
    fn describe(&self) -> &'static str;
    /// The files, the main one first.
    fn render(&self, document: &Document) -> Result<Vec<Rendering>, super::ReportError>;
}

/// Every exporter, by name; those written into each run folder come first.
pub static EXPORTERS: &[&dyn Exporter] = &[];
