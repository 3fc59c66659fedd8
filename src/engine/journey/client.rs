//! HTTP client of one user: it opens a connection when needed and keeps it.

use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use super::Target;
use super::answer::{Answer, ReceivedBody};
use super::connection::Connection;
use super::exchange::{Head, WireRequest};
use super::failure::Failure;
use super::http2::Http2;
use super::keep::Keep;
use super::observed::Exchange;
use super::siblings::Siblings;
use super::traffic::{FirstByte, WatchedStream};
use crate::record::Parts;
use crate::timer;
use crate::wire::{DialError, NewConnection};

const AGENT: HeaderValue = HeaderValue::from_static(concat!("diapason/", env!("CARGO_PKG_VERSION")));

/// A client with at most one connection.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) target: Rc<Target>,
    user: u32,
    address: Option<(HeaderName, HeaderValue)>,
    connection: Option<Connection>,
    first_byte: Rc<FirstByte>,
    parts: Parts,
    /// Requests of the current step with their answers, if somebody watches.
    seen: Vec<Exchange>,
    /// Host that it speaks to, by its position among the other hosts behind the door; `None` for the front door's own.
    at: Option<usize>,
    /// The front door's own host.
    home: Rc<Target>,
    /// Connections to hosts other than the present one.
    away: Vec<(Option<usize>, Connection)>,
    /// The user's other connections while it makes requests at the same time; `None` otherwise.
    pub(super) siblings: Option<Rc<Siblings>>,
}

impl Client {
    /// Creates the client of user number `user`; it connects with its first request.
    pub(super) fn new(user: u32, target: &Rc<Target>) -> Self {
        Self {
            target: Rc::clone(target),
            user,
            address: target.client_address(user),
            connection: None,
            first_byte: Rc::default(),
            parts: Parts::default(),
            seen: Vec::new(),
            at: None,
            home: Rc::clone(target),
            away: Vec::new(),
            siblings: None,
        }
    }

    /// Turns to another host behind the front door, or back to its own. The connection to the present one is kept.
    pub(super) fn turn_to(&mut self, host: Option<usize>) {
        if self.at == host {
            return;
        }
        // The connection of each host is kept, as browsers do: a user who comes back need not connect again.
        if let Some(kept) = self.connection.take() {
            self.away.push((self.at, kept));
        }
        let known = self.away.iter().position(|(to, _)| *to == host);
        self.connection = known.map(|position| self.away.swap_remove(position).1);
        self.target = match host.and_then(|host| self.home.others.get(host)) {
            Some((_, other)) => Rc::clone(other),
            None => Rc::clone(&self.home),
        };
        self.at = host;
    }

    /// The host that it speaks to, by its position among the other hosts behind the door; `None` for the front door's own.
    pub(super) fn host(&self) -> Option<usize> {
        self.at
    }

    /// Turns to the host of that name.
    pub(super) fn turn_to_named(&mut self, host: Option<&str>) {
        let host = host.and_then(|host| self.home.position(host));
        self.turn_to(host);
    }

    /// The hosts behind the front door other than the present one.
    pub(super) fn other_hosts(&self) -> impl Iterator<Item = (Option<usize>, &Target)> {
        let others = self.home.others.iter().enumerate();
        let others = others.map(|(index, (_, other))| (Some(index), &**other));
        let all = std::iter::once((None, &*self.home)).chain(others);
        all.filter(|(host, _)| *host != self.at)
    }

