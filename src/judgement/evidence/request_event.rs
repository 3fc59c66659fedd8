//! Events of requests that their outcomes do not tell.

use serde::{Deserialize, Serialize};

/// Kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestEventKind {
    /// The server closed a kept connection before the answer began, and the request was sent again (RFC 9110, section 9.2.2).
    ResentAfterClose,
    /// The server said that it had not processed the request, and the request was sent again (RFC 9113, section 8.7).
    ResentUnprocessed,
    /// The server closed a kept connection before the answer began, and the request must not be sent again: its outcome is
    /// `reset`.
    ClosedWhenSent,
    /// The head of the answer has more headers, or is longer, than is read: its outcome is `malformed`.
    HeadTooLarge,
    /// The answer is not HTTP: its outcome is `malformed`.
    NotHttp,
    /// The body is not encoded as its head says: its outcome is `malformed`.
    Undecodable,
    /// The generator had no file descriptor left for a connection: its outcome is `interrupted`.
    NoDescriptor,
    /// The generator had no local port left for a connection: its outcome is `interrupted`.
    NoPort,
    /// No row of the journey's feeder was left: nothing was sent, and the run ended.
    FeederExhausted,
    /// The user's cache had a fresh answer: nothing was sent, and no request counts.
    CacheHit,
    /// The server said that the answer in the user's cache is still valid (status 304): a success.
    NotModified,
    /// A thing that a step created was not removed at the end of the run: its removal failed, or there was no time for it.
    NotRemoved,
}

/// Count of one kind of event in one series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestEvent {
    /// The kind.
    pub kind: RequestEventKind,
    /// The series.
    pub series: String,
    /// Number of times over the whole run.
    pub count: u64,
}
