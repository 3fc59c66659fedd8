//! One HTTP/2 connection, driven like those of HTTP/1.1 by whatever waits for an answer; a task of its own would only add cost.
//! Requests of a user that are under way at the same time have a handle each. All of them belong to one task, so whichever of
//! them drives the connection, its waker wakes them all.
//!
//! Nothing is read between requests. A connection that the server closes while it is idle, or after an unanswered ping, is found
//! closed before the next request, which then uses a new one.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::{self, Builder, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use hyper::http::uri::{Authority, Parts as UriParts, Scheme};
use hyper::{Request, Response, Uri};

use super::answer::ReceivedBody;
use super::exchange::{Head, WireRequest};
use super::failure::Failure;
use super::keep::Keep;
use super::traffic::FirstByte;
use crate::wire::Stream;

/// Flow-control window of a stream and of the connection, in bytes.
const WINDOW: u32 = 2 << 20;
/// Longest head of an answer, in bytes.
const LARGEST_HEAD: u32 = 256 << 10;
/// Headers that concern a single HTTP/1.1 connection, and `host`, which HTTP/2 sends as the authority.
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    HOST,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Scheme and authority that every request over a connection names.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
}

/// A handle of an open connection.
#[derive(Debug)]
pub(super) struct Http2 {
    sender: SendRequest<Bytes>,
    driver: Rc<RefCell<Driver>>,
    origin: Origin,
    first_byte: Rc<FirstByte>,
}

/// The part of a connection that all of its handles share.
#[derive(Debug)]
struct Driver {
    connection: client::Connection<Stream, Bytes>,
    used: bool,
    closed: bool,
}

impl Driver {
    /// Lets h2 read and write what it can.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.closed {
            self.closed = Pin::new(&mut self.connection).poll(cx).is_ready();
        }
    }
}

impl Http2 {
    pub(super) async fn open(stream: Stream, origin: Origin, first_byte: &Rc<FirstByte>) -> Result<Box<Self>, Failure> {
        let mut builder = Builder::new();
        builder
            // Pushed answers would be traffic that no step asked for.
            .enable_push(false)
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_header_list_size(LARGEST_HEAD);
        let handshake = builder.handshake(stream).await;
        let (sender, connection) = handshake.map_err(|error| Failure::from_http2(&error, false))?;
        Ok(Box::new(Self {
            sender,
            driver: Rc::new(RefCell::new(Driver {
                connection,
                used: false,
                closed: false,
            })),
            origin,
            first_byte: Rc::clone(first_byte),
        }))
    }

    /// Another handle of the connection, for a request beside others.
    pub(super) fn share(&self, first_byte: &Rc<FirstByte>) -> Self {
        Self {
            sender: self.sender.clone(),
            driver: Rc::clone(&self.driver),
            origin: self.origin.clone(),
            first_byte: Rc::clone(first_byte),
        }
    }

