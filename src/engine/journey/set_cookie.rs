//! Syntax of a `Set-Cookie` header.
//!
//! It is read by the algorithm of RFC 6265bis, section 5.6, which browsers follow, and not by a crate: the published ones refuse
//! cookies without a name, and drop the text of a date that is not in one of four forms.

use super::cookie_date;

/// Most bytes of name and value together.
const LONGEST_PAIR: usize = 4_096;
/// Most bytes of an attribute's value; a longer attribute is ignored.
const LONGEST_ATTRIBUTE: usize = 1_024;

/// End of a cookie's life, relative to the answer or absolute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// `Max-Age`, in seconds.
    After(i64),
    /// `Expires`, in seconds since the Unix epoch.
    At(i64),
}

/// One `Set-Cookie` header.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute of the header")]
pub(super) struct SetCookie<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    /// `Max-Age`, else `Expires`; `None` if it lives as long as the session.
    pub(super) expiry: Option<Expiry>,
    /// In lower case, without a leading dot; `None` if there is none.
    pub(super) domain: Option<String>,
    /// `None` if it is missing or does not begin with `/`.
    pub(super) path: Option<&'a str>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    /// True if `SameSite` is `None`, which browsers take from secure cookies only.
    pub(super) cross_site: bool,
    /// True if it is `Partitioned`, which browsers take from secure cookies only.
    pub(super) partitioned: bool,
}

impl<'a> SetCookie<'a> {
    /// Reads the header; `None` if browsers ignore it.
    pub(super) fn parse(header: &'a [u8]) -> Option<Self> {
        // RFC 6265bis, 5.6: a control character drops the whole cookie.
        if header.iter().any(|byte| matches!(byte, 0..=8 | 10..=31 | 127)) {
            return None;
        }
        let mut parts = header.split(|byte| *byte == b';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = split(pair).unwrap_or((b"", pair.trim_ascii()));
        if name.is_empty() && value.is_empty() || name.len() + value.len() > LONGEST_PAIR {
            return None;
        }
        // The specification takes a tab anywhere, Chromium around names and values only.
        let has_tab = |text: &[u8]| text.contains(&b'\t');
        if has_tab(name) || has_tab(value) {
            return None;
        }
        let mut cookie = Self {
            name,
            value,
            ..Self::default()
        };
        let (mut max_age, mut expires) = (None, None);
        for part in parts {
            let (name, value) = split(part).unwrap_or((part.trim_ascii(), b""));
            if has_tab(name) || has_tab(value) {
                return None;
            }
            // An attribute that is too long is ignored, and the cookie kept.
            if value.len() > LONGEST_ATTRIBUTE {
                continue;
            }
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
            if is("expires") {
                expires = cookie_date::parse(value).or(expires);
            } else if is("max-age") {
                max_age = seconds(value).or(max_age);
            } else if is("domain") {
                cookie.domain = domain(value);
            } else if is("path") {
                let path = std::str::from_utf8(value).ok();
                cookie.path = path.filter(|path| path.starts_with('/'));
            } else if is("samesite") {
                cookie.cross_site = value.eq_ignore_ascii_case(b"none");
            }
            cookie.secure |= is("secure");
            cookie.http_only |= is("httponly");
            cookie.partitioned |= is("partitioned");
        }
        // RFC 6265, 5.3: `Max-Age` goes before `Expires`, whichever comes first in the header.
        cookie.expiry = max_age.map(Expiry::After).or(expires.map(Expiry::At));
        Some(cookie)
    }
}

/// Name and value around the first `=`, without the blanks around them.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let position = text.iter().position(|byte| *byte == b'=')?;
    Some((text[..position].trim_ascii(), text[position + 1..].trim_ascii()))
}

fn domain(value: &[u8]) -> Option<String> {
    let value = value.strip_prefix(b".").unwrap_or(value);
    let domain = String::from_utf8_lossy(value).to_ascii_lowercase();
    (!domain.is_empty()).then_some(domain)
}

/// Whole seconds of `Max-Age`; what is beyond the range is as long as possible, or over.
fn seconds(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(limit))
}
