//! Requests and errors per second.

use super::Chart;
use super::latency::middle;
use super::plot::{Marks, Plot, RED, Shape, highest};
use crate::report::words::chart as words;
use crate::report::{Document, LoadPoint, ReportError};
use crate::words::Language;

fn line(document: &Document, value: fn(&LoadPoint) -> f64) -> Vec<(f64, f64)> {
    let points = document.timeline.all.iter();
    points
        .map(|point| (f64::from(point.second) + middle(document), value(point)))
        .collect()
}

pub(super) fn requests(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let marks = vec![Marks::new(
        language.label(words::ENDED),
        0,
        Shape::Line,
        line(document, |point| point.requests),
    )];
    let plot = Plot::over_time("throughput", words::PER_SECOND, document, marks, language);
    Chart::new(
        "throughput",
        &plot,
        language.label(words::THROUGHPUT),
        language.label(words::THROUGHPUT_CAPTION).to_owned(),
    )
}

pub(super) fn errors(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let mut errors = Marks::new(
        language.label(words::ERROR_LINE),
        0,
        Shape::Line,
        line(document, |point| point.errors),
    );
    errors.colour = RED;
    let limited = line(document, |point| point.rate_limited);
    let marks = vec![
        errors,
        Marks::new(language.label(words::LIMITED), 4, Shape::Line, limited),
    ];
    let top = highest(&marks).max(1.0) * 1.1;
    let mut plot = Plot::over_time("errors", words::PER_SECOND, document, marks, language);
    // The axis reaches at least 1.1 per second: a shorter one would magnify rare errors.
    plot.y.end = top;
    Chart::new(
        "errors",
        &plot,
        language.label(words::ERRORS),
        language.label(words::ERRORS_CAPTION).to_owned(),
    )
}
