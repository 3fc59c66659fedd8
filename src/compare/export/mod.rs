//! The comparison as a file.

mod html;
mod markdown;

use super::{CompareError, Comparison};

/// Formats by name, with the default file name of each.
pub const FORMATS: &[(&str, &str)] = &[
    ("html", "comparison.html"),
    ("json", "comparison.json"),
    ("markdown", "comparison.md"),
];

/// The comparison in that format; `None` if there is no such format.
pub fn render(comparison: &Comparison, format: &str) -> Result<Option<String>, CompareError> {
    Ok(match format {
        "html" => Some(html::page(comparison)),
        "json" => {
            let mut text = serde_json::to_string_pretty(comparison).map_err(CompareError::Json)?;
            text.push('\n');
            Some(text)
        }
        "markdown" => Some(markdown::page(comparison)),
        _ => None,
    })
}
