//! Response time over time: all requests together, and series by series.

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape, limits};
use crate::report::{Document, LatencyPoint, ReportError, SeriesLine};
use crate::words::Language;

/// Most lines of a chart; more could not be told apart by colour.
const MOST_LINES: usize = 5;

/// All requests together.
pub(super) fn all(document: &Document) -> Result<Chart, ReportError> {
    let line = |value: fn(&LatencyPoint) -> f64| {
        let points = document.timeline.all.iter().filter_map(|point| point.latency.as_ref());
        points.map(|point| place(document, point, value)).collect::<Vec<_>>()
    };
    let mut marks = vec![Marks {
        label: "slowest request".to_owned(),
        colour: GREY,
        shape: Shape::Dots,
        points: line(|point| point.max),
    }];
    marks.push(Marks::new("p99", 3, Shape::Line, line(|point| point.p99)));
    marks.push(Marks::new("p95", 0, Shape::Line, line(|point| point.p95)));
    marks.push(Marks::new("p50", 5, Shape::Line, line(|point| point.p50)));
    Ok(Chart {
        name: "latency",
        title: "Response time over time",
        caption: format!(
            "Successful requests of all series together, {}. Logarithmic scale.{}",
            per(document.timeline.step),
            selected(document)
        ),
        svg: draw("latency", document, marks)?,
    })
}

/// The busiest series that the response-time objective selects, each its own line.
pub(super) fn series(document: &Document) -> Result<Chart, ReportError> {
    let names = document.request_series();
    let lines = document.timeline.series.iter();
    let lines: Vec<&SeriesLine> = lines.filter(|line| names.contains(&line.name.as_str())).collect();
    let marks = lines.iter().take(MOST_LINES).enumerate();
    let marks = marks.map(|(index, line)| {
        let points = line
            .points
            .iter()
            .map(|point| place(document, point, |point| point.p95));
        Marks::new(line.name.clone(), index, Shape::Line, points.collect())
    });
    Ok(Chart {
        name: "series",
        title: "p95 of the busiest series over time",
        caption: format!(
            "Successful requests, {}: the {} busiest of {} series. With few requests a second, p95 is the slowest of them. \
             Logarithmic scale.",
            per(document.timeline.step),
            lines.len().min(MOST_LINES),
            lines.len()
        ),
        svg: draw("series", document, marks.collect())?,
    })
}

fn draw(name: &'static str, document: &Document, mut marks: Vec<Marks>) -> Result<Option<String>, ReportError> {
    if let Some(objective) = document.request_objective() {
        marks.extend(limits(objective, &(0.0..document.seconds), Language::English));
    }
    Plot::over_time(name, "milliseconds (log)", document, marks)
        .logarithmic()
        .draw()
}

fn place(document: &Document, point: &LatencyPoint, value: fn(&LatencyPoint) -> f64) -> (f64, f64) {
    (f64::from(point.second) + middle(document), value(point))
}

/// Note for the caption if the limits drawn do not apply to every request drawn; else empty.
fn selected(document: &Document) -> String {
    let selector = document.request_objective().and_then(|objective| objective.of.as_ref());
    match selector {
        Some(selector) if document.request_series().len() < document.plan.load.series.len() => {
            format!(" The limits are those of {} only.", selector.0)
        }
        _ => String::new(),
    }
}

/// Half a step: a point stands in the middle of the seconds it sums up.
pub(super) fn middle(document: &Document) -> f64 {
    f64::from(document.timeline.step) / 2.0
}

/// `second by second`, or the worst of each step of a long run.
fn per(step: u32) -> String {
    if step <= 1 {
        "second by second".to_owned()
    } else {
        format!("worst second of every {step}")
    }
}
