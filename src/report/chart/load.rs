//! Response time against the load at which it was measured.

use super::Chart;
use super::latency::middle;
use super::plot::{GREY, Marks, Plot, Shape, highest, limits};
use crate::report::words::chart as words;
use crate::report::{Document, LoadPoint, ReportError};
use crate::words::Language;

/// One point for each step of the timeline: requests per second, and the 95th percentile of their response times.
pub(super) fn chart(document: &Document, language: Language) -> Result<Chart, ReportError> {
    // Steps of a warm-up lie at the same loads with other times: mixed in, they would look like scatter of the judged
    // ones.
    let points = |judged: bool| {
        let points = document.timeline.all.iter();
        let points = points.filter(|point| is_judged(document, point) == judged);
        points
            .filter_map(|point| Some((point.requests, point.latency.as_ref()?.p95)))
            .collect::<Vec<_>>()
    };
    let mut marks = vec![
        Marks {
            label: language.label(words::UNJUDGED).to_owned(),
            colour: GREY,
            shape: Shape::Crosses,
            points: points(false),
        },
        Marks::new(language.label(words::JUDGED_P95), 0, Shape::Dots, points(true)),
    ];
    let most = marks.iter().flat_map(|marks| &marks.points).map(|(x, _)| *x);
    let x = 0.0..most.fold(0.0, f64::max).max(1.0) * 1.05;
    if let Some(objective) = document.request_objective() {
        marks.extend(limits(objective, &x, language));
    }
    let plot = Plot {
        name: "load",
        x_label: language.label(words::PER_SECOND),
        y_label: language.label(words::MILLISECONDS),
        y: 0.0..highest(&marks) * 1.1,
        x,
        logarithmic: false,
        x_text: super::axis::number,
        row_text: |rate| format!("{rate:.1}/s"),
        language,
        bands: Vec::new(),
        cells: Vec::new(),
        marks,
    };
    let caption = words::load(document.timeline.step, language);
    Chart::new("load", &plot.logarithmic(), language.label(words::LOAD), caption)
}

/// True if the middle of the step lies in the judged window.
fn is_judged(document: &Document, point: &LoadPoint) -> bool {
    document
        .judged
        .contains_secs(f64::from(point.second) + middle(document))
}
