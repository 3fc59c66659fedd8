//! Clients of a user that makes requests at the same time.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use tokio::sync::SemaphorePermit;

use super::Target;
use super::client::Client;
use super::siblings::Siblings;

/// Clients of one user, each with a connection of its own over HTTP/1.1, or a stream of the same connection over HTTP/2.
pub(super) struct Pool {
    user: u32,
    target: Rc<Target>,
    /// Clients without a request, the last used one at the end.
    idle: RefCell<Vec<Client>>,
    siblings: Rc<Siblings>,
}

/// A client that was lent for one request.
pub(super) struct Lease<'a> {
    pub(super) client: Client,
    /// Instant at which its connection became free, if the request had to wait for it.
    pub(super) freed: Option<Instant>,
    _permit: Option<SemaphorePermit<'a>>,
}

impl Pool {
    /// Begins with the clients that the user has.
    pub(super) fn new(user: u32, target: &Rc<Target>, clients: Vec<Client>) -> Self {
        let kept: Vec<_> = clients.iter().filter_map(Client::connection).collect();
        let siblings = Rc::new(Siblings::new(&kept, target.http2.get()));
        Self {
            user,
            target: Rc::clone(target),
            siblings,
            idle: RefCell::new(clients),
        }
    }

    /// Lends a client, once there is one for another request.
    pub(super) async fn lend(&self) -> Lease<'_> {
        let limit = &self.siblings.limit;
        let (permit, freed) = if let Ok(permit) = limit.try_acquire() {
            (Some(permit), None)
        } else {
            // The semaphore is never closed, so there is a permit.
            let permit = limit.acquire().await.ok();
            // Intended from when a connection was free: a browser's own queue is no delay of the system.
            (permit, Some(self.siblings.freed.get()))
        };
        let kept = self.idle.borrow_mut().pop();
        let mut client = kept.unwrap_or_else(|| Client::new(self.user, &self.target));
        client.siblings = Some(Rc::clone(&self.siblings));
        Lease {
            client,
            freed,
            _permit: permit,
        }
    }

    /// Takes a client back whose request ended at that instant.
    pub(super) fn give_back(&self, lease: Lease<'_>, finished: Instant) {
        self.siblings.freed.set(finished);
        self.idle.borrow_mut().push(lease.client);
    }

    /// The clients that the user keeps, that of its next single request at the end.
    pub(super) fn end(self) -> Vec<Client> {
        let mut clients = self.idle.into_inner();
        for client in &mut clients {
            client.siblings = None;
        }
        if let Some(http2) = self.siblings.take_http2() {
            // They share one connection.
            clients.truncate(1);
            for client in &mut clients {
                client.adopt(&http2);
            }
        }
        clients.retain(|client| client.connection().is_some());
        clients
    }
}
