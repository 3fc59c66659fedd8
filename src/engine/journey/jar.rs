//! Cookies of one user, kept and sent by the rules of RFC 6265bis (sections 5.7 and 5.8).
//!
//! Every request goes to a host behind the front door and is a first-party one, so that `SameSite` holds nothing back. The list of public suffixes is
//! not consulted: a `Domain` of one label is refused, as browsers do, but `Domain=co.uk` is not.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::header::HeaderValue;

use super::set_cookie::{Expiry, SetCookie};
use crate::timer;
use crate::wire::KeptCookie;

/// Longest life of a cookie, whatever the server asks for.
const LONGEST_LIFE: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Most cookies of one jar, as many as browsers keep for a site. The oldest one makes room.
const MOST_COOKIES: usize = 180;

/// The front door as cookies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Host name in lower case, without a port.
    pub(super) host: Arc<str>,
    /// True if browsers treat its cookies as sent over a secure connection: by HTTPS, or to this machine itself.
    pub(super) secure: bool,
}

impl Site {
    /// A front door of that host name; `https` is true if users reach it by HTTPS.
    pub fn new(host: &str, https: bool) -> Self {
        let host = host.to_ascii_lowercase();
        let secure = https || is_this_machine(&host);
        Self {
            host: host.into(),
            secure,
        }
    }

    fn address(&self) -> Option<IpAddr> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.parse().ok()
    }
}

/// Browsers trust what never leaves the machine (Secure Contexts, section 3.1).
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    loopback || host == "localhost" || host.ends_with(".localhost")
}

/// A kept cookie.
#[derive(Debug, Clone)]
struct Cookie {
    /// `name=value` as it is sent, or the value alone if there is no name.
    pair: Box<[u8]>,
    /// Length of the name; 0 if there is none.
    name: u16,
    /// Host that set it.
    host: Arc<str>,
    /// `None` if only the host itself gets the cookie.
    domain: Option<Box<str>>,
    path: Box<str>,
    expires: Option<Instant>,
    secure: bool,
    http_only: bool,
    /// Number of the cookies that were made before it; a replacement with the same value keeps it.
    created: u64,
}

impl Cookie {
    fn name(&self) -> &[u8] {
        &self.pair[..usize::from(self.name)]
    }

    fn value(&self) -> &[u8] {
        match self.name {
            0 => &self.pair,
            name => &self.pair[usize::from(name) + 1..],
        }
    }

    /// True if that host gets it.
    fn is_for(&self, host: &Arc<str>) -> bool {
        match self.domain.as_deref() {
            // Nearly always the very same text: there is one front door.
            None => Arc::ptr_eq(&self.host, host) || self.host == *host,
            Some(domain) => host
                .strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        }
    }

    fn is_alive(&self, now: Instant) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// Cookies of one user and session. An empty jar allocates nothing.
#[derive(Clone, Default)]
pub struct Jar {
    /// In the order in which they are sent: longer paths first, then older cookies.
    cookies: Vec<Cookie>,
    created: u64,
}

impl std::fmt::Debug for Jar {
    /// Prints the number only, because cookies are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Jar").field(&self.cookies.len()).finish()
    }
}

impl Jar {
    /// True if there is no cookie at all.
    pub(super) fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// Forgets all cookies.
    pub(super) fn clear(&mut self) {
        self.cookies.clear();
    }

