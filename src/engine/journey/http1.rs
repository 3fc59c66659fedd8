//! One keep-alive HTTP/1.1 connection, driven by the task that waits for its answer.
//!
//! hyper's connection is a future of its own, usually spawned. Here the request's future polls it: no second task, no
//! wake-up from one to the other for each request, and a request that is dropped takes its connection with it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming as HyperBody};
use hyper::client::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;

use super::answer::ReceivedBody;
use super::buffer_permits::{BufferPermit, BufferPermits};
use super::exchange::Head;
use super::failure::Failure;
use super::keep::Keep;
use super::traffic::{FirstByte, WatchedStream};
use crate::wire::Stream;

/// Limit on a connection's buffer, and so on the head of an answer, in bytes.
const LARGEST_BUFFER: usize = 32 << 10;
/// The same by the lenient rules: at least as much as Chromium takes. The buffer grows by doubling, and may pass it once.
const LARGEST_LENIENT_BUFFER: usize = 256 << 10;
/// Most headers of an answer by the lenient rules; hyper takes 100 by default, and allocates room for more on the heap.
const MOST_HEADERS: usize = 1_000;
/// First bytes of every answer.
const ANSWER: &[u8] = b"HTTP/";

/// A connection as it is kept until its next request.
#[derive(Debug)]
pub(super) enum IdleConnection {
    /// The whole connection with its buffers.
    Whole(Box<Http1>),
    /// The stream alone.
    Parked(Box<WatchedStream>),
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Http1 {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: http1::Connection<TokioIo<WatchedStream>, Full<Bytes>>,
    first_byte: Rc<FirstByte>,
    /// Place that lets it keep its buffers between requests.
    place: Option<BufferPermit>,
    lenient: bool,
    used: bool,
    closed: bool,
}

impl Http1 {
    pub(super) async fn open(stream: Stream, first_byte: &Rc<FirstByte>, lenient: bool) -> Result<Box<Self>, Failure> {
        let mut stream = WatchedStream::new(stream, first_byte);
        stream.lenient = lenient;
        // The bytes are kept until they are understood, so that a second, lenient reading needs no second request.
        stream.held = !lenient;
        Self::over(stream, false).await
    }

    /// Resumes a parked connection.
    pub(super) async fn unpark(stream: WatchedStream) -> Result<Box<Self>, Failure> {
        Self::over(stream, true).await
    }

    async fn over(stream: WatchedStream, used: bool) -> Result<Box<Self>, Failure> {
        let first_byte = Rc::clone(&stream.first_byte);
        let lenient = stream.lenient;
        let io = TokioIo::new(stream);
        // One buffer for head and body: requests are small, and a plain write costs less than a vectored one.
        let mut builder = http1::Builder::new();
        builder.max_buf_size(LARGEST_BUFFER).writev(false);
        if lenient {
            builder
                .max_buf_size(LARGEST_LENIENT_BUFFER)
                .max_headers(MOST_HEADERS)
                .allow_obsolete_multiline_headers_in_responses(true)
                .allow_spaces_after_header_name_in_responses(true)
                .ignore_invalid_headers_in_responses(true);
        }
        let (sender, driver) = builder.handshake(io).await.map_err(|_| Failure::ConnectFailed)?;
        Ok(Box::new(Self {
            sender,
            driver,
            first_byte,
            place: None,
            lenient,
            used,
            closed: false,
        }))
    }

    /// Keeps the connection after an answer; `None` if it cannot be reused. It stays as it is if there is a place for it.
    /// Otherwise only the stream is kept, without hyper and its buffers (some 30 kB): thousands of idle users cost little.
    pub(super) fn into_idle(mut self: Box<Self>, places: &BufferPermits) -> Option<IdleConnection> {
        if self.closed {
            return None;
        }
        // Buffers of idle connections are what limits the number of users in memory: only so many keep theirs, the
        // others are parked without.
        if self.place.is_none() {
            self.place = places.take();
        }
        if self.place.is_some() {
            return Some(IdleConnection::Whole(self));
        }
        let parts = self.driver.into_parts();
        let stream = parts.io.into_inner();
        // Unrequested bytes, or a request that was answered before it was fully written: the connection cannot be reused.
        (parts.read_buf.is_empty() && !stream.stuck).then(|| IdleConnection::Parked(Box::new(stream)))
    }

