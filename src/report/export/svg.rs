//! The charts as files.

use super::{Exporter, Rendering};
use crate::report::{Document, ReportError, chart};

/// `latency.svg` and its siblings.
pub(super) struct Svg;

impl Exporter for Svg {
    fn name(&self) -> &'static str {
        "svg"
    }

    fn describe(&self) -> &'static str {
        "the charts of the HTML report as files, for slides and wikis"
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let charts = chart::all(document, document.language())?;
        Ok(charts
            .into_iter()
            .map(|chart| Rendering::new(&format!("{}.svg", chart.name), chart.file()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn charts_are_well_formed() {
        for rendering in Svg.render(&sample::document()).unwrap() {
            assert!(rendering.content.contains("<svg "), "{}", rendering.name);
            sample::assert_well_formed(&rendering.content);
        }
    }

    #[test]
    fn without_data_a_chart_says_so() {
        for rendering in Svg.render(&sample::empty_document()).unwrap() {
            assert!(rendering.content.contains("no data"), "{}", rendering.name);
            sample::assert_well_formed(&rendering.content);
        }
    }
}
