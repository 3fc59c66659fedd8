//! Format numbers of saved files: newer files are refused, older ones are lifted.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::RunsError;

/// The format number of a JSON file; 0 in files written before it existed.
#[derive(Deserialize)]
struct FormatHeader {
    #[serde(default)]
    format: u32,
}

/// The format number in the JSON text of a file; one newer than `known` is refused. The number is read before anything else,
/// because the fields of a later format may not parse. A text that is no JSON object passes as `known`: reading it tells what is
/// wrong.
pub(super) fn number(path: &Path, text: &[u8], known: u32) -> Result<u32, RunsError> {
    match serde_json::from_slice::<FormatHeader>(text) {
        Ok(FormatHeader { format }) if format > known => Err(RunsError::Newer {
            path: path.to_owned(),
            found: format,
            known,
        }),
        Ok(FormatHeader { format }) => Ok(format),
        // A file that is no JSON: reading it as the present format gives the better message.
        Err(_) => Ok(known),
    }
}

/// Reads the JSON text of a file that holds its format number. A text of an older format than `known` is lifted first, and holds
/// `known` from then on.
pub fn read_numbered<T: DeserializeOwned>(
    path: &Path,
    text: &[u8],
    known: u32,
    lift: fn(&mut Value),
) -> Result<T, RunsError> {
    let is_old = number(path, text, known)? < known;
    let lift = |file: &mut Value| {
        // A list passes for an object without a number; reading it tells what is wrong.
        if let Some(fields) = file.as_object_mut() {
            fields.insert("format".to_owned(), json!(known));
            lift(file);
        }
    };
    read(path, text, is_old.then_some(lift))
}

/// Reads the JSON text of a file, lifted first if it is an old one.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    text: &[u8],
    lift: Option<impl Fn(&mut Value)>,
) -> Result<T, RunsError> {
    let read = match lift {
        None => serde_json::from_slice(text),
        Some(lift) => serde_json::from_slice(text).and_then(|mut file: Value| {
            lift(&mut file);
            serde_json::from_value(file)
        }),
    };
    read.map_err(|source| RunsError::Understand {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_newer_format_is_refused() {
        let refused = |text: &str| number(Path::new("run.json"), text.as_bytes(), 1).is_err();
        assert!(refused(r#"{"format": 2, "unknown": []}"#));
        for text in [r#"{"format": 1}"#, r#"{"started": "now"}"#, "[]", "no JSON"] {
            assert!(!refused(text), "{text}");
        }
    }

    #[test]
    fn only_an_older_format_is_lifted() {
        let read = |text: &str| {
            let lift = |file: &mut Value| file["lifted"] = json!(true);
            read_numbered::<Value>(Path::new("run.json"), text.as_bytes(), 2, lift)
        };
        assert_eq!(read(r#"{"format": 2}"#).unwrap(), json!({ "format": 2 }));
        for old in [r#"{"format": 1}"#, "{}"] {
            assert_eq!(read(old).unwrap(), json!({ "format": 2, "lifted": true }), "{old}");
        }
        assert!(matches!(
            read(r#"{"format": 3}"#),
            Err(RunsError::Newer { found: 3, known: 2, .. })
        ));
        assert!(matches!(read("no JSON"), Err(RunsError::Understand { .. })));
        assert_eq!(read("[]").unwrap(), json!([]));
    }
}
