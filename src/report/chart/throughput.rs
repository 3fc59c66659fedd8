//! Requests and errors per second.

use super::Chart;
use super::latency::middle;
use super::plot::{Marks, Plot, RED, Shape, highest};
use crate::report::{Document, LoadPoint, ReportError};

fn line(document: &Document, value: fn(&LoadPoint) -> f64) -> Vec<(f64, f64)> {
    let points = document.timeline.all.iter();
    points
        .map(|point| (f64::from(point.second) + middle(document), value(point)))
        .collect()
}

pub(super) fn requests(document: &Document) -> Result<Chart, ReportError> {
    let marks = vec![Marks::new(
        "requests that ended",
        0,
        Shape::Line,
        line(document, |point| point.requests),
    )];
    Ok(Chart {
        name: "throughput",
        title: "Throughput over time",
        caption: "Requests of all series by the second in which they ended, however they ended.".to_owned(),
        svg: Plot::over_time("throughput", "requests per second", document, marks).draw()?,
    })
}

pub(super) fn errors(document: &Document) -> Result<Chart, ReportError> {
    let mut errors = Marks::new("errors", 0, Shape::Line, line(document, |point| point.errors));
    errors.colour = RED;
    let limited = line(document, |point| point.rate_limited);
    let marks = vec![errors, Marks::new("rate-limited", 4, Shape::Line, limited)];
    let top = highest(&marks).max(1.0) * 1.1;
    let mut plot = Plot::over_time("errors", "requests per second", document, marks);
    // The axis reaches at least 1.1 per second: a shorter one would magnify rare errors.
    plot.y.end = top;
    Ok(Chart {
        name: "errors",
        title: "Errors over time",
        caption:
            "Failed requests, and requests the stack's own rate limiter turned away, which are a class of their own."
                .to_owned(),
        svg: plot.draw()?,
    })
}
