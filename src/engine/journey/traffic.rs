//! Arrival time of an answer's first byte.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::timer;
use crate::wire::Stream;

/// Arrival of the first byte since the request began; shared by a user's client and its connection.
#[derive(Debug, Default)]
pub(super) struct FirstByte(Cell<Option<Instant>>);

impl FirstByte {
    /// Forgets the previous answer's first byte.
    pub(super) fn await_next(&self) {
        self.0.set(None);
    }

    /// Notes that a byte has arrived now; only the first one counts.
    pub(super) fn came(&self) {
        if self.0.get().is_none() {
            self.0.set(Some(timer::now()));
        }
    }

    /// Takes that instant instead: the first byte that matters came later.
    pub(super) fn replace(&self, came: Instant) {
        self.0.set(Some(came));
    }

    /// Arrival of the first byte; `None` if none has come.
    pub(super) fn get(&self) -> Option<Instant> {
        self.0.get()
    }
}

/// Bytes of an answer that are read once more.
#[derive(Debug)]
struct Replay {
    bytes: Bytes,
    /// True once a request has been written, which goes nowhere: the answer to it has come.
    asked: bool,
}

/// A stream that notes the arrival of the first byte from the server.
#[derive(Debug)]
pub(super) struct WatchedStream {
    stream: Stream,
    pub(super) first_byte: Rc<FirstByte>,
    /// True if any write did not take all of its bytes at once.
    pub(super) stuck: bool,
    /// True if heads of answers are read by the lenient rules.
    pub(super) lenient: bool,
    /// True if a shutdown leaves the stream open.
    pub(super) held: bool,
    replay: Option<Box<Replay>>,
}

impl WatchedStream {
    pub(super) fn new(stream: Stream, first_byte: &Rc<FirstByte>) -> Self {
        Self {
            stream,
            first_byte: Rc::clone(first_byte),
            stuck: false,
            lenient: false,
            held: false,
            replay: None,
        }
    }

    /// The stream as before the answer that begins with `bytes`, to be read by the lenient rules. The next request is not sent.
    pub(super) fn replaying(self, bytes: Bytes) -> Self {
        Self {
            lenient: true,
            held: false,
            replay: Some(Box::new(Replay { bytes, asked: false })),
            ..self
        }
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(replay) = &mut self.replay {
            // Bytes before the request would be unrequested ones.
            if !replay.asked {
                return Poll::Pending;
            }
            let length = replay.bytes.len().min(buffer.remaining());
            buffer.put_slice(&replay.bytes.split_to(length));
            if replay.bytes.is_empty() {
                self.replay = None;
            }
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.first_byte.came();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(replay) = &mut self.replay {
            replay.asked = true;
            cx.waker().wake_by_ref();
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.stuck |= !matches!(written, Poll::Ready(Ok(count)) if count == bytes.len());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper shuts a stream down whose answer it refuses, which may be read once more; dropping the stream closes it.
        if self.held {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
