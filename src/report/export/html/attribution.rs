//! Split of the time, series by series, and the suspected causes.

use maud::{Markup, html};

use super::kit::{head_row, label, prose, wide};
use super::words as table_of_words;
use crate::cause::{Budget, BudgetPart, Share, SlowBudget};
use crate::report::Document;
use crate::report::words::{attribution as words, labels, opening, quoted, sentence, series_name};
use crate::words::Language;

/// Most series that are listed, in addition to all together.
const MOST_SERIES: usize = 12;

pub(super) fn section(document: &Document, language: Language) -> Markup {
    let attribution = &document.attribution;
    html! {
        @if !attribution.budgets.is_empty() || !attribution.suspects.is_empty() {
            section #attribution {
                h2 { (label(labels::WHERE_TIME_WENT, language)) }
                p.opening { (prose(&opening::time(document, language), language)) }
                @if !attribution.suspects.is_empty() { (suspects(document, language)) }
                @if let Some(all) = attribution.budgets.first() {
                    div.legend { @for share in &all.parts {
                        span { i.swatch.(class(share.part)) {} (prose(language.wording().part(share.part), language)) }
                    } }
                    (wide(language, language.label(labels::WHERE_TIME_WENT), &html! {
                        table.budget {
                            (head_row(language, &labels::BUDGET_COLUMNS.of(language)))
                            tbody { @for budget in attribution.budgets.iter().take(MOST_SERIES + 1) {
                                (row(budget, language))
                                @if let Some(slow) = &budget.slow { (slow_row(slow, language)) }
                            } }
                        }
                    }))
                    p.note { (label(labels::BUDGET_NOTE, language)) }
                }
            }
        }
    }
}

fn row(budget: &Budget, language: Language) -> Markup {
    html! {
        tr {
            th scope="row" { (prose(&series_name(&budget.series, language), language)) }
            td.number { (prose(&language.time(budget.mean_ms), language)) }
            td.parts { (parts(&budget.parts, budget.mean_ms, language)) }
        }
    }
}

/// The requests about p95 of the series in the row above.
fn slow_row(slow: &SlowBudget, language: Language) -> Markup {
    html! {
        tr {
            th scope="row" { span.advisory { (prose(&words::about_p95(slow, language), language)) } }
            td.number { (prose(&language.time(slow.millis), language)) }
            td.parts { (parts(&slow.parts, slow.millis, language)) }
        }
    }
}

/// The parts as a bar, and those of 2 % or more in words.
fn parts(shares: &[Share], millis: f64, language: Language) -> Markup {
    let told = shares.iter().filter(|share| share.millis >= 0.02 * millis);
    let told: Vec<String> = told.map(|share| share_text(share, language)).collect();
    html! {
        svg.bar viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" { @for (part, from, width) in bars(shares, millis) {
            rect.(class(part)) x=(format!("{from:.1}")) width=(format!("{width:.1}")) height="10" {}
        } }
        span.why { (prose(&told.join(" · "), language)) }
    }
}

/// The parts with their place and width, in thousandths of the whole.
fn bars(shares: &[Share], millis: f64) -> Vec<(BudgetPart, f64, f64)> {
    let mut from = 0.0;
    let parts = shares.iter().filter(|_| millis > 0.0);
    parts
        .map(|share| {
            let width = share.millis / millis * 1e3;
            from += width;
            (share.part, from - width, width)
        })
        .collect()
}

fn share_text(share: &Share, language: Language) -> String {
    let about = if share.estimated { "~" } else { "" };
    format!(
        "{} {about}{}",
        language.wording().part(share.part),
        language.time(share.millis)
    )
}

fn suspects(document: &Document, language: Language) -> Markup {
    let all = language.wording();
    let cause = document.attribution.cause();
    let rows: Vec<Vec<String>> = cause
        .suspects
        .iter()
        .map(|suspect| {
            let service = suspect.service.as_ref();
            vec![
                service.map_or_else(|| all.tier(suspect.tier).to_owned(), |service| quoted(service)),
                sentence(&all.clause(suspect)),
                all.evidence(&suspect.finding).join(language.say("; ", " ; ")),
                all.advice(&suspect.finding),
                language.portion(suspect.weight),
            ]
        })
        .collect();
    let title = language.label(labels::WHERE_TIME_WENT);
    table_of_words(language, title, &labels::SUSPECT_COLUMNS.of(language), &rows)
}

/// The name used in styles.
fn class(part: BudgetPart) -> &'static str {
    match part {
        BudgetPart::Generator => "generator",
        BudgetPart::Network => "network",
        BudgetPart::Proxy => "proxy",
        BudgetPart::Connect => "connect",
        BudgetPart::Application => "application",
        BudgetPart::Database => "database",
        BudgetPart::Behind => "behind",
    }
}
