//! `index.html`: one self-contained file, for a quick decision and for a close look.
//!
//! The first screen answers "may this release go out?"; charts follow; then the details of each tier.

mod answer;
mod attribution;
mod database;
mod details;
mod kit;
mod pages;
mod tiers;
mod waterfall;

pub(in crate::report) use kit::{facts, figure, table, words};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Exporter, Rendering};
use crate::report::chart::{self, Chart};
use crate::report::{Document, ReportError};

pub(crate) const STYLE: &str = include_str!("style.css");

/// `index.html`.
pub(super) struct Html;

impl Exporter for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn describe(&self) -> &'static str {
        "index.html: the whole report in one file without links to elsewhere, light and dark"
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let charts = chart::all(document)?;
        Ok(vec![Rendering::new(
            "index.html",
            page(document, &charts).into_string(),
        )])
    }
}

fn page(document: &Document, charts: &[Chart]) -> Markup {
    let word = document.judgement.overall;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (word.name()) " · " (document.plan.scenario) " · Diapason" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (answer::first_screen(document))
                    (attribution::section(document))
                    section {
                        h2 { "Charts" }
                        p.note { "Shaded: phases that are recorded and not judged." }
                        @for chart in charts { (figure(chart)) }
                    }
                    (over_time(document))
                    (details::requests(document))
                    (tiers::sections(document))
                    (details::plan(document))
                    (details::stack(document))
                }
                footer {
                    "Diapason " (document.environment.diapason) " · run " (document.id)
                    " · everything on this page is in report.json"
                }
            }
        }
    }
}

/// Trends of a soak, and spikes.
fn over_time(document: &Document) -> Markup {
    let header = [
        "What",
        "At the start",
        "Change an hour",
        "95 % interval",
        "Reaches its limit",
    ];
    let rows: Vec<Vec<String>> = document
        .trends
        .iter()
        .map(|trend| {
            let hourly = &trend.hourly;
            let left = trend.hours_left.filter(|_| trend.grows);
            vec![
                format!("{}{}", trend.what, if trend.grows { " – grows" } else { "" }),
                format!("{:.1} {}", trend.start, trend.unit),
                format!("{:+.2} {}", hourly.point, trend.unit),
                format!("{:+.2} – {:+.2}", hourly.low, hourly.high),
                left.map_or_else(|| "–".to_owned(), |hours| format!("in {hours:.1} h")),
            ]
        })
        .collect();
    html! {
        @if !rows.is_empty() {
            section #trends {
                h2 { "Does anything grow?" }
                (table(&header, &rows))
                p.note {
                    "The slope of Theil and Sen over 30 batches of the judged window, each summed up by its median. Told as growing where the "
                    "interval lies above 0 and a day at that pace adds a quarter or more (1 GiB for the disk)."
                }
            }
        }
        @if !document.spikes.is_empty() {
            section #spikes {
                h2 { "Spikes" }
                ul { @for spike in &document.spikes { li { (crate::words::en::text::sentence(&spike.sentence())) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn names_from_outside_cannot_become_markup() {
        let mut document = sample::document();
        let evil = "<script>alert('x')</script>";
        document.plan.scenario = evil.to_owned();
        document.judgement.verdicts[0].objective.name = evil.to_owned();
        document.judgement.verdicts[0].reason = crate::slo::Reason::Verbatim(evil.to_owned());
        document.series[0].name = evil.to_owned();
        document.timeline.series[0].name = evil.to_owned();
        document
            .stack
            .rewritten
            .push(crate::evidence::Rewrite::Verbatim(evil.to_owned()));
        document.containers[0].observed.service = evil.to_owned();
        let database = &mut document.database.as_mut().unwrap().observed;
        let statement = &mut database.statements[0];
        (statement.query, statement.plan) = (evil.to_owned(), Some(evil.to_owned()));
        database.lock_waits[0].blocking = evil.to_owned();
        database.hints[0].evidence = evil.to_owned();
        database.tables[0].table = evil.to_owned();
        document.plan.tags.push((evil.to_owned(), evil.to_owned()));
        let page = Html.render(&document).unwrap().remove(0).content;
        assert!(!page.contains("<script"), "a name became markup");
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        let page = Html.render(&sample::document()).unwrap().remove(0).content;
        for outside in ["src=", "href=", "@import", "url("] {
            assert!(!page.replace("src=\"data:image/", "").contains(outside), "{outside}");
        }
        // Ten charts, and a waterfall of each load that is shown.
        assert_eq!(page.matches("<svg ").count(), 12);
    }

    #[test]
    fn a_chart_without_data_says_so() {
        let page = Html.render(&sample::empty_document()).unwrap().remove(0).content;
        assert!(!page.contains("<svg "));
        assert!(page.matches("no data").count() >= 10);
    }
}
