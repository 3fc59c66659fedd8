//! Page loads in the browser: the times that users saw, their parts, and failures.

use maud::{Markup, html};

use super::{facts, table, waterfall, words};
use crate::evidence::browser::{Exhibit, Why};
use crate::report::{CalibrationRow, PageRow, Pages};
use crate::words::en::text;

pub(super) fn section(pages: &Pages) -> Markup {
    let failed = pages
        .loads
        .iter()
        .filter_map(|load| Some((load, load.failure.as_ref()?)));
    html! {
        section {
            h2 { "Page loads in the browser" }
            (facts(&[
                ("Browser", pages.browser.clone()),
                ("Conditions", pages.conditions.clone()),
                ("The browser itself", pages.calibration.as_ref().map_or_else(|| "not calibrated".to_owned(), calibration)),
                ("Started again", started_again(pages)),
                ("Skipped", format!("{}: the one before still ran", text::plural(u64::from(pages.skipped), "load"))),
            ]))
            (vitals(pages))
            p.note { "Judged window. Load: navigation start to the end of the load event, failed loads ranking above all. LCP "
                "(largest contentful paint), INP (the longest scripted interaction) and CLS (cumulative layout shift) are 75th "
                "percentiles, data shown is a median of successful loads." }
            h3 { "Where the time goes" }
            (phases(pages))
            p.note { "Medians. Look-up, connecting and TLS are lengths, the others are reached at that time after navigation "
                "start." }
            h3 { "What is fetched, and what it costs" }
            (fetched(pages))
            p.note { "Medians; failed requests and console errors are added up. Waiting for the API: share of the time until the "
                "page was there during which its scripts waited for what they had asked for. Blocking: what tasks after the "
                "first paint take over 50 ms each." }
            (calls(pages))
            (messages(pages))
            @if !pages.exhibits.is_empty() { (exhibits(pages)) }
            ul { @for (load, failure) in failed.take(20) {
                li { (format!("{:.1} s", load.at)) " " (load.page) ": " (failure) }
            } }
            @for sentence in &pages.untold { p.note { (sentence) } }
        }
    }
}

fn calibration(row: &CalibrationRow) -> String {
    let before = text::optional(row.before);
    let limit = format!("at most {} times slower is allowed", text::digits(row.limit));
    match (row.slowdown, row.slowed) {
        (Some(slowdown), _) => format!(
            "{before} for the harness's own page before the load, {} during it (median of {}): {slowdown:.2} times; {limit}",
            text::optional(row.during),
            row.count
        ),
        (None, true) => {
            format!("{before} for the harness's own page before the load, during it most did not end; {limit}")
        }
        (None, false) => format!(
            "{before} for the harness's own page before the load; {} during it, too few to tell",
            text::plural(row.count, "load")
        ),
    }
}

fn started_again(pages: &Pages) -> String {
    let times = text::plural(u64::from(pages.restarts), "time");
    if pages.lost.is_empty() {
        times
    } else {
        format!("{times} ({})", pages.lost.join("; "))
    }
}

fn name(row: &PageRow) -> String {
    let page = if row.page == "*" { "all judged" } else { &row.page };
    row.cache
        .map_or_else(|| page.to_owned(), |cache| format!("{page}, {}", cache.name()))
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}

fn count(value: Option<u64>) -> String {
    value.map_or_else(|| "–".to_owned(), text::count)
}

fn vitals(pages: &Pages) -> Markup {
    let cells = pages.rows.iter().map(|row| {
        vec![
            name(row),
            text::count(row.loads),
            text::count(row.failed),
            text::percentile(row.load_p50, row.loads),
            text::percentile(row.load_p75, row.loads),
            text::optional(row.load_max),
            text::optional(row.ready),
            text::optional(row.lcp_p75),
            text::optional(row.inp_p75),
            number(row.layout_shift_p75, 3),
        ]
    });
    let header = [
        "Page",
        "Loads",
        "Failed",
        "Load p50",
        "Load p75",
        "Longest",
        "Data shown",
        "LCP",
        "INP",
        "CLS",
    ];
    table(&header, &cells.collect::<Vec<_>>())
}

fn phases(pages: &Pages) -> Markup {
    let cells = pages.rows.iter().map(|row| {
        let mut cells = vec![name(row)];
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
        cells.extend(times.into_iter().map(text::optional));
        cells
    });
    let header = [
        "Page",
        "Look-up",
        "Connect",
        "TLS",
        "First byte",
        "Interactive",
        "DOM content",
        "First paint",
        "Load",
        "Data shown",
    ];
    table(&header, &cells.collect::<Vec<_>>())
}

