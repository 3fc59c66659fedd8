//! Requests and heads of answers, for HTTP/1.1 and HTTP/2.

use bytes::Bytes;
use hyper::{Request, Response};

/// A request as it is made; its URI is a path.
pub(super) type WireRequest = Request<Bytes>;

/// The head of an answer.
pub(super) type Head = Response<()>;
