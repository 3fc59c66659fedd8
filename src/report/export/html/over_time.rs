//! Sections over time: response times, trends and spikes; throughput and errors.

use maud::{Markup, html};

use super::kit::{figures, label, prose};
use super::{details, table};
use crate::report::chart::Chart;
use crate::report::words::{labels, opening, over_time};
use crate::report::{Document, Trend};
use crate::words::Language;

pub(super) fn response_times(document: &Document, charts: &[Chart], language: Language) -> Markup {
    html! {
        section #over-time {
            h2 { (label(labels::OVER_TIME, language)) }
            @if let Some(sentence) = opening::latency(document, language) { p.opening { (prose(&sentence, language)) } }
            p.note {
                (label(labels::SHADED, language))
                @if !document.events.is_empty() { " " (label(labels::EVENT_MARKS, language)) }
            }
            (figures(charts, &["latency", "series", "heat", "load", "spectrum"]))
            (trends(document, language))
            (events(document, language))
            (spikes(document, language))
        }
    }
}

pub(super) fn throughput(document: &Document, charts: &[Chart], language: Language) -> Markup {
    html! {
        section #throughput-and-errors {
            h2 { (label(labels::THROUGHPUT, language)) }
            @if let Some(sentence) = opening::throughput(document, language) { p.opening { (prose(&sentence, language)) } }
            // A chart of no error at all would only take room: the sentence above says so.
            @let any = document.timeline.all.iter().any(|point| point.errors > 0.0 || point.rate_limited > 0.0);
            (figures(charts, if any { &["throughput", "errors"] } else { &["throughput"] }))
            (details::endings(document, language))
        }
    }
}

fn trends(document: &Document, language: Language) -> Markup {
    let row = |trend: &Trend| {
        let hourly = &trend.hourly;
        let unit = over_time::unit(trend, language);
        let left = trend.hours_left.filter(|_| trend.grows);
        let mark = if trend.grows {
            format!(" – {}", language.label(labels::GROWS))
        } else {
            String::new()
        };
        let signed = |value: f64| language.written(&format!("{value:+.2}"));
        vec![
            format!("{}{mark}", over_time::quantity(trend, language)),
            format!("{} {unit}", language.decimal(trend.start, 1)),
            format!("{} {unit}", signed(hourly.point)),
            format!("{} – {}", signed(hourly.low), signed(hourly.high)),
            left.map_or_else(
                || "–".to_owned(),
                |hours| format!("{} {} h", language.say("in", "dans"), language.decimal(hours, 1)),
            ),
        ]
    };
    let rows: Vec<Vec<String>> = document.trends.iter().map(row).collect();
    html! {
        @if !rows.is_empty() {
            h3 #trends { (label(labels::GROWTH, language)) }
            (table(language, language.label(labels::GROWTH), &labels::GROWTH_COLUMNS.of(language), &rows))
            p.note { (label(labels::GROWTH_NOTE, language)) }
        }
    }
}

fn events(document: &Document, language: Language) -> Markup {
    let events = over_time::events(document, language);
    html! {
        @if !events.is_empty() {
            h3 #events { (label(labels::EVENTS, language)) }
            ul { @for event in &events { li { (prose(event, language)) } } }
        }
    }
}

fn spikes(document: &Document, language: Language) -> Markup {
    let spikes = over_time::spikes(document, language);
    html! {
        @if !spikes.is_empty() {
            h3 #spikes { (label(labels::SPIKES, language)) }
            ul { @for spike in &spikes { li { (prose(spike, language)) } } }
        }
    }
}