fn fetched(pages: &Pages) -> Markup {
    let cells = pages.rows.iter().map(|row| {
        vec![
            name(row),
            number(row.requests, 0),
            row.bytes.map_or_else(|| "–".to_owned(), text::bytes),
            row.calls_share
                .map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0)),
            number(row.long_tasks, 0),
            text::optional(row.blocking),
            count(row.failed_requests),
            count(row.console_errors),
        ]
    });
    let header = [
        "Page",
        "Requests",
        "Transferred",
        "Waiting for the API",
        "Long tasks",
        "Blocking",
        "Failed requests",
        "Console errors",
    ];
    table(&header, &cells.collect::<Vec<_>>())
}

fn calls(pages: &Pages) -> Markup {
    let cells = pages.calls.iter().take(30).map(|row| {
        vec![
            format!("{}: {}", row.page, row.path),
            text::digits(row.per_load),
            text::optional(row.p50),
            text::optional(row.max),
            format!("{:.0} %", row.share * 100.0),
            text::count(row.failed),
        ]
    });
    let header = [
        "Asked for by scripts",
        "Per load",
        "p50",
        "Longest",
        "Of the page's time",
        "Failed",
    ];
    html! {
        @if !pages.calls.is_empty() {
            h3 { "What pages ask the API for" }
            (table(&header, &cells.collect::<Vec<_>>()))
            p.note { "Of the page's time: their length added up, as a share of the time until the page was there; what "
                "overlaps counts twice." }
        }
    }
}

fn messages(pages: &Pages) -> Markup {
    let rows = pages.messages.iter();
    let rows: Vec<Vec<String>> = rows
        .map(|(page, message, loads)| vec![page.clone(), text::plural(*loads, "load"), message.clone()])
        .collect();
    html! {
        @if !rows.is_empty() {
            h3 { "Failed loads, failed requests and console errors" }
            (words(&["Page", "Told by", "Message"], &rows))
        }
    }
}

fn exhibits(pages: &Pages) -> Markup {
    let mut shown: Vec<&Exhibit> = pages.exhibits.iter().collect();
    shown.sort_by(|one, other| (&one.page, one.why).cmp(&(&other.page, other.why)));
    html! {
        h3 { "How the pages looked once they were measured" }
        div.gallery {
            @for exhibit in shown.iter().filter(|exhibit| exhibit.picture.is_some()) {
                figure {
                    img src=(exhibit.picture.as_deref().unwrap_or_default()) alt=(caption(pages, exhibit)) width="320" height="225";
                    figcaption { (caption(pages, exhibit)) }
                }
            }
        }
        @if let Some(slowest) = slowest(pages) {
            h3 { "Waterfall of the slowest load" }
            (waterfall::figure(slowest, pages.load_of(slowest), &caption(pages, slowest)))
            details {
                summary { "Waterfalls of the other loads that are shown" }
                @for exhibit in shown.iter().filter(|exhibit| !std::ptr::eq(**exhibit, slowest) && !exhibit.resources.is_empty()) {
                    (waterfall::figure(exhibit, pages.load_of(exhibit), &caption(pages, exhibit)))
                }
            }
        }
    }
}

/// The slowest of all loads that are shown.
fn slowest(pages: &Pages) -> Option<&Exhibit> {
    let time = |exhibit: &&Exhibit| pages.load_of(exhibit).and_then(|load| load.load_ms).unwrap_or(0.0);
    let slowest = pages.exhibits.iter().filter(|exhibit| exhibit.why == Why::Slowest);
    slowest.max_by(|one, other| time(one).total_cmp(&time(other)))
}

fn caption(pages: &Pages, exhibit: &Exhibit) -> String {
    let why = match exhibit.why {
        Why::Typical => "a typical load",
        Why::Slowest => "the slowest load",
        Why::Failed => "the first load that failed",
    };
    let load = pages.load_of(exhibit);
    let what = load.map(|load| match &load.failure {
        Some(failure) => format!(": {failure}"),
        None => format!(": {}, {} cache", text::optional(load.load_ms), load.cache.name()),
    });
    format!(
        "{}, {why}, at {:.1} s{}",
        exhibit.page,
        exhibit.at,
        what.unwrap_or_default()
    )
}
