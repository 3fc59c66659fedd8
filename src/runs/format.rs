//! Format numbers of saved files.

use std::path::Path;

use serde::Deserialize;

use super::error::RunsError;

/// The format number of a JSON file; 0 in files written before it existed.
#[derive(Deserialize)]
struct Numbered {
    #[serde(default)]
    format: u32,
}

/// Refuses the JSON text of a file whose format is newer than `known`. The number is read before anything else, because the fields
/// of a later format may not parse. A text that is no JSON object passes: reading it tells what is wrong.
pub fn refuse_newer(path: &Path, text: &[u8], known: u32) -> Result<(), RunsError> {
    match serde_json::from_slice::<Numbered>(text) {
        Ok(Numbered { format }) if format > known => Err(RunsError::Newer {
            path: path.to_owned(),
            found: format,
            known,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_newer_format_is_refused() {
        let refused = |text: &str| refuse_newer(Path::new("run.json"), text.as_bytes(), 1).is_err();
        assert!(refused(r#"{"format": 2, "unknown": []}"#));
        for text in [r#"{"format": 1}"#, r#"{"started": "now"}"#, "[]", "no JSON"] {
            assert!(!refused(text), "{text}");
        }
    }
}
