//! Answer to one request.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{StatusCode, Version};

use super::decode::{KEPT_BYTES, Undecodable, decode, encodings};
use super::event_stream::EventScan;
use super::keep::Keep;

/// Most bytes kept of a failed answer's body that no check reads.
const EXAMPLE_BYTES: usize = 4 << 10;

/// A complete answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) version: Version,
    /// True if the status is 429 or the answer is the limiter's page.
    pub(super) limited: bool,
    /// True if the server refused the requested upgrade to WebSocket.
    pub(super) upgrade_refused: bool,
    /// Number of server-sent events that were waited for; `None` if the answer is no stream of them, or none were.
    pub(super) events: Option<u32>,
    pub(super) headers: HeaderMap,
    /// Body as received, still encoded; empty if it is not kept.
    pub(super) body: Bytes,
    /// Length of the body as received.
    pub(super) bytes: u64,
    /// Arrival of the last byte.
    pub(super) finished: Instant,
}

impl Answer {
    /// An answer of which only the status is known.
    pub(super) fn status_only(status: StatusCode, finished: Instant) -> Self {
        Self {
            status,
            version: Version::HTTP_11,
            limited: false,
            upgrade_refused: false,
            events: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            bytes: 0,
            finished,
        }
    }

    /// Value of `location`; `None` if there is none or the answer is no redirect.
    pub(super) fn location(&self) -> Option<&HeaderValue> {
        let location = self.status.is_redirection().then(|| self.headers.get(LOCATION));
        location.flatten()
    }

    /// The `set-cookie` headers, in order.
    pub(super) fn cookies(&self) -> impl Iterator<Item = &HeaderValue> {
        self.headers.get_all(SET_COOKIE).iter()
    }

    /// Decodes the body. Only a body that is read is ever decoded.
    pub(super) fn plain(&self) -> Result<Bytes, Undecodable> {
        match encodings(&self.headers) {
            None => Ok(self.body.clone()),
            Some(encodings) => decode(&self.body, &encodings, self.bytes > self.body.len() as u64),
        }
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let content = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let kind = content.split(|byte| *byte == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"text/event-stream") && !headers.contains_key(CONTENT_ENCODING)
}

/// A body being received: always counted, and kept on request.
#[derive(Debug, Default)]
pub(super) struct ReceivedBody {
    /// Most bytes that are kept.
    most: usize,
    bytes: u64,
    /// The only chunk so far, kept without a copy.
    single: Bytes,
    joined: BytesMut,
    /// The server-sent events, if they are waited for.
    scan: Option<Box<EventScan>>,
}

impl ReceivedBody {
    /// A body of an answer with that status. One that is not read by checks is kept as far as an example of a failed request
    /// needs it.
    pub(super) fn new(keep: Keep<'_>, status: StatusCode, headers: &HeaderMap) -> Self {
        let failed = status.is_client_error() || status.is_server_error();
        let most = match (keep, failed) {
            (Keep::Body, _) => KEPT_BYTES,
            (_, true) => EXAMPLE_BYTES,
            (_, false) => 0,
        };
        let scan = match keep {
            Keep::Events(wanted) if status.is_success() && is_event_stream(headers) => {
                Some(Box::new(EventScan::new(wanted)))
            }
            _ => None,
        };
        Self {
            most,
            scan,
            ..Self::default()
        }
    }

    /// True if no more of the body is wanted.
    pub(super) fn is_enough(&self) -> bool {
        self.scan.as_ref().is_some_and(|scan| scan.is_enough())
    }

    /// Instant of the first event that was waited for.
    pub(super) fn first_event(&self) -> Option<Instant> {
        self.scan.as_ref()?.first()
    }

    /// Number of events that were waited for; `None` if the body is no stream of them.
    pub(super) fn events(&self) -> Option<u32> {
        self.scan.as_ref().map(|scan| scan.count())
    }

    /// Takes the next chunk.
    pub(super) fn push(&mut self, chunk: Bytes) {
        self.bytes += chunk.len() as u64;
        if let Some(scan) = &mut self.scan {
            scan.push(&chunk);
            return;
        }
        if self.most == 0 {
            return;
        }
        if self.single.is_empty() && self.joined.is_empty() {
            self.single = chunk;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&std::mem::take(&mut self.single));
        }
        let room = self.most.saturating_sub(self.joined.len());
        self.joined.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }

    /// Length of the body so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The body, as far as it is kept, and its length.
    pub(super) fn finish(self) -> (Bytes, u64) {
        let body = if let Some(scan) = self.scan {
            scan.into_last()
        } else if self.joined.is_empty() {
            self.single
        } else {
            self.joined.freeze()
        };
        (body, self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_counted_and_capped() {
        let mut body = ReceivedBody::new(Keep::Body, StatusCode::OK, &HeaderMap::new());
        for chunk in ["ab", "cd", "e"] {
            body.push(Bytes::from_static(chunk.as_bytes()));
        }
        assert_eq!(body.finish(), (Bytes::from_static(b"abcde"), 5));

        let mut uncounted = ReceivedBody::new(Keep::Nothing, StatusCode::OK, &HeaderMap::new());
        uncounted.push(Bytes::from_static(b"abc"));
        assert_eq!(uncounted.finish(), (Bytes::new(), 3));

        let mut example = ReceivedBody::new(Keep::Nothing, StatusCode::BAD_REQUEST, &HeaderMap::new());
        for _ in 0..3 {
            example.push(Bytes::from(vec![b'x'; 3 << 10]));
        }
        let (kept, bytes) = example.finish();
        assert_eq!((kept.len(), bytes), (4 << 10, 9 << 10));

        let mut large = ReceivedBody::new(Keep::Body, StatusCode::OK, &HeaderMap::new());
        for _ in 0..20 {
            large.push(Bytes::from(vec![b'x'; 1 << 20]));
        }
        let (kept, bytes) = large.finish();
        assert_eq!((kept.len(), bytes), (16 << 20, 20 << 20));
    }
}
