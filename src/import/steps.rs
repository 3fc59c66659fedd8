//! Requests as steps of a journey.

use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};
use serde_json::Value as Json;
use toml::{Table, Value};

use super::draft::{Draft, DraftStep};
use super::form_part::FormPart;
use super::marker;
use super::names::Names;
use super::request::{Body, Request};

/// Headers that the client sends by itself, that belong to one connection, or that only a cache needs.
const DROPPED: [&str; 24] = [
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "cookie",
    "user-agent",
    "origin",
    "referer",
    "cache-control",
    "pragma",
    "upgrade-insecure-requests",
    "dnt",
    "priority",
    "te",
    "if-none-match",
    "if-modified-since",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "expect",
    "upgrade",
    "save-data",
    "forwarded",
    "x-real-ip",
];
/// Beginnings of the names of such headers.
const DROPPED_PREFIXES: [&str; 5] = [":", "sec-", "x-forwarded-", "x-client-", "cf-"];
/// Longest think time; longer ones are cut to it.
const LONGEST_THINK: Duration = Duration::from_secs(60);

/// Turns requests into steps of one journey.
#[derive(Debug, Default)]
pub(super) struct Steps {
    names: Names,
    /// True once a template needs the variable for two braces.
    pub(super) braces: bool,
}

impl Steps {
    /// A name for a group.
    pub(super) fn group(&mut self, name: &str) -> String {
        self.names.unique(name, '-')
    }

    /// The step that makes this request.
    pub(super) fn step(&mut self, request: &Request) -> DraftStep {
        let name = match &request.name {
            Some(name) => self.names.unique(name, '-'),
            None => self.names.step(&request.method, &plain_path(&request.path)),
        };
        let mut step = DraftStep {
            name,
            notes: request.notes.clone(),
            ..DraftStep::default()
        };
        if request.method != "GET" {
            step.set("method", request.method.as_str());
        }
        step.set("path", marker::path_template(&request.target()));
        let implied = self.body(&request.body, &mut step);
        for (name, value) in &request.headers {
            self.header(name, value, implied, &mut step);
        }
        if let Some(timeout) = request.timeout {
            step.set("timeout", span(timeout));
        }
        for (key, number) in [("redirects", request.redirects), ("retries", request.retries)] {
            if number > 0 {
                step.set(key, i64::from(number));
            }
        }
        if let Some(think) = request.think {
            step.set("think", span(think.min(LONGEST_THINK)));
            if think > LONGEST_THINK {
                step.notes
                    .push(format!("A pause of {} s is cut to 60 s.", think.as_secs()));
            }
        }
        if !request.status.is_empty() {
            let statuses = request.status.iter().map(|status| Value::Integer(i64::from(*status)));
            step.set("status", Value::Array(statuses.collect()));
        }
        if !request.tags.is_empty() {
            let tags = request.tags.iter().map(|tag| Value::String(tag.clone()));
            step.set("tags", Value::Array(tags.collect()));
        }
        for (name, source) in &request.extract {
            step.set_in("extract", name, source.clone());
        }
        step
    }

    fn header(&mut self, name: &str, value: &str, implied: Option<&str>, step: &mut DraftStep) {
        let name = name.to_ascii_lowercase();
        let is_own_cookie = name == "cookie" && marker::is_marked(value);
        if is_dropped(&name) && !is_own_cookie {
            return;
        }
        let mime = value.split(';').next().unwrap_or_default().trim();
        if name == "content-type" && implied.is_some_and(|implied| implied.eq_ignore_ascii_case(mime)) {
            return;
        }
        let is_valid = name.parse::<HeaderName>().is_ok();
        let plain = value.replace(|letter: char| ('\u{e000}'..='\u{e001}').contains(&letter), "");
        if !is_valid || HeaderValue::from_str(&plain).is_err() {
            let shown: String = name.chars().take(40).collect();
            step.notes.push(format!("Header {shown} is left out: it is not valid."));
            return;
        }
        let value = marker::template(value, &mut self.braces);
        step.set_in("headers", &name, value);
    }

