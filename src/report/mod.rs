//! From a judged run to files: the run folder, the final document, and one exporter per format.

mod document;
mod environment;
mod error;
mod export;
mod store;

pub use document::Document;
pub use environment::Environment;
pub use error::ReportError;
pub use export::{EXPORTERS, Exporter};
pub use store::{RunFolder, RunRecord};
