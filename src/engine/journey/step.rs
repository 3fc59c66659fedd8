//! One compiled step: everything about its request that can be known before it is made.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, ORIGIN, REFERER,
};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Uri};

use super::answer::Answer;
use super::auth::{Auth, Scheme};
use super::auth_file::AuthFile;
use super::body::Body;
use super::check::Expectation;
use super::client::Client;
use super::conversation::Conversation;
use super::escape::Escape;
use super::event_stream::EventLimit;
use super::exchange::WireRequest;
use super::file::StepFile;
use super::headers::{Headers, compile_headers};
use super::journey_id::JourneyId;
use super::keep::Keep;
use super::outline::StepOutline;
use super::part::header_value;
use super::request_line::{RequestPath, compile_method};
use super::scope::Scope;
use super::template::{MissingValue, Template, Values};
use super::{KeyError, Pause, decode};
use crate::record::{Example, SeriesId};

/// Answers that are accepted by default.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Answers that browsers accept of an event source.
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
/// Answers that browsers accept where a user opens a page or sends a form.
const HTML: HeaderValue = HeaderValue::from_static(
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
);

/// One request of a journey, compiled.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is about another header")]
pub(super) struct Step {
    pub(super) series: SeriesId,
    pub(super) timeout: Option<Duration>,
    pub(super) think: Option<Pause>,
    pub(super) expectation: Expectation,
    /// Most redirects to follow.
    pub(super) redirects: u8,
    /// True if cookies of its answers are kept.
    pub(super) cookies: bool,
    /// True if the kept cookies are sent; false if it has a `cookie` header of its own.
    pub(super) sends_cookies: bool,
    /// True if the page that the user sees is named as `referer`.
    pub(super) sends_referer: bool,
    /// True if the front door is named as `origin`, as browsers do with everything that may change something.
    sends_origin: bool,
    /// True if conditions of the flow look at its answer.
    pub(super) keeps_answer: bool,
    /// True if conditions of the flow read the body of its answer.
    pub(super) keeps_body: bool,
    /// Removal of what it creates; `None` if nothing is removed.
    pub(super) removal: Option<Arc<Removal>>,
    /// Identity of the row that it writes; `None` if it says none.
    pub(super) writes: Option<Template>,
    /// Conversation over a WebSocket; `None` if the step is a plain request.
    pub(super) conversation: Option<Conversation>,
    /// True if its answers are kept in the user's cache.
    pub(super) caches: bool,
    /// Other host behind the front door; `None` for its own.
    pub(super) host: Option<Box<str>>,
    /// Server-sent events that end the answer; `None` if it ends by itself.
    pub(super) events: Option<EventLimit>,
    /// HTTP authentication; `None` if there is none.
    pub(super) auth: Option<Box<Auth>>,
    method: Method,
    path: RequestPath,
    headers: Headers,
    body: Body,
    /// Key of the body; `None` if it has none.
    body_key: Option<&'static str>,
    /// Variables to set before the request, by index.
    pub(super) set: Assignments,
    /// Names of values that its request may hold, each with the index of its variable.
    names: Box<[(Box<str>, usize)]>,
}

/// The request that removes what a step creates, compiled.
#[derive(Debug)]
pub(super) struct Removal {
    /// Journey of the step.
    pub(super) journey: JourneyId,
    /// Index of the session that it is made with; `None` for the journey's own.
    pub(super) session: Option<usize>,
    /// The request.
    pub(super) step: Step,
}

/// Context in which a step is compiled, apart from its file.
#[derive(Debug)]
pub(super) struct StepContext<'a> {
    pub(super) series: SeriesId,
    /// Headers of the whole journey.
    pub(super) headers: &'a BTreeMap<String, String>,
    /// Folder of the journey's file, from which the paths of files start.
    pub(super) folder: &'a Path,
    /// True if cookies are kept and sent, unless the step says otherwise.
    pub(super) cookies: bool,
    /// HTTP authentication, unless the step says otherwise.
    pub(super) auth: Option<&'a AuthFile>,
    /// Index of the first variable that is the journey's own.
    pub(super) own_from: usize,
}

