//! The comparison as one self-contained HTML page.

use maud::{DOCTYPE, Markup, html};

use super::super::{Change, Comparison, Kind, Row, wording};
use crate::report::{head, skip_link};
use crate::words::{Language, en};

/// Width of an interval's drawing in pixels, and the margin left and right of the widest interval.
const WIDTH: f64 = 220.0;
const MARGIN: f64 = 8.0;

/// `comparison.html`.
pub(super) fn page(comparison: &Comparison) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("{} · {} · Diapason", comparison.change.name(), comparison.scenario), Language::English))
            body {
                (skip_link(Language::English))
                main #content {
                    header {
                        div class={ "banner " (class(comparison.change)) } {
                            div {
                                p.word { (comparison.change.name().to_uppercase()) " · " (comparison.scenario) }
                                h1 { (crate::words::en::text::sentence(&wording::answer(comparison))) }
                            }
                        }
                        dl {
                            dt { "base" } dd { (wording::side(&comparison.base)) }
                            dt { "new" } dd { (wording::side(&comparison.new)) }
                        }
                        @for reason in &comparison.overruled { p { strong { "Compared although " } (reason) } }
                    }
                    (section("Objectives", &comparison.of(Kind::Objective).collect::<Vec<_>>()))
                    (section("Series", &comparison.of(Kind::Series).collect::<Vec<_>>()))
                    (others(comparison))
                    p.note { (wording::method(comparison)) }
                    p.note {
                        "Drawn: the shift with its interval; the middle line is no change, the shaded band what would be too "
                        "little to matter (5 % of the base value, at least 5 ms or 0.1 percentage points)."
                    }
                }
                footer { "Diapason " (env!("CARGO_PKG_VERSION")) }
            }
        }
    };
    page.into_string()
}

fn section(title: &str, rows: &[&Row]) -> Markup {
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (title) }
                div.wide {
                    table.words {
                        thead { tr {
                            th { "What" } th { "Statistic" } th.number { "Base" } th.number { "New" } th { "Shift, 95 %" }
                            th { "Drawn" } th { "Change" }
                        } }
                        tbody { @for row in rows { (line(row)) } }
                    }
                }
            }
        }
    }
}

fn line(row: &Row) -> Markup {
    html! {
        tr {
            td {
                (wording::label(row))
                @if row.kind == Kind::Objective && !row.gate { span.advisory { " advisory" } }
                @for note in &row.notes { span.why { (en::remark(note)) } }
                @if let Some(ranks) = wording::ranks(row) { span.why { (ranks) } }
            }
            td { (row.statistic) }
            td.number { (wording::value(row.base, row.unit)) }
            td.number { (wording::value(row.new, row.unit)) }
            td.tight { (wording::shift(row)) " " (wording::relative(row)) }
            td { (drawn(row)) }
            td { span class={ "badge " (class(row.change)) } { (row.change.name()) } }
        }
    }
}

/// The interval as a line, drawn over the range of shifts that do not matter.
fn drawn(row: &Row) -> Markup {
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
    let colour = format!("var(--{})", class(row.change));
    let band = format!("{:.1}", row.matters / reach * (WIDTH - 2.0 * MARGIN));
    html! {
        svg width=(WIDTH) height="18" viewBox={ "0 0 " (WIDTH) " 18" } role="img" aria-label=(wording::sentence(row)) {
            rect x=(x(-row.matters)) y="2" width=(band) height="14" fill="var(--line)" opacity="0.6" {}
            line x1=(x(0.0)) x2=(x(0.0)) y1="0" y2="18" stroke="var(--faint)" {}
            line x1=(x(low)) x2=(x(high)) y1="9" y2="9" stroke=(colour) stroke-width="3" {}
            circle cx=(x(shift)) cy="9" r="4" fill=(colour) {}
        }
    }
}

fn others(comparison: &Comparison) -> Markup {
    let named: Vec<_> = comparison
        .differences
        .iter()
        .filter(|difference| !difference.blocks)
        .collect();
    html! {
        @if !named.is_empty() || !comparison.left_out.is_empty() {
            section {
                h2 { "What else differs" }
                ul {
                    @for difference in named { li { (difference) } }
                    @for what in &comparison.left_out { li { "left out: " (what) } }
                }
            }
        }
    }
}

/// CSS class of a change: the colours of the verdicts are used for changes as well.
fn class(change: Change) -> &'static str {
    match change {
        Change::Regressed => "fail",
        Change::Undecided => "warn",
        Change::Similar => "inconclusive",
        Change::Unchanged => "pass",
        Change::Improved => "improved",
    }
}
