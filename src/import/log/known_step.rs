//! Steps of journeys that are there already, which rules name: `tasks.create`.

use std::path::Path;

use toml::{Table, Value};

use crate::import::ImportError;

/// Keys that say when and how often a step is made; the log says so here.
const FLOW: [&str; 13] = [
    "name", "think", "repeat", "while", "if", "for-each", "as", "at-most", "expected", "poll", "pages", "retries",
    "step",
];
/// Key of what a scenario looks for after its load, of which a replay has nothing.
const WRITES: &str = "writes";
/// Keys of a journey that a step has as well, and takes from it.
const TAKEN: [&str; 2] = ["auth", "cookies"];
/// Keys of a journey that its steps need around them.
const NEEDED: [&str; 4] = ["session", "feeder", "variables", "on-status"];

/// A step of a journey that is there already.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct KnownStep {
    /// Name of the journey.
    pub(super) journey: String,
    /// Name of the step.
    pub(super) step: String,
    /// Keys of the step, with headers and tags of its journey.
    pub(super) keys: Table,
    /// Keys of the journey that the step needs.
    pub(super) around: Table,
}

impl KnownStep {
    /// Reads the step `JOURNEY.STEP` from `JOURNEY.toml` in that folder.
    pub(super) fn read(folder: &Path, named: &str) -> Result<Self, ImportError> {
        let Some((journey, step)) = named.split_once('.') else {
            return Err(ImportError::Option {
                given: named.to_owned(),
                expected: "the name of a journey and of its step, such as `tasks.create`",
            });
        };
        let written = journey_table(folder, journey)?;
        let mut known = Vec::new();
        let found = find(&written, step, &mut known);
        let keys = found.cloned().ok_or_else(|| ImportError::Step {
            named: named.to_owned(),
            known: known.iter().map(|step| format!("{journey}.{step}")).collect(),
        })?;
        let mut keys: Table = keys
            .into_iter()
            .filter(|(key, _)| !FLOW.contains(&key.as_str()) && key != WRITES)
            .collect();
        for key in TAKEN {
            if let Some(value) = written.get(key) {
                keys.entry(key.to_owned()).or_insert_with(|| value.clone());
            }
        }
        if let Some(Value::Table(headers)) = written.get("headers") {
            let own = keys
                .entry("headers".to_owned())
                .or_insert_with(|| Value::Table(Table::new()));
            for (name, value) in headers {
                if let Value::Table(own) = own {
                    own.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        if let Some(tags) = written.get("tags") {
            add_tags(&mut keys, tags.as_array().into_iter().flatten());
        }
        let around = written.into_iter().filter(|(key, _)| NEEDED.contains(&key.as_str()));
        Ok(Self {
            journey: journey.to_owned(),
            step: step.to_owned(),
            keys,
            around: around.collect(),
        })
    }
}

/// The requests of a journey, with its tags; none if it cannot be read.
pub(super) fn requests(folder: &Path, journey: &str) -> Vec<Table> {
    let written = journey_table(folder, journey).unwrap_or_default();
    let mut steps = Vec::new();
    all(&written, &mut steps);
    let steps = steps.into_iter().filter(|step| step.contains_key("path"));
    steps
        .map(|step| {
            let mut step = step.clone();
            add_tags(
                &mut step,
                written.get("tags").and_then(Value::as_array).into_iter().flatten(),
            );
            step
        })
        .collect()
}

/// Adds tags to those of a step or journey, each once.
pub(super) fn add_tags<'a>(keys: &mut Table, tags: impl Iterator<Item = &'a Value>) {
    let tags: Vec<&Value> = tags.collect();
    if tags.is_empty() {
        return;
    }
    let own = keys
        .entry("tags".to_owned())
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(own) = own {
        for tag in tags {
            if !own.contains(tag) {
                own.push(tag.clone());
            }
        }
    }
}

/// Names of the values that a journey extracts; none if it cannot be read, which is told when it is compiled.
pub(super) fn extracted(folder: &Path, journey: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let written = journey_table(folder, journey).unwrap_or_default();
    all(&written, &mut steps);
    let extracts = steps.into_iter().flat_map(|step| {
        ["extract", "set"]
            .into_iter()
            .filter_map(|key| step.get(key)?.as_table())
    });
    extracts.flat_map(|table| table.keys().cloned()).collect()
}

fn journey_table(folder: &Path, journey: &str) -> Result<Table, ImportError> {
    let path = folder.join(format!("{journey}.toml"));
    let text = std::fs::read_to_string(&path).map_err(|source| ImportError::Read {
        path: path.clone(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| ImportError::Rules {
        path,
        source: Box::new(source.into()),
    })
}

/// The request of that name, wherever it stands; the names of all that come before it are added to `known`.
fn find<'a>(table: &'a Table, name: &str, known: &mut Vec<String>) -> Option<&'a Table> {
    let mut steps = Vec::new();
    all(table, &mut steps);
    let mut requests = steps.into_iter().filter(|step| step.contains_key("path"));
    requests.find(|step| {
        let own = step.get("name").and_then(Value::as_str).unwrap_or_default();
        known.push(own.to_owned());
        own == name
    })
}

/// The steps of a journey or group and those within them.
fn all<'a>(table: &'a Table, found: &mut Vec<&'a Table>) {
    for key in ["step", "parallel", "choice"] {
        let inner = table.get(key).and_then(Value::as_array).into_iter().flatten();
        for inner in inner.filter_map(Value::as_table) {
            if key == "step" {
                found.push(inner);
            }
            all(inner, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNEY: &str = r#"
name = "tasks"
description = "d"
tags = ["api"]
session = "login"
headers = { authorization = "Bearer {{token}}", x-a = "1" }

[[step]]
name = "page"
[[step.parallel]]
[[step.parallel.step]]
name = "list"
path = "/tasks"
think = "1s"
tags = ["read", "api"]
headers = { x-a = "" }
extract = { task = "$[0].id" }
"#;

    #[test]
    fn a_step_brings_what_it_needs_of_its_journey() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tasks.toml"), JOURNEY).unwrap();
        let known = KnownStep::read(folder.path(), "tasks.list").unwrap();
        let expected = "path = '/tasks'\ntags = ['read', 'api']\nheaders = { x-a = '', authorization = 'Bearer {{token}}' }\n\
            extract = { task = '$[0].id' }\n";
        assert_eq!(known.keys, toml::from_str::<Table>(expected).unwrap());
        assert_eq!(known.around, toml::from_str::<Table>("session = 'login'").unwrap());
        assert_eq!(extracted(folder.path(), "tasks"), ["task"]);
        for (named, told) in [
            ("tasks", "a journey and of its step"),
            ("tasks.page", "`tasks.page` is no request of a journey"),
            ("none.list", "failed to read"),
        ] {
            let error = KnownStep::read(folder.path(), named).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
