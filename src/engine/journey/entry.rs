//! Addresses that lead to the front door: redirects to any of them are followed to it.

use bytes::Bytes;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper::http::uri::PathAndQuery;
use url::{Host, Position, Url};

use crate::stack::Endpoints;
use crate::wire::{self, Door};

/// The front door as redirects name it. A stack runs at a port of its own, which applications do not know: they name the one in
/// production, or none.
#[derive(Debug)]
pub(super) struct EntryPoint {
    /// Address that requests name.
    base: Url,
    /// Address of the connection; `None` for a Unix socket.
    own: Option<Url>,
    /// Ports other than the scheme's own.
    ports: Vec<u16>,
    /// True if `base` is the address in production, where TLS may end before the front door.
    public: bool,
}

impl EntryPoint {
    /// The addresses of that door; `None` if it has none that is a URL.
    pub(super) fn new(door: &Door, endpoints: &Endpoints) -> Option<Self> {
        let base = match door.public() {
            Some(public) => public.clone(),
            None => Url::parse(&format!("{}://{}", door.scheme(), door.authority())).ok()?,
        };
        let own = Url::parse(&endpoints.front_door).ok().filter(Url::has_host);
        let transport = &endpoints.transport;
        let mut ports = [&transport.published[..], &transport.replicas].concat();
        ports.extend([Some(&base), own.as_ref()].into_iter().flatten().filter_map(Url::port));
        Some(Self {
            base,
            own,
            ports,
            public: door.public().is_some(),
        })
    }

    /// The same for another host behind the door, which the address of the connection does not lead to.
    pub(super) fn for_other_host(door: &Door, endpoints: &Endpoints) -> Option<Self> {
        let entry = Self::new(door, endpoints)?;
        Some(Self { own: None, ..entry })
    }

    /// Path and query that `location` leads to from `path`; `None` if it leads elsewhere, or nowhere.
    pub(super) fn redirect_path(&self, path: &PathAndQuery, location: &HeaderValue) -> Option<Uri> {
        self.linked(path.as_str(), location)
    }

    /// The same from a page, which is a path or a whole URL.
    pub(super) fn linked(&self, page: &str, link: &HeaderValue) -> Option<Uri> {
        let there = self.joined(page, link)?;
        let there = Bytes::copy_from_slice(there[Position::BeforePath..Position::AfterQuery].as_bytes());
        Uri::from_maybe_shared(there).ok()
    }

    /// Origin (scheme, host and port) that `location` leads to; `None` if it is the front door's or not valid.
    pub(super) fn elsewhere(&self, location: &HeaderValue) -> Option<String> {
        let there = self.base.join(&wire::location(location.as_bytes())).ok()?;
        (!self.leads_here(&there)).then(|| there.origin().ascii_serialization())
    }

    fn joined(&self, path: &str, location: &HeaderValue) -> Option<Url> {
        // Browsers do not follow an empty one.
        if location.is_empty() {
            return None;
        }
        let here = self.base.join(path).ok()?;
        let there = here.join(&wire::location(location.as_bytes())).ok()?;
        self.leads_here(&there).then_some(there)
    }

    fn leads_here(&self, there: &Url) -> bool {
        let names = [Some(&self.base), self.own.as_ref()];
        let mut names = names.into_iter().flatten();
        let is_host = names.any(|name| name.host() == there.host() || is_loopback(name) && is_loopback(there));
        let is_scheme =
            there.scheme() == self.base.scheme() || self.public && matches!(there.scheme(), "http" | "https");
        is_host && is_scheme && there.port().is_none_or(|port| self.ports.contains(&port))
    }
}

/// True for `localhost` and the loopback addresses.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Transport;

    fn entry(front_door: &str, public: Option<&str>, published: &[u16]) -> EntryPoint {
        let transport = Transport {
            public_url: public.map(str::to_owned),
            published: published.to_vec(),
            resolve: [("app.example".to_owned(), [127, 0, 0, 1].into())].into(),
            ..Transport::default()
        };
        let door = Door::find(front_door, &transport).unwrap();
        let endpoints = Endpoints {
            front_door: front_door.to_owned(),
            transport,
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: None,
            limiter: None,
        };
        EntryPoint::new(&door, &endpoints).unwrap()
    }

    fn followed(entry: &EntryPoint, location: &[u8]) -> Option<String> {
        let path = PathAndQuery::from_static("/a/b?c=1");
        let location = HeaderValue::from_bytes(location).unwrap();
        let uri = entry.redirect_path(&path, &location);
        assert_eq!(
            uri.is_none() && !location.is_empty(),
            entry.elsewhere(&location).is_some()
                || Url::parse("http://a")
                    .unwrap()
                    .join(&wire::location(location.as_bytes()))
                    .is_err(),
        );
        Some(uri?.to_string())
    }

    #[test]
    fn a_location_is_relative_to_what_was_asked_for() {
        let entry = entry("http://app.example:8080", None, &[]);
        for (location, path) in [
            (&b"e"[..], "/a/e"),
            (b"?c=2", "/a/b?c=2"),
            (b"../f#part", "/f"),
            (b"#part", "/a/b?c=1"),
            (b" /blank  ", "/blank"),
            (b"/a b\"c", "/a%20b%22c"),
            (b"//app.example:8080/g", "/g"),
            (b"http://app.example:8080", "/"),
            (b"HTTP://APP.example:8080/h", "/h"),
            (b"/caf\xc3\xa9?\xc3\xa9", "/caf%C3%A9?%C3%A9"),
            (b"/caf\xe9", "/caf%E9"),
        ] {
            assert_eq!(followed(&entry, location).as_deref(), Some(path), "{location:?}");
        }
        for location in [&b""[..], b"http://["] {
            assert_eq!(followed(&entry, location), None, "{location:?}");
        }
    }

    #[test]
    fn the_port_in_production_leads_to_the_front_door() {
        let plain = entry("http://app.example:49153", None, &[8080]);
        for location in [
            "http://app.example/",
            "http://app.example:8080/",
            "http://app.example:49153/",
        ] {
            assert_eq!(
                followed(&plain, location.as_bytes()).as_deref(),
                Some("/"),
                "{location}"
            );
        }
        for location in [
            "http://app.example:81/",
            "https://app.example/",
            "http://www.app.example/",
            "//sso.example/",
        ] {
            assert_eq!(followed(&plain, location.as_bytes()), None, "{location}");
        }
        let local = entry("http://127.0.0.1:49153", None, &[8080]);
        for location in ["http://localhost:8080/", "http://127.0.0.1/", "http://[::1]:8080/"] {
            assert_eq!(
                followed(&local, location.as_bytes()).as_deref(),
                Some("/"),
                "{location}"
            );
        }
        assert_eq!(followed(&local, b"http://localhost:9000/"), None);
        assert_eq!(
            local
                .elsewhere(&HeaderValue::from_static("//sso.example/x?y"))
                .as_deref(),
            Some("http://sso.example")
        );
    }

    #[test]
    fn the_address_in_production_leads_to_the_front_door() {
        let entry = entry("http://127.0.0.1:49153", Some("https://app.example:8443"), &[80]);
        for location in [
            "https://app.example:8443/x",
            "https://app.example/x",
            "http://app.example/x",
            "http://127.0.0.1:49153/x",
            "/x",
        ] {
            assert_eq!(
                followed(&entry, location.as_bytes()).as_deref(),
                Some("/x"),
                "{location}"
            );
        }
        for location in ["https://app.example:9000/", "https://example/"] {
            assert_eq!(followed(&entry, location.as_bytes()), None, "{location}");
        }
    }
}
