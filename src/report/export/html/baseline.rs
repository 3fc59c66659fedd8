//! The run held against its baseline: every objective with its difference.

use maud::{Markup, html};

use super::badge::change_badge;
use super::kit::{head_row, label, prose, wide};
use crate::report::words::{baseline as words, labels};
use crate::report::{ComparedObjective, Document};
use crate::words::Language;

/// Page of the whole comparison, beside the report.
const WHOLE: &str = "comparison";

/// The comparison with the baseline; nothing if there was none.
pub(super) fn section(document: &Document, language: Language) -> Markup {
    let Some(comparison) = &document.baseline else {
        return html! {};
    };
    let page = super::localized(&format!("{WHOLE}.html"), language, &document.page_languages());
    html! {
        section #baseline {
            h2 { (label(labels::BASELINE, language)) }
            p.opening { (prose(&words::opening(comparison, language), language)) }
            (wide(language, language.label(labels::BASELINE), &html! {
                table.glance {
                    (head_row(language, &labels::BASELINE_COLUMNS.of(language)))
                    tbody { @for objective in &comparison.objectives { (row(objective, language)) } }
                }
            }))
            p.note { (label(labels::BASELINE_NOTE, language)) " " a href=(page) { (label(labels::WHOLE_COMPARISON, language)) } }
        }
    }
}

fn row(objective: &ComparedObjective, language: Language) -> Markup {
    html! {
        tr {
            th scope="row" {
                span translate="no" { (objective.name) } " "
                span.advisory { (language.statistic(&objective.statistic)) }
                @if !objective.gate { span.advisory { " " (label(labels::ADVISORY, language)) } }
            }
            td { (change_badge(objective.change, language)) }
            @for value in words::values(objective, language) { td.number { (prose(&value, language)) } }
        }
    }
}
