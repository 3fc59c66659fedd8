//! Connections of one user that are open at the same time, as a browser has them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use tokio::sync::Semaphore;

use super::connection::Connection;
use super::http2::Http2;
use super::traffic::FirstByte;
use crate::timer;

/// Most connections of a user over HTTP/1.1, as browsers have to one host.
pub(super) const CONNECTIONS: usize = 6;
/// Most streams of a user over HTTP/2, as browsers open at the same time. The server may allow fewer, then h2 waits.
pub(super) const STREAMS: usize = 100;

/// Connections of one user that are open at the same time.
#[derive(Debug)]
pub(super) struct Siblings {
    /// Permits of requests that may be under way.
    pub(super) limit: Semaphore,
    /// True once the protocol is known, and with it the limit.
    wide: Cell<bool>,
    /// The connection of all, over HTTP/2.
    http2: RefCell<Option<Http2>>,
    /// Instant at which a connection became free last.
    pub(super) freed: Cell<Instant>,
}

impl Siblings {
    /// Begins with the connections that the user has. Until the protocol is known, there is one request only: it connects, and
    /// the others wait for what comes of it.
    pub(super) fn new(kept: &[&Connection], speaks_http2: Option<bool>) -> Self {
        let siblings = Self {
            // Before the first connection it is not known if the server multiplexes: one request goes ahead, as in
            // browsers.
            limit: Semaphore::new(1),
            wide: Cell::new(false),
            http2: RefCell::new(None),
            freed: Cell::new(timer::now()),
        };
        for connection in kept {
            siblings.opened(connection);
        }
        if speaks_http2 == Some(false) {
            siblings.widen(CONNECTIONS);
        }
        siblings
    }

    /// A handle of the connection of all; `None` over HTTP/1.1, or if it has ended.
    pub(super) fn http2(&self, first_byte: &Rc<FirstByte>) -> Option<Http2> {
        let http2 = self.http2.borrow();
        let open = http2.as_ref().filter(|http2| !http2.is_closed());
        open.map(|http2| http2.share(first_byte))
    }

    /// Takes the connection of all.
    pub(super) fn take_http2(&self) -> Option<Http2> {
        self.http2.take().filter(|http2| !http2.is_closed())
    }

    /// Notes a connection: over HTTP/2 the others share it, over HTTP/1.1 they open their own.
    pub(super) fn opened(&self, connection: &Connection) {
        match connection {
            Connection::Http2(http2) => {
                *self.http2.borrow_mut() = Some(http2.share(&Rc::default()));
                self.widen(STREAMS);
            }
            Connection::Http1(_) | Connection::Parked(_) => self.widen(CONNECTIONS),
        }
    }

    fn widen(&self, limit: usize) {
        if !self.wide.replace(true) {
            self.freed.set(timer::now());
            self.limit.add_permits(limit - 1);
        }
    }
}
