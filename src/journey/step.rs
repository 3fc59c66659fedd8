//! One compiled step: everything about its request that can be known before it is made.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};

use super::answer::Answer;
use super::check::Expectation;
use super::client::Client;
use super::escape::Escape;
use super::exchange::WireRequest;
use super::file::StepFile;
use super::part::{Part, filled, header_value, json_of, rendered};
use super::scope::Scope;
use super::socket::Conversation;
use super::template::{Missing, Values};
use super::{KeyError, Think, decode};
use crate::record::{Example, SeriesId};

/// One request of a journey, compiled.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) series: SeriesId,
    pub(super) timeout: Option<Duration>,
    pub(super) think: Option<Think>,
    pub(super) expectation: Expectation,
    /// Most redirects to follow.
    pub(super) redirects: u8,
    /// Conversation over a WebSocket; `None` if the step is a plain request.
    pub(super) conversation: Option<Conversation>,
    method: Method,
    /// The path as it is written, without its query.
    pattern: Box<str>,
    path: Part<Uri>,
    headers: Box<[(HeaderName, Part<HeaderValue>)]>,
    body: Part<Bytes>,
}

/// Context in which a step is compiled, apart from its file.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) series: SeriesId,
    /// Headers of the whole journey.
    pub(super) headers: &'a BTreeMap<String, String>,
    /// Index of the first variable that is the journey's own.
    pub(super) own_from: usize,
}

impl Step {
    /// Compiles a step and adds the names that it extracts to `scope`. Errors come with the key that they concern.
    pub(super) fn compile(
        file: &StepFile,
        around: &Surroundings<'_>,
        scope: &mut Scope,
        next_variable: &mut usize,
    ) -> Result<Self, (String, KeyError)> {
        let at = |key: &str| {
            let key = key.to_owned();
            move |error| (key, error)
        };
        let method = compile_method(&file.method).map_err(at("method"))?;
        let path = Part::compile(
            &file.path,
            Escape::Url,
            scope,
            make_path,
            "a path such as `/api/tasks?page=1`",
        );
        let path = path.map_err(at("path"))?;
        if !file.path.starts_with('/') {
            let given = file.path.clone();
            let expected = "a path below the front door: it begins with `/`";
            return Err(at("path")(KeyError::Value { given, expected }));
        }
        let (body, content_type) = compile_body(file, scope)?;
        let headers = compile_headers(file, around.headers, content_type, scope)?;
        let conversation = compile_conversation(file, scope).map_err(at("websocket"))?;
        let expectation = Expectation::compile(file, scope, around.own_from, next_variable)?;
        Ok(Self {
            series: around.series,
            timeout: file.timeout.map(crate::units::Span::get),
            think: file.think,
            expectation,
            redirects: file.redirects,
            conversation,
            method,
            pattern: file.path.split('?').next().unwrap_or_default().into(),
            path,
            headers,
            body,
        })
    }

    /// Example of its path, without a query.
    pub(super) fn path(&self) -> String {
        let path = match &self.path {
            Part::Constant(uri) => uri.path().to_owned(),
            Part::Template(template) => template.example(),
        };
        path.split('?').next().unwrap_or_default().to_owned()
    }

    /// Example of a request that did not succeed, with its answer if there is one.
    pub(super) fn example(&self, answer: Option<&Answer>) -> Example {
        let mut example = Example {
            method: self.method.to_string(),
            path: self.pattern.to_string(),
            ..Example::default()
        };
        let Some(answer) = answer else { return example };
        example.location = answer
            .location
            .as_ref()
            .and_then(|location| Some(location.to_str().ok()?.to_owned()));
        if let Ok(body) = answer.plain() {
            example.set_body(&body);
        }
        example
    }

