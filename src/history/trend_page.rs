//! Trends as a page: a chart of each, its changes, and the runs behind it.

use maud::{DOCTYPE, Markup, html};

use super::trend::Trend;
use super::{HistoryError, words};
use crate::compare::MeasureKind;
use crate::report::chart::{Marks, Plot, RED, Shape};
use crate::report::kit::{drawing, label, prose, table};
use crate::report::{head, moment, other_languages_of, skip_link};
use crate::slo::{Samples, Unit, samples_of};
use crate::words::{Language, quoted};

/// The chart of a trend; `None` if it has no point.
pub fn chart(trend: &Trend, language: Language) -> Result<Option<String>, HistoryError> {
    Ok(plot(trend, language).draw()?)
}

fn plot(trend: &Trend, language: Language) -> Plot {
    let scale = if trend.unit == Unit::Share { 100.0 } else { 1.0 };
    let place = |index: usize| index as f64 + 1.0;
    let points = trend.points.iter().enumerate();
    let points: Vec<(f64, f64)> = points
        .map(|(index, (_, _, value))| (place(index), value * scale))
        .collect();
    let levels = trend.levels.iter().map(|level| {
        let (from, to) = (place(level.first), place(level.first + level.runs - 1));
        let mut marks = Marks::new(
            format!(
                "{} {}",
                language.say("median", "médiane"),
                language.value(Some(level.median), trend.unit)
            ),
            1,
            Shape::Dashes,
            vec![(from - 0.4, level.median * scale), (to + 0.4, level.median * scale)],
        );
        if level.p.is_some() {
            marks.colour = RED;
        }
        marks
    });
    let mut marks = vec![
        Marks::new(language.statistic(&trend.statistic), 0, Shape::Line, points.clone()),
        // Without a label, as the line beside it has one: the legend names each figure once.
        Marks::new("", 0, Shape::Dots, points.clone()),
    ];
    marks.extend(levels);
    let highest = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let y_label = match trend.unit {
        Unit::Share => language.label(words::PERCENT),
        Unit::Milliseconds => language.label(words::MILLISECONDS),
        _ => "",
    };
    Plot {
        name: "trend",
        x_label: language.label(words::RUN_AXIS),
        y_label,
        x: 0.5..place(trend.points.len().saturating_sub(1)) + 0.5,
        y: 0.0..(highest * 1.15).max(0.01),
        logarithmic: false,
        x_text: |run| format!("{run:.0}"),
        row_text: |run| format!("{run:.0}"),
        language,
        bands: Vec::new(),
        cells: Vec::new(),
        marks,
    }
}

/// The trends as one self-contained page. `all` are the languages that it is written in, that of `STEM.html` first; the others
/// are linked.
pub fn page(trends: &[Trend], stem: &str, language: Language, all: &[Language]) -> Result<String, HistoryError> {
    let charts: Vec<Option<String>> = trends
        .iter()
        .map(|trend| chart(trend, language))
        .collect::<Result<_, _>>()?;
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(&format!("{} · Diapason", language.label(words::TREND)), language))
            body {
                (skip_link(language))
                (other_languages_of(stem, language, all))
                main #content {
                    h1 { (label(words::TREND, language)) }
                    @for (trend, chart) in trends.iter().zip(&charts) { (section(trend, chart.as_deref(), language)) }
                    p.note { (label(words::METHOD, language)) }
                }
                footer { span translate="no" { "Diapason " (env!("CARGO_PKG_VERSION")) } }
            }
        }
    };
    Ok(page.into_string())
}

/// Name of the trend's subject: an objective or a series.
fn subject(trend: &Trend, language: Language) -> String {
    let errors = trend.kind == MeasureKind::Series && samples_of(&trend.indicator) == Some(Samples::Failures);
    let name = quoted(&trend.subject);
    if errors {
        format!("{name} ({})", language.label(words::ERRORS))
    } else {
        name
    }
}

fn section(trend: &Trend, chart: Option<&str>, language: Language) -> Markup {
    let changes = (1..trend.levels.len()).filter_map(|at| words::change(trend, at, language));
    let changes: Vec<String> = changes.collect();
    let title = format!("{} {}", subject(trend, language), language.statistic(&trend.statistic));
    let described = plot(trend, language).described();
    let rows: Vec<Vec<String>> = trend
        .points
        .iter()
        .map(|(run, started, value)| {
            vec![
                quoted(run),
                moment(*started, language),
                language.value(Some(*value), trend.unit),
            ]
        })
        .collect();
    html! {
        section {
            h2 { (prose(&title, language)) }
            @for change in &changes { p.opening { (prose(change, language)) } }
            @if changes.is_empty() {
                p.opening { (prose(&words::no_change(trend.points.len() as u64, language), language)) }
            }
            @if trend.among_failures > 0 {
                p.note { (prose(&words::left_out(trend.among_failures as u64, language), language)) }
            }
            figure {
                @match chart {
                    Some(svg) => div.chart { (drawing(svg, &title, &described, language)) },
                    None => p.nodata { (label(words::NO_DATA, language)) },
                }
            }
            details {
                summary { (label(words::RUNS_BEHIND, language)) }
                (table(language, language.label(words::RUNS_BEHIND), &words::point_columns(language), &rows))
            }
        }
    }
}
