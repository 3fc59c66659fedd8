//! One user's way to the front door: a connection that is opened when needed and kept.

use std::rc::Rc;
use std::time::Instant;

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use super::Target;
use super::answer::{Answer, Failure};
use super::connection::{Connection, WireRequest};

const AGENT: HeaderValue = HeaderValue::from_static(concat!("diapason/", env!("CARGO_PKG_VERSION")));

/// A client with at most one connection.
#[derive(Debug)]
pub(super) struct Client {
    target: Rc<Target>,
    address: Option<(HeaderName, HeaderValue)>,
    connection: Option<Box<Connection>>,
}

impl Client {
    /// The client of that user; it connects with its first request.
    pub(super) fn new(user: u32, target: &Rc<Target>) -> Self {
        Self {
            target: Rc::clone(target),
            address: target.client_address(user),
            connection: None,
        }
    }

    /// The front door.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The headers that every request of this user carries.
    pub(super) fn headers(&self, more: usize) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(3 + more);
        headers.insert(HOST, self.target.host.clone());
        headers.insert(USER_AGENT, AGENT);
        if let Some((name, value)) = &self.address {
            headers.insert(name, value.clone());
        }
        headers
    }

    /// Makes a request, connecting first where there is no open connection, and reads the whole answer.
    ///
    /// `Failure::Stale` is only given for a connection that had served before; the next call opens a new one.
    pub(super) async fn send(
        &mut self,
        request: WireRequest,
        deadline: Instant,
        keep_body: bool,
    ) -> Result<Answer, Failure> {
        let made = tokio::time::timeout_at(deadline.into(), self.make(request, keep_body));
        made.await.unwrap_or(Err(Failure::TimedOut))
    }

    /// The connection of the request before, where it is still open. It is taken out for as long as a request is under way:
    /// one that fails or is dropped must not be used again.
    async fn kept(&mut self) -> Option<Box<Connection>> {
        let mut kept = self.connection.take()?;
        kept.is_open().await.then_some(kept)
    }

    async fn make(&mut self, request: WireRequest, keep_body: bool) -> Result<Answer, Failure> {
        let mut connection = match self.kept().await {
            Some(kept) => kept,
            None => Connection::open(&self.target.addresses).await?,
        };
        let (head, body) = connection.exchange(request, keep_body).await?;
        let finished = Instant::now();
        self.connection = (!connection.is_closed()).then_some(connection);
        let (body, bytes) = body.finish();
        Ok(Answer {
            status: head.status(),
            limited: self.target.is_limited(head.status(), head.headers()),
            body,
            bytes,
            finished,
        })
    }
}
