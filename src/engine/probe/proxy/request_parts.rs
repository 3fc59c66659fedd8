//! Splits one request by its line in the proxy's log.

use std::time::Duration;

use super::entry::AccessLogEntry;

/// Parts of one request, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RequestParts {
    pub(super) client: Option<u64>,
    pub(super) outside: Option<u64>,
    pub(super) proxy: Option<u64>,
    pub(super) connecting: Option<u64>,
    pub(super) application: Option<u64>,
    pub(super) own: Option<u64>,
}

impl RequestParts {
    /// Splits a request; `client` is its service time, `own` the application's own measurement. The proxy's times are
    /// whole milliseconds and may exceed the finer times they are compared with: parts are cut off at 0.
    pub(super) fn new(client: Option<Duration>, entry: &AccessLogEntry, own: Option<u64>) -> Self {
        let client = client.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        let inner = entry.request.or(entry.response);
        // Nginx rounds both to whole milliseconds, so connecting may seem to take longer than the whole answer.
        let connecting = entry
            .connect
            .map(|connect| connect.min(entry.response.unwrap_or(connect)));
        Self {
            client,
            // What the client waited and the proxy did not see: network, accept queue, and the generator's own reading.
            outside: client.zip(inner).map(|(client, inner)| client.saturating_sub(inner)),
            proxy: entry
                .request
                .map(|request| request.saturating_sub(entry.response.unwrap_or(0))),
            connecting,
            application: entry
                .response
                .map(|response| response.saturating_sub(connecting.unwrap_or(0))),
            own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(request: u64, connect: u64, response: u64) -> AccessLogEntry {
        AccessLogEntry {
            request: Some(request),
            connect: Some(connect),
            header: None,
            response: Some(response),
        }
    }

    #[test]
    fn the_parts_of_a_request_are_its_whole() {
        let split = RequestParts::new(
            Some(Duration::from_micros(35_400)),
            &entry(33_000, 1_000, 30_000),
            Some(28_123),
        );
        let expected = RequestParts {
            client: Some(35_400),
            outside: Some(2_400),
            proxy: Some(3_000),
            connecting: Some(1_000),
            application: Some(29_000),
            own: Some(28_123),
        };
        assert_eq!(split, expected);
        let parts = [split.outside, split.proxy, split.connecting, split.application];
        assert_eq!(parts.into_iter().flatten().sum::<u64>(), 35_400);
    }

    #[test]
    fn what_is_not_told_is_not_made_up() {
        let time = Some(Duration::from_millis(5));
        let without = RequestParts::new(
            time,
            &AccessLogEntry {
                request: Some(4_000),
                ..AccessLogEntry::default()
            },
            None,
        );
        assert_eq!(
            (without.proxy, without.application, without.outside),
            (Some(4_000), None, Some(1_000))
        );
        let alone = RequestParts::new(
            time,
            &AccessLogEntry {
                response: Some(4_000),
                ..AccessLogEntry::default()
            },
            None,
        );
        assert_eq!(
            (alone.proxy, alone.application, alone.outside),
            (None, Some(4_000), Some(1_000))
        );
        // Whole milliseconds that exceed the time measured by the client.
        assert_eq!(
            RequestParts::new(Some(Duration::from_micros(900)), &entry(1_000, 0, 1_000), None).outside,
            Some(0)
        );
        assert_eq!(RequestParts::new(None, &entry(2_000, 0, 1_000), None).outside, None);
    }
}
