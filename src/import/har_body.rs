//! Bodies of requests in an HTTP Archive.

use serde_json::Value;

use super::form_part::FormPart;
use super::har_entry::{HarEntry, find, posted_text};
use super::import_result::Attachment;
use super::marker::literal;
use super::names::slug;
use super::request::Body;

/// Files that a recording uploads.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    prefix: String,
    pub(super) files: Vec<Attachment>,
}

impl Uploads {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            files: Vec::new(),
        }
    }

    /// Path of a file with that content.
    fn add(&mut self, name: &str, content: &str) -> String {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let path = format!(
            "data/{}-{}-{}.{}",
            self.prefix,
            self.files.len() + 1,
            slug(stem, '-'),
            slug(extension, '-')
        );
        self.files.push(Attachment {
            path: path.clone(),
            content: content.as_bytes().to_vec(),
            secret: false,
        });
        path
    }
}

/// The body of a request. What the recording lacks is noted.
pub(super) fn body(entry: &HarEntry, notes: &mut Vec<String>, uploads: &mut Uploads) -> Body {
    let posted = &entry.posted;
    let mime = posted["mimeType"].as_str().filter(|mime| !mime.is_empty());
    let mime = mime.or_else(|| find(&entry.headers, "content-type"));
    let text = posted_text(posted);
    let read = match &text {
        Some(text) => Body::read(mime, text),
        None => params(&posted["params"], mime.unwrap_or_default()),
    };
    let read = with_files(read, notes, uploads);
    let is_cut = matches!(read, Body::Nothing) && entry.body_size > 0;
    if is_cut {
        notes.push(format!(
            "The recording lacks the body of this request ({} bytes).",
            entry.body_size
        ));
    } else if matches!(read, Body::Text(_)) && mime.is_some_and(|mime| mime.starts_with("multipart/form-data")) {
        notes.push("The recording cut the form with files: its parts are not complete.".to_owned());
    }
    read
}

/// Fields that stand in a list instead of a text.
fn params(params: &Value, mime: &str) -> Body {
    let text = |value: &Value| literal(value.as_str().unwrap_or_default());
    let Some(params) = params.as_array().filter(|params| !params.is_empty()) else {
        return Body::Nothing;
    };
    let has_file = params.iter().any(|param| param["fileName"].is_string());
    if has_file || mime.starts_with("multipart/form-data") {
        let parts = params.iter().map(|param| FormPart {
            name: text(&param["name"]),
            value: text(&param["value"]),
            file_name: param["fileName"].as_str().map(literal),
            content_type: param["contentType"].as_str().map(str::to_owned),
            file: None,
        });
        return Body::Multipart(parts.collect());
    }
    Body::Form(
        params
            .iter()
            .map(|param| (text(&param["name"]), text(&param["value"])))
            .collect(),
    )
}

/// Puts the contents of uploaded files into files.
fn with_files(body: Body, notes: &mut Vec<String>, uploads: &mut Uploads) -> Body {
    let Body::Multipart(mut parts) = body else { return body };
    for part in &mut parts {
        let Some(name) = &part.file_name else { continue };
        // Browsers send an empty part for a file input that nobody has used.
        if name.is_empty() && part.value.is_empty() {
            continue;
        }
        let path = uploads.add(name, &part.value);
        let state = if part.value.is_empty() {
            "is empty: the recording lacks its content"
        } else {
            "has what the recording holds"
        };
        notes.push(format!("File {path} {state}. Put the real file there."));
        part.file = Some(path);
    }
    Body::Multipart(parts)
}
