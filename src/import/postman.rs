//! Postman collections (2.0 and 2.1): a journey for each folder, with inherited authorisation and variables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::account::Account;
use super::conceal::hide;
use super::draft::Draft;
use super::error::ImportError;
use super::import_result::{Attachment, ImportResult};
use super::marker::literal;
use super::names::{Names, slug, value_name};
use super::request::Request;
use super::steps::{Steps, complete};
use super::vault::{Vault, is_secret};

/// Deepest folders.
const DEEPEST: usize = 32;
/// Value of a variable that the collection names and does not have.
const UNKNOWN: &str = "REPLACE-ME";
/// Host in place of a variable that the collection does not have.
pub(super) const ANY_HOST: &str = "front-door.invalid";

/// Settings of the import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostmanOptions {
    /// The file, for errors.
    pub path: PathBuf,
    /// Beginning of the journeys' names.
    pub name: String,
    /// Hosts of the front door; by default that of the first request.
    pub hosts: Vec<String>,
}

/// Makes a journey for each folder at the top of a collection, and one for the requests outside of folders.
pub fn postman(text: &str, options: &PostmanOptions) -> Result<ImportResult, ImportError> {
    let wrong = |problem: String| ImportError::Format {
        path: options.path.clone(),
        expected: "a Postman collection 2.0 or 2.1",
        problem,
    };
    let text = text.trim_start_matches('\u{feff}');
    let collection: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    // Postman's own service wraps it.
    let collection = if collection["collection"].is_object() {
        &collection["collection"]
    } else {
        &collection
    };
    let Some(items) = collection["item"].as_array() else {
        return Err(wrong("it has no list `item`".to_owned()));
    };
    let mut variables = BTreeMap::new();
    for variable in collection["variable"].as_array().into_iter().flatten() {
        let name = variable["key"].as_str().or_else(|| variable["id"].as_str());
        if let Some(name) = name.filter(|_| variable["disabled"] != true) {
            variables.insert(name.to_owned(), text_of(&variable["value"]));
        }
    }
    let mut reader = Reader {
        options,
        variables,
        used: BTreeSet::new(),
        hosts: options.hosts.clone(),
        account: Account::default(),
        folders: Vec::new(),
        files: Vec::new(),
    };
    reader.events(collection, "the collection");
    reader.items(items, None, &collection["auth"], 0);
    reader.finish()
}

/// A collection that is being read.
pub(super) struct Reader<'a> {
    pub(super) options: &'a PostmanOptions,
    pub(super) variables: BTreeMap<String, String>,
    /// Names of variables that requests refer to.
    pub(super) used: BTreeSet<String>,
    pub(super) hosts: Vec<String>,
    pub(super) account: Account,
    /// Folders at the top with their requests.
    pub(super) folders: Vec<(String, Vec<Request>)>,
    pub(super) files: Vec<Attachment>,
}

impl Reader<'_> {
    fn items(&mut self, items: &[Value], folder: Option<&str>, auth: &Value, depth: usize) {
        for item in items {
            let name = item["name"].as_str().unwrap_or_default();
            let own = if item["auth"].is_object() { &item["auth"] } else { auth };
            if let Some(inner) = item["item"].as_array() {
                self.events(item, name);
                if depth < DEEPEST {
                    self.items(inner, Some(folder.unwrap_or(name)), own, depth + 1);
                } else {
                    self.account
                        .note(format!("folder {name} lies too deep and is left out"));
                }
                continue;
            }
            self.account.read += 1;
            self.events(item, name);
            let place = if name.is_empty() {
                format!("item {}", self.account.read)
            } else {
                name.to_owned()
            };
            match self.request(item, own, &place) {
                Ok(request) => {
                    let folder = folder.unwrap_or_default();
                    match self.folders.iter_mut().find(|(known, _)| known == folder) {
                        Some((_, requests)) => requests.push(request),
                        None => self.folders.push((folder.to_owned(), vec![request])),
                    }
                }
                Err(reason) => self.account.leave_out(&reason, &place),
            }
        }
    }

    /// Scripts are listed and not imported: a journey runs no programs.
    fn events(&mut self, item: &Value, name: &str) {
        for event in item["event"].as_array().into_iter().flatten() {
            let script = &event["script"]["exec"];
            let lines = match script {
                Value::Array(lines) => lines
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|line| !line.trim().is_empty()),
                script => script.as_str().is_some_and(|script| !script.trim().is_empty()),
            };
            if lines {
                let listen = event["listen"].as_str().unwrap_or("some");
                self.account.note(format!(
                    "{name}: its {listen} script is not run: write its checks and extractions into the step"
                ));
            }
        }
    }

    fn finish(mut self) -> Result<ImportResult, ImportError> {
        if self.folders.is_empty() {
            return Err(ImportError::Nothing {
                path: self.options.path.clone(),
                reasons: self.account.lines("requests"),
            });
        }
        let (mut names, mut vault) = (Names::default(), Vault::default());
        // Names of the collection's variables are taken.
        for name in &self.used {
            names.unique(&value_name(name), '_');
        }
        let mut journeys = Vec::new();
        let mut mix = Vec::new();
        let mut taken = Names::default();
        for (folder, requests) in &mut self.folders {
            let slug = slug(folder, '-');
            let name = if slug.is_empty() {
                self.options.name.clone()
            } else {
                format!("{}-{slug}", self.options.name)
            };
            let name = taken.unique(&name, '-');
            let mut draft = Draft::new(
                &name,
                &format!("Imported from a Postman collection: {}", literal(folder)),
            );
            draft
                .notes
                .push("Written by `diapason import postman`. Scripts are not run: no value is extracted.".to_owned());
            let mut steps = Steps::default();
            for request in requests {
                hide(request, &mut vault, &mut names);
                let step = steps.step(request);
                let what = format!(
                    "{}: {} becomes step {} of {name}",
                    request.place, request.method, step.name
                );
                self.account.became.push(what);
                self.account.replayed += 1;
                draft.steps.push(step);
            }
            complete(&mut draft, steps.braces);
            mix.push((name, 1.0));
            journeys.push(draft);
        }
        self.declare(&mut journeys);
        let secrets = vault.declare(&mut journeys, &self.options.name);
        self.files.extend(secrets);
        Ok(ImportResult {
            journeys,
            mix,
            load: None,
            files: self.files,
            account: self.account,
        })
    }

    /// Declares the variables that requests refer to. A secret goes into a file of its own.
    fn declare(&mut self, journeys: &mut [Draft]) {
        for name in &self.used {
            let own = self.variables.get(name).filter(|value| !value.is_empty());
            let variable = value_name(name);
            let value = own.map_or(UNKNOWN, String::as_str);
            if own.is_none() {
                self.account.note(format!(
                    "variable {name} has no value in the collection: {variable} is {UNKNOWN}"
                ));
            }
            let path = format!("data/{}-{variable}.secret", self.options.name);
            let mut is_used = false;
            for journey in journeys.iter_mut().filter(|journey| journey.mentions(&variable)) {
                is_used = true;
                if is_secret(name) {
                    let mut table = toml::Table::new();
                    table.insert("file".to_owned(), format!("../{path}").into());
                    journey.set_in("variables", &variable, table);
                } else {
                    journey.set_in("variables", &variable, value);
                }
            }
            if is_used && is_secret(name) && !self.files.iter().any(|file| file.path == path) {
                self.files.push(Attachment {
                    path,
                    content: value.as_bytes().to_vec(),
                    secret: true,
                });
            }
        }
    }
}

pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        // A segment of a path may be an object.
        Value::Object(members) => members
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        other => other.to_string(),
    }
}
