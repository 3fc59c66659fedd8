//! An answer of a recording, and the parts of it from which later requests take values.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use regex::Regex;
use serde_json::Value;
use toml::Table;

use super::har_entry::find;

/// Longest text that is searched for a value, in bytes.
const SEARCHED: usize = 512 << 10;
/// Texts that recorders write in place of a secret.
pub(super) const MASKED: &str = "***";
/// Letters before a value that a regular expression holds on to.
const CONTEXT: usize = 24;

/// One answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) headers: Vec<(String, String)>,
    pub(super) json: Option<Value>,
    /// Hashes of the texts of its leaves: most answers do not hold most values.
    leaves: HashSet<u64>,
    /// Text that is no JSON.
    pub(super) text: Option<String>,
}

/// A step of a path in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JsonStep {
    Name(String),
    Index(usize),
}

/// The part of an answer that holds a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AnswerPart {
    Json(Vec<JsonStep>),
    /// Any element of the lists on that path.
    AnyJson(Vec<JsonStep>),
    Cookie(String),
    Header {
        name: String,
        regex: Option<String>,
    },
    Css {
        selector: String,
        attribute: &'static str,
        tag: &'static str,
        name: String,
    },
    Regex(String),
}

impl Answer {
    /// An answer with that body.
    pub(super) fn new(headers: &[(String, String)], body: Option<&str>) -> Self {
        let body = body.unwrap_or_default();
        let json: Option<Value> = serde_json::from_str(body.trim_start_matches('\u{feff}')).ok();
        let json = json.filter(|json| json.is_object() || json.is_array());
        let text = json.is_none().then(|| body.to_owned()).filter(|text| !text.is_empty());
        // Hashes of all leaves: each later request is searched in each earlier answer, and most answers do not hold its
        // value.
        let mut leaves = HashSet::new();
        if let Some(json) = &json {
            add_leaves(json, &mut leaves);
        }
        Self {
            headers: headers.to_vec(),
            json,
            leaves,
            text,
        }
    }

    /// The parts that hold the value, the best first. A short value counts only where the key is that of an id.
    pub(super) fn parts(&self, value: &str) -> Vec<AnswerPart> {
        let mut parts = Vec::new();
        if let Some(json) = self.json.as_ref().filter(|_| self.leaves.contains(&hash(value))) {
            find_json(json, value, &mut Vec::new(), &mut parts);
        }
        for (name, header) in &self.headers {
            if name.eq_ignore_ascii_case("set-cookie") {
                let pair = header.split(';').next().unwrap_or_default();
                if let Some((name, _)) = pair.split_once('=').filter(|(_, held)| held.trim() == value) {
                    parts.push(AnswerPart::Cookie(name.trim().to_owned()));
                }
            } else if header == value && value.len() >= 8 {
                let name = name.to_ascii_lowercase();
                parts.push(AnswerPart::Header { name, regex: None });
            } else if name.eq_ignore_ascii_case("location") {
                parts.extend(location(header, value));
            }
        }
        if let Some(text) = self.text.as_deref().filter(|_| value.len() >= 6) {
            parts.extend(in_text(text, value));
        }
        parts
    }

    /// The value of a part.
    pub(super) fn value(&self, part: &AnswerPart) -> Option<String> {
        match part {
            AnswerPart::Json(path) => text(at(self.json.as_ref()?, path)?),
            AnswerPart::AnyJson(path) => text(*all(self.json.as_ref()?, path).first()?),
            AnswerPart::Cookie(name) => {
                let cookies = self
                    .headers
                    .iter()
                    .filter(|(known, _)| known.eq_ignore_ascii_case("set-cookie"));
                let mut values = cookies.filter_map(|(_, value)| {
                    let (known, value) = value.split(';').next()?.split_once('=')?;
                    (known.trim() == name).then(|| value.trim().to_owned())
                });
                values.next()
            }
            AnswerPart::Header { name, regex } => {
                let value = find(&self.headers, name)?;
                match regex {
                    None => Some(value.to_owned()),
                    Some(regex) => first(regex, value),
                }
            }
            AnswerPart::Css {
                attribute, tag, name, ..
            } => element(self.text.as_deref()?, tag, name, attribute),
            AnswerPart::Regex(regex) => first(regex, self.text.as_deref()?),
        }
    }

    /// True if any element of the lists on that path is the value.
    pub(super) fn holds_any(&self, path: &[JsonStep], value: &str) -> bool {
        let Some(json) = &self.json else { return false };
        all(json, path).iter().any(|leaf| text(leaf).as_deref() == Some(value))
    }
}