    /// True if the connection has ended, as far as that was noticed.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.borrow().closed
    }

    /// True if it can take a request.
    pub(super) async fn is_open(&mut self) -> bool {
        poll_fn(|cx| {
            let mut driver = self.driver.borrow_mut();
            // A GOAWAY or a close that arrived while the connection was idle is noticed here, before it fails a
            // request.
            driver.drive(cx);
            if driver.closed {
                return Poll::Ready(false);
            }
            self.sender.poll_ready(cx).map(|ready| ready.is_ok())
        })
        .await
    }

    /// Keeps the connection after an answer; `None` if it has ended.
    pub(super) fn into_idle(self: Box<Self>) -> Option<Box<Self>> {
        (!self.is_closed()).then_some(self)
    }

    /// Makes one request and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        request: WireRequest,
        keep: Keep<'_>,
    ) -> Result<(Head, ReceivedBody), Failure> {
        let reused = std::mem::replace(&mut self.driver.borrow_mut().used, true);
        let idempotent = request.method().is_idempotent();
        self.first_byte.await_next();
        let answer = self.send(request).await.map_err(|error| {
            // Streams above the last one of a GOAWAY get it as their error; the others go on (RFC 9113, section 6.8).
            let turned_away = error.is_go_away() || error.reason() == Some(Reason::REFUSED_STREAM);
            if error.is_remote() && turned_away {
                Failure::Unprocessed
            } else if reused && idempotent && !error.is_library() {
                Failure::Stale
            } else if reused && error.is_io() {
                Failure::Closed
            } else {
                Failure::from_http2(&error, false)
            }
        })?;
        self.first_byte.came();
        let (head, mut body) = answer.into_parts();
        let mut incoming = ReceivedBody::new(keep, head.status, &head.headers);
        let read = self.read(&head.headers, &mut body, &mut incoming).await;
        read.map_err(|error| Failure::from_http2(&error, true))?;
        Ok((Response::from_parts(head, ()), incoming))
    }

    async fn send(&mut self, request: WireRequest) -> Result<Response<RecvStream>, h2::Error> {
        let (request, body) = self.origin.complete(request);
        let (answer, mut sending) = self.sender.send_request(request, body.is_empty())?;
        if !body.is_empty() {
            sending.send_data(body, true)?;
        }
        let mut answer: Pin<&mut ResponseFuture> = pin!(answer);
        poll_fn(|cx| {
            self.driver.borrow_mut().drive(cx);
            answer.as_mut().poll(cx)
        })
        .await
    }

    async fn read(
        &mut self,
        head: &HeaderMap,
        body: &mut RecvStream,
        incoming: &mut ReceivedBody,
    ) -> Result<(), h2::Error> {
        poll_fn(|cx| {
            let mut driven = false;
            loop {
                match body.poll_data(cx) {
                    Poll::Ready(Some(Ok(chunk))) => {
                        driven = false;
                        body.flow_control().release_capacity(chunk.len())?;
                        incoming.push(chunk);
                        if incoming.is_enough() {
                            // Dropping the body resets its stream; the connection goes on.
                            return Poll::Ready(Ok(()));
                        }
                    }
                    Poll::Ready(Some(Err(error))) if is_early_end(&error) && is_whole(head, incoming) => {
                        return Poll::Ready(Ok(()));
                    }
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                    Poll::Ready(None) => {
                        // Sends what is due, such as the acknowledgement of settings.
                        self.driver.borrow_mut().drive(cx);
                        return Poll::Ready(Ok(()));
                    }
                    Poll::Pending if driven => return Poll::Pending,
                    Poll::Pending => {
                        driven = true;
                        self.driver.borrow_mut().drive(cx);
                    }
                }
            }
        })
        .await
    }
}

/// True if the server wants no more of the request: it has answered before it read all of it (RFC 9113, section 8.1).
fn is_early_end(error: &h2::Error) -> bool {
    error.is_remote() && error.is_reset() && error.reason() == Some(Reason::NO_ERROR)
}

/// True unless the head announces more bytes than have come.
fn is_whole(head: &HeaderMap, body: &ReceivedBody) -> bool {
    let announced = head
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    announced.is_none_or(|announced: u64| body.bytes() >= announced)
}

impl Origin {
    /// Completes the request for HTTP/2: removes hop-by-hop headers, adds scheme, authority and content length.
    fn complete(&self, request: WireRequest) -> (Request<()>, Bytes) {
        let (mut parts, body) = request.into_parts();
        for name in &HOP_BY_HOP {
            parts.headers.remove(name);
        }
        if !body.is_empty() && !parts.headers.contains_key(CONTENT_LENGTH) {
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let mut uri = UriParts::default();
        uri.scheme = Some(self.scheme.clone());
        uri.authority = Some(self.authority.clone());
        uri.path_and_query = parts.uri.path_and_query().cloned();
        if let Ok(uri) = Uri::from_parts(uri) {
            parts.uri = uri;
        }
        (Request::from_parts(parts, ()), body)
    }
}
