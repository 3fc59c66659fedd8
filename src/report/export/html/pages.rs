//! Page loads in the browser: the times that users saw, their parts, and failures.

use maud::{Markup, html};

use super::kit::{figures, head_row, label, plain, prose, wide};
use super::{facts, strip, table, waterfall, words};
use crate::evidence::browser::{Exhibit, ExhibitReason};
use crate::report::chart::Chart;
use crate::report::words::{browser, labels, quoted};
use crate::report::{PageRow, Pages};
use crate::words::Language;

/// Most failed loads that are listed.
const MOST_FAILED: usize = 20;
/// Most calls of scripts that are listed.
const MOST_CALLS: usize = 30;

pub(super) fn section(pages: &Pages, charts: &[Chart], language: Language) -> Markup {
    let calibration = pages.calibration.as_ref().map_or_else(
        || language.label(labels::NOT_CALIBRATED).to_owned(),
        |row| browser::calibration(row, language),
    );
    html! {
        section #pages-in-browser {
            h2 { (label(labels::PAGES, language)) }
            @if let Some(sentence) = browser::sentence(pages, language) { p.opening { (prose(&sentence, language)) } }
            (figures(charts, &["pages"]))
            (facts(language, &[
                (labels::BROWSER, quoted(&pages.browser)),
                (labels::CONDITIONS, browser::conditions(pages, language)),
                (labels::BROWSER_ITSELF, calibration),
                (labels::STARTED_AGAIN, browser::restarts(pages, language)),
                (labels::SKIPPED, browser::skipped(pages, language)),
            ]))
            (strip::strips(pages, language))
            h3 { (label(labels::VITALS, language)) }
            (vitals(pages, language))
            p.note { (label(labels::VITALS_NOTE, language)) " " (label(labels::BANDS_NOTE, language)) }
            h3 { (label(labels::PAGE_TIME, language)) }
            (phases(pages, language))
            p.note { (label(labels::PAGE_TIME_NOTE, language)) }
            h3 { (label(labels::FETCHED, language)) }
            (fetched(pages, language))
            p.note { (label(labels::FETCHED_NOTE, language)) }
            (calls(pages, language))
            (messages(pages, language))
            @if !pages.exhibits.is_empty() { (exhibits(pages, language)) }
            (failed(pages, language))
            @for limitation in &pages.untold { p.note { (prose(&language.wording().limitation(limitation), language)) } }
        }
    }
}

fn failed(pages: &Pages, language: Language) -> Markup {
    let failed = pages
        .loads
        .iter()
        .filter_map(|load| Some((load, load.failure.as_ref()?)));
    // The first ones tell the cause; later ones mostly repeat it.
    let lines = failed.take(MOST_FAILED).map(|(load, failure)| {
        format!(
            "{} s {}{} {}",
            language.decimal(load.at, 1),
            quoted(&load.page),
            language.say(":", " :"),
            quoted(failure)
        )
    });
    html! { ul { @for line in lines { li { (prose(&line, language)) } } } }
}

fn number(value: Option<f64>, decimals: usize, language: Language) -> String {
    value.map_or_else(|| "–".to_owned(), |value| language.decimal(value, decimals))
}

fn count(value: Option<u64>, language: Language) -> String {
    value.map_or_else(|| "–".to_owned(), |value| language.count(value))
}

/// Bounds of the 75th percentiles: up to the first is good, above the second is poor (web.dev, "Web Vitals", 2024).
const LCP: [f64; 2] = [2_500.0, 4_000.0];
const INP: [f64; 2] = [200.0, 500.0];
const CLS: [f64; 2] = [0.1, 0.25];

fn vitals(pages: &Pages, language: Language) -> Markup {
    html! {
        (wide(language, language.label(labels::VITALS), &html! {
            table {
                (head_row(language, &labels::VITAL_COLUMNS.of(language)))
                tbody { @for row in &pages.rows {
                    tr {
                        th scope="row" { (prose(&browser::row_name(row, language), language)) }
                        @for cell in [
                            language.count(row.loads),
                            language.count(row.failed),
                            language.percentile(row.load_p50, row.loads),
                            language.percentile(row.load_p75, row.loads),
                            language.optional(row.load_max),
                            language.optional(row.ready),
                        ] {
                            td.number { (prose(&cell, language)) }
                        }
                        (banded(row.lcp_p75, LCP, &language.optional(row.lcp_p75), language))
                        (banded(row.inp_p75, INP, &language.optional(row.inp_p75), language))
                        (banded(row.layout_shift_p75, CLS, &number(row.layout_shift_p75, 3, language), language))
                    }
                } }
            }
        }))
    }
}

