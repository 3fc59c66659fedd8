//! The action and the templates for CI servers: pinned, with few permissions, and without texts of strangers in their scripts.

use std::path::Path;

use serde_norway::Value;

fn read(file: &str) -> (String, Value) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let value = serde_norway::from_str(&text).unwrap();
    (text, value)
}

/// Calls `visit` with every key and its value, however deep.
fn visit(value: &Value, seen: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                seen(key.as_str().unwrap_or(""), value);
                visit(value, seen);
            }
        }
        Value::Sequence(all) => all.iter().for_each(|value| visit(value, seen)),
        _ => {}
    }
}

const ACTIONS: [&str; 4] = [
    "action.yml",
    "ci/templates/github.yml",
    "ci/templates/github-fork.yml",
    "ci/templates/forgejo.yml",
];

#[test]
fn actions_are_pinned_and_scripts_take_strangers_texts_from_the_environment_only() {
    for file in ACTIONS {
        let (_, value) = read(file);
        let mut steps = 0;
        visit(&value, &mut |key, value| match (key, value.as_str()) {
            ("uses", Some(uses)) => {
                let (_, commit) = uses.split_once('@').unwrap();
                let pinned = commit.len() == 40 && commit.chars().all(|digit| digit.is_ascii_hexdigit());
                assert!(pinned, "{file}: {uses}");
                steps += 1;
            }
            ("run", Some(script)) => {
                assert!(!script.contains("${{"), "{file}: {script}");
                steps += 1;
            }
            _ => {}
        });
        assert!(steps > 1, "{file}");
    }
}

#[test]
fn no_workflow_has_more_rights_than_it_needs() {
    for file in &ACTIONS[1..] {
        let (_, value) = read(file);
        assert!(value["on"].get("pull_request_target").is_none(), "{file}");
        let mut granted = Vec::new();
        visit(&value, &mut |key, value| {
            if let (true, Some(all)) = (key == "permissions", value.as_mapping()) {
                granted.extend(
                    all.iter()
                        .map(|(name, right)| (name.as_str().unwrap().to_owned(), right.as_str().unwrap().to_owned())),
                );
            }
        });
        for (name, right) in &granted {
            let written = ["checks", "pull-requests"].contains(&name.as_str());
            assert_eq!(right, if written { "write" } else { "read" }, "{file}: {name}");
        }
        assert!(value.get("permissions").is_some() && !granted.is_empty(), "{file}");
    }
}

#[test]
fn every_template_is_yaml_and_runs_the_gate() {
    for file in [
        "ci/templates/gitlab.yml",
        "ci/templates/azure.yml",
        "ci/templates/forgejo.yml",
    ] {
        let (text, _) = read(file);
        assert!(text.contains("diapason run") && text.contains("doctor"), "{file}");
    }
}
