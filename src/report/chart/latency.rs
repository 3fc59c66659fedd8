//! Response time over time: all requests together, and series by series.

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape, limits};
use crate::report::words::chart as words;
use crate::report::{Document, LatencyPoint, ReportError, SeriesLine};
use crate::words::Language;

/// Most lines of a chart; more could not be told apart by colour.
const MOST_LINES: usize = 5;

/// All requests together.
pub(super) fn all(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let line = |value: fn(&LatencyPoint) -> f64| {
        let points = document.timeline.all.iter().filter_map(|point| point.latency.as_ref());
        points.map(|point| place(document, point, value)).collect::<Vec<_>>()
    };
    let mut marks = vec![Marks {
        label: language.label(words::SLOWEST).to_owned(),
        colour: GREY,
        shape: Shape::Dots,
        points: line(|point| point.max),
    }];
    // From the highest to the lowest, as the lines stand above each other.
    marks.push(Marks::new("p99", 3, Shape::Line, line(|point| point.p99)));
    marks.push(Marks::new("p95", 0, Shape::Line, line(|point| point.p95)));
    marks.push(Marks::new("p50", 4, Shape::Line, line(|point| point.p50)));
    let plot = plot("latency", document, marks, language);
    let caption = words::latency(document, language);
    Chart::new("latency", &plot, language.label(words::LATENCY), caption)
}

/// The busiest series that the response-time objective selects, each its own line.
pub(super) fn series(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let names = document.request_series();
    let lines = document.timeline.series.iter();
    // The limits drawn are those of one objective: series that it does not judge would look as if they broke it.
    let lines: Vec<&SeriesLine> = lines.filter(|line| names.contains(&line.name.as_str())).collect();
    let marks = lines.iter().take(MOST_LINES).enumerate();
    let marks = marks.map(|(index, line)| {
        let points = line
            .points
            .iter()
            .map(|point| place(document, point, |point| point.p95));
        Marks::new(line.name.clone(), index, Shape::Line, points.collect())
    });
    let (shown, all) = (lines.len().min(MOST_LINES), lines.len());
    let caption = words::series(document.timeline.step, shown, all, language);
    let plot = plot("series", document, marks.collect(), language);
    Chart::new("series", &plot, language.label(words::SERIES), caption)
}

fn plot(name: &'static str, document: &Document, mut marks: Vec<Marks>, language: Language) -> Plot {
    if let Some(objective) = document.request_objective() {
        marks.extend(limits(objective, &(0.0..document.seconds), language));
    }
    Plot::over_time(name, words::MILLISECONDS, document, marks, language).logarithmic()
}

fn place(document: &Document, point: &LatencyPoint, value: fn(&LatencyPoint) -> f64) -> (f64, f64) {
    (f64::from(point.second) + middle(document), value(point))
}

/// Half a step: a point stands in the middle of the seconds it sums up.
pub(super) fn middle(document: &Document) -> f64 {
    f64::from(document.timeline.step) / 2.0
}
