//! Resource use of the harness itself.

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape};
use crate::evidence::generator::GeneratorPoint;
use crate::report::words::chart as words;
use crate::report::{Document, ReportError};
use crate::words::Language;

pub(super) fn chart(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let points = document
        .generator
        .as_ref()
        .map_or(&[][..], |generator| &generator.points);
    let line = |value: fn(&GeneratorPoint) -> f64| {
        let shown = points
            .iter()
            .filter(|point| (0.0..=document.seconds).contains(&point.at));
        shown.map(|point| (point.at, value(point))).collect::<Vec<_>>()
    };
    let mut host = Marks::new(
        language.label(words::HOST),
        0,
        Shape::Line,
        line(|point| point.host_cores),
    );
    host.colour = GREY;
    let marks = vec![
        host,
        Marks::new(
            language.label(words::HARNESS),
            0,
            Shape::Line,
            line(|point| point.cpu_cores),
        ),
        Marks::new(
            language.label(words::LOAD_THREAD),
            1,
            Shape::Line,
            line(|point| point.load_thread_cores),
        ),
    ];
    let cores = document.generator.as_ref().map_or(1, |generator| generator.cores);
    let mut plot = Plot::over_time("generator", words::CORES, document, marks, language);
    // Up to all cores, so that the height shows how much was left.
    plot.y.end = plot.y.end.max(f64::from(cores) * 1.05);
    Chart::new(
        "generator",
        &plot,
        language.label(words::GENERATOR),
        words::generator(cores, language),
    )
}