    /// Builds the request with one user's values; fails if a value is missing or not valid in its place.
    pub(super) fn request(&self, client: &Client, values: &mut Values<'_>) -> Result<WireRequest, Missing> {
        let uri = match &self.path {
            Part::Constant(uri) => uri.clone(),
            Part::Template(template) => Uri::from_maybe_shared(filled(template, values)?).map_err(|_| Missing)?,
        };
        let mut headers = client.headers(self.headers.len());
        for (name, value) in &self.headers {
            headers.insert(name, header_value(value, values)?);
        }
        let body = rendered(&self.body, values)?;
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn compile_method(text: &str) -> Result<Method, KeyError> {
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

fn make_path(text: &str) -> Option<Uri> {
    text.parse().ok()
}

type Headers = Box<[(HeaderName, Part<HeaderValue>)]>;

fn compile_headers(
    file: &StepFile,
    journey: &BTreeMap<String, String>,
    content_type: Option<HeaderValue>,
    scope: &Scope,
) -> Result<Headers, (String, KeyError)> {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    let defaults = [
        (ACCEPT, Some(JSON)),
        (ACCEPT_ENCODING, Some(decode::ACCEPTED)),
        (CONTENT_TYPE, content_type),
    ];
    let defaults = defaults
        .into_iter()
        .filter_map(|(name, value)| Some((name, Part::Constant(value?))));
    let mut headers: HeaderMap<Part<HeaderValue>> = defaults.collect();
    for (written, value) in journey.iter().chain(&file.headers) {
        let at = |error| (format!("headers.{written}"), error);
        let name = written.parse::<HeaderName>().map_err(|_| {
            at(KeyError::Value {
                given: written.clone(),
                expected: "a header's name",
            })
        })?;
        let make = |text: &str| HeaderValue::from_str(text).ok();
        let value = Part::compile(value, Escape::None, scope, make, "a header's value").map_err(at)?;
        headers.insert(name, value);
    }
    let named = headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
    Ok(named.collect())
}

fn compile_body(file: &StepFile, scope: &Scope) -> Result<(Part<Bytes>, Option<HeaderValue>), (String, KeyError)> {
    let make = |text: &str| Some(Bytes::copy_from_slice(text.as_bytes()));
    let (key, text, escape, content_type) = match (&file.json, &file.body) {
        (Some(_), Some(_)) => {
            let error = KeyError::Conflict("a step has `json` or `body`, not both".to_owned());
            return Err(("body".to_owned(), error));
        }
        (None, None) => return Ok((Part::Constant(Bytes::new()), None)),
        (Some(json), None) => (
            "json",
            json_of(json).to_string(),
            Escape::Json,
            Some("application/json"),
        ),
        (None, Some(text)) => ("body", text.clone(), Escape::None, None),
    };
    let body = Part::compile(&text, escape, scope, make, "a body");
    let body = body.map_err(|error| (key.to_owned(), error))?;
    Ok((body, content_type.map(HeaderValue::from_static)))
}

fn compile_conversation(file: &StepFile, scope: &Scope) -> Result<Option<Conversation>, KeyError> {
    let Some(turns) = &file.websocket else { return Ok(None) };
    let conversation = Conversation::compile(turns, scope)?;
    let problem = if file.method != "GET" || file.json.is_some() || file.body.is_some() {
        "a WebSocket is opened by a GET without a body"
    } else if !file.status.is_empty() || file.redirects > 0 {
        "a WebSocket is opened or not: `status` and `redirects` do not apply"
    } else if !(conversation.awaits() || file.check.is_empty() && file.extract.is_empty()) {
        "`check` and `extract` read the last message that a turn has in `expect`: there is none"
    } else {
        return Ok(Some(conversation));
    };
    Err(KeyError::Conflict(problem.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(step: &str) -> String {
        let file: StepFile = toml::from_str(&format!("name = 's'\n{step}")).unwrap();
        let around = Surroundings {
            series: SeriesId(0),
            headers: &BTreeMap::new(),
            own_from: 0,
        };
        let (key, error) = Step::compile(&file, &around, &mut Scope::default(), &mut 0).unwrap_err();
        format!("{key}: {error}")
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_its_key() {
        for (step, told) in [
            ("path = 'api'", "path: `api` is not a path"),
            ("path = '{{user}}/api'", "path: `{{user}}/api` is not a path"),
            ("path = '/a b'", "path: `/a b` is not a path"),
            ("path = '/{{id}}'", "path: `{{id}}` names nothing known here"),
            ("path = '/'\nmethod = 'get'", "method: `get` is not one of GET"),
            ("path = '/'\njson = {}\nbody = ''", "body: a step has `json` or `body`"),
            (
                "path = '/'\njson = { a = ['{{id}}'] }",
                "json: `{{id}}` names nothing known here",
            ),
            ("path = '/'\nbody = '{{id'", "body: `{{` is never closed"),
            (
                "path = '/'\nwebsocket = [{ send = 'a', expect = { contains = 'b' } }]",
                "websocket: each turn has one of",
            ),
            (
                "path = '/'\nwebsocket = [{ send = '{{id}}' }]",
                "websocket: `{{id}}` names nothing",
            ),
            (
                "path = '/'\nmethod = 'POST'\nwebsocket = []",
                "websocket: a WebSocket is opened by a GET",
            ),
            (
                "path = '/'\nstatus = [101]\nwebsocket = []",
                "websocket: a WebSocket is opened or not",
            ),
            (
                "path = '/'\ncheck = [{ contains = 'a' }]\nwebsocket = [{ send = 'b' }]",
                "websocket: `check` and `extract` read the last message",
            ),
            (
                "path = '/'\nheaders = { 'a b' = '' }",
                "headers.a b: `a b` is not a header's name",
            ),
            (
                "path = '/'\nheaders = { a = \"x\\ny\" }",
                "headers.a: `x\ny` is not a header's value",
            ),
        ] {
            assert!(refused(step).starts_with(told), "{step}: {}", refused(step));
        }
    }

    #[test]
    fn toml_becomes_json() {
        let table: toml::Table = "a = { b = [1, 2.5, true, 'x'], day = 2026-01-31 }".parse().unwrap();
        assert_eq!(
            json_of(&toml::Value::Table(table)).to_string(),
            r#"{"a":{"b":[1,2.5,true,"x"],"day":"2026-01-31"}}"#
        );
    }
}
