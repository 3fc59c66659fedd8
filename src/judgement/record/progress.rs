//! Figures of a run in progress, for a line on the terminal.

use std::collections::{BTreeMap, VecDeque};

use hdrhistogram::Histogram;

use super::{Counters, Interval, Outcome, SeriesInterval, SeriesRecord, Timing, new_histogram};

/// Seconds over which the shown percentile is taken.
const SHOWN_SECONDS: usize = 10;

/// The last whole second of a run, and what was judged so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Whole seconds since the run's zero.
    pub second: u32,
    /// Requests that ended in that second.
    pub requests: u64,
    /// Of these, the ones that count as errors.
    pub errors: u64,
    /// Of these, the ones that the rate limiter refused.
    pub rate_limited: u64,
    /// 95th percentile of the response times of the last ten seconds, as one set, over the shown series, in milliseconds;
    /// `None` if none succeeded or the percentile falls among failures.
    pub p95_ms: Option<f64>,
    /// Each followed objective's figure over the judged phases so far, in their order; empty before anything was judged.
    pub figures: Vec<(String, Figure)>,
}

/// An objective's figure so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// A quantile of response times in milliseconds; `None` if it falls among failures.
    Millis(Option<f64>),
    /// A share of requests.
    Share(f64),
}

/// An objective whose figure is shown during the run.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedObjective {
    /// Its name, with its statistic.
    pub name: String,
    /// True for each series that it selects, by the id of the series.
    pub series: Vec<bool>,
    /// The quantile of response times that it judges; `None` for the share of errors.
    pub quantile: Option<f64>,
}

/// Keeps what the figures are taken from.
#[derive(Debug, Default)]
pub(super) struct RecentSeconds {
    recent: VecDeque<(Histogram<u64>, u64)>,
}

impl RecentSeconds {
    /// Figures after that second, whose requests are among `records` already. The number of a slot's series is its remainder by
    /// `width`; from `count` on they are transactions, which are no requests. The percentile shown is over the series of the first
    /// followed quantile, or all series.
    pub(super) fn progress(
        &mut self,
        interval: &Interval,
        records: &BTreeMap<usize, SeriesRecord>,
        followed: &[FollowedObjective],
        count: usize,
        width: usize,
    ) -> Progress {
        // The percentile beside the rate is to be that of an objective, if there is one: all series together would mix
        // steps that nobody judges.
        let shown = followed.iter().find(|followed| followed.quantile.is_some());
        let is_shown = |slot: usize| shown.is_none_or(|shown| selects(shown, slot, width));
        let is_request = |series: &&SeriesInterval| series.slot % width.max(1) < count;
        let mut times = new_histogram();
        let (mut counters, mut total) = (Counters::default(), 0);
        for series in interval.series.iter().filter(is_request) {
            counters.add(&series.counters);
            if is_shown(series.slot) {
                total += judged(&series.counters);
                if let Some(response) = series.timings.get(Timing::Response) {
                    // Same bounds everywhere: adding cannot fail.
                    let _ = times.add(response);
                }
            }
        }
        self.recent.push_back((times, total));
        // Histograms of seconds are merged each time: percentiles of seconds cannot be averaged.
        while self.recent.len() > SHOWN_SECONDS {
            self.recent.pop_front();
        }
        let mut last = new_histogram();
        for (times, _) in &self.recent {
            let _ = last.add(times);
        }
        let last_total = self.recent.iter().map(|(_, total)| total).sum();
        Progress {
            second: interval.second,
            requests: counters.total(),
            errors: counters.errors(),
            rate_limited: counters.of(Outcome::RateLimited),
            p95_ms: quantile(&last, last_total, 0.95),
            figures: followed
                .iter()
                .filter_map(|followed| Some((followed.name.clone(), so_far(followed, records, width)?)))
                .collect(),
        }
    }
}

fn selects(followed: &FollowedObjective, slot: usize, width: usize) -> bool {
    followed.series.get(slot % width.max(1)).copied().unwrap_or(false)
}

/// Requests that a response-time objective judges: all but the interrupted ones.
fn judged(counters: &Counters) -> u64 {
    counters.total() - counters.of(Outcome::Interrupted)
}

