//! One request of a source, with literal text: what every reader makes, and what becomes a step.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::form_part::{self, FormPart};
use super::marker;

/// Methods that a journey can send.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
/// Deepest JSON that is written as a table of TOML.
const DEEPEST: usize = 24;

/// Body of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Body {
    /// None.
    #[default]
    Nothing,
    /// JSON.
    Json(Value),
    /// Fields of an HTML form, decoded.
    Form(Vec<(String, String)>),
    /// Parts of a form with files.
    Multipart(Vec<FormPart>),
    /// Any other text.
    Text(String),
    /// A file below the folder of scenarios.
    File(String),
}

/// One request. References to values stand in its text as [`marker`]s.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Request {
    /// Place in the source: `line 3`.
    pub(super) place: String,
    /// Name of its step; made from method and path if `None`.
    pub(super) name: Option<String>,
    pub(super) method: String,
    /// Percent-encoded path, without the query.
    pub(super) path: String,
    /// Percent-encoded pairs of the query.
    pub(super) query: Vec<(String, Option<String>)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) timeout: Option<Duration>,
    pub(super) redirects: u8,
    pub(super) retries: u8,
    /// Acceptable statuses; empty for any success.
    pub(super) status: Vec<u16>,
    /// Pause before it.
    pub(super) think: Option<Duration>,
    /// Names to extract from its answer.
    pub(super) extract: Vec<(String, toml::Table)>,
    pub(super) tags: Vec<String>,
    /// Comments of its step.
    pub(super) notes: Vec<String>,
}

impl Request {
    /// A request without headers and body; the reason if a journey cannot send it.
    pub(super) fn new(place: &str, method: &str, url: &Url) -> Result<Self, String> {
        let method = method.to_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            return Err(format!(
                "a method that journeys do not send ({})",
                marker::literal(&method)
            ));
        }
        let mut request = Self {
            place: place.to_owned(),
            method,
            path: marker::literal(url.path()),
            ..Self::default()
        };
        if let Some(query) = url.query() {
            request.set_query(query);
        }
        Ok(request)
    }

    /// Sets the pairs of a percent-encoded query.
    pub(super) fn set_query(&mut self, query: &str) {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| match pair.split_once('=') {
            Some((name, value)) => (marker::literal(name), Some(marker::literal(value))),
            None => (marker::literal(pair), None),
        });
        self.query = pairs.collect();
    }

    /// Path and query.
    pub(super) fn target(&self) -> String {
        let mut target = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.push_str(name);
            if let Some(value) = value {
                target.push('=');
                target.push_str(value);
            }
        }
        target
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// Sets a header, in place of one of that name.
    pub(super) fn set_header(&mut self, name: &str, value: &str) {
        self.remove_header(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a header.
    pub(super) fn remove_header(&mut self, name: &str) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// `GET /api/tasks`, for an account.
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.method, marker::path_template(&self.path))
    }
}

impl Body {
    /// The body of that content type.
    pub(super) fn read(content_type: Option<&str>, text: &str) -> Self {
        let text = marker::literal(text);
        if text.is_empty() {
            return Self::Nothing;
        }
        let full = content_type.unwrap_or_default();
        let mime = full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let looks_json = mime.is_empty() && text.trim_start().starts_with(['{', '[']);
        if mime.ends_with("/json") || mime.ends_with("+json") || looks_json {
            return match serde_json::from_str(&text) {
                Ok(value) if depth(&value) <= DEEPEST => Self::Json(value),
                _ => Self::Text(text),
            };
        }
        if mime == "application/x-www-form-urlencoded" {
            let is_form = text.split('&').all(|pair| pair.contains('='));
            return if is_form {
                Self::Form(pairs(&text))
            } else {
                Self::Text(text)
            };
        }
        if mime == "multipart/form-data" {
            return match form_part::parts(full, &text) {
                Some(parts) => Self::Multipart(parts),
                None => Self::Text(text),
            };
        }
        Self::Text(text)
    }
}

/// Decoded pairs of a form.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    // Percent-encoded characters may be those that mark references.
    pairs
        .map(|(name, value)| (marker::literal(&name), marker::literal(&value)))
        .collect()
}

/// Text of a percent-encoded part of a URL.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
