//! The run among earlier ones, on the first screen.

use maud::{Markup, html};

use super::badge::change_badge;
use super::kit::{head_row, label, prose, wide};
use super::sparkline::sparkline;
use crate::report::words::{earlier as words, labels};
use crate::report::{Document, ObjectiveHistory};
use crate::words::Language;

/// The change of every objective since the last comparable run, with its values run by run; nothing if the run was judged
/// without a history.
pub(super) fn section(document: &Document, language: Language) -> Markup {
    let Some(earlier) = &document.earlier else {
        return html! {};
    };
    let opening = html! { p.opening { (prose(&words::opening(earlier, language), language)) } };
    let levels = earlier
        .objectives
        .iter()
        .filter_map(|objective| Some(words::level(objective, objective.changes.last()?, language)));
    let levels: Vec<String> = levels.collect();
    html! {
        section #since-last {
            h2 { (label(labels::SINCE_LAST, language)) }
            (opening)
            @if earlier.last.is_some() {
                (wide(language, language.label(labels::SINCE_LAST), &html! {
                    table.glance {
                        (head_row(language, &labels::SINCE_COLUMNS.of(language)))
                        tbody { @for objective in &earlier.objectives { (row(objective, language)) } }
                    }
                }))
                @if !levels.is_empty() { ul { @for level in &levels { li { (prose(level, language)) } } } }
                p.note { (label(labels::SINCE_NOTE, language)) }
            }
        }
    }
}

fn row(objective: &ObjectiveHistory, language: Language) -> Markup {
    let value = |value: Option<f64>| prose(&language.value(value, objective.unit), language);
    let newest = objective.values.last().copied().flatten();
    html! {
        tr {
            th scope="row" {
                span translate="no" { (objective.name) } " "
                span.advisory { (language.statistic(&objective.statistic)) }
            }
            @match objective.since_last {
                Some(since) => {
                    td { (change_badge(since.change, language)) }
                    td.number { (value(since.base)) }
                    td.number { (value(since.new)) }
                    td.number { (prose(&language.shift(since.shift, since.low, since.high, objective.unit), language)) }
                },
                None => {
                    td { "–" }
                    td.number { "–" }
                    td.number { (value(newest)) }
                    td.number { "–" }
                },
            }
            td.number { (sparkline(objective, language)) }
        }
    }
}
