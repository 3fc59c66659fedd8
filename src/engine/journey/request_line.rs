//! Method and path of a step's request.

use hyper::{Method, Uri};

use super::KeyError;
use super::escape::Escape;
use super::file::StepFile;
use super::part::{RequestPart, filled};
use super::placeholder::is_link;
use super::scope::Scope;
use super::template::{MissingValue, Values};
use crate::wire;

/// The path of a request, compiled.
#[derive(Debug)]
pub(super) struct RequestPath {
    /// As it is written.
    pub(super) written: Box<str>,
    pub(super) uri: RequestPart<Uri>,
    /// True if the path is an address that an answer has given.
    pub(super) is_link: bool,
}

impl RequestPath {
    /// Compiles the path of a step.
    pub(super) fn compile(file: &StepFile, scope: &Scope) -> Result<Self, KeyError> {
        let written = file.path.as_deref().unwrap_or_default();
        let is_link = is_link(written);
        let uri = RequestPart::compile(
            &sendable(written),
            if is_link { Escape::None } else { Escape::Url },
            scope,
            make_path,
            "a path such as `/api/tasks?page=1`",
        )?;
        check_path(file, written, is_link)?;
        Ok(Self {
            written: written.into(),
            uri,
            is_link,
        })
    }

    /// Example of the path, without a query.
    pub(super) fn example(&self) -> String {
        let path = match &self.uri {
            RequestPart::Constant(uri) => uri.path().to_owned(),
            // Known when an answer gives it.
            RequestPart::Template(_) if self.is_link => "/".to_owned(),
            RequestPart::Template(template) => template.example(),
        };
        path.split('?').next().unwrap_or_default().to_owned()
    }

    /// Path and query with one user's values; fails if a value is missing or not valid in its place.
    pub(super) fn uri(&self, values: &mut Values<'_>) -> Result<Uri, MissingValue> {
        match &self.uri {
            RequestPart::Constant(uri) => Ok(uri.clone()),
            RequestPart::Template(template) => {
                Uri::from_maybe_shared(filled(template, values)?).map_err(|_| MissingValue)
            }
        }
    }

    /// The address that an answer has given; `None` if the path is no link.
    pub(super) fn link(&self, values: &mut Values<'_>) -> Result<Option<String>, MissingValue> {
        let RequestPart::Template(template) = &self.uri else {
            return Ok(None);
        };
        if !self.is_link {
            return Ok(None);
        }
        let mut link = String::new();
        template.render(values, &mut link)?;
        Ok(Some(link))
    }
}

/// A path begins at the front door, or is a link by itself.
fn check_path(file: &StepFile, written: &str, is_link: bool) -> Result<(), KeyError> {
    if !written.starts_with('/') && !is_link {
        let given = written.to_owned();
        let expected = "a path below the front door, which begins with `/`, or one value alone, which is a link";
        return Err(KeyError::Value { given, expected });
    }
    if is_link && (file.host.is_some() || file.websocket.is_some()) {
        let text = "a path that is one value alone is a link, which names its host itself, and is for requests";
        return Err(KeyError::Conflict(text.to_owned()));
    }
    Ok(())
}

/// Compiles a method.
pub(super) fn compile_method(text: &str) -> Result<Method, KeyError> {
    let known = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    let method = known.into_iter().find(|method| method.as_str() == text);
    method.ok_or_else(|| KeyError::Value {
        given: text.to_owned(),
        expected: "one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS",
    })
}

/// The path as browsers send it; its placeholders are left unchanged.
fn sendable(path: &str) -> String {
    let mut parts = path.split("{{");
    let mut sent = wire::sendable(parts.next().unwrap_or_default());
    for part in parts {
        let (placeholder, text) = part.split_once("}}").unwrap_or((part, ""));
        let closing = &part[placeholder.len()..part.len() - text.len()];
        sent.extend(["{{", placeholder, closing]);
        sent.push_str(&wire::sendable(text));
    }
    sent
}

fn make_path(text: &str) -> Option<Uri> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_sent_as_browsers_send_it() {
        for (written, sent) in [
            ("/caf\u{e9} au lait", "/caf%C3%A9%20au%20lait"),
            (
                "/\u{e9}/{{random 1 9}}/a b?c={{user}} \u{e9}",
                "/%C3%A9/{{random 1 9}}/a%20b?c={{user}}%20%C3%A9",
            ),
            ("/a b{{id", "/a%20b{{id"),
            ("/a%20b?c=d+e", "/a%20b?c=d+e"),
        ] {
            assert_eq!(sendable(written), sent);
        }
    }
}
