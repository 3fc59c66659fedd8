//! Resource use of the harness itself.

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape};
use crate::evidence::generator::GeneratorPoint;
use crate::report::{Document, ReportError};

pub(super) fn chart(document: &Document) -> Result<Chart, ReportError> {
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
    let mut host = Marks::new("whole host", 0, Shape::Line, line(|point| point.host_cores));
    host.colour = GREY;
    let marks = vec![
        host,
        Marks::new("harness", 0, Shape::Line, line(|point| point.cpu_cores)),
        Marks::new("its load thread", 1, Shape::Line, line(|point| point.load_thread_cores)),
    ];
    let cores = document.generator.as_ref().map_or(1, |generator| generator.cores);
    let mut plot = Plot::over_time("generator", "cores", document, marks);
    plot.y.end = plot.y.end.max(f64::from(cores) * 1.05);
    Ok(Chart {
        name: "generator",
        title: "The generator's own CPU",
        caption: format!(
            "The host has {cores} cores. A load thread near 1 core could not send in time; a host at {cores} makes \
             everything on it wait."
        ),
        svg: plot.draw()?,
    })
}
