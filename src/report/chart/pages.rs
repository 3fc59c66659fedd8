//! Page loads over time.

use super::Chart;
use super::plot::{Marks, Plot, RED, Shape, limits};
use crate::evidence::browser::PageLoad;
use crate::report::words::{browser, chart as words};
use crate::report::{Document, ReportError};
use crate::words::Language;

pub(super) fn chart(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let loads = document.pages.as_ref().map_or(&[][..], |pages| &pages.loads);
    let apart = document
        .pages
        .as_ref()
        .is_some_and(|pages| pages.rows.iter().any(|row| row.cache.is_some()));
    let name = |load: &PageLoad| {
        if apart {
            format!("{}, {}", load.page, browser::cache(load.cache, language))
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
        marks.extend(limits(objective, &(0.0..document.seconds), language));
    }
    // Before the failures are added: a failed load has no time and stands at the top of the chart.
    let top = super::plot::highest(&marks);
    let failed = loads.iter().filter(|load| load.failure.is_some());
    marks.push(Marks {
        label: language.label(words::FAILED).to_owned(),
        colour: RED,
        shape: Shape::Crosses,
        // A failed load has no time. At the upper edge it is seen among the slow ones.
        points: failed.map(|load| (load.at, top)).collect(),
    });
    let plot = Plot::over_time("pages", words::MILLISECONDS, document, marks, language).logarithmic();
    Chart::new(
        "pages",
        &plot,
        language.label(words::PAGES),
        language.label(words::PAGES_CAPTION).to_owned(),
    )
}
