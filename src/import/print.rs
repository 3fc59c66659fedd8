//! A draft as the text of a journey file.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::draft::{Draft, DraftStep, GroupKind};

/// Keys of a journey in the order in which people write them; others follow.
const JOURNEY: [&str; 9] = [
    "description",
    "tags",
    "feeder",
    "variables",
    "session",
    "on-status",
    "headers",
    "cookies",
    "pacing",
];
/// Keys of a step likewise.
const STEP: [&str; 18] = [
    "method",
    "path",
    "headers",
    "cookies",
    "json",
    "body",
    "form",
    "multipart",
    "file",
    "graphql",
    "timeout",
    "redirects",
    "think",
    "tags",
    "status",
    "check",
    "extract",
    "on-failure",
];
/// Longest line of a table; longer ones have a line for each key.
const LONGEST: usize = 110;

/// The text of a journey file.
pub(super) fn text(draft: &Draft) -> String {
    let mut text = String::new();
    comments(&mut text, &draft.notes);
    if !draft.notes.is_empty() {
        text.push('\n');
    }
    let name = Value::String(draft.name.clone());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "name = {name}");
    let (mut tables, mut lines) = (String::new(), String::new());
    for (key, value) in ordered(&draft.keys, &JOURNEY) {
        write_key(key, value, &mut lines, &mut tables);
    }
    text.push_str(&lines);
    text.push_str(&tables);
    for step in &draft.steps {
        write_step(step, "step", &mut text);
    }
    text
}

impl Draft {
    /// True if a template of it refers to that name.
    pub(super) fn mentions(&self, name: &str) -> bool {
        let text = text(self);
        let references = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
        references
            .flat_map(|inside| inside.split([' ', '|']))
            .any(|word| word == name)
    }
}

fn write_step(step: &DraftStep, path: &str, text: &mut String) {
    text.push('\n');
    comments(text, &step.notes);
    let _ = writeln!(text, "[[{path}]]");
    let _ = writeln!(text, "name = {}", Value::String(step.name.clone()));
    for (key, value) in ordered(&step.keys, &STEP) {
        let _ = writeln!(text, "{key} = {value}");
    }
    for (index, branch) in step.branches.iter().enumerate() {
        let path = match step.kind {
            GroupKind::Sequence => format!("{path}.step"),
            GroupKind::Parallel => {
                let _ = writeln!(text, "\n[[{path}.parallel]]");
                format!("{path}.parallel.step")
            }
            GroupKind::Choice => {
                let weight = Value::Float(step.weights.get(index).copied().unwrap_or(1.0));
                let _ = writeln!(text, "\n[[{path}.choice]]\nweight = {weight}");
                format!("{path}.choice.step")
            }
        };
        for step in branch {
            write_step(step, &path, text);
        }
    }
}

/// One key: in its line, or as a table of its own if the line would be long.
fn write_key(key: &str, value: &Value, lines: &mut String, tables: &mut String) {
    let line = format!("{key} = {value}\n");
    match value {
        Value::Table(members) if line.len() > LONGEST => {
            let _ = writeln!(tables, "\n[{key}]");
            for (name, value) in members {
                let _ = writeln!(tables, "{} = {value}", quoted_key(name));
            }
        }
        _ => lines.push_str(&line),
    }
}

/// A key of a table, quoted if necessary.
pub(super) fn quoted_key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        Value::String(name.to_owned()).to_string()
    }
}

fn ordered<'a>(keys: &'a Table, order: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let known = order.iter().filter_map(|key| Some((*key, keys.get(*key)?)));
    let others = keys.iter().filter(|(key, _)| !order.contains(&key.as_str()));
    known.chain(others.map(|(key, value)| (key.as_str(), value)))
}

fn comments(text: &mut String, notes: &[String]) {
    for note in notes {
        // A comment ends with its line, and TOML allows no control characters in it.
        let line: String = note
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
        let _ = writeln!(text, "# {}", line.trim());
    }
}
