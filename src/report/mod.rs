//! From a judged run to files: the run folder, the final document, and one exporter per format.
//!
//! The [`Document`] is drawn up once; every rendering, the terminal's table included, reads nothing else.

mod attribution;
mod capacity;
pub(crate) mod chart;
mod document;
mod environment;
mod error;
mod export;
mod language;
mod percentile;
mod resources;
#[cfg(test)]
pub(crate) mod sample;
mod store;
pub mod summary;
pub(crate) mod text;
mod way;

#[cfg(test)]
pub(crate) use capacity::fixture as capacity_sample;

pub use attribution::{Attribution, Budget, Part, RULES, Share, Suspect, Tier};
pub use capacity::{
    Breach, CAPACITY_FORMATS, CapacityDocument, CapacityFolder, Case, Caveat, ClosedRun, Expected, Finding, Fitted,
    Held, HeldUsers, Reading, Reason, Seen, Step, Stopped, Usage, capacity_renderings, capacity_terminal,
};
pub use document::{
    BesidePages, CalibrationRow, CallRow, Container, Database, Document, Exit, FrontDoor, Generator, Identity,
    LatencyPoint, LoadPoint, PageRow, Pages, Percentiles, RequestRow, Seconds, SeriesLine, SpectrumPoint, Spike,
    Timeline, Trend,
};
pub use environment::Environment;
pub use error::ReportError;
pub(crate) use export::STYLE;
pub use export::{EXPORTERS, Exporter, Rendering, exporter, standard};
pub use language::Language;
pub(crate) use store::write_atomically;
pub use store::{RunFolder, RunRecord};
