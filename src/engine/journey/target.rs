//! Front door of a run, shared by all of its users.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Scheme;
use url::Url;

use super::buffer_permits::BufferPermits;
use super::entry::EntryPoint;
use super::http2::Origin;
use super::jar::Site;
use super::tracer::Tracer;
use super::{Events, ForeignRedirects, JourneyError, Ledger, Observer};
use crate::record::Tracing;
use crate::stack::{Endpoints, LimiterAnswer};
use crate::units::Span;
use crate::wire::Door;

/// First address and number of addresses of 198.18.0.0/15, the range for benchmarks (RFC 2544, appendix C).
const FIRST_CLIENT: u32 = u32::from_be_bytes([198, 18, 0, 0]);
const CLIENTS: u32 = 1 << 17;

/// Settings that all users of a run share: front door, host header, limiter's answer, default time-out.
#[derive(Debug)]
pub struct Target {
    pub(super) door: Door,
    pub(super) origin: Origin,
    /// Addresses to which redirects are followed.
    pub(super) entry: EntryPoint,
    pub(super) host: HeaderValue,
    /// The front door as cookies see it.
    pub(super) site: Site,
    /// Value of the `origin` header: scheme, host and port.
    pub(super) origin_header: HeaderValue,
    pub(super) timeout: Duration,
    /// Limit on the connections that keep their buffers between requests.
    pub(super) places: BufferPermits,
    /// True once the head of an answer needed the lenient rules.
    pub(super) lenient: Cell<bool>,
    /// True if connections speak HTTP/2; `None` before the first.
    pub(super) http2: Cell<Option<bool>>,
    client_header: Option<HeaderName>,
    limiter: Option<LimiterAnswer>,
    /// Counter of redirects to other hosts.
    pub(super) elsewhere: ForeignRedirects,
    /// Counter of events that outcomes do not tell.
    pub(super) events: Events,
    pub(super) ledger: Ledger,
    /// Marks the requests to trace; `None` if none is traced.
    pub(super) tracer: Option<Tracer>,
    /// Observer of every step; `None` under load.
    pub(super) observer: Option<Rc<dyn Observer>>,
    /// Other hosts behind the same door, by name.
    pub(super) others: Vec<(Box<str>, Rc<Target>)>,
}

impl Target {
    /// Resolves the front door once. `timeout` is for steps that name none.
    pub fn new(endpoints: &Endpoints, timeout: Span) -> Result<Self, JourneyError> {
        let url = &endpoints.front_door;
        let wrong = |problem| JourneyError::FrontDoor {
            url: url.clone(),
            problem,
        };
        let door = Door::find(url, &endpoints.transport).map_err(JourneyError::Wire)?;
        let entry = EntryPoint::new(&door, endpoints).ok_or_else(|| wrong("not a URL"))?;
        Self::behind(door, entry, endpoints, timeout)
    }

    /// The target behind a door that was found.
    fn behind(door: Door, entry: EntryPoint, endpoints: &Endpoints, timeout: Span) -> Result<Self, JourneyError> {
        let wrong = |problem| JourneyError::FrontDoor {
            url: endpoints.front_door.clone(),
            problem,
        };
        let origin = Origin {
            scheme: if door.scheme() == "https" {
                Scheme::HTTPS
            } else {
                Scheme::HTTP
            },
            authority: door.authority().parse().map_err(|_| wrong("not a host name"))?,
        };
        let host = HeaderValue::from_str(door.authority()).map_err(|_| wrong("not a host name"))?;
        // TLS may end before the front door: browsers go by the URL in production.
        let scheme = door.public().map_or(door.scheme(), Url::scheme);
        let site = Site::new(origin.authority.host(), scheme == "https");
        let origin_header = HeaderValue::from_str(&format!("{scheme}://{}", door.authority()));
        let client_header = endpoints
            .client_addresses
            .as_ref()
            .map(|clients| clients.header.parse());
        Ok(Self {
            door,
            entry,
            lenient: Cell::new(false),
            http2: Cell::new(None),
            origin,
            host,
            site,
            origin_header: origin_header.map_err(|_| wrong("not a host name"))?,
            timeout: timeout.get(),
            places: BufferPermits::default(),
            client_header: client_header
                .transpose()
                .map_err(|_| wrong("the header for client addresses is not a header's name"))?,
            limiter: endpoints.limiter.clone(),
            elsewhere: ForeignRedirects::default(),
            events: Events::default(),
            ledger: Ledger::default(),
            tracer: None,
            observer: None,
            others: Vec::new(),
        })
    }

