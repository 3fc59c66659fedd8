//! HTTP samplers of a `JMeter` plan as requests.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::form_part::FormPart;
use super::import_result::Attachment;
use super::jmx_element::{Element, text};
use super::jmx_text::Texts;
use super::marker::{is_marked, literal};
use super::request::{Body, Request};

/// Methods that a journey can send.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Settings of a request that stand in the elements around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Around<'a> {
    /// Defaults of requests, the nearest at the end.
    pub(super) defaults: Vec<Element<'a>>,
    /// Headers, the nearest at the end.
    pub(super) headers: Vec<(String, String)>,
}

/// A request, the files that it sends, and the files that were not found.
pub(super) struct Sampled {
    pub(super) request: Request,
    pub(super) files: Vec<Attachment>,
    pub(super) missing: Vec<String>,
}

/// Settings of the import that requests need.
pub(super) struct Place<'a> {
    /// Folder of the plan, from which its files are named.
    pub(super) folder: &'a std::path::Path,
    /// Beginning of the names of copied files.
    pub(super) name: &'a str,
    /// Hosts of the front door; the first one is taken if there is none yet.
    pub(super) hosts: &'a mut Vec<String>,
}

impl Around<'_> {
    /// The property of the element, or of the nearest defaults that have it.
    fn text(&self, element: &Element<'_>, name: &str) -> String {
        let own = element.text(name);
        let all = self.defaults.iter().rev().map(|defaults| defaults.text(name));
        let mut all = std::iter::once(own).chain(all);
        all.find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    }
}

/// The request of a sampler; the reason if there is none.
pub(super) fn request(
    element: &Element<'_>,
    around: &Around<'_>,
    texts: &mut Texts,
    place: &mut Place<'_>,
) -> Result<Sampled, String> {
    let method = match element.text("HTTPSampler.method") {
        "" => "GET".to_owned(),
        method => method.to_ascii_uppercase(),
    };
    if !METHODS.contains(&method.as_str()) {
        return Err(format!("a method that journeys do not send ({})", literal(&method)));
    }
    let mut path = around.text(element, "HTTPSampler.path");
    let mut host = around.text(element, "HTTPSampler.domain");
    if let Some((_, rest)) = path.split_once("://") {
        let (authority, below) = rest.split_once('/').unwrap_or((rest, ""));
        authority.split(':').next().unwrap_or_default().clone_into(&mut host);
        path = format!("/{below}");
    }
    if !host.is_empty() {
        if place.hosts.is_empty() {
            place.hosts.push(host.clone());
        }
        if !place.hosts.contains(&host) {
            return Err(format!("a request to another host ({})", literal(&host)));
        }
    }
    if !path.starts_with('/') && !path.starts_with("${") {
        path.insert(0, '/');
    }
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let mut request = Request {
        place: element.place(),
        name: Some(super::names::slug(element.name(), '-')).filter(|name| !name.is_empty()),
        method,
        path: texts.read(path),
        ..Request::default()
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request.query.push((texts.read(name), Some(texts.read(value))));
    }
    for (name, value) in &around.headers {
        request.set_header(name, &texts.read(value));
    }
    if element.is_true("HTTPSampler.follow_redirects") || element.is_true("HTTPSampler.auto_redirects") {
        request.redirects = 5;
    }
    let timeout = around
        .text(element, "HTTPSampler.response_timeout")
        .trim()
        .parse::<u64>();
    request.timeout = timeout.ok().filter(|millis| *millis > 0).map(Duration::from_millis);
    let mut sampled = Sampled {
        request,
        files: Vec::new(),
        missing: Vec::new(),
    };
    sampled.body(element, texts, place);
    Ok(sampled)
}

impl Sampled {
    fn body(&mut self, element: &Element<'_>, texts: &mut Texts, place: &Place<'_>) {
        let arguments = element.arguments("Arguments.arguments");
        let request = &mut self.request;
        let has_body = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        if element.is_true("HTTPSampler.postBodyRaw") {
            let raw: String = arguments.iter().map(|(_, value)| *value).collect();
            request.body = raw_body(&raw, texts);
            return;
        }
        let files = element.items("HTTPFileArgs.files");
        if has_body && (element.is_true("HTTPSampler.DO_MULTIPART_POST") || !files.is_empty()) {
            let plain = arguments.iter().map(|(name, value)| FormPart {
                name: literal(name),
                value: texts.read(value),
                ..FormPart::default()
            });
            let mut parts: Vec<FormPart> = plain.collect();
            for file in files {
                parts.push(self.file(file, place));
            }
            self.request.body = Body::Multipart(parts);
        } else if has_body && !arguments.is_empty() {
            let fields = arguments.iter().map(|(name, value)| (literal(name), texts.read(value)));
            request.body = Body::Form(fields.collect());
        } else {
            for (name, value) in arguments {
                let value = texts.read(value);
                let value = if is_marked(&value) {
                    value
                } else {
                    utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string()
                };
                request.query.push((literal(name), Some(value)));
            }
        }
    }

    fn file(&mut self, file: roxmltree::Node<'_, '_>, place: &Place<'_>) -> FormPart {
        let named = PathBuf::from(text(file, "File.path"));
        let base = named.file_name().map(|name| name.to_string_lossy().into_owned());
        let base = base.unwrap_or_else(|| "file".to_owned());
        let content = std::fs::read(place.folder.join(&named)).unwrap_or_else(|_| {
            self.missing.push(literal(&named.display().to_string()));
            Vec::new()
        });
        let path = format!("data/{}-{}", place.name, literal(&base));
        if !self.files.iter().any(|known| known.path == path) {
            self.files.push(Attachment {
                path: path.clone(),
                content,
                secret: false,
            });
        }
        FormPart {
            name: literal(text(file, "File.paramname")),
            file: Some(path),
            content_type: Some(text(file, "File.mimetype").to_owned()).filter(|mime| !mime.is_empty()),
            ..FormPart::default()
        }
    }
}

/// A body as it is written: JSON if it is that, else text.
fn raw_body(raw: &str, texts: &mut Texts) -> Body {
    if raw.trim().is_empty() {
        return Body::Nothing;
    }
    match serde_json::from_str::<Json>(raw) {
        Ok(json @ (Json::Object(_) | Json::Array(_))) => Body::Json(with_references(json, texts, 0)),
        _ => Body::Text(texts.read(raw)),
    }
}

fn with_references(json: Json, texts: &mut Texts, depth: usize) -> Json {
    match json {
        Json::String(text) => Json::String(texts.read(&text)),
        Json::Array(elements) if depth < 64 => {
            let elements = elements
                .into_iter()
                .map(|element| with_references(element, texts, depth + 1));
            Json::Array(elements.collect())
        }
        Json::Object(members) if depth < 64 => {
            let members = members
                .into_iter()
                .map(|(name, value)| (literal(&name), with_references(value, texts, depth + 1)));
            Json::Object(members.collect())
        }
        other => other,
    }
}