impl Step {
    /// Compiles a step and adds the names that it extracts to `scope`. Errors come with the key that they concern.
    pub(super) fn compile(
        file: &StepFile,
        around: &StepContext<'_>,
        scope: &mut Scope,
        next_variable: &mut usize,
    ) -> Result<Self, (String, KeyError)> {
        let at = |key: &str| {
            let key = key.to_owned();
            move |error| (key, error)
        };
        let method = compile_method(&file.method).map_err(at("method"))?;
        let set = compile_set(file, around.own_from, scope, next_variable)?;
        let path = RequestPath::compile(file, scope).map_err(at("path"))?;
        let (body, content) = Body::compile(file, around.folder, scope)?;
        let names = scope.variables().map(|(name, slot)| (name.into(), slot)).collect();
        // The names that the step itself extracts are not known in its request.
        let request_scope = scope.clone();
        let conversation = compile_conversation(file, around.own_from, scope, next_variable);
        let conversation = conversation.map_err(at("websocket"))?;
        let mut expectation = Expectation::compile(file, scope, around.own_from, next_variable)?;
        let gives = conversation.iter().flat_map(Conversation::extractions).next().is_some();
        expectation.stop_on_failure |= gives && file.on_failure.is_none();
        let events = compile_events(file).map_err(at("events"))?;
        let accept = if events.is_some() {
            EVENTS
        } else if content.is_form || expectation.reads_html() {
            HTML
        } else {
            JSON
        };
        // Events are read as they come, and decoding would have to go along.
        let encodings = if events.is_some() { IDENTITY } else { decode::ACCEPTED };
        let defaults = [
            (ACCEPT, Some(accept)),
            (ACCEPT_ENCODING, Some(encodings)),
            (CONTENT_TYPE, content.content_type),
        ];
        let headers = compile_headers(file, around.headers, defaults, &request_scope)?;
        let has = |name: HeaderName| {
            let mut written = around.headers.keys().chain(file.headers.keys());
            written.any(|written| written.eq_ignore_ascii_case(name.as_str()))
        };
        let cookies = file.cookies.unwrap_or(around.cookies);
        let auth = compile_auth(file, around, has(AUTHORIZATION), &request_scope).map_err(at("auth"))?;
        check_cache(file).map_err(at("cache"))?;
        Ok(Self {
            caches: file.cache,
            host: compile_host(file).map_err(at("host"))?,
            events,
            auth,
            series: around.series,
            timeout: file
                .events
                .as_ref()
                .map(|events| events.at_most)
                .or(file.timeout)
                .map(crate::units::Span::get),
            think: file.think,
            expectation,
            redirects: file.redirects,
            cookies,
            sends_cookies: cookies && !has(COOKIE),
            sends_referer: !has(REFERER),
            sends_origin: !has(ORIGIN) && (!method.is_safe() || conversation.is_some()),
            conversation,
            method,
            keeps_answer: false,
            keeps_body: false,
            removal: None,
            writes: None,
            path,
            headers,
            body,
            body_key: file.body_keys().next(),
            set,
            names,
        })
    }