    /// Adds the other hosts behind the same front door: those of the stack file, and those that journeys name
    /// ([`Journeys::hosts`](super::Journeys::hosts)). They count
    /// with this one, so that it is called last.
    pub fn hosting<'a>(
        mut self,
        endpoints: &'a Endpoints,
        named: impl Iterator<Item = &'a str>,
    ) -> Result<Self, JourneyError> {
        let listed = endpoints.transport.hosts.iter().map(String::as_str);
        for host in listed.chain(named) {
            let host = host.to_ascii_lowercase();
            if host == self.door.authority() || self.position(&host).is_some() {
                continue;
            }
            let door = self.door.named(&host).map_err(JourneyError::Wire)?;
            let entry = EntryPoint::for_other_host(&door, endpoints).ok_or_else(|| JourneyError::FrontDoor {
                url: host.clone(),
                problem: "not a host name",
            })?;
            let other = Self::behind(door, entry, endpoints, Span::from_millis(1))?;
            let other = Self {
                timeout: self.timeout,
                elsewhere: self.elsewhere.clone(),
                events: self.events.clone(),
                ledger: self.ledger.clone(),
                observer: self.observer.clone(),
                ..other
            };
            self.others.push((host.into(), Rc::new(other)));
        }
        Ok(self)
    }

    /// Position of another host behind the door; `None` for the front door's own.
    pub(super) fn position(&self, host: &str) -> Option<usize> {
        self.others.iter().position(|(known, _)| **known == *host)
    }

    /// Sets the counters of redirects to other hosts and of events.
    #[must_use]
    pub fn counting(self, elsewhere: ForeignRedirects, events: Events) -> Self {
        Self {
            elsewhere,
            events,
            ..self
        }
    }

    /// Sets the ledger of acknowledged writes.
    #[must_use]
    pub fn writing(self, ledger: Ledger) -> Self {
        Self { ledger, ..self }
    }

    /// Sets the tracing, by which a share of the requests carries an id.
    #[must_use]
    pub fn tracing(self, tracing: Tracing) -> Self {
        let tracer = Tracer::new(tracing);
        Self { tracer, ..self }
    }

    /// Sets the observer of every step of every user.
    #[must_use]
    pub fn observed(self, observer: Rc<dyn Observer>) -> Self {
        Self {
            observer: Some(observer),
            ..self
        }
    }

    /// Header that gives a user an address of its own; `None` if the stack accepts none.
    pub(super) fn client_address(&self, user: u32) -> Option<(HeaderName, HeaderValue)> {
        let header = self.client_header.clone()?;
        // The first address of the range is its network's, which some limiters refuse.
        let address = Ipv4Addr::from(FIRST_CLIENT + (user + 1) % CLIENTS);
        Some((header, HeaderValue::from_str(&address.to_string()).ok()?))
    }

    /// True if an answer is 429 or matches the limiter's answer that the stack declares.
    pub(super) fn is_limited(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        status == StatusCode::TOO_MANY_REQUESTS
            || self.limiter.as_ref().is_some_and(|limiter| {
                // The status first: nearly every answer has another.
                status.as_u16() == limiter.status
                    && headers
                        .get(CONTENT_TYPE)
                        .map_or(&b""[..], HeaderValue::as_bytes)
                        .starts_with(limiter.content_type.as_bytes())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Hint;
    use crate::stack::ClientAddresses;
    use crate::wire::Transport;

    fn target(front_door: &str) -> Result<Target, JourneyError> {
        let endpoints = Endpoints {
            front_door: front_door.to_owned(),
            transport: Transport::default(),
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: Some(ClientAddresses {
                header: "X-Forwarded-For".to_owned(),
            }),
            limiter: Some(LimiterAnswer {
                status: 503,
                content_type: "text/html".to_owned(),
            }),
        };
        Target::new(&endpoints, Span::from_millis(1000))
    }

    #[test]
    fn a_front_door_that_cannot_be_used_is_refused_with_a_hint() {
        assert_eq!(target("http://127.0.0.1:8080").unwrap().host, "127.0.0.1:8080");
        assert_eq!(target("unix:///run/app.sock").unwrap().host, "localhost");
        let error = target("ftp://a").unwrap_err();
        assert_eq!(
            error.to_string(),
            "front door `ftp://a`: not an http, https or unix URL"
        );
        assert!(error.hint().unwrap().contains("https://app.example"));
    }

    #[test]
    fn users_have_addresses_of_their_own_within_the_benchmark_range() {
        let target = target("http://127.0.0.1").unwrap();
        let address = |user| target.client_address(user).unwrap().1;
        assert_eq!(address(0), "198.18.0.1");
        assert_eq!(address(255), "198.18.1.0");
        assert_eq!(address(131_070), "198.19.255.255");
        assert_eq!(address(131_071), "198.18.0.0");
    }

    #[test]
    fn the_limiter_is_told_from_the_applications_own_errors() {
        let target = target("http://127.0.0.1").unwrap();
        let limited = |status, content_type| {
            let headers = [(CONTENT_TYPE, HeaderValue::from_static(content_type))];
            target.is_limited(StatusCode::from_u16(status).unwrap(), &headers.into_iter().collect())
        };
        assert!(limited(503, "text/html; charset=utf-8"));
        assert!(!limited(503, "application/json"));
        assert!(!limited(502, "text/html"));
        assert!(limited(429, "application/json"));
    }
}
