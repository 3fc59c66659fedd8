//! The Compose files as they are written, before Compose puts values into them: texts with variables, and environment files.
//!
//! Compose ends at the first variable or file that is missing. Only a reading of our own tells all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_norway::{Mapping, Value};

use super::interpolation::Template;
use super::mounts::real;
use super::variables::{assigned, base, project_folder};
use crate::stack::StackFile;
use crate::stack::file::ComposeSettings;
use crate::stack::lack::Place;
use crate::stack::reach::ComposePart;

/// Bytes of a file that are read: Compose files are shorter.
const LONGEST: u64 = 4 << 20;
/// Files that are read of one stack, and levels of `include`, `extends` and values in each other.
const MOST_FILES: usize = 200;
const DEEPEST: usize = 64;

/// The part of that name.
type Part = fn(String) -> ComposePart;

/// Sections whose entries stand by themselves.
const SECTIONS: [(&str, Part); 5] = [
    ("services", ComposePart::Service),
    ("networks", ComposePart::Network),
    ("volumes", ComposePart::Volume),
    ("secrets", ComposePart::Secret),
    ("configs", ComposePart::Config),
];

/// Everything that is read of the files.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Written {
    pub(super) texts: Vec<WrittenText>,
    pub(super) env_files: Vec<WrittenEnvFile>,
    /// Variables whose values are the contents of secrets and configs, with their places.
    pub(super) contents: Vec<(Place, String)>,
}

/// Key of a secret or config whose content is the value of a variable.
pub(super) const CONTENT: &str = "environment";

/// A text with variables.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenText {
    pub(super) place: Place,
    pub(super) template: Template,
    /// Names that an environment file of its own assigns, as an included file may have one.
    pub(super) assigned: Arc<BTreeSet<String>>,
}

/// An entry of `env_file` of a service.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenEnvFile {
    pub(super) service: String,
    pub(super) path: Template,
    /// The folder that the path is relative to.
    pub(super) folder: PathBuf,
    /// True if its service is declared by an included file, which no file of the stack can change.
    pub(super) included: bool,
}

impl Written {
    /// Reads the stack's files, and those that they include or extend. What cannot be read is left to Compose to report.
    pub(super) fn read(file: &StackFile, compose: &ComposeSettings) -> Self {
        let mut reader = Reader::default();
        let origin = Origin {
            // Without the way that the stack file takes to it.
            project: real(&base(file).join(project_folder(compose))),
            assigned: Arc::default(),
            included: false,
        };
        for path in &compose.files {
            reader.file(&base(file).join(path), &origin, 0);
        }
        reader.written
    }

    /// Names of all variables.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let texts = self.texts.iter().map(|text| &text.template);
        let paths = self.env_files.iter().map(|file| &file.path);
        let names = texts.chain(paths).flat_map(Template::names).map(str::to_owned);
        names
            .chain(self.contents.iter().map(|(_, name)| name.clone()))
            .collect()
    }
}

/// Circumstances that a file passes on to those that it includes.
#[derive(Debug, Clone)]
struct Origin {
    /// The folder that paths are relative to.
    project: PathBuf,
    assigned: Arc<BTreeSet<String>>,
    included: bool,
}

#[derive(Debug, Default)]
struct Reader {
    written: Written,
    read: usize,
}

impl Reader {
    fn file(&mut self, path: &Path, origin: &Origin, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        for document in self.documents(path) {
            let sequence = list(&document, "include");
            for include in sequence {
                self.include(include, path, origin, depth);
            }
            for (section, part) in SECTIONS {
                for (name, fields) in entries(&document, section) {
                    let part = part(name);
                    if let ComposePart::Service(name) = &part {
                        self.service(name, fields, (path, &document), origin, depth);
                    } else {
                        self.texts(Some(&part), "", fields, origin, 0);
                        self.content(&part, fields, origin);
                    }
                }
            }
            if let Some(name) = document.get("name") {
                self.texts(None, "name", name, origin, 0);
            }
        }
    }

    /// The variable whose value is the content of that secret or config.
    fn content(&mut self, part: &ComposePart, fields: &Value, origin: &Origin) {
        let variable = fields.get(CONTENT).and_then(Value::as_str);
        if let Some(name) = variable.filter(|name| !name.contains('$') && !origin.assigned.contains(*name)) {
            let place = Place {
                part: Some(part.clone()),
                key: CONTENT.to_owned(),
            };
            self.written.contents.push((place, name.to_owned()));
        }
    }

