//! Private cache of a user: freshness and validators of what it has fetched (RFC 9111), without the bodies.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, VARY,
};

use super::cookie_date;
use crate::timer;

/// Most entries; a journey that has more names its files one by one by mistake.
const MOST: usize = 10_000;

/// Answers that a user has fetched. An empty cache allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Cache(HashMap<Box<str>, CachedAnswer>);

#[derive(Debug)]
struct CachedAnswer {
    /// Instant from which it has to be validated.
    stale: Instant,
    etag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

impl Cache {
    /// True if that need not be asked for.
    pub(super) fn is_fresh(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|entry| timer::now() < entry.stale)
    }

    /// Adds the validators of a stale entry to a request.
    pub(super) fn validate(&self, key: &str, headers: &mut HeaderMap) {
        let Some(entry) = self.0.get(key) else { return };
        let validators = [(IF_NONE_MATCH, &entry.etag), (IF_MODIFIED_SINCE, &entry.modified)];
        for (name, value) in validators {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }

    /// Takes an answer. True if it says that the entry is still valid.
    pub(super) fn take(&mut self, key: &str, status: StatusCode, headers: &HeaderMap) -> bool {
        // RFC 9111, 4.3.4: the headers of a 304 renew the stored answer's life.
        if status == StatusCode::NOT_MODIFIED {
            let Some(entry) = self.0.get_mut(key) else { return false };
            entry.stale = timer::now() + lifetime(headers);
            return true;
        }
        let is_kept = status == StatusCode::OK
            && !directives(headers).any(|directive| directive.eq_ignore_ascii_case("no-store"))
            && headers.get(VARY).is_none_or(|vary| vary != "*");
        if !is_kept {
            self.0.remove(key);
            return false;
        }
        let entry = CachedAnswer {
            stale: timer::now() + lifetime(headers),
            etag: headers.get(ETAG).cloned(),
            modified: headers.get(LAST_MODIFIED).cloned(),
        };
        if self.0.len() < MOST || self.0.contains_key(key) {
            self.0.insert(key.into(), entry);
        }
        false
    }
}

fn directives(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Time for which an answer is fresh (RFC 9111, section 4.2): `max-age`, `Expires`, or a tenth of its age when it was sent.
fn lifetime(headers: &HeaderMap) -> Duration {
    if directives(headers).any(|directive| directive.eq_ignore_ascii_case("no-cache")) {
        return Duration::ZERO;
    }
    let mut ages = directives(headers).filter_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        let seconds: u64 = value.trim().trim_matches('"').parse().ok()?;
        name.trim().eq_ignore_ascii_case("max-age").then_some(seconds)
    });
    let time = |name: HeaderName| cookie_date::parse(headers.get(name)?.as_bytes());
    let lifetime = if let Some(seconds) = ages.next() {
        seconds
    } else {
        let now = time(DATE).unwrap_or_else(|| jiff::Timestamp::now().as_second());
        let seconds = match (headers.contains_key(EXPIRES), time(EXPIRES), time(LAST_MODIFIED)) {
            // An invalid date, such as `0`, is over.
            (true, expires, _) => expires.map_or(0, |expires| expires.saturating_sub(now)),
            // RFC 9111, 4.2.2: a tenth of the age since the last change, which is what browsers use.
            (false, _, Some(modified)) => now.saturating_sub(modified) / 10,
            (false, _, None) => 0,
        };
        u64::try_from(seconds).unwrap_or(0)
    };
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.trim().parse().ok())
        .unwrap_or(0);
    // A year is as long as anybody means it.
    Duration::from_secs(lifetime.saturating_sub(age).min(365 * 24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let lines = lines.iter().map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        lines.collect()
    }

    #[test]
    fn freshness_is_that_of_the_rfc() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (lines, seconds) in [
            (&[("cache-control", "public, max-age=60")][..], 60),
            (&[("cache-control", "Max-Age=\"60\", immutable"), ("age", "15")], 45),
            (&[("cache-control", "max-age=60"), ("age", "90")], 0),
            (&[("cache-control", "no-cache, max-age=60")], 0),
            (&[("cache-control", "max-age=60"), ("expires", "0")], 60),
            (&[date, ("expires", "Sun, 06 Nov 1994 08:50:37 GMT")], 60),
            (
                &[
                    date,
                    ("expires", "0"),
                    ("last-modified", "Sun, 06 Nov 1994 08:49:27 GMT"),
                ],
                0,
            ),
            (&[date, ("last-modified", "Sun, 06 Nov 1994 08:47:57 GMT")], 10),
            (&[date], 0),
            (&[], 0),
        ] {
            assert_eq!(lifetime(&headers(lines)).as_secs(), seconds, "{lines:?}");
        }
    }

    #[test]
    fn what_must_not_be_kept_is_not() {
        let mut cache = Cache::default();
        let fresh = ("cache-control", "max-age=60");
        assert!(
            !cache.take("/a", StatusCode::NOT_MODIFIED, &headers(&[fresh])),
            "nothing was asked about"
        );
        cache.take("/a", StatusCode::OK, &headers(&[fresh]));
        assert!(cache.is_fresh("/a") && !cache.is_fresh("/b"));
        for refused in [
            &[("cache-control", "max-age=60, no-store")][..],
            &[fresh, ("vary", "*")],
        ] {
            cache.take("/a", StatusCode::OK, &headers(&[fresh]));
            cache.take("/a", StatusCode::OK, &headers(refused));
            assert!(!cache.is_fresh("/a"), "{refused:?}");
        }
        cache.take("/a", StatusCode::OK, &headers(&[fresh]));
        cache.take("/a", StatusCode::NOT_FOUND, &headers(&[]));
        assert!(!cache.is_fresh("/a"));
    }
}
