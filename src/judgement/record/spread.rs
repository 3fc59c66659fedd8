//! The distribution of response times second by second, all series together: coarse enough to be kept for each second of a day.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

/// Buckets for each doubling of the time.
const PER_DOUBLING: f64 = 2.0;
/// Microseconds up to which times share the first bucket.
const FIRST_MICROS: f64 = 1_000.0;
/// Largest number of buckets: up to the highest time that a histogram holds, ten minutes.
const MOST_BUCKETS: usize = 40;

/// Number of successful requests in each second by their response time, in buckets whose bounds grow by √2 from 1 ms on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread(BTreeMap<u32, Vec<u64>>);

impl Spread {
    /// Adds response times of requests that ended in that second, in microseconds.
    pub(super) fn add(&mut self, second: u32, response: &Histogram<u64>) {
        if response.is_empty() {
            return;
        }
        let counts = self.0.entry(second).or_default();
        for value in response.iter_recorded() {
            let bucket = Self::bucket(value.value_iterated_to());
            if counts.len() <= bucket {
                counts.resize(bucket + 1, 0);
            }
            if let Some(count) = counts.get_mut(bucket) {
                *count = count.saturating_add(value.count_since_last_iteration());
            }
        }
    }

    /// The seconds that have requests, in order, with the count of each bucket; trailing buckets without a request are left out.
    pub fn seconds(&self) -> impl Iterator<Item = (u32, &[u64])> {
        self.0.iter().map(|(second, counts)| (*second, counts.as_slice()))
    }

    /// Bucket of a time.
    fn bucket(micros: u64) -> usize {
        let doublings = (micros as f64 / FIRST_MICROS).max(1.0).log2();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least 0, and small"
        )]
        let bucket = (doublings * PER_DOUBLING).floor() as usize;
        bucket.min(MOST_BUCKETS - 1)
    }

    /// Lower bound of a bucket, in milliseconds. The first also holds shorter times.
    pub fn bound_ms(bucket: usize) -> f64 {
        (bucket as f64 / PER_DOUBLING).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{HIGHEST_MICROS, new_histogram};

    #[test]
    fn every_time_has_a_bucket_within_its_bounds() {
        for micros in [1_500, 10_000, 54_321, 2_000_000, HIGHEST_MICROS - 1] {
            let bucket = Spread::bucket(micros);
            let millis = micros as f64 / 1e3;
            assert!(Spread::bound_ms(bucket) <= millis, "{micros} in {bucket}");
            assert!(millis < Spread::bound_ms(bucket + 1), "{micros} in {bucket}");
        }
        assert_eq!((Spread::bucket(0), Spread::bucket(900)), (0, 0));
    }

    #[test]
    fn no_request_is_lost() {
        let mut spread = Spread::default();
        let mut histogram = new_histogram();
        for (micros, count) in [(800, 3), (5_000, 2), (5_100, 1), (700_000, 4)] {
            histogram.record_n(micros, count).unwrap();
        }
        spread.add(7, &histogram);
        spread.add(7, &histogram);
        spread.add(8, &new_histogram());
        let seconds: Vec<(u32, u64)> = spread
            .seconds()
            .map(|(second, counts)| (second, counts.iter().sum()))
            .collect();
        assert_eq!(seconds, [(7, 20)]);
        let (_, counts) = spread.seconds().next().unwrap();
        assert_eq!((counts[0], counts[4], counts.last()), (6, 6, Some(&8)));
    }
}