    /// Part of the answer's body that must be kept.
    pub(super) fn keep(&self) -> Keep<'_> {
        match &self.events {
            Some(wanted) => Keep::Events(wanted),
            None if self.keeps_body || self.expectation.reads_body() => Keep::Body,
            None => Keep::Nothing,
        }
    }

    /// True if the server's challenges are answered.
    pub(super) fn answers_challenges(&self) -> bool {
        self.auth.as_ref().is_some_and(|auth| auth.scheme == Scheme::Digest)
    }

    /// Names in its request that have no value.
    pub(super) fn missing(&self, variables: &[Option<Box<str>>]) -> Vec<String> {
        let headers = self.headers.iter().flat_map(|(_, value)| value.slots());
        let said = self.conversation.iter().flat_map(Conversation::slots);
        let auth = self.auth.iter().flat_map(|auth| auth.slots());
        let set = self.set.iter().flat_map(|(_, template)| template.slots());
        let slots = self
            .path
            .uri
            .slots()
            .chain(set)
            .chain(headers)
            .chain(self.body.slots())
            .chain(auth)
            .chain(said);
        let used: Vec<usize> = slots.filter(|slot| variables[*slot].is_none()).collect();
        let missing = self.names.iter().filter(|(_, slot)| used.contains(slot));
        missing.map(|(name, _)| name.as_ref().to_owned()).collect()
    }

    /// Description of the step, for listings.
    pub(super) fn outline(&self) -> StepOutline {
        let expectation = &self.expectation;
        let checks = expectation.written().map(str::to_owned);
        StepOutline {
            series: self.series,
            method: self.method.to_string(),
            path: self.path.written.to_string(),
            body: self.body_key,
            think: self.think,
            redirects: self.redirects,
            status: expectation.statuses(),
            checks: checks.collect(),
            extracted: {
                let given = self.conversation.iter().flat_map(Conversation::extractions);
                let given = given.map(|extraction| &*extraction.name);
                given.chain(expectation.names()).map(str::to_owned).collect()
            },
            removal: self.removal.as_ref().map(|removal| {
                let step = &removal.step;
                format!("{} {}", step.method, step.path.written)
            }),
            stops: expectation.stop_on_failure,
        }
    }

    /// Example of its path, without a query.
    pub(super) fn path(&self) -> String {
        self.path.example()
    }

    /// Example of a request that did not succeed, with its answer if there is one.
    pub(super) fn example(&self, answer: Option<&Answer>) -> Example {
        let mut example = Example {
            method: self.method.to_string(),
            path: self.path.written.split('?').next().unwrap_or_default().to_owned(),
            ..Example::default()
        };
        let Some(answer) = answer else { return example };
        example.location = answer
            .location()
            .and_then(|location| Some(location.to_str().ok()?.to_owned()));
        if let Ok(body) = answer.plain() {
            example.set_body(&body);
        }
        example
    }

    /// Path and query with one user's values; fails if a value is missing or not valid in its place.
    pub(super) fn uri(&self, values: &mut Values<'_>) -> Result<Uri, MissingValue> {
        self.path.uri(values)
    }

    /// The address that an answer has given; `None` if the path is no link.
    pub(super) fn link(&self, values: &mut Values<'_>) -> Result<Option<String>, MissingValue> {
        self.path.link(values)
    }

    /// Body with one user's values.
    pub(super) fn body(&self, values: &mut Values<'_>) -> Result<Bytes, MissingValue> {
        self.body.rendered(values)
    }

    /// Builds the request for that address with one user's values; the body is the step's own if none is given. Fails if a value
    /// is missing or not valid in its place.
    pub(super) fn request_to(
        &self,
        uri: Uri,
        body: Option<Bytes>,
        client: &Client,
        values: &mut Values<'_>,
    ) -> Result<WireRequest, MissingValue> {
        let mut headers = client.headers(self.headers.len());
        for (name, value) in &self.headers {
            headers.insert(name, header_value(value, values)?);
        }
        if let Some(auth) = self.auth.as_ref().filter(|auth| auth.scheme == Scheme::Basic) {
            headers.insert(AUTHORIZATION, auth.credentials(values)?.basic()?);
        }
        if self.sends_origin {
            headers.insert(ORIGIN, client.target().origin_header.clone());
        }
        let body = match body {
            Some(body) => body,
            None => self.body.rendered(values)?,
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// Variables to set, by index.
type Assignments = Box<[(usize, Template)]>;

/// Compiles what is set, and then adds the names to the scope: none of them is known to the others.
fn compile_set(
    file: &StepFile,
    own_from: usize,
    scope: &mut Scope,
    next: &mut usize,
) -> Result<Assignments, (String, KeyError)> {
    let mut set = Vec::with_capacity(file.set.len());
    for (name, text) in &file.set {
        let template = Template::compile(text, Escape::None, scope);
        set.push((name, template.map_err(|error| (format!("set.{name}"), error))?));
    }
    let slots = set.into_iter().map(|(name, template)| {
        let slot = scope.extract(name, own_from, next);
        Ok((slot.map_err(|error| (format!("set.{name}"), error))?, template))
    });
    slots.collect()
}

/// A hit has no answer that anything could read.
fn check_cache(file: &StepFile) -> Result<(), KeyError> {
    let reads = !file.check.is_empty() || !file.extract.is_empty() || !file.status.is_empty();
    let repeats = file.poll.is_some() || file.pages.is_some() || file.retries > 0 || file.redirects > 0;
    let other = file.events.is_some() || file.websocket.is_some() || file.cleanup.is_some();
    if !file.cache || file.method == "GET" && !reads && !repeats && !other {
        return Ok(());
    }
    let text = "a cached answer is that of a plain GET: there are no `check`, `extract`, `status`, repetitions and redirects \
                where nothing is asked for";
    Err(KeyError::Conflict(text.to_owned()))
}

/// The step's authentication, or the journey's. `is_written` is true if the request has a header `authorization` of its own.
fn compile_auth(
    file: &StepFile,
    around: &StepContext<'_>,
    is_written: bool,
    scope: &Scope,
) -> Result<Option<Box<Auth>>, KeyError> {
    let Some(auth) = file.auth.as_ref().or(around.auth) else {
        return Ok(None);
    };
    let auth = Auth::compile(auth, scope)?;
    if is_written {
        let text = "a request has `auth` or a header `authorization`, not both";
        return Err(KeyError::Conflict(text.to_owned()));
    }
    if auth.scheme == Scheme::Digest && (file.redirects > 0 || file.websocket.is_some()) {
        let text = "digest authentication goes with neither `redirects` nor `websocket`";
        return Err(KeyError::Conflict(text.to_owned()));
    }
    Ok(Some(Box::new(auth)))
}

fn compile_host(file: &StepFile) -> Result<Option<Box<str>>, KeyError> {
    let Some(host) = &file.host else { return Ok(None) };
    let valid = host.parse::<Authority>().is_ok() && !host.contains('@');
    if !valid {
        return Err(KeyError::Value {
            given: host.clone(),
            expected: "a host name, with its port if it has one: `sso.example`",
        });
    }
    Ok(Some(host.to_ascii_lowercase().into()))
}

fn compile_events(file: &StepFile) -> Result<Option<EventLimit>, KeyError> {
    let Some(events) = &file.events else { return Ok(None) };
    let problem = if events.count == 0 || events.at_most.get().is_zero() {
        "a step ends at the `count`-th event, the first or a later one, for which it waits for some time"
    } else if file.timeout.is_some() {
        "`events` has its own time-out, `at-most`: leave `timeout` out"
    } else if file.websocket.is_some() || file.poll.is_some() || file.pages.is_some() || file.redirects > 0 {
        "`events` goes with none of `websocket`, `poll`, `pages` and `redirects`"
    } else {
        return Ok(Some(EventLimit {
            count: events.count,
            event: events.event.as_deref().map(Into::into),
        }));
    };
    Err(KeyError::Conflict(problem.to_owned()))
}

fn compile_conversation(
    file: &StepFile,
    own_from: usize,
    scope: &mut Scope,
    next: &mut usize,
) -> Result<Option<Conversation>, KeyError> {
    let Some(turns) = &file.websocket else { return Ok(None) };
    let conversation = Conversation::compile(turns, own_from, scope, next)?;
    let has_body = file.body_keys().next().is_some();
    let problem = if file.method != "GET" || has_body {
        "a WebSocket is opened by a GET without a body"
    } else if !file.status.is_empty() || file.redirects > 0 {
        "a WebSocket is opened or not: `status` and `redirects` do not apply"
    } else if !(conversation.awaits() || file.check.is_empty() && file.extract.is_empty()) {
        "`check` and `extract` read the last message that a turn waits for: there is none"
    } else {
        return Ok(Some(conversation));
    };
    Err(KeyError::Conflict(problem.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::part::json_of;
    use super::*;

    fn refused(step: &str) -> String {
        let file: StepFile = toml::from_str(&format!("name = 's'\n{step}")).unwrap();
        let around = StepContext {
            series: SeriesId(0),
            headers: &BTreeMap::new(),
            folder: Path::new(""),
            cookies: true,
            auth: None,
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
            ("path = \"/a\\nb\"", "path: `/a\nb` is not a path"),
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
                "path = '/'\nauth = { basic = { user = 'a', password = 'b' } }\nheaders = { Authorization = 'c' }",
                "auth: a request has `auth` or a header",
            ),
            (
                "path = '/'\nredirects = 1\nauth = { digest = { user = 'a', password = 'b' } }",
                "auth: digest authentication goes with neither",
            ),
            ("path = '/'\nhost = 'https://a'", "host: `https://a` is not a host name"),
            (
                "path = '/'\ncache = true\nextract = { a = '$.b' }",
                "cache: a cached answer is that of a plain GET",
            ),
            (
                "path = '/'\nevents = { count = 0, at-most = '1s' }",
                "events: a step ends at the `count`-th event",
            ),
            (
                "path = '/'\ntimeout = '1s'\nevents = { count = 1, at-most = '1s' }",
                "events: `events` has its own time-out",
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
