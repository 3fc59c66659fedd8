//! Adds up the parts of requests: exact counts and means, histograms of two significant digits.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::entry::AccessLogEntry;
use crate::evidence::proxy::{ProxySecond, ProxySeries, TimePart};

/// Ten minutes in microseconds, the range of every other histogram.
const HIGHEST: u64 = 600_000_000;

/// One part of many requests.
#[derive(Debug, Default)]
struct Sum {
    histogram: Option<Histogram<u32>>,
    micros: u64,
}

impl Sum {
    fn add(&mut self, micros: u64) {
        // Made with the first value: each step has six sums, and a log without a field fills none of its own.
        if self.histogram.is_none() {
            self.histogram = Histogram::new_with_bounds(1, HIGHEST, 2).ok();
        }
        if let Some(histogram) = &mut self.histogram {
            let counted = micros.min(HIGHEST);
            self.micros += counted;
            // The value is within the histogram's bounds, so recording cannot fail.
            let _ = histogram.record(counted);
        }
    }

    fn part(&self) -> Option<TimePart> {
        let histogram = self.histogram.as_ref()?;
        let millis = |micros: u64| micros as f64 / 1e3;
        let at = |quantile: f64| millis(histogram.value_at_quantile(quantile));
        Some(TimePart {
            count: histogram.len(),
            mean: millis(self.micros) / histogram.len() as f64,
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: millis(histogram.max()),
        })
    }
}

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

/// The parts of the requests of one step.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) followed: u64,
    joined: u64,
    client: Sum,
    outside: Sum,
    proxy: Sum,
    connecting: Sum,
    application: Sum,
    own: Sum,
}

impl Parts {
    pub(super) fn add(&mut self, split: &RequestParts) {
        self.joined += u64::from(split.client.is_some());
        for (sum, value) in [
            (&mut self.client, split.client),
            (&mut self.outside, split.outside),
            (&mut self.proxy, split.proxy),
            (&mut self.connecting, split.connecting),
            (&mut self.application, split.application),
            (&mut self.own, split.own),
        ] {
            if let Some(micros) = value {
                sum.add(micros);
            }
        }
    }

    /// Adds only the application's own time, from a log whose lines belong to no known request.
    pub(super) fn add_own(&mut self, micros: u64) {
        self.own.add(micros);
    }

    pub(super) fn series(&self, name: String) -> ProxySeries {
        ProxySeries {
            series: name,
            followed: self.followed,
            joined: self.joined,
            client: self.client.part(),
            outside: self.outside.part(),
            proxy: self.proxy.part(),
            connecting: self.connecting.part(),
            application: self.application.part(),
            own: self.own.part(),
        }
    }
}

/// Adds a request to the means of its second.
pub(super) fn add_to(second: &mut ProxySecond, split: &RequestParts) {
    second.joined += 1;
    let count = second.joined as f64;
    for (mean, value) in [
        (&mut second.outside, split.outside),
        (&mut second.proxy, split.proxy),
        (&mut second.connecting, split.connecting),
        (&mut second.application, split.application),
    ] {
        // A running mean: a second holds no list of its requests.
        *mean += (value.unwrap_or(0) as f64 / 1e3 - *mean) / count;
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

    #[test]
    fn counts_and_means_are_exact() {
        let mut parts = Parts::default();
        let mut second = ProxySecond::default();
        for micros in 1..=1000_u64 {
            let split = RequestParts::new(Some(Duration::from_micros(micros * 10)), &entry(0, 0, 0), None);
            parts.add(&split);
            add_to(&mut second, &split);
        }
        let series = parts.series("a.b".to_owned());
        let client = series.client.unwrap();
        assert_eq!((series.joined, client.count), (1000, 1000));
        assert!((client.mean - 5.005).abs() < 1e-9, "{client:?}");
        assert!((client.p95 / 9.5 - 1.0).abs() < 0.02 && (client.max / 10.0 - 1.0).abs() < 0.02);
        assert!((second.outside - 5.005).abs() < 1e-9);
        assert_eq!(series.own, None);
    }
}
