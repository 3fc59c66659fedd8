//! From a judged run to files: the final document, and one exporter per format.
//!
//! The [`Document`] is made once; every rendering, the terminal's table included, reads nothing else.

mod capacity;
pub(crate) mod chart;
mod document;
mod error;
mod export;
mod percentile;
#[cfg(test)]
pub(crate) mod sample;
pub mod summary;
#[cfg(test)]
mod tests;
mod words;

#[cfg(test)]
pub(crate) use capacity::fixture as capacity_sample;

pub use capacity::{
    Breach, CAPACITY_FORMATS, CapacityDocument, CapacityFolder, Case, Caveat, ClosedRun, Expected, ExpectedAnswer,
    Finding, FindingMeasurement, Fitted, HeldUsers, Reading, Reason, Step, Stopped, Usage, capacity_renderings,
    capacity_terminal,
};
pub use document::{
    Attribution, BesidePages, CalibrationRow, CallRow, Database, Document, EventEffect, Exit, FailedRow, Identity,
    LatencyPoint, LoadPoint, LoadedUnder, PageRow, Pages, Percentiles, Quantity, RequestRow, Seconds, SeriesLine,
    SpectrumPoint, Spike, Sum, SuspectRow, Timeline, Trend,
};
pub use error::ReportError;
pub use export::{EXPORTERS, Exporter, Rendering, exporter, render_into, standard};
pub(crate) use export::{head, skip_link};