    /// Takes a `Set-Cookie` header of the answer to a request for `path`, unless browsers would ignore it.
    pub fn store(&mut self, header: &[u8], site: &Site, path: &str) {
        let Some(set) = SetCookie::parse(header) else { return };
        let Ok(domain) = domain_of(&set, site) else { return };
        if !is_allowed(&set, site) {
            return;
        }
        let path = set.path.unwrap_or_else(|| default_path(path));
        let guarded = |cookie: &Cookie| {
            cookie.secure && cookie.name() == set.name && cookie.is_for(&site.host) && path_matches(path, &cookie.path)
        };
        // RFC 6265bis, 5.7: a cookie set over clear text must not replace a secure one.
        if !set.secure && !site.secure && self.cookies.iter().any(guarded) {
            return;
        }
        let same = |cookie: &Cookie| {
            let place = (cookie.domain.as_deref(), &*cookie.path) == (domain, path);
            place && cookie.name() == set.name && (domain.is_some() || cookie.host == site.host)
        };
        let replaced = self
            .cookies
            .iter()
            .position(same)
            .map(|position| self.cookies.remove(position));
        let Ok(expires) = expires_at(set.expiry) else { return };
        // As in Chromium: the specification keeps the place of a cookie that gets another value as well.
        let kept = replaced.filter(|replaced| replaced.value() == set.value);
        let created = kept.map_or(self.created, |kept| kept.created);
        self.created += 1;
        let pair = match set.name {
            [] => set.value.to_vec(),
            name => [name, b"=", set.value].concat(),
        };
        self.insert(Cookie {
            pair: pair.into(),
            // A name is at most 4,096 bytes long.
            name: u16::try_from(set.name.len()).unwrap_or(0),
            host: Arc::clone(&site.host),
            domain: domain.map(Into::into),
            path: path.into(),
            expires,
            secure: set.secure,
            http_only: set.http_only,
            created,
        });
    }

    fn insert(&mut self, cookie: Cookie) {
        if self.cookies.len() >= MOST_COOKIES {
            let oldest = self.cookies.iter().enumerate().min_by_key(|(_, cookie)| cookie.created);
            if let Some((position, _)) = oldest {
                self.cookies.remove(position);
            }
        }
        // RFC 6265, 5.4: longer paths first, then earlier creation. The order is kept on insertion, which is rarer than
        // sending.
        let before = |other: &Cookie| {
            (other.path.len(), std::cmp::Reverse(other.created))
                > (cookie.path.len(), std::cmp::Reverse(cookie.created))
        };
        let position = self.cookies.partition_point(before);
        self.cookies.insert(position, cookie);
    }

    /// Value of the `cookie` header of a request for `path`; `None` if no cookie is for it.
    pub fn header(&self, site: &Site, path: &str) -> Option<HeaderValue> {
        let mut text = Vec::new();
        for cookie in self.sent(site, path) {
            if !text.is_empty() {
                text.extend_from_slice(b"; ");
            }
            text.extend_from_slice(&cookie.pair);
        }
        if text.is_empty() {
            return None;
        }
        HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).ok()
    }

    /// Values of all cookies.
    pub(super) fn values(&self) -> impl Iterator<Item = String> {
        let cookies = self.cookies.iter();
        cookies.map(|cookie| String::from_utf8_lossy(cookie.value()).into_owned())
    }

    /// All cookies that are alive, for another client of the same user.
    pub(super) fn kept(&self) -> Vec<KeptCookie> {
        let now = timer::now();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let alive = self.cookies.iter().filter(|cookie| cookie.is_alive(now));
        let kept = alive.map(|cookie| KeptCookie {
            name: text(cookie.name()),
            value: text(cookie.value()),
            host: cookie.host.to_string(),
            domain: cookie.domain.as_deref().map(str::to_owned),
            path: cookie.path.to_string(),
            left: cookie.expires.map(|expires| expires.saturating_duration_since(now)),
            secure: cookie.secure,
            http_only: cookie.http_only,
        });
        kept.collect()
    }

    /// Value of the cookie of that name that a request for `path` would carry first.
    pub(super) fn get(&self, name: &str, site: &Site, path: &str) -> Option<String> {
        let cookie = self.sent(site, path).find(|cookie| cookie.name() == name.as_bytes())?;
        Some(String::from_utf8_lossy(cookie.value()).into_owned())
    }

    fn sent<'a>(&'a self, site: &'a Site, path: &'a str) -> impl Iterator<Item = &'a Cookie> {
        let now = timer::now();
        self.cookies.iter().filter(move |cookie| {
            (site.secure || !cookie.secure)
                && cookie.is_for(&site.host)
                && path_matches(path, &cookie.path)
                && cookie.is_alive(now)
        })
    }
}

/// A cookie of a domain that the host may not set it for.
#[derive(Debug)]
struct ForeignDomain;

/// A cookie whose life is over.
#[derive(Debug, PartialEq, Eq)]
struct ExpiredCookie;

