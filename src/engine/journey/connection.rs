//! One keep-alive connection to the front door, over HTTP/1.1 or HTTP/2.

use std::rc::Rc;

use http_body_util::Full;

use super::answer::ReceivedBody;
use super::buffer_permits::BufferPermits;
use super::exchange::{Head, WireRequest};
use super::failure::Failure;
use super::http1::{Http1, IdleConnection};
use super::http2::{Http2, Origin};
use super::keep::Keep;
use super::traffic::{FirstByte, WatchedStream};
use crate::wire::NewConnection;

/// An open connection; the request under way drives it.
#[derive(Debug)]
pub(super) enum Connection {
    Http1(Box<Http1>),
    Http2(Box<Http2>),
    /// HTTP/1.1 between two requests; only the stream is kept.
    Parked(Box<WatchedStream>),
}

impl Connection {
    /// Starts HTTP/1.1 or HTTP/2 on a new connection.
    /// `lenient` chooses the rules by which heads of HTTP/1.1 are read.
    pub(super) async fn over(
        dialled: NewConnection,
        origin: &Origin,
        first_byte: &Rc<FirstByte>,
        lenient: bool,
    ) -> Result<Self, Failure> {
        if dialled.http2 {
            let http2 = Http2::open(dialled.stream, origin.clone(), first_byte);
            http2.await.map(Self::Http2)
        } else {
            Http1::open(dialled.stream, first_byte, lenient).await.map(Self::Http1)
        }
    }

    /// Prepares the connection for a request; `None` if it can take none, as after the server has closed it.
    pub(super) async fn ready(self) -> Option<Self> {
        let mut connection = match self {
            Self::Parked(stream) => Self::Http1(Http1::unpark(*stream).await.ok()?),
            other => other,
        };
        let open = match &mut connection {
            Self::Http1(connection) => connection.is_open().await,
            Self::Http2(connection) => connection.is_open().await,
            Self::Parked(_) => false,
        };
        // A server may close an idle connection at any time. Seen before sending, it costs a new connection and no
        // failed request.
        open.then_some(connection)
    }

    /// The connection as it is kept until the next request; `None` if it can take none.
    pub(super) fn into_idle(self, places: &BufferPermits) -> Option<Self> {
        match self {
            Self::Http1(connection) => connection.into_idle(places).map(|rested| match rested {
                IdleConnection::Whole(connection) => Self::Http1(connection),
                IdleConnection::Parked(stream) => Self::Parked(stream),
            }),
            Self::Http2(connection) => connection.into_idle().map(Self::Http2),
            parked @ Self::Parked(_) => Some(parked),
        }
    }

    /// Reads the answer under way once more, after `Failure::Strict`.
    pub(super) async fn reread(self, is_head: bool, keep: Keep<'_>) -> Result<(Self, Head, ReceivedBody), Failure> {
        let Self::Http1(connection) = self else {
            return Err(Failure::Malformed);
        };
        let (connection, head, body) = connection.reread(is_head, keep).await?;
        Ok((Self::Http1(connection), head, body))
    }

    /// Makes one request and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        request: WireRequest,
        keep: Keep<'_>,
    ) -> Result<(Head, ReceivedBody), Failure> {
        match self {
            Self::Http1(connection) => connection.exchange(request.map(Full::new), keep).await,
            Self::Http2(connection) => connection.exchange(request, keep).await,
            Self::Parked(_) => Err(Failure::Stale),
        }
    }
}
