//! The front door of a run: found once, dialled by every user.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream, UnixStream};
use url::Url;

use super::place::{self, Place};
use super::tls::{self, Tls};
use super::{DialError, HttpVersion, Stream, Transport, WireError, source};
use crate::timer;

/// Address of the front door, and the settings for connecting to it.
pub struct Door {
    place: Place,
    authority: String,
    public: Option<Url>,
    tls: Option<Tls>,
    http: HttpVersion,
    sources: Vec<IpAddr>,
    replicas: Vec<u16>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("place", &self.place)
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// A new connection and its set-up times.
#[derive(Debug)]
pub struct NewConnection {
    /// The stream.
    pub stream: Stream,
    /// True if HTTP/2 is spoken over it.
    pub http2: bool,
    /// Time to connect, without the TLS handshake.
    pub connect: Duration,
    /// Time of the TLS handshake; `None` without TLS.
    pub tls: Option<Duration>,
}

impl Door {
    /// Finds the front door: resolves its name, and reads the certificates to trust. It does not connect.
    pub fn find(url: &str, transport: &Transport) -> Result<Self, WireError> {
        let found = place::find(url, transport)?;
        let place = found.place;
        let sources = source::checked(&transport.source_addresses)?;
        all_reach(&place, &sources).map_err(|address| WireError::Family {
            address,
            url: url.to_owned(),
        })?;
        let public = transport.public_url.as_deref().map(place::public).transpose()?;
        let tls = if found.secure {
            // The certificate is for the name that users know.
            let host = public.as_ref().and_then(place::secure_host).unwrap_or(found.host);
            let name = ServerName::try_from(host).map_err(|_| WireError::Url {
                url: url.to_owned(),
                problem: "not a host name that a certificate can be for",
            })?;
            Some(Tls::new(name, &transport.tls, transport.http)?)
        } else {
            None
        };
        Ok(Self {
            place,
            authority: public.as_ref().map_or(found.authority, place::authority),
            public,
            tls,
            http: transport.http,
            sources,
            replicas: transport.replicas.clone(),
        })
    }

    /// The same front door for another host behind it: by that name, and with a certificate for it.
    pub fn named(&self, authority: &str) -> Result<Self, WireError> {
        let scheme = self.public.as_ref().map_or(self.scheme(), Url::scheme);
        let url = format!("{scheme}://{authority}");
        let wrong = |problem| WireError::Url {
            url: url.clone(),
            problem,
        };
        let public = Url::parse(&url).map_err(|_| wrong("not a URL"))?;
        let host = public.host_str().ok_or_else(|| wrong("no host in it"))?.to_owned();
        let tls = match &self.tls {
            None => None,
            Some(tls) => Some(Tls {
                name: ServerName::try_from(host).map_err(|_| wrong("not a host name that a certificate can be for"))?,
                // The same trust and session cache, under another name.
                any: tls.any.clone(),
                http1: tls.http1.clone(),
            }),
        };
        Ok(Self {
            place: self.place.clone(),
            authority: place::authority(&public),
            public: self.public.is_some().then_some(public),
            tls,
            http: self.http,
            sources: self.sources.clone(),
            replicas: self.replicas.clone(),
        })
    }

    /// Its URL in production, if the settings give one.
    pub fn public(&self) -> Option<&Url> {
        self.public.as_ref()
    }

    /// Host and port as in its URL in production, or else in its own, for the `host` header.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Opens a connection for that user, with the HTTP version that the settings and the server agree on.
    pub async fn dial(&self, user: u32) -> Result<NewConnection, DialError> {
        self.connect(user, false).await
    }

    /// Opens an HTTP/1.1 connection, whatever the settings are, for WebSockets.
    pub async fn dial_http1(&self, user: u32) -> Result<NewConnection, DialError> {
        self.connect(user, true).await
    }

