//! Page loads over time.

use super::Chart;
use super::plot::{COLOURS, Marks, Plot, RED, Shape, limits};
use crate::report::{Document, ReportError};

pub(super) fn chart(document: &Document) -> Result<Chart, ReportError> {
    let loads = document.pages.as_ref().map_or(&[][..], |pages| &pages.loads);
    let mut names: Vec<&str> = Vec::new();
    for load in loads {
        if !names.contains(&load.page.as_str()) {
            names.push(&load.page);
        }
    }
    let mut marks: Vec<Marks> = names
        .iter()
        .take(COLOURS.len())
        .enumerate()
        .map(|(index, name)| {
            let of_page = loads.iter().filter(|load| load.page == *name);
            let points = of_page.filter_map(|load| Some((load.at, load.load_ms?))).collect();
            Marks::new(*name, index, Shape::Dots, points)
        })
        .collect();
    if let Some(objective) = document.page_objective() {
        marks.extend(limits(objective, &(0.0..document.seconds)));
    }
    let top = super::plot::highest(&marks);
    let failed = loads.iter().filter(|load| load.failure.is_some());
    marks.push(Marks {
        label: "failed (no time)".to_owned(),
        colour: RED,
        shape: Shape::Crosses,
        points: failed.map(|load| (load.at, top)).collect(),
    });
    Ok(Chart {
        name: "pages",
        title: "Page loads over time",
        caption:
            "Full page loads in a real browser, from navigation start to the end of the load event. Logarithmic scale."
                .to_owned(),
        svg: Plot::over_time("pages", "milliseconds (log)", document, marks)
            .logarithmic()
            .draw()?,
    })
}
