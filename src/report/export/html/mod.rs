//! `index.html`: one self-contained file a language, for a quick decision and for a close look.
//!
//! The first screen answers "may this release go out?"; then come the objectives, whether the measurement can be trusted, where
//! the time went, and the details of each tier. Texts come from `report::words`.

mod answer;
mod attribution;
pub(crate) mod badge;
mod baseline;
mod database;
mod details;
mod earlier;
pub(crate) mod examination;
mod fidelity;
pub(crate) mod kit;
mod languages;
mod over_time;
mod pages;
pub(crate) mod sparkline;
mod strip;
mod tiers;
mod waterfall;

pub(in crate::report) use kit::prose;
pub(in crate::report) use kit::{facts, figure, table, words};
pub(crate) use kit::{head, skip_link};
pub(in crate::report) use languages::file_name;
pub(crate) use languages::{localized, other_languages, other_languages_of};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::kit::{head_with, label};
use super::{Exporter, Rendering};
use crate::report::chart::{self, Chart};
use crate::report::words::labels;
use crate::report::{Document, ReportError};
use crate::words::Language;

/// Sorts tables, tells values under the pointer and enlarges charts; the page is complete without it.
const SCRIPT: &str = include_str!("page.js");

/// `index.html`, and `index.fr.html` where both languages are asked for.
pub(super) struct Html;

impl Exporter for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn describe(&self) -> &'static str {
        "index.html: the whole report in one file a language, without links to elsewhere, light and dark"
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let languages = document.page_languages();
        let pages = languages.iter().map(|language| {
            let charts = chart::all(document, *language)?;
            let page = page(document, &charts, *language, &languages);
            Ok(Rendering::new(&file_name(*language, &languages), page.into_string()))
        });
        pages.collect()
    }
}

fn page(document: &Document, charts: &[Chart], language: Language, all: &[Language]) -> Markup {
    let word = language.wording().word(document.judgement.overall);
    let title = format!("{word} · {} · Diapason", crate::words::quoted(&document.plan.scenario));
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head_with(&title, language, Some(SCRIPT)))
            body {
                (skip_link(language))
                (other_languages(language, all))
                main #content data-enlarge=(language.label(labels::ENLARGE)) {
                    (answer::first_screen(document, language))
                    (answer::objectives(document, language))
                    (answer::validity(document, language))
                    (fidelity::section(document, language))
                    (attribution::section(document, language))
                    (over_time::response_times(document, charts, language))
                    (over_time::throughput(document, charts, language))
                    (tiers::sections(document, charts, language))
                    (details::steps(document, language))
                    (baseline::section(document, language))
                    (examination::section(document, language))
                    (details::plan(document, language))
                    (details::stack(document, language))
                    (details::method(language))
                    (details::glossary(language))
                }
                footer {
                    span translate="no" { "Diapason " (document.environment.diapason) } " · " (label(labels::RUN, language)) " "
                    span translate="no" { (document.id) } " · " (label(labels::DATA, language))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn both(mut document: Document) -> Vec<Rendering> {
        document.languages = vec![Language::English, Language::French];
        Html.render(&document).unwrap()
    }

    #[test]
    fn names_from_outside_cannot_become_markup() {
        for evil in [
            "<script>alert('x')</script>",
            "\u{2068}<script>alert('x')</script>",
            "`<script>alert('x')</script>`",
            "\"><script>alert('x')</script>",
            "</style></svg><script>alert('x')</script>",
        ] {
            let mut document = sample::document();
            document.plan.scenario = evil.to_owned();
            document.id = evil.to_owned();
            document.judgement.verdicts[0].objective.name = evil.to_owned();
            document.judgement.verdicts[0].reason = crate::slo::Reason::Verbatim(evil.to_owned());
            document.series[0].name = evil.to_owned();
            document.groups[0].name = evil.to_owned();
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
            let pages = document.pages.as_mut().unwrap();
            (pages.browser, pages.rows[1].page) = (evil.to_owned(), evil.to_owned());
            pages.messages[0].1 = evil.to_owned();
            pages.exhibits[0].resources[0].name = evil.to_owned();
            for page in both(document) {
                // The page's own script alone.
                assert_eq!(
                    page.content.matches("<script").count(),
                    1,
                    "{evil} became markup in {}",
                    page.name
                );
                assert!(page.content.contains("&lt;script&gt;"));
            }
        }
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere_and_allows_nothing_from_there() {
        for page in both(sample::document()) {
            for outside in ["src=", "@import", "url(", "style=\"", "<script ", "onload="] {
                assert!(
                    !page.content.replace("src=\"data:image/", "").contains(outside),
                    "{outside}"
                );
            }
            let links = page.content.split("href=\"").skip(1);
            for link in links.map(|rest| rest.split('"').next().unwrap()) {
                assert!(link.starts_with('#') || link.starts_with("index."), "{link}");
            }
            assert!(page.content.contains("default-src 'none'; script-src 'sha256-"));
            // Twelve charts, a waterfall of each load that is shown, and a strip for each row of pages.
            assert_eq!(page.content.matches("role=\"img\"").count(), 19, "{}", page.name);
        }
    }

    #[test]
    fn each_language_has_a_file_that_leads_to_the_other() {
        let names = |languages: &[Language]| {
            let mut document = sample::document();
            document.languages = languages.to_vec();
            let pages = Html.render(&document).unwrap().into_iter();
            pages
                .map(|page| (page.name, page.content.contains("<html lang=\"fr\">")))
                .collect::<Vec<_>>()
        };
        let page = |name: &str, french| (name.to_owned(), french);
        assert_eq!(names(&[]), [page("index.html", false)]);
        assert_eq!(names(&[Language::French]), [page("index.html", true)]);
        let two = [page("index.html", false), page("index.fr.html", true)];
        assert_eq!(names(&[Language::French, Language::English]), two);
        let pages = both(sample::document());
        assert!(
            pages[0]
                .content
                .contains("href=\"index.fr.html\" hreflang=\"fr\" lang=\"fr\">Lire en français<")
        );
        assert!(
            pages[1]
                .content
                .contains("href=\"index.html\" hreflang=\"en\" lang=\"en\">Read in English<")
        );
    }

    #[test]
    fn a_chart_without_data_says_so() {
        let pages = both(sample::empty_document());
        assert!(pages.iter().all(|page| !page.content.contains("role=\"img\"")));
        // One line for each section, that names its charts.
        assert!(pages[0].content.contains("no data: Response time over time · "));
        assert!(
            pages[1]
                .content
                .contains("aucune donnée\u{202f}: Temps de réponse au fil du temps · ")
        );
    }
}
