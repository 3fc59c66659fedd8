//! Sessions of the database over time.

use std::collections::BTreeSet;

use super::Chart;
use super::plot::{GREY, Marks, Plot, Shape};
use crate::evidence::postgres::DatabasePoint;
use crate::report::{Document, ReportError};

/// Sessions by their activity and their wait.
pub(super) fn sessions(document: &Document) -> Result<Chart, ReportError> {
    let points = document.database.as_ref().map_or(&[][..], |seen| &seen.observed.points);
    let line = |value: &dyn Fn(&DatabasePoint) -> u32| {
        let shown = points
            .iter()
            .filter(|point| (0.0..=document.seconds).contains(&point.at));
        shown
            .map(|point| (point.at, f64::from(value(point))))
            .collect::<Vec<_>>()
    };
    let mut connections = Marks::new("connected", 0, Shape::Line, line(&|point| point.connections));
    connections.colour = GREY;
    let mut marks = vec![
        connections,
        Marks::new("executing", 0, Shape::Line, line(&|point| point.active)),
    ];
    if points.iter().any(|point| point.idle_in_transaction > 0) {
        let idle = line(&|point| point.idle_in_transaction);
        marks.push(Marks::new("idle in a transaction", 1, Shape::Line, idle));
    }
    let waits: BTreeSet<&String> = points.iter().flat_map(|point| point.waits.keys()).collect();
    for (index, wait) in waits.into_iter().enumerate() {
        let waiting = line(&|point| point.waits.get(wait).copied().unwrap_or(0));
        marks.push(Marks::new(format!("waiting: {wait}"), index + 2, Shape::Line, waiting));
    }
    Ok(Chart {
        name: "database",
        title: "Database sessions over time",
        caption:
            "Looked at twice a second. Those waiting are among those executing; Lock is another session's row or table \
                  lock, LWLock the server's own, IO its disk, Client the application that does not take the answer."
                .to_owned(),
        svg: Plot::over_time("database", "sessions", document, marks).draw()?,
    })
}
