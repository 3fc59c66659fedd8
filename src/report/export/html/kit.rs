//! Building blocks of every page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::report::chart::{Chart, themed};
use crate::report::words::chart::{DATA_TABLE, NO_DATA, SUMMED_UP};
use crate::report::words::labels::SKIP;
use crate::slo::Label;
use crate::words::{Language, Piece, pieces};

/// The style of every page.
pub(crate) const STYLE: &str = include_str!("style.css");

/// The `head` of a page that loads nothing from elsewhere: its policy allows its own style alone, and pictures that are part
/// of the page.
pub(crate) fn head(title: &str, language: Language) -> Markup {
    head_with(title, language, None)
}

/// The `head` of a page that runs that script, by its hash, and no other.
pub(crate) fn head_with(title: &str, language: Language, script: Option<&str>) -> Markup {
    // By hashes and not by `unsafe-inline`: texts of the system under test are on the page, and nothing in them may
    // run.
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let scripts = script.map(|script| format!("script-src {}; ", hash(script)));
    let policy = format!(
        "default-src 'none'; {}style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        scripts.unwrap_or_default(),
        hash(STYLE)
    );
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (plain(title, language)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// A link over all that stands before the content, for those who use a keyboard.
pub(crate) fn skip_link(language: Language) -> Markup {
    html! { a.skip href="#content" { (label(SKIP, language)) } }
}

/// A sentence: code as code, quoted names and messages as they are, and the rest in the typography of the language.
pub(crate) fn prose(text: &str, language: Language) -> Markup {
    html! {
        @for piece in pieces(text) {
            @match piece {
                Piece::Words(words) => (language.typeset(words)),
                Piece::Quoted(quoted) => span translate="no" { (quoted) },
                Piece::Code(code) => code translate="no" { (code) },
            }
        }
    }
}

/// A sentence without markup, for attributes and titles.
pub(crate) fn plain(text: &str, language: Language) -> String {
    let pieces = pieces(text).into_iter();
    let plain = pieces.map(|piece| match piece {
        Piece::Words(words) => language.typeset(words),
        Piece::Quoted(text) | Piece::Code(text) => text.to_owned(),
    });
    plain.collect()
}

/// A label in the language.
pub(crate) fn label(label: Label, language: Language) -> Markup {
    prose(language.label(label), language)
}

/// A chart with its title and caption.
pub(in crate::report) fn figure(chart: &Chart) -> Markup {
    let language = chart.language;
    html! {
        figure id=(chart.name) {
            h3 { (prose(&chart.title, language)) }
            @match &chart.svg {
                Some(svg) => {
                    div.chart role="group" tabindex="0" aria-label=(plain(&chart.title, language)) { (drawing_of(svg, chart)) }
                },
                None => p.nodata { (label(NO_DATA, language)) },
            }
            (chart_table(chart))
            figcaption { (prose(&chart.caption, language)) }
        }
    }
}

/// The points of a chart as a table, closed until somebody wants it.
fn chart_table(chart: &Chart) -> Markup {
    let (language, data) = (chart.language, &chart.data);
    html! {
        @if chart.svg.is_some() && !data.rows.is_empty() {
            details.data {
                summary { (label(DATA_TABLE, language)) }
                p.note {
                    (prose(&data.unit, language))
                    @if data.summed_up { " " (label(SUMMED_UP, language)) }
                }
                (wide(language, &chart.title, &html! {
                    table {
                        (head_row(language, &data.head))
                        tbody { @for (cells, [from, to]) in data.rows.iter().zip(&data.places) {
                            tr data-from=(from) data-to=(to) { (cells_of(cells, language)) }
                        } }
                    }
                }))
            }
        }
    }
}

/// The charts of those names, in that order; those without data are only named.
pub(super) fn figures(charts: &[Chart], names: &[&str]) -> Markup {
    let wanted = names
        .iter()
        .filter_map(|name| charts.iter().find(|chart| chart.name == *name));
    let (drawn, empty): (Vec<&Chart>, Vec<&Chart>) = wanted.partition(|chart| chart.svg.is_some());
    html! {
        @for chart in drawn { (figure(chart)) }
        @if let Some(first) = empty.first() {
            p.nodata {
                (label(NO_DATA, first.language)) (prose(first.language.say(": ", " : "), first.language))
                @for (index, chart) in empty.iter().enumerate() {
                    @if index > 0 { " · " }
                    (prose(&chart.title, chart.language))
                }
            }
        }
    }
}

/// The drawing of a chart, with the ends of its horizontal axis for the page's script.
fn drawing_of(svg: &str, chart: &Chart) -> Markup {
    let [low, high] = chart.data.axis;
    let axis = format!(" data-low=\"{low}\" data-high=\"{high}\"");
    named_drawing(svg, &chart.title, &chart.description, chart.language, &axis)
}

/// A drawing in the colours of the page, with its title and description for those who do not see it.
pub(crate) fn drawing(svg: &str, title: &str, description: &str, language: Language) -> Markup {
    named_drawing(svg, title, description, language, "")
}

fn named_drawing(svg: &str, title: &str, description: &str, language: Language, more: &str) -> Markup {
    let (title, description) = (plain(title, language), plain(description, language));
    let name = html! { (title) ". " (description) }
        .into_string()
        .replace('"', "&quot;");
    let attributes = format!("role=\"img\" aria-label=\"{name}\"{more}");
    // SVG has `title` and `desc`, as does HTML's syntax for it.
    let inside = html! { title { (title) } desc { (description) } };
    // Drawn by this crate, texts escaped by the drawing library.
    PreEscaped(themed(svg, &(attributes, inside.into_string())))
}

/// A table whose first column is text and whose other columns are numbers.
pub(crate) fn table(language: Language, title: &str, header: &[impl AsRef<str>], rows: &[Vec<String>]) -> Markup {
    html! { (wide(language, title, &html! { table { (rows_of(language, header, rows)) } })) }
}

/// The same, which the page's script lets readers sort.
pub(crate) fn sortable(language: Language, title: &str, header: &[impl AsRef<str>], rows: &[Vec<String>]) -> Markup {
    html! { (wide(language, title, &html! { table data-sortable { (rows_of(language, header, rows)) } })) }
}

fn rows_of(language: Language, header: &[impl AsRef<str>], rows: &[Vec<String>]) -> Markup {
    html! {
        (head_row(language, header))
        tbody { @for row in rows { tr { (cells_of(row, language)) } } }
    }
}

/// A row's head, and its numbers.
fn cells_of(cells: &[String], language: Language) -> Markup {
    html! {
        @for (column, cell) in cells.iter().enumerate() {
            @if column == 0 { th scope="row" { (prose(cell, language)) } }
            @else { td.number { (prose(cell, language)) } }
        }
    }
}

/// A table of sentences.
pub(crate) fn words(language: Language, title: &str, header: &[impl AsRef<str>], rows: &[Vec<String>]) -> Markup {
    html! {
        (wide(language, title, &html! {
            table.words {
                (head_row(language, header))
                tbody { @for row in rows { tr { @for cell in row { td { (prose(cell, language)) } } } } }
            }
        }))
    }
}

/// The heads of a table's columns.
pub(crate) fn head_row(language: Language, header: &[impl AsRef<str>]) -> Markup {
    html! {
        thead { tr { @for cell in header { th scope="col" { (prose(cell.as_ref(), language)) } } } }
    }
}

/// Something that may be wider than the page: it scrolls by itself, by keyboard too.
pub(crate) fn wide(language: Language, title: &str, inside: &Markup) -> Markup {
    html! { div.wide role="group" tabindex="0" aria-label=(plain(title, language)) { (inside) } }
}

/// Names and values, one a line.
pub(crate) fn facts(language: Language, facts: &[(Label, String)]) -> Markup {
    html! {
        dl { @for (name, value) in facts { dt { (label(*name, language)) } dd { (prose(value, language)) } } }
    }
}
