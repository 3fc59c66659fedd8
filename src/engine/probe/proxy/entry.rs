//! Times of one request, from one line of the proxy's log.

use crate::nginx::LogFormat;
use crate::units::saturating_u64;

/// Times in microseconds, from whole milliseconds in Nginx's log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct AccessLogEntry {
    /// From the first byte of the request to the last byte of the answer.
    pub(super) request: Option<u64>,
    /// Time to connect to the application; 0 over a kept connection.
    pub(super) connect: Option<u64>,
    /// Until the head of the application's answer, connecting included.
    pub(super) header: Option<u64>,
    /// Until the end of the application's answer, connecting included; `None` if the application was not asked.
    pub(super) response: Option<u64>,
}

impl AccessLogEntry {
    /// Parses a line; `None` if it does not match the format.
    pub(super) fn read(format: &LogFormat, line: &str) -> Option<Self> {
        let [request, connect, header, response] = format.read(
            line,
            [
                "request_time",
                "upstream_connect_time",
                "upstream_header_time",
                "upstream_response_time",
            ],
        )?;
        Some(Self {
            request: micros(request)?,
            connect: micros(connect)?,
            header: micros(header)?,
            response: micros(response)?,
        })
    }

    /// Adds the times of the next request with the same id: a followed redirect.
    pub(super) fn add(&mut self, next: Self) {
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        *self = Self {
            request: sum(self.request, next.request),
            connect: sum(self.connect, next.connect),
            header: sum(self.header, next.header),
            response: sum(self.response, next.response),
        };
    }
}

/// Parses `0.012`, or `0.001, 0.002 : 0.003` if several servers were asked in turn; `-` if none was: no time. `None` if the
/// text is anything else: the line does not fit its format.
#[expect(
    clippy::option_option,
    reason = "a line that does not fit is not a line without a time"
)]
fn micros(text: Option<&str>) -> Option<Option<u64>> {
    let mut sum = None;
    // Nginx lists the time of each upstream it tried, by commas, and by colons after an internal redirect: the request
    // took all of them.
    let parts = text.unwrap_or_default().split([',', ':']).map(str::trim);
    for part in parts.filter(|part| !matches!(*part, "" | "-")) {
        let seconds: f64 = part.parse().ok()?;
        // Times of Nginx have three decimals. A number without a point is another field: the format was read wrongly.
        if !seconds.is_finite() || seconds < 0.0 || !part.contains('.') {
            return None;
        }
        sum = Some(sum.unwrap_or(0) + saturating_u64((seconds * 1e6).round()));
    }
    Some(sum)
}

/// The number after the first occurrence of `prefix`.
pub(super) fn id(line: &str, prefix: &str) -> Option<u64> {
    let (_, after) = line.split_once(prefix)?;
    let end = after
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(after.len());
    after[..end].parse().ok()
}

/// Texts of the error log's lines that may report a refusal.
pub(super) const REFUSALS: [&str; 2] = [" limiting requests, excess: ", " limiting connections by zone "];

/// True if the error log's line reports a request that a limit refused, not one that it delayed or would have refused.
pub(super) fn is_refusal(line: &str) -> bool {
    REFUSALS.iter().any(|words| line.contains(words)) && !line.contains(", dry run")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_several_servers_are_one() {
        for (text, expected) in [
            (Some("0.012"), Some(Some(12_000))),
            (Some("0.001, 0.002 : 0.003"), Some(Some(6_000))),
            (Some("-, 0.002"), Some(Some(2_000))),
            (Some("-"), Some(None)),
            (Some(""), Some(None)),
            (None, Some(None)),
            // Part of an address, a status.
            (Some("10.0.0.1:61"), None),
            (Some("200"), None),
            (Some("-0.1"), None),
        ] {
            assert_eq!(micros(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_list_of_upstreams_is_one_value() {
        let format = LogFormat::compile("$upstream_addr $upstream_status $upstream_response_time $request_time");
        for (line, response) in [
            ("10.0.0.1:80 200 0.002 0.003", Some(2_000)),
            ("10.0.0.1:61, 10.0.0.2:61 502, 200 0.001, 0.002 0.004", Some(3_000)),
            (
                "10.0.0.1:80 : 10.0.0.2:80, 10.0.0.3:80 502 : 200, 200 0.001 : 0.002, 0.004 0.008",
                Some(7_000),
            ),
            ("- - - 0.001", None),
        ] {
            assert_eq!(
                AccessLogEntry::read(&format, line).unwrap().response,
                response,
                "{line}"
            );
        }
        let commas = LogFormat::compile("$upstream_addr,$upstream_response_time,$request_time");
        let read = AccessLogEntry::read(&commas, "10.0.0.1:80, 10.0.0.2:80,0.001, 0.002,0.004").unwrap();
        assert_eq!((read.response, read.request), (Some(3_000), Some(4_000)));
        assert_eq!(AccessLogEntry::read(&format, "10.0.0.1:80 200 61 0.003"), None);
    }

    #[test]
    fn an_entry_is_read_and_added_up() {
        let format = LogFormat::compile(
            "id=$http_x_request_id rt=$request_time uct=\"$upstream_connect_time\" urt=\"$upstream_response_time\"",
        );
        let line = "id=run-12 rt=0.030 uct=\"0.000\" urt=\"0.028\"";
        let mut entry = AccessLogEntry::read(&format, line).unwrap();
        let expected = AccessLogEntry {
            request: Some(30_000),
            connect: Some(0),
            header: None,
            response: Some(28_000),
        };
        assert_eq!((entry, id(line, "run-")), (expected, Some(12)));
        entry.add(AccessLogEntry {
            request: Some(1_000),
            ..AccessLogEntry::default()
        });
        assert_eq!((entry.request, entry.response), (Some(31_000), Some(28_000)));
        assert_eq!(id("\"diapason/0.1 run-7\"", "run-"), Some(7));
        assert_eq!(id("nothing", "run-"), None);
    }

    #[test]
    fn only_a_refusal_is_one() {
        let line = |what: &str| format!("2025/11/23 12:00:00 [error] 29#29: *1 {what}, client: 198.18.0.1, server: _");
        assert!(is_refusal(&line("limiting requests, excess: 20.980 by zone \"api\"")));
        assert!(is_refusal(&line("limiting connections by zone \"addresses\"")));
        assert!(!is_refusal(&line(
            "limiting requests, dry run, excess: 20.980 by zone \"api\""
        )));
        assert!(!is_refusal(&line("delaying request, excess: 0.980, by zone \"api\"")));
    }
}
