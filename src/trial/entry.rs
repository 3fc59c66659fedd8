//! One step as it is shown and exported: masked.

use std::time::Duration;

use jiff::Timestamp;

use crate::journey::CheckResult;
use crate::record::{Outcome, Parts};

/// One step of one user, with secrets masked.
#[derive(Debug, Clone)]
pub struct TrialStep {
    /// Number of the user, from 0.
    pub user: u32,
    /// Number of the user's iteration, from 0.
    pub iteration: u32,
    /// `journey.step`.
    pub series: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// From the intended start to the last byte.
    pub response_time: Duration,
    /// Parts of its time.
    pub parts: Parts,
    /// Requests with their answers, in order.
    pub turns: Vec<MaskedExchange>,
    /// Names in its request that have no value.
    pub missing: Vec<String>,
    /// The status and the checks, in order.
    pub checks: Vec<CheckResult>,
    /// The values to extract, in order.
    pub extracted: Vec<MaskedValue>,
}

/// A request with its answer.
#[derive(Debug, Clone)]
pub struct MaskedExchange {
    /// The request.
    pub request: Request,
    /// Instant of sending.
    pub sent: Timestamp,
    /// From sending to the complete answer.
    pub took: Duration,
    /// The answer; the outcome if there was none.
    pub response: Result<Response, Outcome>,
    /// Messages over a WebSocket, in order.
    pub messages: Vec<Message>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its method.
    pub method: String,
    /// Its complete URL.
    pub url: String,
    /// Its headers, in order.
    pub headers: Vec<(String, String)>,
    /// Its body as text; `None` if it is no text.
    pub body: Option<String>,
    /// Length of the body in bytes.
    pub bytes: u64,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Version of HTTP: `HTTP/1.1`.
    pub version: String,
    /// Its status.
    pub status: u16,
    /// Its headers, in order.
    pub headers: Vec<(String, String)>,
    /// Its body as text, decoded; `None` if it is no text.
    pub body: Option<String>,
    /// Length of the decoded body in bytes.
    pub size: u64,
    /// Length of the body as received, in bytes.
    pub bytes: u64,
}

/// A message over a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// True if the user sent it.
    pub sent: bool,
    /// Its text; `None` if it is no text.
    pub text: Option<String>,
    /// Its length in bytes.
    pub bytes: u64,
}

/// An extracted value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedValue {
    /// Its name.
    pub name: String,
    /// The value; `None` if nothing matches.
    pub text: Option<String>,
}
