//! Regular expressions of journeys.

use regex::Regex;

use super::KeyError;

/// Compiles a regular expression.
pub(super) fn pattern(text: &str) -> Result<Regex, KeyError> {
    Regex::new(text).map_err(|source| KeyError::Regex {
        text: text.to_owned(),
        source: Box::new(source),
    })
}