    /// The documents of that file, with anchors resolved; none if it cannot be understood.
    fn documents(&mut self, path: &Path) -> Vec<Value> {
        let is_short = fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() <= LONGEST);
        if !is_short || self.read >= MOST_FILES {
            return Vec::new();
        }
        self.read += 1;
        let Ok(text) = fs::read_to_string(path) else {
            return Vec::new();
        };
        let documents = serde_norway::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
        let documents = documents.map_while(|document| {
            let mut document = Value::deserialize(document).ok()?;
            // `<<: *common` becomes the keys that it stands for.
            document.apply_merge().ok()?;
            Some(document)
        });
        documents.collect()
    }

    /// A file that another includes: a path, or a mapping with paths and a folder and environment files of its own.
    fn include(&mut self, include: &Value, from: &Path, origin: &Origin, depth: usize) {
        let paths = match include {
            Value::String(path) => vec![path.as_str()],
            include => texts(include, "path"),
        };
        // Paths with variables are rare here, and Compose reads them.
        let paths: Vec<PathBuf> = paths.into_iter().map(|path| origin.project.join(path)).collect();
        let Some(first) = paths.first().filter(|first| *first != from) else {
            return;
        };
        let own = include.get("project_directory").and_then(Value::as_str);
        let project = match own {
            Some(folder) => origin.project.join(folder),
            None => first.parent().map(Path::to_owned).unwrap_or_default(),
        };
        let named: Vec<PathBuf> = texts(include, "env_file")
            .into_iter()
            .map(|path| origin.project.join(path))
            .collect();
        let files = if named.is_empty() {
            vec![project.join(".env")]
        } else {
            named
        };
        let mut known = origin.assigned.as_ref().clone();
        for file in files {
            let text = fs::read(file).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            known.extend(text.lines().filter_map(assigned).map(str::to_owned));
        }
        let origin = Origin {
            project,
            assigned: Arc::new(known),
            included: true,
        };
        for path in paths {
            self.file(&path, &origin, depth + 1);
        }
    }

    /// A service, with what it takes over from another one by `extends`.
    fn service(&mut self, name: &str, fields: &Value, at: (&Path, &Value), origin: &Origin, depth: usize) {
        let part = ComposePart::Service(name.to_owned());
        self.texts(Some(&part), "", fields, origin, 0);
        let env_files = match fields.get("env_file") {
            Some(Value::String(path)) => vec![path.as_str()],
            _ => list(fields, "env_file").filter_map(required_path).collect(),
        };
        for path in env_files {
            self.written.env_files.push(WrittenEnvFile {
                service: name.to_owned(),
                path: Template::parse(path),
                folder: origin.project.clone(),
                included: origin.included,
            });
        }
        if depth < DEEPEST {
            self.extended(name, fields, at, origin, depth);
        }
    }

    fn extended(
        &mut self,
        name: &str,
        fields: &Value,
        (path, document): (&Path, &Value),
        origin: &Origin,
        depth: usize,
    ) {
        let Some(extends) = fields.get("extends") else {
            return;
        };
        let base = extends.as_str().or_else(|| extends.get("service")?.as_str());
        let Some(base) = base else { return };
        match extends.get("file").and_then(Value::as_str) {
            Some(file) => {
                let file = origin.project.join(file);
                let origin = Origin {
                    project: file.parent().map(Path::to_owned).unwrap_or_default(),
                    ..origin.clone()
                };
                for document in self.documents(&file) {
                    if let Some(fields) = document.get("services").and_then(|services| services.get(base)) {
                        self.service(name, fields, (&file, &document), &origin, depth + 1);
                    }
                }
            }
            None => {
                if let Some(fields) = document.get("services").and_then(|services| services.get(base)) {
                    self.service(name, fields, (path, document), origin, depth + 1);
                }
            }
        }
    }

    /// The texts with variables below that key.
    fn texts(&mut self, part: Option<&ComposePart>, key: &str, value: &Value, origin: &Origin, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::String(text) if text.contains('$') => {
                let template = Template::parse(text);
                if template.names().is_empty() {
                    return;
                }
                let place = Place {
                    part: part.cloned(),
                    key: key.to_owned(),
                };
                let text = WrittenText {
                    place,
                    template,
                    assigned: Arc::clone(&origin.assigned),
                };
                if !self.written.texts.contains(&text) {
                    self.written.texts.push(text);
                }
            }
            Value::Sequence(items) => {
                for item in items {
                    // `environment: ["NAME=${VALUE}"]` is an assignment.
                    let name = item
                        .as_str()
                        .and_then(|item| item.split_once('='))
                        .map(|(name, _)| name);
                    let named = name.filter(|name| ASSIGNING.contains(&key) && !name.contains('$'));
                    let key = named.map_or_else(|| key.to_owned(), |name| format!("{key}.{name}"));
                    self.texts(part, &key, item, origin, depth + 1);
                }
            }
            Value::Mapping(fields) => {
                for (name, inside) in named(fields) {
                    let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                    self.texts(part, &key, inside, origin, depth + 1);
                }
            }
            // A value that is taken out again.
            Value::Tagged(tagged) if tagged.tag == "reset" => {}
            Value::Tagged(tagged) => self.texts(part, key, &tagged.value, origin, depth + 1),
            _ => {}
        }
    }
}

/// Keys whose lists hold assignments.
const ASSIGNING: [&str; 5] = ["environment", "labels", "build.args", "build.labels", "extra_hosts"];

/// Path of an entry of `env_file` that must be there.
fn required_path(entry: &Value) -> Option<&str> {
    match entry {
        Value::String(path) => Some(path),
        entry if entry.get("required").and_then(Value::as_bool) == Some(false) => None,
        entry => entry.get("path")?.as_str(),
    }
}

