//! Address of the front door.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use hyper::Uri;
use url::{Position, Url};

use super::{Transport, WireError};

/// Destination of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Tcp(Vec<SocketAddr>),
    Unix(PathBuf),
}

/// A front door's URL, taken apart.
#[derive(Debug)]
pub(super) struct FrontDoorUrl {
    pub(super) secure: bool,
    /// Host and port, as in a `host` header.
    pub(super) authority: String,
    /// The host alone, without brackets.
    pub(super) host: String,
    pub(super) place: Place,
}

/// Takes the URL apart and finds the addresses of its host.
pub(super) fn find(url: &str, transport: &Transport) -> Result<FrontDoorUrl, WireError> {
    let wrong = |problem| WireError::Url {
        url: url.to_owned(),
        problem,
    };
    if let Some(path) = socket_path(url) {
        let path = path.map_err(wrong)?;
        return Ok(FrontDoorUrl {
            secure: false,
            authority: "localhost".to_owned(),
            host: "localhost".to_owned(),
            place: Place::Unix(path),
        });
    }
    let parsed: Uri = url.parse().map_err(|_| wrong("not a URL"))?;
    let secure = match parsed.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(wrong("not an http, https or unix URL")),
    };
    if parsed.path() != "/" || parsed.query().is_some() {
        return Err(wrong("a path below the front door belongs in the journeys' steps"));
    }
    let authority = parsed.authority().ok_or_else(|| wrong("no host in it"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("a user name or password belongs in the journeys' headers"));
    }
    // Brackets mark an IPv6 address in a URL (RFC 3986, section 3.2.2) and are no part of it.
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let addresses = match transport.resolve.get(host) {
        Some(address) => vec![SocketAddr::new(*address, port)],
        // Looked up once, before the load: a look-up for each connection would be part of the response times.
        None => resolve(url, host, port)?,
    };
    Ok(FrontDoorUrl {
        secure,
        authority: authority.to_string(),
        host: host.to_owned(),
        place: Place::Tcp(addresses),
    })
}

/// The URL in production.
pub(super) fn public(url: &str) -> Result<Url, WireError> {
    let wrong = |problem| WireError::Public {
        url: url.to_owned(),
        problem,
    };
    let parsed = Url::parse(url).map_err(|_| wrong("not a URL"))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(wrong("not an http or https URL"));
    }
    if parsed.path() != "/" || parsed.query().is_some() || parsed.fragment().is_some() || !parsed.username().is_empty()
    {
        return Err(wrong("more than a scheme, a host and a port"));
    }
    Ok(parsed)
}

/// Host and port of the URL, as in a `host` header; browsers leave out the scheme's own port.
pub(super) fn authority(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}

/// The host of an `https` URL, without brackets.
pub(super) fn secure_host(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|_| url.scheme() == "https")?;
    Some(host.trim_start_matches('[').trim_end_matches(']').to_owned())
}

fn resolve(url: &str, host: &str, port: u16) -> Result<Vec<SocketAddr>, WireError> {
    let addresses = (host, port).to_socket_addrs();
    addresses.map(Iterator::collect).map_err(|source| WireError::Resolve {
        url: url.to_owned(),
        source,
    })
}

/// Path in `unix:///run/app.sock` or `http+unix://%2Frun%2Fapp.sock`; `None` if the URL is of another kind.
fn socket_path(url: &str) -> Option<Result<PathBuf, &'static str>> {
    let path = match (url.strip_prefix("unix://"), url.strip_prefix("http+unix://")) {
        (Some(path), _) => path.to_owned(),
        (None, Some(encoded)) => {
            let decoded = percent_encoding::percent_decode_str(encoded.trim_end_matches('/'));
            decoded.decode_utf8_lossy().into_owned()
        }
        (None, None) => return None,
    };
    if path.starts_with('/') {
        Some(Ok(path.into()))
    } else {
        Some(Err("the path of a Unix socket begins with `/`: `unix:///run/app.sock`"))
    }
}