impl AnswerPart {
    /// The table of `extract`.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new();
        let mut set = |key: &str, value: &str| {
            table.insert(key.to_owned(), value.into());
        };
        match self {
            Self::Json(path) => {
                set("json", &json_path(path, false));
            }
            Self::AnyJson(path) => {
                set("json", &json_path(path, true));
                set("pick", "random");
            }
            Self::Cookie(name) => set("cookie", name),
            Self::Header { name, regex } => {
                set("header", name);
                if let Some(regex) = regex {
                    set("regex", regex);
                }
            }
            Self::Css {
                selector, attribute, ..
            } => {
                set("css", selector);
                set("attribute", attribute);
            }
            Self::Regex(regex) => set("regex", regex),
        }
        table
    }

    /// A word for the name of the value.
    pub(super) fn hint(&self) -> Option<&str> {
        match self {
            Self::Json(path) | Self::AnyJson(path) => path.iter().rev().find_map(|key| match key {
                JsonStep::Name(name) => Some(name.as_str()),
                JsonStep::Index(_) => None,
            }),
            Self::Cookie(name) | Self::Css { name, .. } => Some(name),
            Self::Header { .. } | Self::Regex(_) => None,
        }
    }

    /// The path, if it is one in JSON that goes through a list.
    pub(super) fn list(&self) -> Option<&[JsonStep]> {
        match self {
            Self::Json(path) if path.iter().any(|key| matches!(key, JsonStep::Index(_))) => Some(path),
            _ => None,
        }
    }
}

/// True for a key whose values name things.
pub(super) fn is_id_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "id" | "uuid" | "guid" | "key" | "slug" | "_id")
        || lower.ends_with("_id")
        || lower.ends_with("-id")
        || name.ends_with("Id")
        || name.ends_with("ID")
        || lower.ends_with("uuid")
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn add_leaves(json: &Value, leaves: &mut HashSet<u64>) {
    match json {
        Value::Array(elements) => elements.iter().for_each(|element| add_leaves(element, leaves)),
        Value::Object(members) => members.values().for_each(|member| add_leaves(member, leaves)),
        leaf => leaves.extend(text(leaf).map(|text| hash(&text))),
    }
}

fn find_json(json: &Value, value: &str, path: &mut Vec<JsonStep>, parts: &mut Vec<AnswerPart>) {
    // The first few suffice, and a long list of equal values is none to choose from.
    if parts.len() >= 8 || path.len() > 24 {
        return;
    }
    match json {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                path.push(JsonStep::Index(index));
                find_json(element, value, path, parts);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (name, element) in members {
                path.push(JsonStep::Name(name.clone()));
                find_json(element, value, path, parts);
                path.pop();
            }
        }
        leaf => {
            let names_id = path.iter().rev().find_map(|key| match key {
                JsonStep::Name(name) => Some(is_id_name(name)),
                JsonStep::Index(_) => None,
            });
            let is_token = || {
                let name = path.iter().rev().find_map(|key| match key {
                    JsonStep::Name(name) => Some(name.to_ascii_lowercase()),
                    JsonStep::Index(_) => None,
                });
                name.is_some_and(|name| name.contains("token") || name == "jwt")
            };
            // Of what a recorder masked, the name is all that is left.
            let is_masked = value == MASKED && is_token();
            let counts = is_masked || names_id.unwrap_or(false) || (leaf.is_string() && value.len() >= 6);
            if counts && text(leaf).as_deref() == Some(value) {
                parts.push(AnswerPart::Json(path.clone()));
            }
        }
    }
}

/// Text of a leaf.
pub(super) fn text(leaf: &Value) -> Option<String> {
    match leaf {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The element at a path.
pub(super) fn at<'a>(json: &'a Value, path: &[JsonStep]) -> Option<&'a Value> {
    path.iter().try_fold(json, |json, key| match key {
        JsonStep::Name(name) => json.get(name),
        JsonStep::Index(index) => json.get(index),
    })
}

/// All elements at a path whose positions may be any.
fn all<'a>(json: &'a Value, path: &[JsonStep]) -> Vec<&'a Value> {
    let mut found = vec![json];
    for key in path {
        found = match key {
            JsonStep::Name(name) => found.into_iter().filter_map(|json| json.get(name)).collect(),
            JsonStep::Index(_) => found.into_iter().filter_map(Value::as_array).flatten().collect(),
        };
    }
    found
}

/// A path as RFC 9535 writes it.
fn json_path(path: &[JsonStep], any: bool) -> String {
    let mut text = "$".to_owned();
    for key in path {
        match key {
            JsonStep::Index(_) if any => text.push_str("[*]"),
            JsonStep::Index(index) => text.extend(["[", &index.to_string(), "]"]),
            JsonStep::Name(name) => {
                let is_plain = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
                    && name
                        .chars()
                        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
                if is_plain {
                    text.extend([".", name]);
                } else {
                    // A name in double quotes is written as in JSON.
                    text.extend(["[", &Value::String(name.clone()).to_string(), "]"]);
                }
            }
        }
    }
    text
}

/// The value as one segment of a location.
fn location(header: &str, value: &str) -> Option<AnswerPart> {
    let at = header.find(value).filter(|_| !value.is_empty())?;
    let (before, after) = (&header[..at], &header[at + value.len()..]);
    // A whole segment or parameter only: a short id inside a longer word is an accident.
    let is_segment = before.ends_with(['/', '=']) && (after.is_empty() || after.starts_with(['/', '?', '&', '#']));
    if !is_segment {
        return None;
    }
    let context = tail(before.rsplit("://").next().unwrap_or(before), CONTEXT);
    let regex = format!("{}([^/?&#]+)", regex::escape(context));
    (first(&regex, header).as_deref() == Some(value)).then(|| AnswerPart::Header {
        name: "location".to_owned(),
        regex: Some(regex),
    })
}

