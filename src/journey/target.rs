//! The front door as every user of a run sees it.

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{StatusCode, Uri};

use super::JourneyError;
use crate::stack::{Endpoints, LimiterAnswer};
use crate::units::Span;

/// First address and number of addresses of 198.18.0.0/15, the range for benchmarks (RFC 2544, appendix C).
const FIRST_CLIENT: u32 = u32::from_be_bytes([198, 18, 0, 0]);
const CLIENTS: u32 = 1 << 17;

/// What all users of a run share: resolved address, host header, limiter's answer, default time-out.
#[derive(Debug)]
pub struct Target {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) host: HeaderValue,
    pub(super) timeout: Duration,
    client_header: Option<HeaderName>,
    limiter: Option<LimiterAnswer>,
}

impl Target {
    /// Resolves the front door once. `timeout` is for steps that name none.
    pub fn new(endpoints: &Endpoints, timeout: Span) -> Result<Self, JourneyError> {
        let url = &endpoints.front_door;
        let wrong = |problem| JourneyError::FrontDoor {
            url: url.clone(),
            problem,
        };
        let parsed: Uri = url.parse().map_err(|_| wrong("not a URL"))?;
        match parsed.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(wrong("https is not supported yet")),
            _ => return Err(wrong("not an http URL")),
        }
        if parsed.path() != "/" || parsed.query().is_some() {
            return Err(wrong("a path below the front door belongs in the journeys' steps"));
        }
        let name = parsed.host().ok_or_else(|| wrong("no host in it"))?;
        let authority = parsed.authority().map_or(name, |authority| authority.as_str());
        let host = HeaderValue::from_str(authority).map_err(|_| wrong("not a host name"))?;
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let resolved = (bare, parsed.port_u16().unwrap_or(80)).to_socket_addrs();
        let resolved = resolved.map_err(|source| JourneyError::Resolve {
            url: url.clone(),
            source,
        })?;
        let client_header = endpoints
            .client_addresses
            .as_ref()
            .map(|clients| clients.header.parse());
        Ok(Self {
            addresses: resolved.collect(),
            host,
            timeout: timeout.get(),
            client_header: client_header
                .transpose()
                .map_err(|_| wrong("the header for client addresses is not a header's name"))?,
            limiter: endpoints.limiter.clone(),
        })
    }

    /// The header that gives a user an address of its own, where the stack accepts one.
    pub(super) fn client_address(&self, user: u32) -> Option<(HeaderName, HeaderValue)> {
        let header = self.client_header.clone()?;
        let address = Ipv4Addr::from(FIRST_CLIENT + (user + 1) % CLIENTS);
        Some((header, HeaderValue::from_str(&address.to_string()).ok()?))
    }

    /// Whether an answer is 429 or what the stack declares to be its limiter's.
    pub(super) fn is_limited(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        status == StatusCode::TOO_MANY_REQUESTS
            || self.limiter.as_ref().is_some_and(|limiter| {
                let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
                status.as_u16() == limiter.status && content_type.starts_with(limiter.content_type.as_bytes())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Hint;
    use crate::stack::ClientAddresses;

    fn target(front_door: &str) -> Result<Target, JourneyError> {
        let endpoints = Endpoints {
            front_door: front_door.to_owned(),
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
    fn a_front_door_is_resolved_once() {
        let target = target("http://127.0.0.1:8080").unwrap();
        assert_eq!(target.addresses, ["127.0.0.1:8080".parse().unwrap()]);
        assert_eq!(target.host, "127.0.0.1:8080");
        let six = self::target("http://[::1]").unwrap();
        assert_eq!(six.addresses, ["[::1]:80".parse().unwrap()]);
        assert_eq!(six.host, "[::1]");
    }

    #[test]
    fn a_front_door_of_another_kind_is_refused_with_a_hint() {
        let error = target("https://example.org").unwrap_err();
        assert_eq!(
            error.to_string(),
            "front door `https://example.org`: https is not supported yet"
        );
        assert!(error.hint().unwrap().contains("plain HTTP"));
        for other in ["ftp://a", "a b", "http://a/app", ""] {
            assert!(matches!(target(other), Err(JourneyError::FrontDoor { .. })), "{other}");
        }
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
