//! The requests of one page load over time.

use maud::{Markup, html};

use super::kit::{label, plain, prose};
use crate::evidence::browser::{Exhibit, PageLoad, Resource};
use crate::report::words::labels;
use crate::words::Language;

/// Sizes in the drawing's own units.
const WIDTH: f64 = 1000.0;
const NAMES: f64 = 330.0;
const ROW: f64 = 16.0;
const TOP: f64 = 22.0;
const LONGEST_NAME: usize = 46;
const MOST_ROWS: usize = 60;

/// Marks across all requests: name, style class and time.
fn marks(load: &PageLoad, language: Language) -> Vec<(&'static str, &'static str, f64)> {
    let marks = [
        (language.label(labels::FIRST_PAINT), "paint", load.fcp_ms),
        (language.label(labels::DOM_CONTENT), "dom", load.dom_ms),
        (language.label(labels::LOADED), "load", load.load_ms),
        (language.label(labels::DATA_SHOWN), "shown", load.ready_ms),
    ];
    let marks = marks.into_iter();
    marks
        .filter_map(|(name, class, time)| Some((name, class, time?)))
        .collect()
}

/// A step of 1, 2 or 5 times a power of ten that divides `end` into at most eight.
fn step(end: f64) -> f64 {
    let power = 10_f64.powf((end / 8.0).max(1.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power);
    steps.into_iter().find(|step| end / step <= 8.0).unwrap_or(10.0 * power)
}

pub(super) fn figure(exhibit: &Exhibit, load: Option<&PageLoad>, caption: &str, language: Language) -> Markup {
    let rows = || exhibit.resources.iter().take(MOST_ROWS);
    let marks = load.map(|load| marks(load, language)).unwrap_or_default();
    let ends = rows().map(|one| one.end).chain(marks.iter().map(|(_, _, time)| *time));
    let end = ends.fold(1.0, f64::max);
    let x = |time: f64| NAMES + time.clamp(0.0, end) / end * (WIDTH - NAMES - 60.0);
    let height = TOP + ROW * rows().count() as f64;
    let left_out = exhibit.resources.len().saturating_sub(MOST_ROWS) as u64;
    let ticks = (0..=8_u32)
        .map(|tick| f64::from(tick) * step(end))
        .filter(|time| *time <= end);
    html! {
        figure.waterfall {
            div.wide role="group" tabindex="0" translate="no" aria-label=(plain(caption, language)) {
                svg viewBox=(format!("0 0 {WIDTH} {:.0}", height + 6.0)) role="img" aria-label=(plain(caption, language)) {
                    @for time in ticks {
                        line.grid x1=(at(x(time))) x2=(at(x(time))) y1=(at(TOP - 4.0)) y2=(at(height)) {}
                        text.tick x=(at(x(time))) y="12" { (plain(&format!("{time:.0} ms"), language)) }
                    }
                    @for (index, one) in rows().enumerate() {
                        (bar(one, TOP + ROW * index as f64, &x, language))
                    }
                    @for (name, class, time) in &marks {
                        line class=(format!("mark {class}")) x1=(at(x(*time))) x2=(at(x(*time))) y1=(at(TOP - 6.0)) y2=(at(height)) {
                            title { (name) " " (plain(&language.time(*time), language)) }
                        }
                    }
                }
            }
            figcaption {
                (prose(caption, language)) ". " (label(labels::WATERFALL_KEY, language)) " "
                @for (index, (name, class, time)) in marks.iter().enumerate() {
                    @if index > 0 { ", " }
                    span class=(format!("key {class}")) { (name) " " (prose(&language.time(*time), language)) }
                }
                "."
                @if left_out > 0 { " " (prose(&more(left_out, language), language)) }
            }
        }
    }
}

fn more(count: u64, language: Language) -> String {
    let requests = language.plural(count, "request", "requête");
    match language {
        Language::English => format!("{requests} more."),
        Language::French => format!("{requests} de plus."),
    }
}

fn at(value: f64) -> String {
    format!("{value:.1}")
}

fn bar(one: &Resource, top: f64, x: &impl Fn(f64) -> f64, language: Language) -> Markup {
    let part = |class: &str, from: f64, to: f64| {
        let width = (x(to) - x(from)).max(0.0);
        html! {
            @if width > 0.05 {
                rect class=(class) x=(at(x(from))) y=(at(top + 3.0)) width=(format!("{width:.2}")) height=(at(ROW - 6.0)) {}
            }
        }
    };
    // Browsers hide the status of other origins: 0 is a failure only of the page's own, whose names are paths.
    let failed = one.status >= 400 || (one.status == 0 && one.name.starts_with('/'));
    let state = if failed { "failed" } else { "" };
    let size = if one.bytes == 0 {
        language.label(labels::FROM_CACHE).to_owned()
    } else {
        language.memory(one.bytes as f64)
    };
    let (start, end) = (language.time(one.start), language.time(one.end));
    let (name, kind, status) = (&one.name, &one.kind, one.status);
    let title = match language {
        Language::English => format!("{name} ({kind}): {start} to {end}, {size}, status {status}"),
        Language::French => format!("{name} ({kind}) : de {start} à {end}, {size}, statut {status}"),
    };
    html! {
        g class=(state) {
            title { (plain(&title, language)) }
            text.name x="0" y=(at(top + 11.5)) { (shortened(&one.name)) }
            (part("waiting", one.start, one.request))
            (part("answer", one.request, one.response))
            // Half a millisecond at least, so that a short answer is seen.
            (part("receiving", one.response, one.end.max(one.response + 0.5)))
            text.length x=(at(x(one.end) + 4.0)) y=(at(top + 11.5)) { (plain(&language.time(one.end - one.start), language)) }
        }
    }
}

/// Shortens a long name to its end, which identifies it better than its beginning.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST_NAME {
        return name.to_owned();
    }
    // The end of a path tells files apart; their beginning is mostly the same.
    let end: String = name.chars().skip(length + 1 - LONGEST_NAME).collect();
    format!("…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn bars_lie_where_their_times_are() {
        let document = sample::document();
        let pages = document.pages.unwrap();
        let exhibit = &pages.exhibits[0];
        let load = pages.load_of(exhibit).unwrap();
        let drawn = figure(exhibit, Some(load), "a load", Language::English).into_string();
        // The axis ends at the time at which the page's data is shown, the last of all: 610 units right of the names' end at 330.
        let end = load.ready_ms.unwrap();
        let x = 330.0 + 41.0 / end * 610.0;
        assert!(drawn.contains(&format!("class=\"waiting\" x=\"{x:.1}\"")), "{drawn}");
        assert!(drawn.contains("/_next/static/main.js"));
    }

    #[test]
    fn there_are_few_ticks() {
        for (end, expected) in [(80.0, 10.0), (390.0, 50.0), (1_700.0, 500.0), (12_000.0, 2_000.0)] {
            assert!((step(end) - expected).abs() < 1e-9, "{end}: {}", step(end));
        }
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        let name = format!("/_next/static/chunks/{}.js", "a".repeat(60));
        let short = shortened(&name);
        assert!(short.starts_with('…') && short.ends_with("aaa.js") && short.chars().count() == LONGEST_NAME);
    }
}
