//! Leaves pictures, bodies of answers and other examples out of a run's evidence. No verdict is read from them.

use serde_json::Value;

use super::DossierError;
use super::archive::Files;

const RECORDING: &str = "evidence/recording.json";
const OBSERVATIONS: &str = "evidence/observations.json";

/// Leaves them out of the evidence among those files, which must not be compressed.
pub(super) fn redact(files: &mut Files) -> Result<(), DossierError> {
    change(files, RECORDING, |recording| {
        each(recording, &mut |value| {
            // A kind of answer: its count stays, its examples go.
            if value.contains_key("outcome") && value.contains_key("count") {
                value.remove("first");
                value.remove("last");
            }
        });
    })?;
    change(files, OBSERVATIONS, |observations| {
        each(observations, &mut |value| {
            if let Some(picture) = value.get_mut("picture") {
                *picture = Value::Null;
            }
            for key in ["last_lines", "messages"] {
                if let Some(Value::Array(lines)) = value.get_mut(key) {
                    lines.clear();
                }
            }
        });
    })
}

fn change(files: &mut Files, name: &str, edit: impl FnOnce(&mut Value)) -> Result<(), DossierError> {
    let Some(content) = files.get_mut(name) else {
        return Ok(());
    };
    let understand = |source| DossierError::Understand {
        name: name.to_owned(),
        source,
    };
    let mut value: Value = serde_json::from_slice(content).map_err(understand)?;
    edit(&mut value);
    // Through the JSON and not through the types: fields that this version does not know are kept as they are.
    *content = serde_json::to_vec(&value).map_err(understand)?;
    Ok(())
}

/// Does it to every object, the outermost first.
fn each(value: &mut Value, edit: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            edit(fields);
            fields.values_mut().for_each(|field| each(field, edit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, edit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_and_examples_go() {
        let recording =
            r#"{"series":[{"answers":[{"status":500,"outcome":"server-error","count":3,"first":{"body":"x"}}]}]}"#;
        let observations = r#"{"browser":{"exhibits":[{"picture":"data:","at":1.5}]},"containers":{"containers":[{"last_lines":["y"]}]}}"#;
        let mut files: Files = [(RECORDING, recording), (OBSERVATIONS, observations)]
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
            .into();
        redact(&mut files).unwrap();
        let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
        assert_eq!(
            text(RECORDING),
            r#"{"series":[{"answers":[{"status":500,"outcome":"server-error","count":3}]}]}"#
        );
        assert_eq!(
            text(OBSERVATIONS),
            r#"{"browser":{"exhibits":[{"picture":null,"at":1.5}]},"containers":{"containers":[{"last_lines":[]}]}}"#
        );
    }
}
