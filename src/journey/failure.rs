//! Why there is no complete answer, read from what the HTTP libraries say.

use std::io;

use crate::error::chain;
use crate::record::Outcome;
use crate::wire::DialError;

/// Why there is no complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The time-out ended first.
    TimedOut,
    /// The connection could not be made.
    ConnectFailed,
    /// No agreement on TLS, or a breach of it later on.
    TlsFailed,
    /// The connection was reset, or closed without a byte of an answer.
    Reset,
    /// The connection was closed in the middle of an answer.
    Truncated,
    /// What came is not HTTP, or not encoded as it says.
    Malformed,
    /// More redirects than the step follows.
    RedirectLimit,
    /// A kept-alive connection turned out to be closed before a byte of the answer; the request may be made again.
    Stale,
}

impl From<&DialError> for Failure {
    fn from(error: &DialError) -> Self {
        match error {
            DialError::Connect(_) => Self::ConnectFailed,
            DialError::Tls { .. } => Self::TlsFailed,
        }
    }
}

impl Failure {
    /// How it is counted.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::TimedOut => Outcome::TimedOut,
            Self::ConnectFailed => Outcome::ConnectFailed,
            Self::TlsFailed => Outcome::TlsFailed,
            Self::Reset | Self::Stale => Outcome::Reset,
            Self::Truncated => Outcome::Truncated,
            Self::Malformed => Outcome::Malformed,
            Self::RedirectLimit => Outcome::RedirectLimit,
        }
    }

    /// What hyper's error means; `begun` where bytes of the answer had come.
    pub(super) fn of_http1(error: &hyper::Error, begun: bool) -> Self {
        if error.is_parse() {
            return Self::Malformed;
        }
        if error.is_incomplete_message() {
            return Self::of_end(begun);
        }
        match io_cause(error) {
            Some(cause) => Self::of_io(cause, begun),
            None => Self::Reset,
        }
    }

    /// What an error of HTTP/2 means; `begun` where the head of the answer had come.
    pub(super) fn of_http2(error: &h2::Error, begun: bool) -> Self {
        match error.get_io() {
            // How an end without a word is called there.
            Some(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Self::of_end(begun),
            Some(cause) => Self::of_io(cause, begun),
            None if error.is_remote() => Self::Reset,
            None => Self::Malformed,
        }
    }

    /// What an error of the stream means.
    pub(super) fn of_io(error: &io::Error, begun: bool) -> Self {
        let cause = error.get_ref();
        if cause.and_then(|cause| cause.downcast_ref::<rustls::Error>()).is_some() {
            return Self::TlsFailed;
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::of_end(begun),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Malformed,
            _ => Self::Reset,
        }
    }

    /// What an end before the answer's own means.
    pub(super) fn of_end(begun: bool) -> Self {
        if begun { Self::Truncated } else { Self::Reset }
    }
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    chain(error).find_map(|cause| cause.downcast_ref())
}
