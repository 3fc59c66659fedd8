//! The charts, drawn once for the HTML report and for files of their own.

mod axis;
mod containers;
mod database;
mod draw;
mod generator;
mod latency;
mod pages;
pub(super) mod plot;
mod spectrum;
mod throughput;

pub(crate) use plot::{Marks, Plot, RED, Shape};

use super::{Document, ReportError};

/// One chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chart {
    /// File name without its ending.
    pub name: &'static str,
    /// Title of the chart.
    pub title: &'static str,
    /// Advice on reading the chart, in a sentence or two.
    pub caption: String,
    /// The drawing; `None` if there is no data.
    pub svg: Option<String>,
}

impl Chart {
    /// The drawing as a file; without data, a drawing that says so.
    pub(super) fn file(&self) -> String {
        self.svg.clone().unwrap_or_else(|| {
            format!(
                "<svg width=\"480\" height=\"60\" viewBox=\"0 0 480 60\" xmlns=\"http://www.w3.org/2000/svg\">\
                 <text x=\"12\" y=\"34\" font-family=\"sans-serif\" font-size=\"14\">{}: no data</text></svg>\n",
                self.title
            )
        })
    }
}

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
