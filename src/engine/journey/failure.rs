//! Causes of a missing or incomplete answer, derived from the errors of the HTTP libraries.

use std::io;

use rustix::io::Errno;

use crate::error::chain;
use crate::evidence::RequestEventKind;
use crate::record::Outcome;
use crate::wire::DialError;

/// Cause of a missing or incomplete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The time-out expired first.
    TimedOut,
    /// The connection could not be made.
    ConnectFailed,
    /// The TLS handshake failed, or the TLS stream broke the protocol later.
    TlsFailed,
    /// The connection was reset, or closed without a byte of an answer.
    Reset,
    /// The connection was closed in the middle of an answer.
    Truncated,
    /// A message cannot be sent, because a value in it is missing or not valid in its place.
    NoValue,
    /// The data received is not HTTP, or not encoded as its header says.
    Malformed,
    /// More redirects than the step follows.
    RedirectLimit,
    /// A kept-alive connection was closed before the first byte of the answer; the request may be sent again.
    Stale,
    /// The server said that it has not processed the request, which may be sent again.
    Unprocessed,
    /// A kept-alive connection was closed before the first byte of the answer; the request must not be sent again.
    Closed,
    /// The head of the answer is longer than is read.
    HeadTooLarge,
    /// The generator has no file descriptor left.
    NoDescriptor,
    /// The generator has no local port left.
    NoPort,
    /// The head of the answer breaks the strict rules; it can be read once more by the lenient ones.
    Strict,
}

impl From<&DialError> for Failure {
    fn from(error: &DialError) -> Self {
        match error {
            DialError::Connect(error) => match error.raw_os_error().map(Errno::from_raw_os_error) {
                Some(Errno::MFILE | Errno::NFILE) => Self::NoDescriptor,
                // The kernel has no memory left for sockets, or no port: both are this machine's.
                Some(Errno::ADDRNOTAVAIL | Errno::NOBUFS) => Self::NoPort,
                _ => Self::ConnectFailed,
            },
            DialError::Tls { .. } => Self::TlsFailed,
        }
    }
}

impl Failure {
    /// Outcome under which it is counted.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::TimedOut => Outcome::TimedOut,
            Self::ConnectFailed => Outcome::ConnectFailed,
            Self::TlsFailed => Outcome::TlsFailed,
            Self::Reset | Self::Stale | Self::Unprocessed | Self::Closed => Outcome::Reset,
            Self::Truncated => Outcome::Truncated,
            Self::NoValue => Outcome::CheckFailed,
            Self::Malformed | Self::Strict | Self::HeadTooLarge => Outcome::Malformed,
            Self::RedirectLimit => Outcome::RedirectLimit,
            // No fault of the system: the request was never sent.
            Self::NoDescriptor | Self::NoPort => Outcome::Interrupted,
        }
    }

    /// Event to count if the request may be sent again.
    pub(super) fn resent(self) -> Option<RequestEventKind> {
        match self {
            Self::Stale => Some(RequestEventKind::ResentAfterClose),
            Self::Unprocessed => Some(RequestEventKind::ResentUnprocessed),
            _ => None,
        }
    }

    /// Event to count if the request ends with this.
    pub(super) fn event(self) -> Option<RequestEventKind> {
        match self {
            Self::Closed => Some(RequestEventKind::ClosedWhenSent),
            Self::HeadTooLarge => Some(RequestEventKind::HeadTooLarge),
            Self::Malformed | Self::Strict => Some(RequestEventKind::NotHttp),
            Self::NoDescriptor => Some(RequestEventKind::NoDescriptor),
            Self::NoPort => Some(RequestEventKind::NoPort),
            _ => None,
        }
    }

    /// Classifies a hyper error; `begun` is true if bytes of the answer had arrived.
    pub(super) fn from_http1(error: &hyper::Error, begun: bool) -> Self {
        if error.is_parse_too_large() {
            return Self::HeadTooLarge;
        }
        if error.is_parse() {
            return Self::Malformed;
        }
        if error.is_incomplete_message() {
            return Self::from_end(begun);
        }
        match io_cause(error) {
            Some(cause) => Self::from_io(cause, begun),
            None => Self::Reset,
        }
    }

    /// Classifies an HTTP/2 error; `begun` is true if the head of the answer had arrived.
    pub(super) fn from_http2(error: &h2::Error, begun: bool) -> Self {
        match error.get_io() {
            // h2 reports a connection that simply ends as a broken pipe.
            Some(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Self::from_end(begun),
            Some(cause) => Self::from_io(cause, begun),
            None if error.is_remote() => Self::Reset,
            None => Self::Malformed,
        }
    }

    /// Classifies an I/O error of the stream.
    pub(super) fn from_io(error: &io::Error, begun: bool) -> Self {
        let cause = error.get_ref();
        if cause.and_then(|cause| cause.downcast_ref::<rustls::Error>()).is_some() {
            return Self::TlsFailed;
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::from_end(begun),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Malformed,
            _ => Self::Reset,
        }
    }

    /// Classifies an end of the stream before the end of the answer.
    pub(super) fn from_end(begun: bool) -> Self {
        if begun { Self::Truncated } else { Self::Reset }
    }
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generator_without_sockets_is_no_fault_of_the_system() {
        for (code, event) in [
            (Errno::MFILE, Some(RequestEventKind::NoDescriptor)),
            (Errno::NFILE, Some(RequestEventKind::NoDescriptor)),
            (Errno::ADDRNOTAVAIL, Some(RequestEventKind::NoPort)),
            (Errno::NOBUFS, Some(RequestEventKind::NoPort)),
            (Errno::CONNREFUSED, None),
        ] {
            let failure = Failure::from(&DialError::Connect(code.into()));
            assert_eq!(failure.event(), event, "{code:?}");
            assert_eq!(failure.outcome().is_error(), event.is_none(), "{code:?}");
        }
    }
}
