//! Building blocks of every page.

use maud::{Markup, PreEscaped, html};

use crate::report::chart::Chart;

/// A chart with its title and caption.
pub(in crate::report) fn figure(chart: &Chart) -> Markup {
    html! {
        figure id=(chart.name) {
            h3 { (chart.title) }
            @match &chart.svg {
                // Drawn by this crate, texts escaped by the drawing library.
                Some(svg) => div.chart { (PreEscaped(svg)) },
                None => p.nodata { "no data" },
            }
            figcaption { (chart.caption) }
        }
    }
}

/// A table whose first column is text and whose other columns are numbers.
pub(in crate::report) fn table(header: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        div.wide {
            table {
                thead { tr { @for cell in header { th { (cell) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (column, cell) in row.iter().enumerate() {
                                @if column == 0 { td { (cell) } } @else { td.number { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A table of sentences.
pub(in crate::report) fn words(header: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        div.wide {
            table.words {
                thead { tr { @for cell in header { th { (cell) } } } }
                tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
            }
        }
    }
}

/// Names and values, one a line.
pub(in crate::report) fn facts(facts: &[(&str, String)]) -> Markup {
    html! {
        dl { @for (name, value) in facts { dt { (name) } dd { (value) } } }
    }
}
