//! Sessions of the database over time.

use std::collections::BTreeSet;

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape};
use crate::evidence::postgres::DatabasePoint;
use crate::report::words::chart as words;
use crate::report::{Document, ReportError};
use crate::words::Language;

/// Sessions by their activity and their wait.
pub(super) fn sessions(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let points = document.database.as_ref().map_or(&[][..], |seen| &seen.observed.points);
    let line = |value: &dyn Fn(&DatabasePoint) -> u32| {
        // The probe begins before the load and ends after it.
        let shown = points
            .iter()
            .filter(|point| (0.0..=document.seconds).contains(&point.at));
        shown
            .map(|point| (point.at, f64::from(value(point))))
            .collect::<Vec<_>>()
    };
    let mut connections = Marks::new(
        language.label(words::CONNECTED),
        0,
        Shape::Line,
        line(&|point| point.connections),
    );
    // Connections that only wait for work are the background to those that do it.
    connections.colour = GREY;
    let mut marks = vec![
        connections,
        Marks::new(
            language.label(words::EXECUTING),
            0,
            Shape::Line,
            line(&|point| point.active),
        ),
    ];
    // A line at zero would say nothing and take a colour.
    if points.iter().any(|point| point.idle_in_transaction > 0) {
        let idle = line(&|point| point.idle_in_transaction);
        marks.push(Marks::new(language.label(words::IDLE), 1, Shape::Line, idle));
    }
    // Sorted, so that a kind of wait has the same colour whenever the report is made.
    let waits: BTreeSet<&String> = points.iter().flat_map(|point| point.waits.keys()).collect();
    for (index, wait) in waits.into_iter().enumerate() {
        let waiting = line(&|point| point.waits.get(wait).copied().unwrap_or(0));
        marks.push(Marks::new(
            format!("{} {wait}", language.label(words::WAITING)),
            index + 2,
            Shape::Line,
            waiting,
        ));
    }
    let plot = Plot::over_time("database", words::SESSIONS_AXIS, document, marks, language);
    Chart::new(
        "database",
        &plot,
        language.label(words::DATABASE),
        language.label(words::DATABASE_CAPTION).to_owned(),
    )
}