/// The figure over the judged phases; `None` if nothing of it was judged yet.
fn so_far(followed: &FollowedObjective, records: &BTreeMap<usize, SeriesRecord>, width: usize) -> Option<Figure> {
    let selected = records
        .iter()
        .filter(|(slot, record)| record.judged && selects(followed, **slot, width));
    let mut times = new_histogram();
    let mut counters = Counters::default();
    for (_, record) in selected {
        counters.add(&record.counters);
        if let Some(response) = record
            .timings
            .get(Timing::Response)
            .filter(|_| followed.quantile.is_some())
        {
            let _ = times.add(response);
        }
    }
    let total = judged(&counters);
    (total > 0).then(|| match followed.quantile {
        Some(wanted) => Figure::Millis(quantile(&times, total, wanted)),
        None => Figure::Share(counters.errors() as f64 / total as f64),
    })
}

/// Quantile in milliseconds of `total` requests, of which those that are not among the times failed and rank above them.
fn quantile(times: &Histogram<u64>, total: u64, wanted: f64) -> Option<f64> {
    // The histogram holds successes only. Rank `wanted · total` of all requests is this quantile of the successes;
    // above 1 it falls among failures, which rank above every time.
    let among = wanted * total as f64 / times.len().max(1) as f64;
    (!times.is_empty() && among <= 1.0).then(|| times.value_at_quantile(among) as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::super::SeriesKey;
    use super::*;

    fn interval(second: u32, slot: usize, micros: &[u64], failed: u64) -> Interval {
        let mut series = SeriesInterval::empty(slot, 0);
        for micros in micros {
            series.timings.get_mut(Timing::Response).record(*micros).unwrap();
            series.counters.count(Outcome::Success, *micros, 0, &[]);
        }
        for _ in 0..failed {
            series.counters.count(Outcome::ServerError, 0, 0, &[]);
        }
        Interval {
            second,
            series: vec![series],
            busy: None,
        }
    }

    #[test]
    fn the_percentile_is_that_of_ten_seconds_as_one_set() {
        let mut following = RecentSeconds::default();
        let none = BTreeMap::new();
        let mut shown = None;
        for second in 0..10 {
            // One second in ten is slow: its own p95 is 900 ms, that of all 100 requests is 10 ms.
            let micros = if second == 4 { [900_000; 4] } else { [10_000; 4] };
            shown = following
                .progress(&interval(second, 0, &micros, 0), &none, &[], 1, 1)
                .p95_ms;
        }
        assert!((shown.unwrap() - 900.0).abs() < 1.0, "4 of 40 are slow: {shown:?}");
        for second in 10..14 {
            shown = following
                .progress(&interval(second, 0, &[10_000; 40], 0), &none, &[], 1, 1)
                .p95_ms;
        }
        assert!((shown.unwrap() - 10.0).abs() < 0.1, "4 of 184 are slow: {shown:?}");
        let failing = following.progress(&interval(14, 0, &[], 100), &none, &[], 1, 1);
        assert_eq!((failing.p95_ms, failing.errors), (None, 100));
    }

    #[test]
    fn objectives_are_shown_over_the_judged_phases_and_their_own_series() {
        let followed = [
            FollowedObjective {
                name: "API".to_owned(),
                series: vec![false, true],
                quantile: Some(0.95),
            },
            FollowedObjective {
                name: "errors".to_owned(),
                series: vec![true, true],
                quantile: None,
            },
        ];
        // Slots 0 and 1 are of the warm-up, 2 and 3 of the judged phase; odd ones are the API's.
        let mut records = BTreeMap::new();
        for (slot, micros, failed) in [(1, 700_000, 0), (2, 505_000, 1), (3, 53_000, 0)] {
            let key = SeriesKey {
                phase: "p".to_owned(),
                series: "s".to_owned(),
            };
            let mut record = SeriesRecord::new(key, slot >= 2, 0);
            let part = interval(0, slot, &[micros; 4], failed);
            record.counters.add(&part.series[0].counters);
            record.timings.add(&part.series[0].timings).unwrap();
            records.insert(slot, record);
        }
        let progress = RecentSeconds::default().progress(&interval(0, 3, &[53_000], 0), &records, &followed, 2, 2);
        let [(_, Figure::Millis(Some(api))), (_, Figure::Share(errors))] = progress.figures.as_slice() else {
            panic!("{progress:?}");
        };
        assert!((api - 53.0).abs() < 0.1 && (errors - 1.0 / 9.0).abs() < 1e-9);
        let log_in = RecentSeconds::default().progress(&interval(0, 2, &[505_000], 0), &records, &followed, 2, 2);
        assert_eq!(log_in.p95_ms, None, "log-ins are not what is judged");
    }
}