    /// The front door.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The headers that every request of this user carries, with room for `more` and for cookies.
    pub(super) fn headers(&self, more: usize) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(4 + more);
        headers.insert(HOST, self.target.host.clone());
        // Each request says who sends it, so that whoever finds it in a log knows where it came from.
        headers.insert(USER_AGENT, AGENT);
        if let Some((name, value)) = &self.address {
            headers.insert(name, value.clone());
        }
        headers
    }

    /// Begins a step: connection times and the first byte from now on belong to its sample.
    pub(super) fn begin(&mut self) {
        self.first_byte.await_next();
        self.parts = Parts::default();
    }

    /// Parts of the current step, which was sent at `sent`.
    pub(super) fn parts(&self, sent: Instant) -> Parts {
        let first_byte = self.first_byte.get();
        Parts {
            first_byte: first_byte.map(|came| came.saturating_duration_since(sent)),
            ..self.parts
        }
    }

    /// True if a byte of the answer has come.
    pub(super) fn answer_begun(&self) -> bool {
        self.first_byte.get().is_some()
    }

    /// Makes a request, connecting first if there is no open connection, and reads the whole answer.
    ///
    /// After `Failure::Stale` the next call opens a new connection.
    pub(super) async fn send(
        &mut self,
        request: WireRequest,
        deadline: Instant,
        keep: Keep<'_>,
    ) -> Result<Answer, Failure> {
        if self.target.observer.is_some() {
            return Box::pin(self.send_watched(request, deadline, keep)).await;
        }
        let made = timer::timeout_at(deadline, self.make(request, keep));
        made.await.unwrap_or(Err(Failure::TimedOut))
    }

    /// Does the same as [`Self::send`], and keeps request and answer for the observer.
    async fn send_watched(
        &mut self,
        request: WireRequest,
        deadline: Instant,
        keep: Keep<'_>,
    ) -> Result<Answer, Failure> {
        // An observer shows the bodies, which other steps only count.
        let keep = if let Keep::Events(_) = keep { keep } else { Keep::Body };
        let mut exchange = self.watch(&request);
        let made = timer::timeout_at(deadline, self.make(request, keep)).await;
        let answer = made.unwrap_or(Err(Failure::TimedOut));
        let finished = answer.as_ref().map_or_else(|_| timer::now(), |answer| answer.finished);
        exchange.ended(answer.as_ref(), finished);
        self.keep(exchange);
        answer
    }

    /// Tells the observer of a request that is about to be sent.
    pub(super) fn watch(&self, request: &WireRequest) -> Exchange {
        let origin = self.target.origin_header.to_str().unwrap_or_default();
        let exchange = Exchange::new(request, origin, timer::now());
        if let Some(observer) = &self.target.observer {
            observer.sending(&exchange.method, &exchange.url);
        }
        exchange
    }

    /// Keeps an exchange for the observer.
    pub(super) fn keep(&mut self, exchange: Exchange) {
        self.seen.push(exchange);
    }

    /// Takes the exchanges of the current step.
    pub(super) fn take_seen(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.seen)
    }

    /// Opens a separate HTTP/1.1 connection.
    pub(super) async fn dial_apart(&mut self) -> Result<WatchedStream, Failure> {
        let dialled = self.target.door.dial_http1(self.user).await;
        let dialled = self.add_dial_times(dialled)?;
        Ok(WatchedStream::new(dialled.stream, &self.first_byte))
    }

    async fn open(&mut self) -> Result<Connection, Failure> {
        // Only the front door's own host is shared with the user's other requests.
        let siblings = self.siblings.as_ref().filter(|_| self.at.is_none());
        if let Some(http2) = siblings.and_then(|siblings| siblings.http2(&self.first_byte)) {
            return Ok(Connection::Http2(Box::new(http2)));
        }
        let dialled = self.target.door.dial(self.user).await;
        let dialled = self.add_dial_times(dialled)?;
        let lenient = self.target.lenient.get();
        self.target.http2.set(Some(dialled.http2));
        let connection = Connection::over(dialled, &self.target.origin, &self.first_byte, lenient).await?;
        if let Some(siblings) = self.siblings.as_ref().filter(|_| self.at.is_none()) {
            siblings.opened(&connection);
        }
        Ok(connection)
    }

    /// The connection that it keeps; `None` if it has none.
    pub(super) fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// Takes a handle of an HTTP/2 connection as its own.
    pub(super) fn adopt(&mut self, http2: &Http2) {
        self.connection = Some(Connection::Http2(Box::new(http2.share(&self.first_byte))));
    }

    /// Adds connect and TLS times to those of the step; redirects may need several connections.
    fn add_dial_times(&mut self, dialled: Result<NewConnection, DialError>) -> Result<NewConnection, Failure> {
        let (connect, tls) = match &dialled {
            Ok(dialled) => (Some(dialled.connect), dialled.tls),
            Err(DialError::Tls { connect, .. }) => (Some(*connect), None),
            Err(DialError::Connect(_)) => (None, None),
        };
        let sum = |before: Option<Duration>, now: Option<Duration>| match (before, now) {
            (Some(before), Some(now)) => Some(before + now),
            (before, now) => before.or(now),
        };
        self.parts.connect = sum(self.parts.connect, connect);
        self.parts.tls = sum(self.parts.tls, tls);
        dialled.map_err(|error| Failure::from(&error))
    }

    async fn make(&mut self, request: WireRequest, keep: Keep<'_>) -> Result<Answer, Failure> {
        // The connection is taken out while a request is under way: one that fails or is dropped must not be used again.
        let kept = match self.connection.take() {
            Some(kept) => kept.ready().await,
            None => None,
        };
        let mut connection = match kept {
            Some(kept) => kept,
            // Boxed, because connecting is rare and would enlarge the future of every request.
            None => Box::pin(self.open()).await?,
        };
        let is_head = request.method() == Method::HEAD;
        let (head, body) = match connection.exchange(request, keep).await {
            Err(Failure::Strict) => {
                let (again, head, body) = Box::pin(connection.reread(is_head, keep)).await?;
                // Further connections need not find it out again.
                self.target.lenient.set(true);
                connection = again;
                (head, body)
            }
            made => made?,
        };
        let finished = timer::now();
        self.connection = connection.into_idle(&self.target.places);
        Ok(self.answer(head, body, finished))
    }

    fn answer(&self, head: Head, body: ReceivedBody, finished: Instant) -> Answer {
        if let Some(first) = body.first_event() {
            self.first_byte.replace(first);
        }
        let events = body.events();
        let (body, bytes) = body.finish();
        let (head, ()) = head.into_parts();
        Answer {
            status: head.status,
            version: head.version,
            // Decided while the headers are there: later rooms see outcomes only.
            limited: self.target.is_limited(head.status, &head.headers),
            headers: head.headers,
            upgrade_refused: false,
            events,
            body,
            bytes,
            finished,
        }
    }
}
