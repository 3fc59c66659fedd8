//! The charts, drawn once for the HTML report and for files of their own.

mod axis;
mod containers;
mod database;
mod draw;
mod drawing;
mod generator;
mod heat;
mod latency;
mod load;
mod pages;
pub(super) mod plot;
mod spectrum;
mod table;
mod theme;
mod throughput;

pub(super) use drawing::Chart;
pub(crate) use plot::{Marks, Plot, RED, Shape};
pub(super) use theme::themed;

use super::{Document, ReportError};
use crate::words::Language;

/// Every chart, in the order of the report.
pub(super) fn all(document: &Document, language: Language) -> Result<Vec<Chart>, ReportError> {
    Ok(vec![
        latency::all(document, language)?,
        latency::series(document, language)?,
        heat::chart(document, language)?,
        load::chart(document, language)?,
        spectrum::chart(document, language)?,
        throughput::requests(document, language)?,
        throughput::errors(document, language)?,
        pages::chart(document, language)?,
        database::sessions(document, language)?,
        containers::cpu(document, language)?,
        containers::memory(document, language)?,
        generator::chart(document, language)?,
    ])
}
