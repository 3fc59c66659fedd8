//! Arrival time of an answer's first byte.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

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

    /// Arrival of the first byte; `None` if none has come.
    pub(super) fn get(&self) -> Option<Instant> {
        self.0.get()
    }
}

/// A stream that notes the arrival of the first byte from the server.
#[derive(Debug)]
pub(super) struct Watched {
    stream: Stream,
    pub(super) first_byte: Rc<FirstByte>,
    /// True if any write did not take all of its bytes at once.
    pub(super) stuck: bool,
}

impl Watched {
    pub(super) fn new(stream: Stream, first_byte: &Rc<FirstByte>) -> Self {
        Self {
            stream,
            first_byte: Rc::clone(first_byte),
            stuck: false,
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.first_byte.came();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.stuck |= !matches!(written, Poll::Ready(Ok(count)) if count == bytes.len());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