/// The part of a page that holds the value: a field of a form, an element for scripts, or text around it.
fn in_text(text: &str, value: &str) -> Option<AnswerPart> {
    let text = head(text, SEARCHED);
    let at = text.find(value)?;
    let opened = text[..at].rfind('<').filter(|start| !text[*start..at].contains('>'));
    if let Some(start) = opened {
        let end = text[at..].find('>').map_or(text.len(), |end| at + end);
        let tag = &text[start..end];
        for (kind, attribute) in [("input", "value"), ("meta", "content")] {
            let begins = tag[1..]
                .get(..kind.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(kind));
            let name = attribute_of(tag, "name").filter(|name| !name.is_empty() && !name.contains(['"', '\\']));
            if let (true, Some(name)) = (begins, name) {
                let part = AnswerPart::Css {
                    selector: format!("{kind}[name=\"{name}\"]"),
                    attribute,
                    tag: kind,
                    name: name.clone(),
                };
                if element(text, kind, &name, attribute).as_deref() == Some(value) {
                    return Some(part);
                }
            }
        }
    }
    let before = tail(text[..at].lines().next_back().unwrap_or_default(), CONTEXT);
    if before.trim().len() < 3 {
        return None;
    }
    let regex = format!("{}([^\"'<>\\s&\\\\]+)", regex::escape(before));
    (first(&regex, text).as_deref() == Some(value)).then_some(AnswerPart::Regex(regex))
}

/// The attribute of the first element of that kind and name.
fn element(text: &str, kind: &str, name: &str, attribute: &str) -> Option<String> {
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let tag = rest.split('>').next().unwrap_or_default();
        let begins = tag
            .get(..kind.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(kind));
        if begins && attribute_of(tag, "name").as_deref() == Some(name) {
            return attribute_of(tag, attribute);
        }
    }
    None
}

/// The value of an attribute in the text of a tag.
fn attribute_of(tag: &str, name: &str) -> Option<String> {
    let mut from = 0;
    loop {
        let at = from + tag.get(from..)?.find(name)?;
        from = at + name.len();
        let before = tag[..at].chars().next_back();
        let rest = tag[from..].trim_start();
        let Some(rest) = rest
            .strip_prefix('=')
            .filter(|_| before.is_some_and(char::is_whitespace))
        else {
            continue;
        };
        let rest = rest.trim_start();
        let value = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next(),
            _ => rest.split([' ', '\t', '\n', '/', '>']).next(),
        };
        return value.map(|value| html_escape::decode_html_entities(value).into_owned());
    }
}

fn first(regex: &str, text: &str) -> Option<String> {
    let regex = Regex::new(regex).ok()?;
    Some(regex.captures(text)?.get(1)?.as_str().to_owned())
}

/// At most that many bytes from the start, whole characters.
fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// At most that many bytes from the end, whole characters.
fn tail(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(answer: &Answer, value: &str) -> String {
        let parts = answer.parts(value);
        let part = parts.first().unwrap_or_else(|| panic!("no {value}"));
        assert_eq!(answer.value(part).as_deref(), Some(value));
        toml::Value::Table(part.table()).to_string()
    }

    #[test]
    fn a_value_is_found_in_every_part_of_an_answer() {
        let json = Answer::new(
            &[("Set-Cookie".to_owned(), "XSRF-TOKEN=abc; Path=/".to_owned())],
            Some(r#"{"user":{"id":17,"n":17},"list":[{"id":3},{"a b":"opaque-text"}]}"#),
        );
        assert_eq!(table(&json, "17"), "{ json = \"$.user.id\" }");
        assert_eq!(table(&json, "3"), "{ json = \"$.list[0].id\" }");
        assert_eq!(table(&json, "opaque-text"), "{ json = '$.list[1][\"a b\"]' }");
        assert_eq!(table(&json, "abc"), "{ cookie = \"XSRF-TOKEN\" }");
        assert!(json.parts("99").is_empty());
        let page = Answer::new(
            &[("location".to_owned(), "https://a/tasks/57?x=1".to_owned())],
            Some(
                "<form><input type=hidden name='_token' value=\"T0&amp;ken1\"><meta name=csrf content=M3ta-1 />\n<script>var key = \"K3y-123\";</script>",
            ),
        );
        assert_eq!(
            table(&page, "57"),
            "{ header = \"location\", regex = \"a/tasks/([^/?&#]+)\" }"
        );
        assert_eq!(
            table(&page, "M3ta-1"),
            "{ attribute = \"content\", css = 'meta[name=\"csrf\"]' }"
        );
        assert!(table(&page, "K3y-123").contains("regex"));
        // As it stands in the page; the entity is decoded in the value.
        assert_eq!(
            element(page.text.as_deref().unwrap(), "input", "_token", "value").as_deref(),
            Some("T0&ken1")
        );
    }
}
