//! Adds up the parts of requests: exact counts and means, histograms of two significant digits.

use hdrhistogram::Histogram;

use super::request_parts::RequestParts;
use super::slow::TimeClasses;
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
    classes: TimeClasses,
}

impl Parts {
    pub(super) fn add(&mut self, split: &RequestParts) {
        self.joined += u64::from(split.client.is_some());
        self.classes.add(split);
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
            slow: self.classes.slow(),
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
    use std::time::Duration;

    use super::super::entry::AccessLogEntry;
    use super::*;

    #[test]
    fn counts_and_means_are_exact() {
        let mut parts = Parts::default();
        let mut second = ProxySecond::default();
        for micros in 1..=1000_u64 {
            let split = RequestParts::new(
                Some(Duration::from_micros(micros * 10)),
                &AccessLogEntry {
                    request: Some(0),
                    connect: Some(0),
                    header: None,
                    response: Some(0),
                },
                None,
            );
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
