//! The charts, drawn once for the HTML report and for files of their own.

mod axis;
mod containers;
mod database;
mod draw;
mod drawing;
mod generator;
mod latency;
mod pages;
pub(super) mod plot;
mod spectrum;
mod throughput;

pub(super) use drawing::Chart;
pub(crate) use plot::{Marks, Plot, RED, Shape};

use super::{Document, ReportError};

/// Every chart, in the order of the report.
pub(super) fn all(document: &Document) -> Result<Vec<Chart>, ReportError> {
    Ok(vec![
        latency::all(document)?,
        latency::series(document)?,
        spectrum::chart(document)?,
        throughput::requests(document)?,
        throughput::errors(document)?,
        pages::chart(document)?,
        database::sessions(document)?,
        containers::cpu(document)?,
        containers::memory(document)?,
        generator::chart(document)?,
    ])
}
