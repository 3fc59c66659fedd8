//! Response time over time.

use std::collections::BTreeMap;

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape, limits};
use crate::report::{Document, ReportError, SeriesLine};

/// More lines than colours cannot be told apart.
const MOST_LINES: usize = 5;

pub(super) fn chart(document: &Document) -> Result<Chart, ReportError> {
    let selected = document.request_series();
    let series = document.timeline.series.iter();
    let series: Vec<&SeriesLine> = series.filter(|line| selected.contains(&line.name.as_str())).collect();
    let mut marks = vec![slowest(document, &series)];
    for (index, line) in series.iter().take(MOST_LINES).enumerate() {
        let points = line.points.iter();
        let points = points.map(|point| (f64::from(point.second) + middle(document), point.p95));
        marks.push(Marks::new(
            format!("{} p95", line.name),
            index,
            Shape::Line,
            points.collect(),
        ));
    }
    if let Some(objective) = document.request_objective() {
        marks.extend(limits(objective, &(0.0..document.seconds)));
    }
    let group = document.request_group().map_or("*", |group| group.name.as_str());
    let caption = format!(
        "Successful requests of {}, {}: p95 of the {} busiest of {} series, each its own line because percentiles of several \
         series cannot be averaged. Logarithmic scale.",
        if group == "*" { "all series" } else { group },
        per(document.timeline.step),
        series.len().min(MOST_LINES),
        series.len()
    );
    Ok(Chart {
        name: "latency",
        title: "Response time over time",
        caption,
        svg: Plot::over_time("latency", "milliseconds (log)", document, marks)
            .logarithmic()
            .draw()?,
    })
}

/// The slowest request of each step over all these series.
fn slowest(document: &Document, series: &[&SeriesLine]) -> Marks {
    let mut worst: BTreeMap<u32, f64> = BTreeMap::new();
    for point in series.iter().flat_map(|line| &line.points) {
        let slowest = worst.entry(point.second).or_default();
        *slowest = slowest.max(point.max);
    }
    let points = worst.into_iter();
    Marks {
        label: "slowest request".to_owned(),
        colour: GREY,
        shape: Shape::Dots,
        points: points
            .map(|(second, max)| (f64::from(second) + middle(document), max))
            .collect(),
    }
}

/// Half a step: a point stands in the middle of the seconds it sums up.
pub(super) fn middle(document: &Document) -> f64 {
    f64::from(document.timeline.step) / 2.0
}

/// `second by second`, or the worst of each step of a long run.
pub(super) fn per(step: u32) -> String {
    if step <= 1 {
        "second by second".to_owned()
    } else {
        format!("worst second of every {step}")
    }
}
