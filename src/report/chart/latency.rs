//! Response time over time.

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape, limits};
use crate::report::{Document, ReportError};

/// More lines than colours cannot be told apart.
const MOST_LINES: usize = 5;

pub(super) fn chart(document: &Document) -> Result<Chart, ReportError> {
    let timeline = &document.timeline;
    let span = 0.0..document.seconds;
    let slowest = timeline
        .all
        .iter()
        .filter_map(|point| Some((f64::from(point.second) + middle(document), point.slowest?)));
    let mut marks = vec![Marks {
        label: "slowest request".to_owned(),
        colour: GREY,
        shape: Shape::Dots,
        points: slowest.collect(),
    }];
    for (index, series) in timeline.series.iter().take(MOST_LINES).enumerate() {
        let points = series
            .points
            .iter()
            .map(|point| (f64::from(point.second) + middle(document), point.p95))
            .collect();
        marks.push(Marks::new(format!("{} p95", series.name), index, Shape::Line, points));
    }
    if let Some(objective) = document.request_objective() {
        marks.extend(limits(objective, &span));
    }
    let busiest = timeline.series.len().min(MOST_LINES);
    let caption = format!(
        "Successful requests, {}: p95 of the {busiest} busiest of {} series, each its own line because percentiles of \
         several series cannot be averaged. Logarithmic scale.",
        per(timeline.step),
        timeline.series.len()
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
