//! One request over a connection of its own, such as a check that the front door answers.

use std::error::Error;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinSet;

use super::{DialError, Door, WireError};

/// A request without a complete answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// A path or header that cannot be sent.
    #[error("the request cannot be made: {0}")]
    Request(#[from] hyper::http::Error),
    /// No connection.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// No head of an answer.
    #[error("no answer: {}", innermost(.0))]
    NoAnswer(hyper::Error),
    /// An answer that broke off.
    #[error("the answer broke off: {}", innermost(.0))]
    BrokeOff(hyper::Error),
}

impl AskError {
    /// Error for a refused server certificate, if that is the cause. Asking again does not help then.
    pub fn distrust(&self) -> Option<WireError> {
        match self {
            Self::Dial(error) => error.distrust(),
            _ => None,
        }
    }
}

/// Message of the source of a hyper error, which states the actual problem.
fn innermost(error: &hyper::Error) -> String {
    if error.is_canceled() || error.is_closed() {
        // Hyper says that the connection was not ready, which sounds as if the client were to blame.
        return "the connection was closed at once, as by a port that nothing listens behind".to_owned();
    }
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

impl Door {
    /// Makes one request, whose URI is a path, and reads the whole answer. Must be called on a multi-threaded runtime
    /// or outside the load thread: it spawns the connection.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<StatusCode, AskError> {
        self.ask_as(0, request).await
    }

    /// As [`Door::ask`], from the source address and to the replica of that user.
    pub async fn ask_as(&self, user: u32, request: Request<Full<Bytes>>) -> Result<StatusCode, AskError> {
        Ok(self.exchange(user, request).await?.status())
    }

    /// As [`Door::ask`], with the whole answer.
    pub async fn fetch(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, AskError> {
        self.exchange(0, request).await
    }

    async fn exchange(&self, user: u32, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, AskError> {
        let dialled = self.dial(user).await?;
        let io = TokioIo::new(dialled.stream);
        // Dropped with this future, which ends the connection.
        let mut background = JoinSet::new();
        let answer = if dialled.http2 {
            // HTTP/2 has scheme and authority as fields of their own (RFC 9113, section 8.3.1), which hyper takes from
            // the URI.
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = Uri::builder()
                .scheme(self.scheme())
                .authority(self.authority())
                .path_and_query(path)
                .build()?;
            let handshake = http2::handshake(TokioExecutor::new(), io).await;
            let (mut sender, connection) = handshake.map_err(AskError::NoAnswer)?;
            background.spawn(connection);
            sender.send_request(request).await
        } else {
            // Required in every request of HTTP/1.1 (RFC 9112, section 3.2), and hyper adds none of its own.
            let host = HeaderValue::from_str(self.authority()).map_err(hyper::http::Error::from)?;
            request.headers_mut().insert(HOST, host);
            let (mut sender, connection) = http1::handshake(io).await.map_err(AskError::NoAnswer)?;
            background.spawn(connection);
            sender.send_request(request).await
        };
        let answer = answer.map_err(AskError::NoAnswer)?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(AskError::BrokeOff)?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}