    /// Sets the key of the body, and returns the content type that it implies.
    fn body(&mut self, body: &Body, step: &mut DraftStep) -> Option<&'static str> {
        match body {
            Body::Nothing => None,
            Body::Json(json) => Some(self.json(json, step)),
            Body::Form(fields) => {
                if fields.iter().any(|(name, _)| name.contains("{{")) {
                    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
                    encoded.extend_pairs(fields);
                    let text = marker::template(&encoded.finish(), &mut self.braces);
                    step.set("body", text);
                    step.set_in("headers", "content-type", "application/x-www-form-urlencoded");
                } else {
                    step.set("form", self.form(fields));
                }
                Some("application/x-www-form-urlencoded")
            }
            Body::Multipart(parts) => {
                let parts = parts.iter().map(|part| Value::Table(self.part(part)));
                let parts = parts.collect();
                step.set("multipart", Value::Array(parts));
                Some("multipart/form-data")
            }
            Body::Text(text) => {
                let text = marker::template(text, &mut self.braces);
                step.set("body", text);
                None
            }
            Body::File(path) => {
                step.set("file", format!("../{path}"));
                None
            }
        }
    }

    fn json(&mut self, json: &Json, step: &mut DraftStep) -> &'static str {
        if let Some(value) = self.toml(json) {
            step.set("json", value);
            return "application/json";
        }
        // TOML has no `null`. A number is not quoted in the text of a body.
        let text = json.to_string();
        let mut parts = text.split("\"\u{e000}number ");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            whole.push('\u{e000}');
            whole.push_str(&part.replacen("\u{e001}\"", "\u{e001}", 1));
        }
        let text = marker::template(&whole, &mut self.braces);
        step.set("body", text);
        step.set_in("headers", "content-type", "application/json");
        ""
    }

    /// The value in TOML; `None` if it has none there.
    fn toml(&mut self, json: &Json) -> Option<Value> {
        Some(match json {
            Json::Null => return None,
            Json::Bool(value) => Value::Boolean(*value),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Value::Integer(number),
                None if number.is_f64() => Value::Float(number.as_f64()?),
                None => return None,
            },
            Json::String(text) => Value::String(marker::template(text, &mut self.braces)),
            Json::Array(elements) => {
                let elements = elements.iter().map(|element| self.toml(element));
                Value::Array(elements.collect::<Option<_>>()?)
            }
            Json::Object(members) => {
                let mut table = Table::new();
                for (name, value) in members {
                    table.insert(marker::template(name, &mut self.braces), self.toml(value)?);
                }
                Value::Table(table)
            }
        })
    }

    fn form(&mut self, fields: &[(String, String)]) -> Table {
        let mut table = Table::new();
        for (name, value) in fields {
            let value = Value::String(marker::template(value, &mut self.braces));
            match table.get_mut(name) {
                None => {
                    table.insert(name.clone(), value);
                }
                Some(Value::Array(values)) => values.push(value),
                Some(first) => *first = Value::Array(vec![first.clone(), value]),
            }
        }
        table
    }

    fn part(&mut self, part: &FormPart) -> Table {
        let mut table = Table::new();
        table.insert("name".to_owned(), part.name.as_str().into());
        if let Some(path) = &part.file {
            table.insert("file".to_owned(), format!("../{path}").into());
        } else {
            let text = marker::template(&part.value, &mut self.braces);
            table.insert("value".to_owned(), text.into());
        }
        if let Some(name) = &part.file_name {
            table.insert("file-name".to_owned(), name.as_str().into());
        }
        if let Some(content_type) = part
            .content_type
            .as_ref()
            .filter(|text| HeaderValue::from_str(text).is_ok())
        {
            table.insert("type".to_owned(), content_type.as_str().into());
        }
        table
    }
}

/// True for a header that no step needs.
fn is_dropped(name: &str) -> bool {
    DROPPED.contains(&name) || DROPPED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// A path with `id` in place of references.
fn plain_path(path: &str) -> String {
    let segments = path.split('/');
    let segments = segments.map(|segment| if marker::is_marked(segment) { "0" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// A time as a journey has it: whole milliseconds.
pub(super) fn span(time: Duration) -> String {
    let millis = time.as_millis().max(1);
    if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{millis}ms")
    }
}

/// Completes a journey: headers that all its requests share become its own, and the variable for braces is declared.
pub(super) fn complete(draft: &mut Draft, braces: bool) {
    let extracted = extracted(&draft.steps);
    share_headers(draft, &extracted);
    if braces && draft.mentions(marker::BRACES) {
        draft.set_in("variables", marker::BRACES, "{{");
    }
}

fn share_headers(draft: &mut Draft, extracted: &[String]) {
    let requests = requests(&draft.steps);
    let Some((first, others)) = requests.split_first() else {
        return;
    };
    let Some(Value::Table(headers)) = first.keys.get("headers") else {
        return;
    };
    let holds = |step: &&DraftStep, name: &str, value: &Value| {
        let headers = step.keys.get("headers").and_then(Value::as_table);
        headers.is_some_and(|headers| headers.get(name) == Some(value))
    };
    let is_shared = |name: &str, value: &Value| {
        // A value that a step extracts is not known in the steps before it, and a content type belongs to its body.
        let text = value.as_str().unwrap_or_default();
        let own = extracted.iter().any(|own| text.contains(&format!("{{{{{own}}}}}")));
        !own && name != "content-type" && others.iter().all(|step| holds(step, name, value))
    };
    let shared: Vec<(String, Value)> = headers
        .iter()
        .filter(|(name, value)| !others.is_empty() && is_shared(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in shared {
        without_header(&mut draft.steps, &name);
        draft.set_in("headers", &name, value);
    }
}

fn without_header(steps: &mut [DraftStep], name: &str) {
    for step in steps {
        if let Some(Value::Table(headers)) = step.keys.get_mut("headers") {
            headers.remove(name);
            if headers.is_empty() {
                step.keys.remove("headers");
            }
        }
        step.branches.iter_mut().for_each(|branch| without_header(branch, name));
    }
}

fn requests(steps: &[DraftStep]) -> Vec<&DraftStep> {
    let mut found = Vec::new();
    for step in steps {
        match &step.branches[..] {
            [] => found.push(step),
            branches => found.extend(branches.iter().flat_map(|branch| requests(branch))),
        }
    }
    found
}

/// Names that the steps extract.
fn extracted(steps: &[DraftStep]) -> Vec<String> {
    let tables = requests(steps)
        .into_iter()
        .filter_map(|step| step.keys.get("extract")?.as_table());
    tables.flat_map(|table| table.keys().cloned()).collect()
}