    async fn connect(&self, user: u32, http1_only: bool) -> Result<NewConnection, DialError> {
        let started = timer::now();
        let tcp = match &self.place {
            Place::Tcp(addresses) => self.tcp(addresses, user).await.map_err(DialError::Connect)?,
            Place::Unix(path) => {
                #[cfg(test)]
                if let Some(stream) = super::memory::connect(path) {
                    let stream = Stream::Memory(stream.map_err(DialError::Connect)?);
                    return Ok(self.clear(stream, since(started), http1_only));
                }
                let stream = UnixStream::connect(path).await.map_err(DialError::Connect)?;
                return Ok(self.clear(Stream::Unix(stream), since(started), http1_only));
            }
        };
        let Some(tls) = &self.tls else {
            return Ok(self.clear(Stream::Tcp(tcp), since(started), http1_only));
        };
        let connected = timer::now();
        let connect = connected - started;
        let failed = |error| DialError::Tls { connect, error };
        let connector = if http1_only { &tls.http1 } else { &tls.any };
        let stream = connector.connect(tls.name.clone(), tcp).await.map_err(failed)?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(tls::HTTP2);
        if self.http == HttpVersion::Two && !http2 && !http1_only {
            // Falling back would measure another protocol than the one asked for.
            return Err(failed(io::Error::other("the server does not offer HTTP/2")));
        }
        Ok(NewConnection {
            stream: Stream::Tls(Box::new(stream)),
            http2,
            connect,
            tls: Some(since(connected)),
        })
    }

    fn clear(&self, stream: Stream, connect: Duration, http1_only: bool) -> NewConnection {
        NewConnection {
            stream,
            // Clear text has no ALPN: HTTP/2 must be known beforehand (RFC 9113, 3.3).
            http2: self.http == HttpVersion::Two && !http1_only,
            connect,
            tls: None,
        }
    }

    /// Connects to the first of the addresses that answers.
    async fn tcp(&self, addresses: &[SocketAddr], user: u32) -> io::Result<TcpStream> {
        let replica = turn(&self.replicas, user);
        let own: Vec<SocketAddr>;
        let addresses = match replica {
            None => addresses,
            Some(port) => {
                own = addresses
                    .iter()
                    .map(|address| SocketAddr::new(address.ip(), port))
                    .collect();
                &own
            }
        };
        let stream = match self.source(user) {
            None => TcpStream::connect(addresses).await?,
            Some(source) => connect_from(source, addresses).await?,
        };
        // Nagle's algorithm would hold small requests back for the acknowledgement of the ones before.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Source address of that user; users take them in turn.
    fn source(&self, user: u32) -> Option<IpAddr> {
        turn(&self.sources, user)
    }
}

fn since(instant: Instant) -> Duration {
    timer::now().saturating_duration_since(instant)
}

/// Element for that user, of a list that users take in turn; `None` if the list is empty.
fn turn<T: Copy>(things: &[T], user: u32) -> Option<T> {
    // By the user's number, so that a user keeps its replica and its address over reconnections.
    let turn = usize::try_from(user).unwrap_or(0) % things.len().max(1);
    things.get(turn).copied()
}

async fn connect_from(source: IpAddr, addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses.iter().filter(|address| address.is_ipv4() == source.is_ipv4()) {
        let socket = match source {
            IpAddr::V4(_) => TcpSocket::new_v4()?,
            IpAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // Several local addresses multiply the ports: a connection is known by both its ends.
        socket.bind(SocketAddr::new(source, 0))?;
        match socket.connect(*address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Checks that each source address has a target of its own address family; fails with the first that has none.
fn all_reach(place: &Place, sources: &[IpAddr]) -> Result<(), IpAddr> {
    let reaches = |source: &&IpAddr| match place {
        Place::Tcp(addresses) => addresses.iter().any(|address| address.is_ipv4() == source.is_ipv4()),
        Place::Unix(_) => false,
    };
    match sources.iter().find(|source| !reaches(source)) {
        Some(source) => Err(*source),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_take_turns() {
        let ports = [1_u16, 2, 3];
        let taken: Vec<_> = (0..5).filter_map(|user| turn(&ports, user)).collect();
        assert_eq!(taken, [1, 2, 3, 1, 2]);
        assert_eq!(turn::<u16>(&[], 7), None);
    }
}
