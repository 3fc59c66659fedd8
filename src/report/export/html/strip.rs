//! The length of each load of a page as a dot on a line.

use maud::{Markup, html};

use super::kit::{head_row, label, plain, prose, wide};
use crate::report::words::{browser, labels};
use crate::report::{PageRow, Pages};
use crate::words::Language;

/// Sizes in the drawing's own units.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 22.0;
const EDGE: f64 = 6.0;

/// A strip for each page, on one scale from 0 to the longest load; nothing where no load succeeded.
pub(super) fn strips(pages: &Pages, language: Language) -> Markup {
    let longest = pages.rows.iter().filter_map(|row| row.load_max).fold(0.0, f64::max);
    let rows: Vec<&PageRow> = pages.rows.iter().filter(|row| !row.times.is_empty()).collect();
    html! {
        @if longest > 0.0 && !rows.is_empty() {
            h3 { (label(labels::EACH_LOAD, language)) }
            (wide(language, language.label(labels::EACH_LOAD), &html! {
                table.words.strips {
                    (head_row(language, &[
                        language.label(labels::PAGE).to_owned(),
                        format!("0 – {}", language.time(longest)),
                    ]))
                    tbody { @for row in rows {
                        tr {
                            th scope="row" { (prose(&browser::row_name(row, language), language)) }
                            td { (strip(row, longest, language)) }
                        }
                    } }
                }
            }))
            p.note { (label(labels::EACH_LOAD_NOTE, language)) }
        }
    }
}

fn strip(row: &PageRow, longest: f64, language: Language) -> Markup {
    let x = |time: f64| format!("{:.1}", EDGE + time / longest * (WIDTH - 2.0 * EDGE));
    // Dots at the same place to a tenth of a unit are drawn once.
    let mut dots: Vec<String> = row.times.iter().map(|time| x(*time)).collect();
    dots.dedup();
    let told = plain(&browser::spread(row, language), language);
    let middle = HEIGHT / 2.0;
    html! {
        svg.strip viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(told) {
            line.axis x1=(EDGE) x2=(WIDTH - EDGE) y1=(middle) y2=(middle) {}
            @for place in &dots { circle cx=(place) cy=(middle) r="4" {} }
            @if let Some(time) = row.load_p75 { line.p75 x1=(x(time)) x2=(x(time)) y1="1" y2=(HEIGHT - 1.0) {} }
        }
    }
}
