//! Places of a request that hold a value of their own: a segment of the path, a field of the body.

use serde_json::Value;

use super::answer::{JsonStep, at, text};
use super::marker;
use super::request::{Body, Request, decoded};

/// A place of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    Segment(usize),
    Query(usize),
    Header(String),
    Json(Vec<JsonStep>),
    Form(usize),
    Part(usize),
}

/// A place with its name and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocatedValue {
    pub(super) slot: Slot,
    /// Name of the field, the header or the segment before it.
    pub(super) name: String,
    pub(super) value: String,
}

/// Headers whose values may come from an answer; others are the client's own.
fn is_own_header(name: &str) -> bool {
    matches!(
        name,
        "host"
            | "user-agent"
            | "cookie"
            | "referer"
            | "origin"
            | "accept"
            | "accept-encoding"
            | "accept-language"
            | "content-type"
            | "content-length"
            | "connection"
            | "cache-control"
            | "pragma"
            | "priority"
            | "te"
            | "if-none-match"
            | "if-modified-since"
            | "dnt"
            | "upgrade-insecure-requests"
    ) || name.starts_with("sec-")
        || name.starts_with(':')
}

/// All places of a request that are not references already.
pub(super) fn slots(request: &Request) -> Vec<LocatedValue> {
    let mut found = Vec::new();
    let mut add = |slot, name: &str, value: String| {
        if !value.is_empty() && !marker::is_marked(&value) {
            let name = name.to_owned();
            found.push(LocatedValue { slot, name, value });
        }
    };
    let mut before = "";
    for (index, segment) in request.path.split('/').enumerate() {
        add(Slot::Segment(index), before, decoded(segment));
        before = segment;
    }
    for (index, (name, value)) in request.query.iter().enumerate() {
        let value = value.as_deref().unwrap_or_default().replace('+', " ");
        add(Slot::Query(index), name, decoded(&value));
    }
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        if !is_own_header(&name) {
            let value = credentials(&name, value).to_owned();
            add(Slot::Header(name.clone()), &name, value);
        }
    }
    match &request.body {
        Body::Json(json) => leaves(json, "", &mut Vec::new(), &mut add),
        Body::Form(fields) => {
            for (index, (name, value)) in fields.iter().enumerate() {
                add(Slot::Form(index), name, value.clone());
            }
        }
        Body::Multipart(parts) => {
            for (index, part) in parts.iter().enumerate().filter(|(_, part)| part.file.is_none()) {
                add(Slot::Part(index), &part.name, part.value.clone());
            }
        }
        Body::Nothing | Body::Text(_) | Body::File(_) => {}
    }
    found
}

/// The value at a place.
pub(super) fn value(request: &Request, slot: &Slot) -> Option<String> {
    let all = slots(request);
    all.into_iter().find(|held| held.slot == *slot).map(|held| held.value)
}

/// Puts a reference to a name in that place.
pub(super) fn refer(request: &mut Request, slot: &Slot, name: &str) {
    let reference = marker::reference(name);
    match slot {
        Slot::Segment(index) => {
            let mut segments: Vec<&str> = request.path.split('/').collect();
            if let Some(segment) = segments.get_mut(*index) {
                *segment = &reference;
            }
            request.path = segments.join("/");
        }
        Slot::Query(index) => {
            if let Some((_, value)) = request.query.get_mut(*index) {
                *value = Some(reference);
            }
        }
        Slot::Header(name) => {
            let header = request
                .headers
                .iter_mut()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            if let Some((_, value)) = header {
                let rest = credentials(name, value).len();
                *value = format!("{}{reference}", &value[..value.len() - rest]);
            }
        }
        Slot::Json(path) => {
            if let Body::Json(json) = &mut request.body {
                replace(json, path, name);
            }
        }
        Slot::Form(index) => {
            if let Body::Form(fields) = &mut request.body
                && let Some((_, value)) = fields.get_mut(*index)
            {
                *value = reference;
            }
        }
        Slot::Part(index) => {
            if let Body::Multipart(parts) = &mut request.body
                && let Some(part) = parts.get_mut(*index)
            {
                part.value = reference;
            }
        }
    }
}

/// The part of a header's value that names somebody: what follows the scheme of `authorization`.
fn credentials<'a>(name: &str, value: &'a str) -> &'a str {
    match value.split_once(' ') {
        Some((_, rest)) if name == "authorization" => rest.trim_start(),
        _ => value,
    }
}

fn leaves(json: &Value, name: &str, path: &mut Vec<JsonStep>, add: &mut impl FnMut(Slot, &str, String)) {
    if path.len() > 32 {
        return;
    }
    match json {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                path.push(JsonStep::Index(index));
                leaves(element, name, path, add);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (name, element) in members {
                path.push(JsonStep::Name(name.clone()));
                leaves(element, name, path, add);
                path.pop();
            }
        }
        leaf => {
            if let Some(value) = text(leaf) {
                add(Slot::Json(path.clone()), name, value);
            }
        }
    }
}

/// A number stays one.
fn replace(json: &mut Value, path: &[JsonStep], name: &str) {
    let is_number = at(json, path).is_some_and(Value::is_number);
    let expression = if is_number {
        format!("number {name}")
    } else {
        name.to_owned()
    };
    let mut place = Some(json);
    for key in path {
        place = place.and_then(|json| match key {
            JsonStep::Name(name) => json.get_mut(name),
            JsonStep::Index(index) => json.get_mut(index),
        });
    }
    if let Some(place) = place {
        *place = Value::String(marker::reference(&expression));
    }
}