/// A text, or the texts of a list, at that key.
fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    match value.get(key) {
        Some(Value::String(text)) => vec![text.as_str()],
        _ => list(value, key).filter_map(Value::as_str).collect(),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_sequence).into_iter().flatten()
}

fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
    value.get(key).and_then(Value::as_mapping).into_iter().flat_map(named)
}

/// The entries of a mapping whose keys are texts, numbers or truth values.
fn named(fields: &Mapping) -> impl Iterator<Item = (String, &Value)> {
    fields.iter().filter_map(|(name, value)| {
        let name = match name {
            Value::String(name) => name.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(word) => word.to_string(),
            _ => return None,
        };
        Some((name, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let compose = ComposeSettings {
            files: vec![files[0].0.into()],
            ..ComposeSettings::default()
        };
        let mut file = StackFile::attached("");
        file.folder = folder.path().to_owned();
        let written = Written::read(&file, &compose);
        let texts = written.texts.iter().map(|text| {
            let own: Vec<&str> = text.assigned.iter().map(String::as_str).collect();
            format!("{} {} {}", text.place, text.template.names().join(","), own.join(","))
        });
        let env_files = written.env_files.iter().map(|file| {
            let path = file.folder.join(file.path.expand(&|_| None));
            let path = path.strip_prefix(folder.path()).unwrap().display().to_string();
            format!("{} {path} {}", file.service, file.included)
        });
        (
            texts.map(|text| text.trim_end().to_owned()).collect(),
            env_files.collect(),
        )
    }

    #[test]
    fn texts_with_variables_are_found_with_their_places() {
        let (texts, _) = read(&[(
            "compose.yml",
            "name: ${NAME}\nx-common: &common { environment: { SHARED: '${SHARED}', OWN: '${NO}' } }\nservices:\n\
             \x20 web:\n    <<: *common\n    image: app:${TAG:?}\n    ports: ['${PORT}:80']\n    command: [sh, 'a=${A}']\n\
             \x20   labels: ['x=${LABEL}', 5]\n    dns: !reset ['${GONE}']\n    volumes: !override [{ source: '${DATA}', target: /d }]\n\
             \x20   healthcheck: { test: 'echo $$HOME' }\nnetworks: { back: { name: '${NET:-back}' } }\n---\nservices: { b: { image: '$B' } }\n",
        )]);
        let expected = [
            "service `web`, `image` TAG",
            "service `web`, `ports` PORT",
            "service `web`, `command` A",
            "service `web`, `labels.x` LABEL",
            "service `web`, `volumes.source` DATA",
            "service `web`, `environment.SHARED` SHARED",
            "service `web`, `environment.OWN` NO",
            "network `back`, `name` NET",
            "`name` NAME",
            "service `b`, `image` B",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn environment_files_are_relative_to_the_file_that_names_them() {
        let (texts, env_files) = read(&[
            (
                "deploy/compose.yml",
                "include: [sub/inc.yml, { path: [other/a.yml], env_file: ../own.env, project_directory: . }]\nservices:\n\
                 \x20 web: { env_file: one.env, extends: { file: base/base.yml, service: base } }\n\
                 \x20 api: { env_file: [two.env, { path: three.env, required: false }, { path: four.env }], extends: web }\n",
            ),
            (
                "deploy/base/base.yml",
                "services: { base: { env_file: [base.env], image: '$BASE' }, unused: { image: '$NO' } }",
            ),
            (
                "deploy/sub/inc.yml",
                "include: [inc.yml]\nservices: { inc: { env_file: inc.env, image: '$INC' } }",
            ),
            ("deploy/sub/.env", "INC=1\n"),
            (
                "deploy/other/a.yml",
                "services: { other: { env_file: a.env, image: '$OTHER' } }",
            ),
            ("own.env", "OTHER=1\n"),
        ]);
        let expected = [
            "inc deploy/sub/inc.env true",
            "other deploy/./a.env true",
            "web deploy/one.env false",
            "web deploy/base/base.env false",
            "api deploy/two.env false",
            "api deploy/four.env false",
            "api deploy/one.env false",
            "api deploy/base/base.env false",
        ];
        assert_eq!(env_files, expected);
        let expected = [
            "service `inc`, `image` INC INC",
            "service `other`, `image` OTHER OTHER",
            "service `web`, `image` BASE",
            "service `api`, `image` BASE",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn files_that_are_none_are_left_to_compose() {
        for text in [
            "a: b: c",
            "[1, 2]",
            "services: 5",
            "services: { web: '$X' }",
            "include: ['${X}']",
            "",
        ] {
            let (texts, env_files) = read(&[("compose.yml", text)]);
            assert!(texts.len() < 2 && env_files.is_empty(), "{text}");
        }
        let circle = "services: { a: { extends: b, env_file: x }, b: { extends: a } }";
        assert!(read(&[("compose.yml", circle)]).1.len() < 100);
    }
}
