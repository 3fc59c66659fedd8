//! A JSON Schema as a page of Markdown.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;

use serde_json::Value;

/// Markdown of that schema: a section for each table, then the forms in which values are written.
pub(super) fn markdown(title: &str, schema: &Value) -> String {
    let mut page = Page {
        schema,
        text: format!("# {title}\n\n{}\n", text_of(schema)),
        sections: VecDeque::new(),
        tables: BTreeSet::new(),
        forms: BTreeSet::new(),
    };
    page.keys("", schema);
    while let Some(section) = page.sections.pop_front() {
        page.section(&section);
    }
    page.forms();
    page.text
}

/// A table of the file whose section is still to be written.
struct Section<'a> {
    /// Heading as TOML writes it: `[probes.browser]`, `[[phase]]`.
    heading: String,
    /// Path of its keys: `probes.browser`, `phase`.
    path: String,
    /// Name of its type.
    name: &'a str,
    kind: &'a Value,
}

struct Page<'a> {
    schema: &'a Value,
    text: String,
    sections: VecDeque<Section<'a>>,
    /// Types of tables that the page mentions; each has one section.
    tables: BTreeSet<&'a str>,
    /// Types of values that the page mentions.
    forms: BTreeSet<&'a str>,
}

impl<'a> Page<'a> {
    fn section(&mut self, section: &Section<'a>) {
        let Section {
            heading,
            path,
            name,
            kind,
        } = section;
        let about = text_of(kind);
        self.line(&format!("\n## `{heading}`\n\n<a id=\"{name}\"></a>{about}"));
        if tagged(kind).is_empty() {
            self.keys(path, kind);
        }
        for (key, value, variant) in tagged(kind) {
            self.line(&format!("\n### `{key} = \"{value}\"`\n\n{}", text_of(variant)));
            self.keys(path, variant);
        }
    }

    /// The keys of a table, one line each.
    fn keys(&mut self, path: &str, table: &'a Value) {
        let Some(keys) = table["properties"].as_object() else {
            return;
        };
        // The tag of a variant stands in its heading.
        let mut keys = keys.iter().filter(|(_, value)| value["const"].is_null()).peekable();
        if keys.peek().is_some() {
            self.line("\n| key | type | default | meaning |\n|---|---|---|---|");
        }
        for (key, value) in keys {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            let kind = self.kind(&path, value);
            let default = if texts(&table["required"]).any(|required| required == key) {
                "required".to_owned()
            } else {
                default_of(value)
            };
            self.line(&format!("| `{key}` | {kind} | {default} | {} |", text_of(value)));
        }
    }

    /// Type of a value in words, with a link to the section of a table or the form of a value.
    fn kind(&mut self, path: &str, value: &'a Value) -> String {
        if let Some((name, kind)) = self.definition(value) {
            return self.named(name, kind, format!("[{path}]"), path);
        }
        if let Some(options) = value["anyOf"].as_array() {
            // `schemars` writes an `Option` as a choice with null, which TOML does not have.
            let option = options.iter().find(|option| option["type"] != "null");
            return option.map_or_else(String::new, |option| self.kind(path, option));
        }
        let kind = texts(&value["type"]).find(|kind| *kind != "null");
        match kind {
            Some("array") => match self.definition(&value["items"]) {
                Some((name, kind)) => {
                    let item = self.named(name, kind, format!("[[{path}]]"), path);
                    format!("list of {item}")
                }
                None => format!("list of {}", self.kind(path, &value["items"])),
            },
            Some("object") => {
                let item = self.kind(&format!("{path}.NAME"), &value["additionalProperties"]);
                format!("{item} by name")
            }
            Some("string") if !value["enum"].is_null() => choices(&value["enum"]),
            Some("string") => "text".to_owned(),
            Some("integer") => "whole number".to_owned(),
            Some("number") => "number".to_owned(),
            Some("boolean") => "`true`, `false`".to_owned(),
            _ => "any".to_owned(),
        }
    }

    fn named(&mut self, name: &'a str, kind: &'a Value, heading: String, path: &str) -> String {
        if !texts(&kind["type"]).any(|kind| kind == "object") && tagged(kind).is_empty() {
            self.forms.insert(name);
            return format!("[{}](#{name})", words(name));
        }
        // Types are shared between keys: each has one section, at its first place.
        if self.tables.insert(name) {
            self.sections.push_back(Section {
                heading,
                path: path.to_owned(),
                name,
                kind,
            });
        }
        let or_text = if texts(&kind["type"]).any(|kind| kind == "string") {
            "text or "
        } else {
            ""
        };
        format!("{or_text}[table](#{name})")
    }

    /// Name and definition of the type that a schema refers to.
    fn definition(&self, value: &'a Value) -> Option<(&'a str, &'a Value)> {
        let name = value["$ref"].as_str()?.strip_prefix("#/$defs/")?;
        Some((name, self.schema["$defs"].get(name)?))
    }

    /// The forms in which the values of the page are written.
    fn forms(&mut self) {
        if self.forms.is_empty() {
            return;
        }
        self.line("\n## Values");
        for name in std::mem::take(&mut self.forms) {
            let kind = &self.schema["$defs"][name];
            self.line(&format!(
                "\n<a id=\"{name}\"></a>**{}**: {}",
                capitalised(&words(name)),
                text_of(kind)
            ));
            let variants = kind["oneOf"].as_array().into_iter().flatten();
            let described: Vec<String> = variants
                .filter_map(|choice| Some(format!("- `{}`: {}", choice["const"].as_str()?, text_of(choice))))
                .collect();
            if !described.is_empty() {
                self.line(&format!("\n{}", described.join("\n")));
            }
            let plain = choices(&kind["enum"]);
            if !plain.is_empty() {
                self.line(&format!("\n{plain}"));
            }
        }
    }

    fn line(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// Description of a type or key in one line; a bar would end the cell of a table.
fn text_of(value: &Value) -> String {
    let text = value["description"].as_str().unwrap_or_default();
    // Both would end a cell of a Markdown table.
    text.replace('\n', " ").replace('|', "\\|")
}

/// Texts of a list, or the text itself.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten();
    list.chain(std::iter::once(value)).filter_map(Value::as_str)
}

/// Values of an enumeration that need no description.
fn choices(values: &Value) -> String {
    let choices: Vec<String> = texts(values).map(|choice| format!("`{choice}`")).collect();
    choices.join(", ")
}

/// Default of a key; an empty list or table says no more than that the key may be left out.
fn default_of(value: &Value) -> String {
    match &value["default"] {
        Value::Null => "–".to_owned(),
        // An empty list or table is what leaving the key out means.
        Value::Array(list) if list.is_empty() => "–".to_owned(),
        Value::Object(table) if table.is_empty() => "–".to_owned(),
        default => format!("`{default}`"),
    }
}

/// Variants of a table that one of its keys chooses between: that key, its value and the variant.
fn tagged(kind: &Value) -> Vec<(&str, &str, &Value)> {
    let variants = kind["oneOf"].as_array().into_iter().flatten();
    let tagged = variants.filter_map(|variant| {
        let mut keys = variant["properties"].as_object()?.iter();
        let (key, value) = keys.find_map(|(key, value)| Some((key, value["const"].as_str()?)))?;
        Some((key.as_str(), value, variant))
    });
    tagged.collect()
}

/// Name of a type in words: `AddressPolicy` is `address policy`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
