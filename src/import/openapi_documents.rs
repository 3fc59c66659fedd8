//! The documents of an API description: references into other files or addresses are followed.

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;
use url::Url;

/// Key of the description that holds the other documents.
const OTHERS: &str = "x-documents";
/// Most documents.
const MOST: usize = 200;
/// Deepest values in which references are looked for.
const DEEPEST: usize = 200;

/// The documents of a description, by the locations that references have. The first one is the description itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Documents {
    known: Vec<(String, Value)>,
    wanted: VecDeque<String>,
    /// Locations that were wanted and not found, each with the reason.
    missing: Vec<(String, String)>,
}

impl Documents {
    /// Begins with the description, in JSON or YAML. Its location is a path or a URL.
    pub fn new(location: &str, text: &str) -> Result<Self, String> {
        let mut documents = Self {
            known: Vec::new(),
            wanted: VecDeque::new(),
            missing: Vec::new(),
        };
        documents.take(location, text)?;
        Ok(documents)
    }

    /// The next location that a reference leads to and that is not there yet.
    pub fn next_wanted(&mut self) -> Option<String> {
        self.wanted.pop_front()
    }

    /// Adds the document of that location, or the reason for which there is none.
    pub fn add(&mut self, location: &str, found: Result<String, String>) {
        let taken = if self.known.len() < MOST {
            found.and_then(|text| self.take(location, &text))
        } else {
            Err(format!("there are more than {MOST} documents"))
        };
        if let Err(reason) = taken {
            self.missing.push((location.to_owned(), reason));
        }
    }

    /// Reads the files that references lead to.
    pub fn read_files(&mut self) {
        while let Some(location) = self.next_wanted() {
            let found = std::fs::read(&location).map_err(|error| error.to_string());
            self.add(
                &location,
                found.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            );
        }
    }

    fn take(&mut self, location: &str, text: &str) -> Result<(), String> {
        let text = text.trim_start_matches('\u{feff}');
        let document: Value = match serde_json::from_str(text) {
            Ok(document) => document,
            Err(_) => serde_norway::from_str(text).map_err(|error| error.to_string())?,
        };
        let mut found = Vec::new();
        references(&document, location, &mut found, 0);
        self.known.push((location.to_owned(), document));
        for wanted in found {
            let is_known = self.known.iter().any(|(known, _)| *known == wanted)
                || self.missing.iter().any(|(known, _)| *known == wanted);
            if !is_known && !self.wanted.contains(&wanted) {
                self.wanted.push_back(wanted);
            }
        }
        Ok(())
    }

    /// One description with all documents in it, and the locations that were not found, each with the reason.
    pub(super) fn whole(self) -> (Value, Vec<(String, String)>) {
        let locations: Vec<String> = self.known.iter().map(|(location, _)| location.clone()).collect();
        let mut documents = self.known.into_iter().map(|(location, mut document)| {
            lead_inside(&mut document, &location, &locations, 0);
            document
        });
        let mut whole = documents.next().unwrap_or_default();
        let others: Vec<Value> = documents.collect();
        if let (Value::Object(members), false) = (&mut whole, others.is_empty()) {
            members.insert(OTHERS.to_owned(), Value::Array(others));
        }
        (whole, self.missing)
    }
}

/// The location of a reference in the document at `base`, and the part after `#`.
fn located(base: &str, reference: &str) -> (String, String) {
    let (document, part) = reference.split_once('#').unwrap_or((reference, ""));
    if document.is_empty() {
        return (base.to_owned(), part.to_owned());
    }
    let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    let location = if is_url(base) || is_url(document) {
        let joined = Url::parse(base)
            .and_then(|base| base.join(document))
            .or_else(|_| Url::parse(document));
        joined.map_or_else(|_| document.to_owned(), String::from)
    } else {
        let folder = Path::new(base).parent().unwrap_or(Path::new("."));
        plain(&folder.join(document)).to_string_lossy().into_owned()
    };
    (location, part.to_owned())
}

/// The path without `.` and `..`, so that every way to a document is one location.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// Locations that the references of a document lead to.
fn references(value: &Value, base: &str, found: &mut Vec<String>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| references(element, base, found, depth + 1)),
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found.push(located(base, reference).0);
            }
            members
                .values()
                .for_each(|member| references(member, base, found, depth + 1));
        }
        _ => {}
    }
}

/// Lets the references of a document lead into the whole.
fn lead_inside(value: &mut Value, base: &str, locations: &[String], depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| lead_inside(element, base, locations, depth + 1)),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                let (location, part) = located(base, reference);
                match locations.iter().position(|known| *known == location) {
                    Some(0) => *reference = format!("#{part}"),
                    Some(number) => *reference = format!("#/{OTHERS}/{}{part}", number - 1),
                    None => {}
                }
            }
            members
                .values_mut()
                .for_each(|member| lead_inside(member, base, locations, depth + 1));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_from_document_to_document() {
        let mut documents = Documents::new(
            "api/main.yml",
            "a: { $ref: 'parts/b.yml#/B' }\nc: { $ref: '#/a' }\nd: { $ref: none.json }",
        )
        .unwrap();
        let mut asked = Vec::new();
        while let Some(location) = documents.next_wanted() {
            let text = match location.as_str() {
                "api/parts/b.yml" => Ok("B: { $ref: '../main.yml#/c' }\nE: { $ref: '#/B' }".to_owned()),
                _ => Err("it is not there".to_owned()),
            };
            documents.add(&location, text);
            asked.push(location);
        }
        assert_eq!(asked, ["api/parts/b.yml", "api/none.json"]);
        let (whole, missing) = documents.whole();
        assert_eq!(whole["a"]["$ref"], "#/x-documents/0/B");
        assert_eq!(whole["c"]["$ref"], "#/a");
        assert_eq!(whole["d"]["$ref"], "none.json");
        assert_eq!(whole["x-documents"][0]["B"]["$ref"], "#/c");
        assert_eq!(whole["x-documents"][0]["E"]["$ref"], "#/x-documents/0/B");
        assert_eq!(missing, [("api/none.json".to_owned(), "it is not there".to_owned())]);
    }

    #[test]
    fn locations_are_joined_as_paths_and_as_urls() {
        for (base, reference, location) in [
            ("http://a.example/v1/api.json", "../b.yml#/x", "http://a.example/b.yml"),
            ("http://a.example/api", "https://c.example/d", "https://c.example/d"),
            ("api.yml", "./b.yml", "b.yml"),
            ("dir/api.yml", "b.yml#/a", "dir/b.yml"),
        ] {
            assert_eq!(located(base, reference).0, location);
        }
    }
}
