//! Everything about one step of an observed user. Users without an observer record none of it.

use std::fmt;
use std::time::Instant;

use bytes::Bytes;
use hyper::Version;
use hyper::header::HeaderMap;

use super::answer::Answer;
use super::exchange::WireRequest;
use super::failure::Failure;
use crate::record::{Outcome, Parts, SeriesId};

/// Observer of the users of a target; called on the thread of the users. Nothing is masked yet.
pub trait Observer: fmt::Debug {
    /// A request is about to be sent to that URL.
    fn sending(&self, method: &str, url: &str);
    /// A step has ended.
    fn ended(&self, step: ObservedStep);
}

/// One step, ended.
#[derive(Debug)]
pub struct ObservedStep {
    /// Number of the user, from 0.
    pub user: u32,
    /// Series of the step.
    pub series: SeriesId,
    /// Intended start.
    pub intended: Instant,
    /// Instant of sending.
    pub sent: Instant,
    /// Arrival of the last byte of the answer.
    pub finished: Instant,
    /// Its outcome.
    pub outcome: Outcome,
    /// Parts of its time.
    pub parts: Parts,
    /// Requests with their answers, in order: several if redirects were followed or a request was sent again, none if a value
    /// was missing.
    pub exchanges: Vec<Exchange>,
    /// Names in its request that have no value.
    pub missing: Vec<String>,
    /// The acceptable statuses and if the answer's is one; `None` if there is no answer.
    pub status: Option<CheckResult>,
    /// The checks in order; empty if the status was refused already.
    pub checks: Vec<CheckResult>,
    /// The values to extract, in order; empty if the status was refused already.
    pub extracted: Vec<ExtractedValue>,
}

/// One request with its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Method of the request.
    pub method: String,
    /// Complete URL.
    pub url: String,
    /// Headers of the request, in order.
    pub headers: Vec<(String, String)>,
    /// Body of the request.
    pub body: Bytes,
    /// Instant of sending.
    pub sent: Instant,
    /// Instant at which the answer was complete or given up.
    pub finished: Instant,
    /// The answer; the outcome if there was none.
    pub answer: Result<ObservedAnswer, Outcome>,
    /// Messages of a conversation over a WebSocket, in order.
    pub messages: Vec<SocketMessage>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct ObservedAnswer {
    /// Version of HTTP: `HTTP/1.1`.
    pub version: String,
    /// Its status.
    pub status: u16,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// Body, decoded if it can be; at most 16 MiB.
    pub body: Bytes,
    /// Length of the body as received, in bytes.
    pub bytes: u64,
}

/// A message over a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketMessage {
    /// True if the user sent it.
    pub sent: bool,
    /// Its text or data.
    pub text: Bytes,
}

/// A check and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// The check as it is written.
    pub written: String,
    /// True if it holds.
    pub holds: bool,
    /// Value of the part of the answer that it reads.
    pub actual: Actual,
}

/// Value of the part of an answer that a check reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actual {
    /// The body cannot be decoded.
    Undecodable,
    /// The body is not JSON.
    NotJson,
    /// The answer has no such part.
    Nothing,
    /// The check reads the whole body.
    Body {
        /// Its length after decoding, in bytes.
        bytes: usize,
    },
    /// The values as text, separated by commas.
    Values(String),
}

/// A value to extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedValue {
    /// Its name.
    pub name: String,
    /// The value; `None` if nothing matches.
    pub value: Option<String>,
}

impl Exchange {
    /// A request that is about to be sent; it has no answer yet.
    pub(super) fn new(request: &WireRequest, origin: &str, sent: Instant) -> Self {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        Self {
            method: request.method().to_string(),
            url: [origin, path].concat(),
            headers: listed(request.headers()),
            body: request.body().clone(),
            sent,
            finished: sent,
            answer: Err(Outcome::Interrupted),
            messages: Vec::new(),
        }
    }

    /// Adds the answer.
    pub(super) fn ended(&mut self, answer: Result<&Answer, &Failure>, finished: Instant) {
        self.finished = finished;
        self.answer = answer
            .map(|answer| ObservedAnswer {
                version: name_of(answer.version).to_owned(),
                status: answer.status.as_u16(),
                headers: listed(&answer.headers),
                body: answer.plain().unwrap_or_else(|_| answer.body.clone()),
                bytes: answer.bytes,
            })
            .map_err(|failure| failure.outcome());
    }
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    let headers = headers.iter();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    headers
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
        .collect()
}
