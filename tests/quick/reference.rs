//! Reference of the files that users write.

use std::path::Path;

use diapason::reference::FileKind;
use serde_json::Value;

#[test]
fn the_reference_is_what_the_types_say() {
    for kind in FileKind::ALL {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("docs/reference")
            .join(format!("{}.md", kind.name()));
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            page == kind.page(),
            "{} is out of date: diapason schema {} --markdown > {0}",
            path.display(),
            kind.name()
        );
    }
}

/// Objects of that schema, wherever they stand.
fn objects(schema: &Value, found: &mut Vec<Value>) {
    match schema {
        Value::Object(map) => {
            if map
                .get("properties")
                .is_some_and(|keys| !keys.as_object().unwrap().is_empty())
            {
                found.push(schema.clone());
            }
            map.values().for_each(|value| objects(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| objects(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_is_described_and_an_unknown_one_is_refused() {
    for kind in FileKind::ALL {
        let mut found = Vec::new();
        objects(kind.schema().as_value(), &mut found);
        assert!(found.len() >= 3, "{}", kind.name());
        for object in found {
            assert_eq!(object["additionalProperties"], false, "{object}");
            for (key, value) in object["properties"].as_object().unwrap() {
                let described = value["description"].as_str().is_some_and(|text| text.ends_with('.'));
                assert!(
                    described || value["const"].is_string(),
                    "{}: `{key}`: {value}",
                    kind.name()
                );
            }
        }
    }
}