    /// Lets hyper read and write what it can.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.closed {
            self.closed = Pin::new(&mut self.driver).poll(cx).is_ready();
        }
    }

    /// True if it can take a request. A connection that the server has closed meanwhile is noticed here.
    pub(super) async fn is_open(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            if self.closed {
                return Poll::Ready(false);
            }
            self.sender.poll_ready(cx).map(|ready| ready.is_ok())
        })
        .await
    }

    /// Makes one request and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        keep: Keep<'_>,
    ) -> Result<(Head, ReceivedBody), Failure> {
        self.first_byte.await_next();
        self.make(request, keep).await
    }

    /// Reads the answer under way once more, after `Failure::Strict`, as leniently as browsers do; `is_head` if it answers a HEAD
    /// request. The lenient rules cost an allocation for each answer, so only those servers meet them that need them.
    pub(super) async fn reread(
        self: Box<Self>,
        is_head: bool,
        keep: Keep<'_>,
    ) -> Result<(Box<Self>, Head, ReceivedBody), Failure> {
        let parts = self.driver.into_parts();
        // Leniency is for headers that are written wrongly, not for other protocols.
        if !parts.read_buf.starts_with(ANSWER) {
            return Err(Failure::Malformed);
        }
        let stream = parts.io.into_inner().replaying(parts.read_buf);
        let mut again = Self::over(stream, true).await?;
        let mut request = Request::new(Full::default());
        if is_head {
            *request.method_mut() = Method::HEAD;
        }
        let (head, body) = again.make(request, keep).await?;
        Ok((again, head, body))
    }

    async fn make(&mut self, request: Request<Full<Bytes>>, keep: Keep<'_>) -> Result<(Head, ReceivedBody), Failure> {
        let reused = std::mem::replace(&mut self.used, true);
        let idempotent = request.method().is_idempotent();
        let mut answer = pin!(self.sender.try_send_request(request));
        let answer = poll_fn(|cx| {
            if !self.closed {
                self.closed = Pin::new(&mut self.driver).poll(cx).is_ready();
            }
            answer.as_mut().poll(cx)
        });
        let answer = answer.await.map_err(|mut error| {
            let begun = self.first_byte.get().is_some();
            let again = idempotent || error.take_message().is_some();
            if reused && !begun {
                // RFC 9112, 9.3.1: a request that a closing connection did not answer may be sent again if it is
                // idempotent or was never sent.
                if again { Failure::Stale } else { Failure::Closed }
            } else if error.error().is_parse() && !self.lenient {
                Failure::Strict
            } else {
                Failure::from_http1(error.error(), begun)
            }
        })?;
        let (head, mut body) = answer.into_parts();
        let mut incoming = ReceivedBody::new(keep, head.status, &head.headers);
        self.read(&mut body, &mut incoming).await?;
        Ok((Response::from_parts(head, ()), incoming))
    }

    /// Reads the body. It and its parts are borrowed: a future that owned them would hold them twice.
    async fn read(&mut self, body: &mut HyperBody, incoming: &mut ReceivedBody) -> Result<(), Failure> {
        poll_fn(|cx| {
            // The connection is driven only when the body has nothing: most answers are in the buffer already.
            let mut driven = false;
            loop {
                match Pin::new(&mut *body).poll_frame(cx) {
                    Poll::Ready(Some(Ok(frame))) => {
                        driven = false;
                        if let Ok(chunk) = frame.into_data() {
                            incoming.push(chunk);
                            if incoming.is_enough() {
                                // The rest of the answer is in the way of another.
                                self.closed = true;
                                return Poll::Ready(Ok(()));
                            }
                        }
                    }
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(Failure::from_http1(&error, true))),
                    Poll::Ready(None) => {
                        // Notices now that the server wants the connection closed, or that more came than announced.
                        self.drive(cx);
                        return Poll::Ready(Ok(()));
                    }
                    Poll::Pending if driven => return Poll::Pending,
                    Poll::Pending => {
                        driven = true;
                        self.drive(cx);
                    }
                }
            }
        })
        .await
    }
}
