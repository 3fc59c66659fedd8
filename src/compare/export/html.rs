//! The comparison as one self-contained HTML page a language.

use maud::{DOCTYPE, Markup, html};

use super::super::{Comparison, MeasureKind, Row, wording};
use crate::report::kit::{facts, head_row, label, plain, prose, wide};
use crate::report::{change_badge, change_class, head, other_languages_of, skip_link};
use crate::slo::Label;
use crate::words::Language;

/// Width of an interval's drawing in pixels, and the margin left and right of the widest interval.
const WIDTH: f64 = 220.0;
const MARGIN: f64 = 8.0;

/// `comparison.html`. `all` are the languages that it is written in, that of `STEM.html` first; the others are linked.
pub(super) fn page(comparison: &Comparison, stem: &str, language: Language, all: &[Language]) -> String {
    let word = language.wording().change(comparison.change);
    let title = format!("{word} · {} · Diapason", crate::words::quoted(&comparison.scenario));
    let sides = [
        (wording::BASE, wording::side(&comparison.base, language)),
        (wording::NEW, wording::side(&comparison.new, language)),
    ];
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(&title, language))
            body {
                (skip_link(language))
                (other_languages_of(stem, language, all))
                main #content {
                    header {
                        div class={ "banner " (change_class(comparison.change)) } {
                            div {
                                p.word { (word.to_uppercase()) " · " span translate="no" { (comparison.scenario) } }
                                h1 {
                                    (prose(
                                        &crate::words::en::text::sentence(&wording::answer(comparison, language)), language
                                    ))
                                }
                            }
                        }
                        (facts(language, &sides))
                        @for reason in &comparison.overruled {
                            p { strong { (label(wording::ALTHOUGH, language)) } " " (english(reason)) }
                        }
                    }
                    (section(wording::OBJECTIVES, &comparison.of(MeasureKind::Objective).collect::<Vec<_>>(), language))
                    (section(wording::SERIES, &comparison.of(MeasureKind::Series).collect::<Vec<_>>(), language))
                    (others(comparison, language))
                    p.note { (prose(wording::method(comparison, language), language)) }
                    p.note { (label(wording::DRAWN, language)) }
                }
                footer { span translate="no" { "Diapason " (env!("CARGO_PKG_VERSION")) } }
            }
        }
    };
    page.into_string()
}

/// A sentence that is kept in English.
fn english(sentence: &str) -> Markup {
    html! { span lang="en" translate="no" { (sentence) } }
}

fn section(title: Label, rows: &[&Row], language: Language) -> Markup {
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (label(title, language)) }
                (wide(language, language.label(title), &html! {
                    table.words.changes {
                        (head_row(language, &wording::columns(language)))
                        tbody { @for row in rows { (line(row, language)) } }
                    }
                }))
            }
        }
    }
}

fn line(row: &Row, language: Language) -> Markup {
    html! {
        tr {
            th scope="row" {
                (prose(&wording::label(row, language), language))
                @if row.kind == MeasureKind::Objective && !row.gate { span.advisory { " " (label(wording::ADVISORY, language)) } }
                @for note in &row.notes { span.why { (prose(&language.wording().remark(note), language)) } }
                @if let Some(ranks) = wording::ranks(row, language) { span.why { (prose(&ranks, language)) } }
            }
            td { (language.statistic(&row.statistic)) }
            td.number { (prose(&language.value(row.base, row.unit), language)) }
            td.number { (prose(&language.value(row.new, row.unit), language)) }
            td.tight {
                (prose(&language.shift(row.shift, row.low, row.high, row.unit), language)) " "
                (prose(&language.written(&wording::relative(row)), language))
            }
            td { (drawn(row, language)) }
            td { (change_badge(row.change, language)) }
        }
    }
}

/// The interval as a line, drawn over the range of shifts that do not matter.
fn drawn(row: &Row, language: Language) -> Markup {
    let (Some(shift), Some(low), Some(high)) = (row.shift, row.low, row.high) else {
        return html! {};
    };
    let reach = [low, high, shift, row.matters]
        .into_iter()
        .map(f64::abs)
        .fold(0.0, f64::max);
    if reach <= 0.0 {
        return html! {};
    }
    let x = |value: f64| format!("{:.1}", WIDTH / 2.0 + value / reach * (WIDTH / 2.0 - MARGIN));
    let colour = format!("var(--{})", change_class(row.change));
    let band = format!("{:.1}", row.matters / reach * (WIDTH - 2.0 * MARGIN));
    let name = plain(&wording::sentence(row, language), language);
    html! {
        svg width=(WIDTH) height="18" viewBox={ "0 0 " (WIDTH) " 18" } role="img" aria-label=(name) {
            rect x=(x(-row.matters)) y="2" width=(band) height="14" fill="var(--line)" opacity="0.6" {}
            line x1=(x(0.0)) x2=(x(0.0)) y1="0" y2="18" stroke="var(--faint)" {}
            line x1=(x(low)) x2=(x(high)) y1="9" y2="9" stroke=(colour) stroke-width="3" {}
            circle cx=(x(shift)) cy="9" r="4" fill=(colour) {}
        }
    }
}

fn others(comparison: &Comparison, language: Language) -> Markup {
    let named: Vec<_> = comparison
        .differences
        .iter()
        .filter(|difference| !difference.blocks)
        .collect();
    html! {
        @if !named.is_empty() || !comparison.left_out.is_empty() {
            section {
                h2 { (label(wording::ELSE, language)) }
                ul {
                    @for difference in named { li { (prose(&wording::difference(difference, language), language)) } }
                    @for what in &comparison.left_out { li { (label(wording::LEFT_OUT, language)) " " (english(what)) } }
                }
            }
        }
    }
}