/// Domain under which the cookie is kept; `None` for the host alone.
fn domain_of<'a>(set: &'a SetCookie<'_>, site: &Site) -> Result<Option<&'a str>, ForeignDomain> {
    let Some(domain) = set.domain.as_deref() else {
        return Ok(None);
    };
    let host = &*site.host;
    // Addresses and single labels (`com`, `localhost`) have no subdomains that could share a cookie.
    if site.address().is_some() || !domain.contains('.') {
        return if domain == host { Ok(None) } else { Err(ForeignDomain) };
    }
    let parent = host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    if domain == host || parent {
        Ok(Some(domain))
    } else {
        Err(ForeignDomain)
    }
}

/// Rules on secure cookies and on names with a prefix.
fn is_allowed(set: &SetCookie<'_>, site: &Site) -> bool {
    if set.secure && !site.secure || (set.cross_site || set.partitioned) && !set.secure {
        return false;
    }
    let begins = |text: &[u8], prefix: &[u8]| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    // RFC 6265bis: a nameless cookie whose value looks like a prefixed name would reach the server as that name.
    if set.name.is_empty() {
        return !begins(set.value, b"__secure-") && !begins(set.value, b"__host-");
    }
    if begins(set.name, b"__secure-") {
        return set.secure;
    }
    if begins(set.name, b"__host-") {
        return set.secure && set.domain.is_none() && set.path == Some("/");
    }
    true
}

/// End of the cookie's life; `None` if it lives as long as the session.
fn expires_at(expiry: Option<Expiry>) -> Result<Option<Instant>, ExpiredCookie> {
    let seconds = match expiry {
        None => return Ok(None),
        Some(Expiry::After(seconds)) => seconds,
        Some(Expiry::At(instant)) => instant.saturating_sub(jiff::Timestamp::now().as_second()),
    };
    let left = u64::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds > 0)
        .ok_or(ExpiredCookie)?;
    Ok(Some(timer::now() + Duration::from_secs(left).min(LONGEST_LIFE)))
}

/// Path of a cookie that names none: the folder of the path that was asked for.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(end) if end > 0 && path.starts_with('/') => &path[..end],
        _ => "/",
    }
}

fn path_matches(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || folder.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_handed_over_as_their_server_set_them() {
        let site = Site::new("shop.example.org", true);
        let mut jar = Jar::default();
        for header in [
            "sid=s1; Path=/; Secure; HttpOnly",
            "shared=x; Domain=example.org; Max-Age=60",
            "gone=y; Max-Age=0",
        ] {
            jar.store(header.as_bytes(), &site, "/account/settings");
        }
        let mut kept = jar.kept();
        kept.sort_by(|one, other| one.name.cmp(&other.name));
        let [shared, session] = &kept[..] else {
            panic!("{kept:?}")
        };
        assert_eq!((session.value.as_str(), session.path.as_str()), ("s1", "/"));
        assert_eq!((session.secure, session.http_only, session.left), (true, true, None));
        assert_eq!((session.host.as_str(), &session.domain), ("shop.example.org", &None));
        assert_eq!(
            (shared.domain.as_deref(), shared.path.as_str()),
            (Some("example.org"), "/account")
        );
        assert!(shared.left.is_some_and(|left| left <= Duration::from_secs(60)));
        assert!(!format!("{kept:?}").contains("s1"), "values are secrets");
    }

    #[test]
    fn a_life_has_an_end() {
        let left = |expiry| expires_at(Some(expiry)).unwrap().map(|end| end - timer::now());
        for endless in [
            Expiry::After(i64::MAX),
            Expiry::At(i64::MAX),
            Expiry::At(253_402_300_799),
        ] {
            let left = left(endless).unwrap();
            assert!(left <= LONGEST_LIFE && left > LONGEST_LIFE / 2, "{left:?}");
        }
        for over in [
            Expiry::After(0),
            Expiry::After(i64::MIN),
            Expiry::At(0),
            Expiry::At(i64::MIN),
        ] {
            assert_eq!(expires_at(Some(over)), Err(ExpiredCookie), "{over:?}");
        }
        assert_eq!(expires_at(None), Ok(None));
    }
}
