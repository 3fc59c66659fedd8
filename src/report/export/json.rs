//! The document itself.

use super::{Exporter, Rendering};
use crate::report::{Document, ReportError};

/// `report.json`.
pub(super) struct Json;

impl Exporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn describe(&self) -> &'static str {
        "report.json: everything the other renderings are made from, for programs"
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let mut text = serde_json::to_string_pretty(document).map_err(ReportError::Json)?;
        text.push('\n');
        Ok(vec![Rendering::new("report.json", text)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_document_can_be_read_back() {
        let document = sample::document();
        let text = Json.render(&document).unwrap().remove(0).content;
        let read: Document = serde_json::from_str(&text).unwrap();
        assert_eq!(read.judgement, document.judgement);
        assert_eq!(read.series, document.series);
        assert_eq!(read.timeline, document.timeline);
        assert_eq!(read.id, document.id);
    }
}
