//! One keep-alive HTTP/1.1 connection, driven by the very task that waits for its answer.
//!
//! hyper's connection is a future of its own, usually spawned. Here the request's future polls it: no second task, no
//! wake-up from one to the other for each request, and a request that is dropped takes its connection with it.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming as HyperBody};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::answer::{Failure, Incoming};

/// hyper's default of 400 kB a connection is too much for thousands of users.
const LARGEST_BUFFER: usize = 64 << 10;

/// A request as it goes over the wire.
pub(super) type WireRequest = Request<Full<Bytes>>;

/// A socket that knows whether anything has come from the other side.
#[derive(Debug)]
struct Counted {
    stream: TcpStream,
    received: Rc<Cell<u64>>,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let more = buffer.filled().len() - before;
        self.received.set(self.received.get() + more as u64);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: http1::Connection<TokioIo<Counted>, Full<Bytes>>,
    received: Rc<Cell<u64>>,
    used: bool,
    closed: bool,
}

impl Connection {
    /// Connects to the first of the addresses that answers.
    pub(super) async fn open(addresses: &[SocketAddr]) -> Result<Box<Self>, Failure> {
        let connected = TcpStream::connect(addresses).await;
        let stream = connected.map_err(|_| Failure::ConnectFailed)?;
        stream.set_nodelay(true).map_err(|_| Failure::ConnectFailed)?;
        let received = Rc::default();
        let io = TokioIo::new(Counted {
            stream,
            received: Rc::clone(&received),
        });
        // One buffer for head and body: requests are small, and a plain write costs less than a gathered one.
        let mut builder = http1::Builder::new();
        builder.max_buf_size(LARGEST_BUFFER).writev(false);
        let (sender, driver) = builder.handshake(io).await.map_err(|_| Failure::ConnectFailed)?;
        Ok(Box::new(Self {
            sender,
            driver,
            received,
            used: false,
            closed: false,
        }))
    }

    /// Lets hyper read and write what it can.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.closed {
            self.closed = Pin::new(&mut self.driver).poll(cx).is_ready();
        }
    }

    /// Whether it can take a request: a connection that the server has closed meanwhile is noticed here.
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

    /// Whether it has ended; only `is_open` knows whether it can be used.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Makes one request and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        request: WireRequest,
        keep_body: bool,
    ) -> Result<(Response<()>, Incoming), Failure> {
        let reused = std::mem::replace(&mut self.used, true);
        let idempotent = request.method().is_idempotent();
        let before = self.received.get();
        let mut answer = pin!(self.sender.try_send_request(request));
        let answer = poll_fn(|cx| {
            if !self.closed {
                self.closed = Pin::new(&mut self.driver).poll(cx).is_ready();
            }
            answer.as_mut().poll(cx)
        });
        let answer = answer.await.map_err(|mut error| {
            let unanswered = self.received.get() == before;
            let again = idempotent || error.take_message().is_some();
            if reused && unanswered && again {
                Failure::Stale
            } else {
                Failure::Broken
            }
        })?;
        let (head, body) = answer.into_parts();
        let body = self.read(body, keep_body).await?;
        Ok((Response::from_parts(head, ()), body))
    }

    async fn read(&mut self, mut body: HyperBody, keep: bool) -> Result<Incoming, Failure> {
        let mut incoming = Incoming::new(keep);
        poll_fn(|cx| {
            let mut driven = false;
            loop {
                match Pin::new(&mut body).poll_frame(cx) {
                    Poll::Ready(Some(Ok(frame))) => {
                        driven = false;
                        if let Ok(chunk) = frame.into_data() {
                            incoming.push(chunk);
                        }
                    }
                    Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(Failure::Broken)),
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
        .await?;
        Ok(incoming)
    }
}
