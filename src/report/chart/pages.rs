//! Page loads over time.

use super::Chart;
use super::plot::{Marks, Plot, RED, Shape, limits};
use crate::evidence::browser::PageLoad;
use crate::report::{Document, ReportError};
use crate::words::Language;

pub(super) fn chart(document: &Document) -> Result<Chart, ReportError> {
    let loads = document.pages.as_ref().map_or(&[][..], |pages| &pages.loads);
    let apart = document
        .pages
        .as_ref()
        .is_some_and(|pages| pages.rows.iter().any(|row| row.cache.is_some()));
    let name = |load: &PageLoad| {
        if apart {
            format!("{}, {}", load.page, load.cache.name())
        } else {
            load.page.clone()
        }
    };
    let mut names: Vec<String> = Vec::new();
    for load in loads {
        if !names.contains(&name(load)) {
            names.push(name(load));
        }
    }
    let mut marks: Vec<Marks> = names
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let of_page = loads.iter().filter(|load| name(load) == *label);
            let points = of_page.filter_map(|load| Some((load.at, load.load_ms?))).collect();
            Marks::new(label.clone(), index, Shape::Dots, points)
        })
        .collect();
    if let Some(objective) = document.page_objective() {
        marks.extend(limits(objective, &(0.0..document.seconds), Language::English));
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