/// A web vital with its band, in words.
fn banded(value: Option<f64>, [good, poor]: [f64; 2], told: &str, language: Language) -> Markup {
    let band = value.map(|value| match value {
        value if value <= good => ("good", labels::GOOD),
        value if value <= poor => ("middling", labels::NEEDS_WORK),
        _ => ("poor", labels::POOR),
    });
    html! {
        td.number {
            (prose(told, language))
            @if let Some((class, name)) = band { span class={ "band " (class) } { (label(name, language)) } }
        }
    }
}

fn phases(pages: &Pages, language: Language) -> Markup {
    let row = |row: &PageRow| {
        let times = [
            row.dns,
            row.connect,
            row.tls,
            row.ttfb,
            row.interactive,
            row.dom,
            row.fcp,
            row.load_p50,
            row.ready,
        ];
        let mut cells = vec![browser::row_name(row, language)];
        cells.extend(times.into_iter().map(|time| language.optional(time)));
        cells
    };
    let rows: Vec<Vec<String>> = pages.rows.iter().map(row).collect();
    let title = language.label(labels::PAGE_TIME);
    table(language, title, &labels::PAGE_TIME_COLUMNS.of(language), &rows)
}

fn fetched(pages: &Pages, language: Language) -> Markup {
    let dash = || "–".to_owned();
    let row = |row: &PageRow| {
        vec![
            browser::row_name(row, language),
            number(row.requests, 0, language),
            row.bytes.map_or_else(dash, |bytes| language.memory(bytes)),
            row.calls_share.map_or_else(dash, |share| language.percent(share)),
            number(row.long_tasks, 0, language),
            language.optional(row.blocking),
            count(row.failed_requests, language),
            count(row.console_errors, language),
        ]
    };
    let rows: Vec<Vec<String>> = pages.rows.iter().map(row).collect();
    let title = language.label(labels::FETCHED);
    table(language, title, &labels::FETCHED_COLUMNS.of(language), &rows)
}

fn calls(pages: &Pages, language: Language) -> Markup {
    let cells = pages.calls.iter().take(MOST_CALLS).map(|row| {
        vec![
            quoted(&format!("{}: {}", row.page, row.path)),
            language.digits(row.per_load),
            language.optional(row.p50),
            language.optional(row.max),
            language.percent(row.share),
            language.count(row.failed),
        ]
    });
    let rows: Vec<Vec<String>> = cells.collect();
    html! {
        @if !rows.is_empty() {
            h3 { (label(labels::CALLS, language)) }
            (table(language, language.label(labels::CALLS), &labels::CALL_COLUMNS.of(language), &rows))
            p.note { (label(labels::CALLS_NOTE, language)) }
        }
    }
}

fn messages(pages: &Pages, language: Language) -> Markup {
    let rows = pages.messages.iter().map(|(page, message, loads)| {
        vec![
            quoted(page),
            language.plural(*loads, "load", "chargement"),
            quoted(message),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    html! {
        @if !rows.is_empty() {
            h3 { (label(labels::MESSAGES, language)) }
            (words(language, language.label(labels::MESSAGES), &labels::MESSAGE_COLUMNS.of(language), &rows))
        }
    }
}

fn exhibits(pages: &Pages, language: Language) -> Markup {
    let mut shown: Vec<&Exhibit> = pages.exhibits.iter().collect();
    // Exhibits are kept in the order in which they were taken, which mixes the pages.
    shown.sort_by(|one, other| (&one.page, one.why).cmp(&(&other.page, other.why)));
    let caption = |exhibit: &Exhibit| browser::caption(pages, exhibit, language);
    html! {
        h3 { (label(labels::PICTURES, language)) }
        div.gallery {
            @for exhibit in shown.iter().filter(|exhibit| exhibit.picture.is_some()) {
                figure {
                    img src=(exhibit.picture.as_deref().unwrap_or_default()) alt=(plain(&caption(exhibit), language)) width="320" height="225";
                    figcaption { (prose(&caption(exhibit), language)) }
                }
            }
        }
        @if let Some(slowest) = slowest(pages) {
            h3 { (label(labels::SLOWEST_WATERFALL, language)) }
            (waterfall::figure(slowest, pages.load_of(slowest), &caption(slowest), language))
            details {
                summary { (label(labels::OTHER_WATERFALLS, language)) }
                @for exhibit in shown.iter().filter(|exhibit| !std::ptr::eq(**exhibit, slowest) && !exhibit.resources.is_empty()) {
                    (waterfall::figure(exhibit, pages.load_of(exhibit), &caption(exhibit), language))
                }
            }
        }
    }
}

/// The slowest of all loads that are shown.
fn slowest(pages: &Pages) -> Option<&Exhibit> {
    let time = |exhibit: &&Exhibit| pages.load_of(exhibit).and_then(|load| load.load_ms).unwrap_or(0.0);
    let slowest = pages
        .exhibits
        .iter()
        .filter(|exhibit| exhibit.why == ExhibitReason::Slowest);
    slowest.max_by(|one, other| time(one).total_cmp(&time(other)))
}
