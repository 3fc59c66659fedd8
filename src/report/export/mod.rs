//! One exporter per format.

mod csv;
mod exporter;
mod hgrm;
pub(super) mod html;
mod json;
mod junit;
mod markdown;
mod openmetrics;
mod svg;

pub use exporter::{Exporter, Rendering};
pub(crate) use html::badge::{badge, change_badge, change_class, class};
pub(crate) use html::examination::page as examination_page;
#[cfg(test)]
pub(crate) use html::examination::{checklist_checks, named_checks, sample as examination_sample};
pub(crate) use html::kit;
pub(crate) use html::sparkline::sparkline;
pub(crate) use html::{head, localized, other_languages, other_languages_of, skip_link};

use std::path::PathBuf;

use super::Document;
use crate::report::ReportError;
use crate::runs::RunFolder;
use crate::words::Language;

/// Renders the document with those exporters into the folder and returns the paths of the files written.
pub fn render_into<'a>(
    folder: &RunFolder,
    document: &Document,
    exporters: impl IntoIterator<Item = &'a dyn Exporter>,
) -> Result<Vec<PathBuf>, ReportError> {
    let mut written = Vec::new();
    for exporter in exporters {
        for Rendering { name, content } in exporter.render(document)? {
            folder.write_text(&name, &content)?;
            written.push(folder.path().join(name));
        }
    }
    remove_stale_pages(folder, &written);
    Ok(written)
}

/// Removes pages of an earlier rendering in languages that are not asked for any more: they would tell another verdict.
fn remove_stale_pages(folder: &RunFolder, written: &[PathBuf]) {
    let path = |name: &str| folder.path().join(name);
    if !written.contains(&path("index.html")) {
        return;
    }
    for language in Language::ALL {
        let page = path(&format!("index.{}.html", language.tag()));
        if !written.contains(&page) {
            // Most often there is none.
            let _ = std::fs::remove_file(page);
        }
    }
}

/// Every exporter, by name; those written into each run folder come first.
pub static EXPORTERS: &[&dyn Exporter] = &[
    &json::Json,
    &html::Html,
    &markdown::Markdown,
    &junit::Junit,
    &svg::Svg,
    &csv::Csv,
    &hgrm::Hgrm,
    &openmetrics::OpenMetrics,
];

/// The exporter of that name.
pub fn exporter(name: &str) -> Option<&'static dyn Exporter> {
    EXPORTERS.iter().copied().find(|exporter| exporter.name() == name)
}

/// The exporters that are written into each run folder.
pub fn standard() -> impl Iterator<Item = &'static dyn Exporter> {
    EXPORTERS.iter().copied().filter(|exporter| exporter.standard())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::sample;

    #[test]
    fn every_exporter_renders_a_document_into_files_of_its_own() {
        let document = sample::document();
        let mut files = BTreeSet::new();
        for exporter in EXPORTERS {
            let renderings = exporter.render(&document).unwrap();
            assert!(!renderings.is_empty(), "{} wrote nothing", exporter.name());
            for rendering in renderings {
                assert!(!rendering.content.is_empty(), "{} is empty", rendering.name);
                assert!(
                    files.insert(rendering.name.clone()),
                    "{} is written twice",
                    rendering.name
                );
            }
        }
        let expected = ["report.json", "index.html", "summary.md", "junit.xml", "latency.svg"];
        for name in expected {
            assert!(files.contains(name), "{name} is missing from {files:?}");
        }
    }

    #[test]
    fn names_are_distinct_and_standard_ones_come_first() {
        let names: BTreeSet<_> = EXPORTERS.iter().map(|exporter| exporter.name()).collect();
        assert_eq!(names.len(), EXPORTERS.len());
        assert!(EXPORTERS.is_sorted_by_key(|exporter| !exporter.standard()));
        assert!(exporter("junit").is_some());
        assert!(exporter("pdf").is_none());
    }

    #[test]
    fn a_run_without_any_evidence_is_rendered_too() {
        let document = sample::empty_document();
        for exporter in EXPORTERS {
            exporter.render(&document).unwrap();
        }
    }
}
