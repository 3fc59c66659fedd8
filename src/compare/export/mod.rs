//! The comparison as a file.

mod html;
mod markdown;

use std::path::Path;

use super::{CompareError, Comparison};
use crate::report::localized;
use crate::words::Language;

/// Formats by name, with the default file name of each.
pub const FORMATS: &[(&str, &str)] = &[
    ("html", "comparison.html"),
    ("json", "comparison.json"),
    ("markdown", "comparison.md"),
];

/// The comparison in that format, as paths and contents: a page in each of the languages, the first at `path`; of the other
/// formats one file, in English. Empty if there is no such format.
pub fn render(
    comparison: &Comparison,
    format: &str,
    path: &str,
    languages: &[Language],
) -> Result<Vec<(String, String)>, CompareError> {
    let mut languages = languages.to_vec();
    languages.sort_unstable();
    languages.dedup();
    if languages.is_empty() {
        languages.push(Language::English);
    }
    let one = |text: String| vec![(path.to_owned(), text)];
    Ok(match format {
        "html" => {
            let stem = Path::new(path)
                .file_stem()
                .and_then(std::ffi::OsStr::to_str)
                .unwrap_or("comparison");
            let pages = languages.iter().map(|language| {
                (
                    localized(path, *language, &languages),
                    html::page(comparison, stem, *language, &languages),
                )
            });
            pages.collect()
        }
        "json" => {
            let mut text = serde_json::to_string_pretty(comparison).map_err(CompareError::Json)?;
            text.push('\n');
            one(text)
        }
        "markdown" => one(markdown::page(comparison)),
        _ => Vec::new(),
    })
}
