//! One line of an access log.

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;

/// A request as a log tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    /// Seconds since the epoch at which the line was written: the end of the request.
    pub(super) ended: f64,
    /// Seconds that the request took; `None` if the log does not tell.
    pub(super) took: Option<f64>,
    /// True if `ended` is known to the millisecond.
    pub(super) is_exact: bool,
    pub(super) address: String,
    pub(super) agent: String,
    /// Value of the field that names the session; `None` if there is none.
    pub(super) session: Option<String>,
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) status: u16,
}

impl Line {
    /// Sets method and target from `GET /path HTTP/1.1`; false if it is no request line.
    pub(super) fn set_request(&mut self, request: &str) -> bool {
        let mut words = request.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return false;
        };
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_method || !version.starts_with("HTTP/") {
            return false;
        }
        method.clone_into(&mut self.method);
        self.set_target(target)
    }

    /// Sets the target; false if it is none. An absolute one, as proxies are asked, is cut to its path.
    pub(super) fn set_target(&mut self, target: &str) -> bool {
        let path = match target.split_once("://") {
            // Proxies may log the absolute form of a target (RFC 9112, 3.2.2).
            Some(("http" | "https", rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            _ => target,
        };
        path.clone_into(&mut self.target);
        path.starts_with('/')
    }

    /// Seconds at which the request began.
    pub(super) fn started(&self) -> f64 {
        self.ended - self.took.unwrap_or(0.0)
    }
}

/// The reason for which a line is not a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineRejection {
    /// It does not fit the format.
    Unfit,
    /// It holds no request line.
    NoRequest,
}

/// Fields that name a session or a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// Field of the session: a variable of Nginx, or a path in JSON.
    pub(super) session: Option<String>,
    /// Field of the client's address.
    pub(super) client: Option<String>,
}

/// The client of a chain of addresses, which proxies append to.
pub(super) fn first_address(text: &str) -> String {
    // `X-Forwarded-For` begins with the client; proxies add themselves behind it.
    text.split(',').next().unwrap_or_default().trim().to_owned()
}

/// Seconds since the epoch of `10/Oct/2000:13:55:36 -0700` or `06/Feb/2009:12:14:14.655`; without a zone it counts as UTC.
pub(super) fn common_time(text: &str) -> Option<(f64, bool)> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    if text.contains(' ') {
        let time = BrokenDownTime::parse("%d/%b/%Y:%H:%M:%S %z", text)
            .ok()?
            .to_timestamp()
            .ok()?;
        return Some((seconds(time), false));
    }
    let time = BrokenDownTime::parse("%d/%b/%Y:%H:%M:%S%.f", text)
        .ok()?
        .to_datetime()
        .ok()?;
    let time = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some((seconds(time), text.contains('.')))
}

/// Seconds since the epoch of an ISO time or a number of seconds, milliseconds, micro- or nanoseconds; true if it is exact.
pub(super) fn any_time(text: &str) -> Option<(f64, bool)> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        // From 2001 to 2286 in each unit.
        let scale = [1.0, 1e3, 1e6, 1e9]
            .into_iter()
            .find(|scale| (1e9..1e10).contains(&(number / scale)))?;
        return Some((number / scale, scale > 1.0 || text.contains('.')));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some((seconds(time), text.contains('.')));
    }
    common_time(text)
}

fn seconds(time: Timestamp) -> f64 {
    time.as_microsecond() as f64 / 1e6
}

/// Text of a field in which Nginx escaped bytes as `\xNN`.
pub(super) fn unescaped(text: &str) -> String {
    // A letter is found faster than a text, and most fields hold none.
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after
            .strip_prefix(b"x")
            .and_then(|digits| std::str::from_utf8(digits.get(..2)?).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(code) = code.filter(|_| *byte == b'\\') {
            bytes.push(code);
            rest = &after[3..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_log_are_read() {
        assert_eq!(common_time("10/Oct/2000:13:55:36 -0700"), Some((971_211_336.0, false)));
        assert_eq!(
            common_time("[06/Feb/2009:12:14:14.655]"),
            Some((1_233_922_454.655, true))
        );
        for (text, exact) in [
            ("1700000000", false),
            ("1700000000.000", true),
            ("1700000000000", true),
            ("2023-11-14T22:13:20Z", false),
            ("2023-11-14T23:13:20.000+01:00", true),
            ("14/Nov/2023:22:13:20 +0000", false),
        ] {
            assert_eq!(any_time(text), Some((1_700_000_000.0, exact)), "{text}");
        }
        assert_eq!(any_time("soon"), None);
    }

    #[test]
    fn a_request_line_is_three_words() {
        let mut line = Line::default();
        assert!(line.set_request("GET http://a.example/b?c=d HTTP/1.1"));
        assert_eq!((line.method.as_str(), line.target.as_str()), ("GET", "/b?c=d"));
        for none in [
            "",
            "-",
            "\\x16\\x03",
            "GET /a b HTTP/1.1",
            "get / HTTP/1.1",
            "GET / FTP",
            "OPTIONS * HTTP/1.1",
        ] {
            assert!(!line.set_request(none), "{none}");
        }
        assert_eq!(unescaped("a\\x22\\xC3\\xA9\\xz\\x4"), "a\"é\\xz\\x4");
    }
}
