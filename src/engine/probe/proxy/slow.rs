//! Mean parts of the requests about p95, from sums by classes of their time: no list of all requests is kept.

use std::collections::BTreeMap;

use super::request_parts::RequestParts;
use crate::evidence::proxy::SlowRequests;

/// Ranks between which a request counts as one about p95, as shares of all requests.
const RANKS: (f64, f64) = (0.93, 0.97);
/// Fewest requests there whose mean says anything.
const FEWEST: u64 = 5;
/// Ratio of the bounds of a class of times: a class is narrower than the 7 % or so that lie between the ranks of most steps.
const CLASS: f64 = 1.02;

/// Sums of one class, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
struct ClassSums {
    count: u64,
    client: u64,
    outside: u64,
    proxy: u64,
    connecting: u64,
    application: u64,
}

impl ClassSums {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.client += other.client;
        self.outside += other.outside;
        self.proxy += other.proxy;
        self.connecting += other.connecting;
        self.application += other.application;
    }
}

/// Requests by classes of the client's time.
#[derive(Debug, Default)]
pub(super) struct TimeClasses(BTreeMap<u32, ClassSums>);

impl TimeClasses {
    /// Adds a request whose client's time is known and whose time inside the proxy is, too.
    pub(super) fn add(&mut self, split: &RequestParts) {
        let (Some(client), Some(outside), Some(proxy)) = (split.client, split.outside, split.proxy) else {
            return;
        };
        self.0.entry(class(client)).or_default().add(&ClassSums {
            count: 1,
            client,
            outside,
            proxy,
            connecting: split.connecting.unwrap_or(0),
            application: split.application.unwrap_or(0),
        });
    }

    /// Mean parts of the requests about p95; `None` if they are too few.
    pub(super) fn slow(&self) -> Option<SlowRequests> {
        let all: u64 = self.0.values().map(|sums| sums.count).sum();
        let (low, high) = (RANKS.0 * all as f64, RANKS.1 * all as f64);
        let mut about = ClassSums::default();
        let mut before = 0;
        for sums in self.0.values() {
            // A class counts as a whole, so a step whose times are all alike shows its mean.
            if (before + sums.count) as f64 > low && (before as f64) < high {
                about.add(sums);
            }
            before += sums.count;
        }
        let mean = |sum: u64| sum as f64 / about.count as f64 / 1e3;
        (about.count >= FEWEST).then(|| SlowRequests {
            count: about.count,
            client: mean(about.client),
            outside: mean(about.outside),
            proxy: mean(about.proxy),
            connecting: mean(about.connecting),
            application: mean(about.application),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the logarithm of at least 1 is not negative, and that of the greatest number is below 2,300"
)]
fn class(micros: u64) -> u32 {
    ((micros.max(1) as f64).ln() / CLASS.ln()) as u32
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::entry::AccessLogEntry;
    use super::*;

    fn split(client: u64, application: u64) -> RequestParts {
        let entry = AccessLogEntry {
            request: Some(client),
            connect: Some(0),
            header: None,
            response: Some(application),
        };
        RequestParts::new(Some(Duration::from_micros(client)), &entry, None)
    }

    #[test]
    fn what_makes_requests_slow_is_not_what_the_mean_one_waits_for() {
        let mut classes = TimeClasses::default();
        // Nine of ten spend 9 of 10 ms in the proxy; one in ten takes 100 ms, nearly all of it in the application.
        for number in 0..1_000 {
            classes.add(&if number % 10 == 0 {
                split(100_000, 95_000)
            } else {
                split(10_000, 1_000)
            });
        }
        let slow = classes.slow().unwrap();
        assert_eq!((slow.count, slow.client), (100, 100.0));
        assert_eq!((slow.proxy, slow.application, slow.outside), (5.0, 95.0, 0.0));
    }

    #[test]
    fn only_requests_about_p95_count() {
        let mut classes = TimeClasses::default();
        for number in 1..=1_000_u64 {
            classes.add(&split(number * 1_000, number * 1_000));
        }
        let slow = classes.slow().unwrap();
        assert!((930.0..970.0).contains(&slow.client), "{slow:?}");
        assert!((30..=75).contains(&slow.count), "{slow:?}");
    }

    #[test]
    fn few_requests_and_unknown_parts_tell_nothing() {
        let mut classes = TimeClasses::default();
        for _ in 0..4 {
            classes.add(&split(10_000, 1_000));
        }
        classes.add(&RequestParts {
            client: Some(10_000),
            ..RequestParts::default()
        });
        assert_eq!(classes.slow(), None);
        classes.add(&split(10_000, 1_000));
        assert_eq!(classes.slow().unwrap().count, 5);
    }
}
