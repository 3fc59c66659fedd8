//! Turns readings into points and totals.

use super::counters::Counters;
use crate::evidence::containers::{ContainerPoint, ContainerTotals, Pressure};
use crate::record::Window;

/// A reading this far outside the judged window still counts as one at its end, because readings come once a second.
const TOLERANCE_SECONDS: f64 = 0.6;

/// Accumulates the readings of one container in their order.
#[derive(Debug)]
pub(super) struct Meter {
    start: f64,
    end: f64,
    previous: Option<(f64, Counters)>,
    points: Vec<ContainerPoint>,
    totals: ContainerTotals,
    stalled: Option<[u64; 3]>,
}

impl Meter {
    pub(super) fn new(judged: Window) -> Self {
        Self {
            start: judged.start.as_secs_f64() - TOLERANCE_SECONDS,
            end: judged.end.as_secs_f64() + TOLERANCE_SECONDS,
            previous: None,
            points: Vec::new(),
            totals: ContainerTotals::default(),
            stalled: None,
        }
    }

    /// Takes a reading at that offset. A restart of the container, or a missing reading, leaves a gap.
    pub(super) fn take(&mut self, at: f64, counters: Option<Counters>) {
        let previous = self.previous.take();
        self.previous = counters.map(|counters| (at, counters));
        let (Some((before, earlier)), Some(now)) = (previous, counters) else {
            return;
        };
        let seconds = at - before;
        // A restarted container counts from zero: the interval across the restart is left out.
        let Some(delta) = now.since(&earlier).filter(|_| seconds > 0.0) else {
            return;
        };
        if at >= 0.0 {
            self.points.push(point(at, seconds, &delta, &now));
        }
        // Whole intervals only: a part of one would have to be estimated.
        if before >= self.start && at <= self.end {
            self.add(seconds, &delta);
        }
    }

    fn add(&mut self, seconds: f64, delta: &Counters) {
        let totals = &mut self.totals;
        totals.seconds += seconds;
        totals.cpu_seconds += delta.cpu_nanos as f64 / 1e9;
        totals.periods += delta.periods;
        totals.throttled_periods += delta.throttled_periods;
        totals.throttled_seconds += delta.throttled_nanos as f64 / 1e9;
        totals.memory_max = totals.memory_max.max(delta.memory);
        totals.page_faults += delta.page_faults;
        totals.major_faults += delta.major_faults;
        totals.oom_kills += delta.oom_kills;
        totals.read = sum(totals.read, delta.read);
        totals.written = sum(totals.written, delta.written);
        totals.received += delta.received;
        totals.sent += delta.sent;
        totals.sockets_max = totals.sockets_max.max(delta.sockets);
        if let Some(stalled) = delta.stalled {
            let sum = self.stalled.get_or_insert_default();
            for (sum, micros) in sum.iter_mut().zip(stalled) {
                *sum += micros;
            }
        }
    }

    /// The points, and the totals of the judged window; `None` if no reading lay in it.
    pub(super) fn finish(self) -> (Vec<ContainerPoint>, Option<ContainerTotals>) {
        let mut totals = self.totals;
        totals.pressure = self.stalled.map(|stalled| pressure(stalled, totals.seconds));
        let seen = totals.seconds > 0.0;
        (self.points, seen.then_some(totals))
    }
}

/// Sum of the known terms; `None` if neither is known.
fn sum(total: Option<u64>, more: Option<u64>) -> Option<u64> {
    total.into_iter().chain(more).reduce(|sum, more| sum + more)
}

fn point(at: f64, seconds: f64, delta: &Counters, now: &Counters) -> ContainerPoint {
    ContainerPoint {
        at,
        cpu_cores: delta.cpu_nanos as f64 / 1e9 / seconds,
        // A container that did not run in an interval has no periods, and was not throttled either.
        throttled: delta.throttled_periods as f64 / delta.periods.max(1) as f64,
        throttled_seconds: delta.throttled_nanos as f64 / 1e9,
        memory: now.memory,
        major_faults: delta.major_faults,
        received: now.received,
        sent: now.sent,
        read: now.read,
        written: now.written,
        sockets: now.sockets,
        pressure: delta.stalled.map(|stalled| pressure(stalled, seconds)),
    }
}

/// Pressure as shares of that time. The kernel's clock and ours differ slightly, so shares are capped at 1.
fn pressure(stalled: [u64; 3], seconds: f64) -> Pressure {
    // The kernel's totals lag a little behind its clock, so a part may seem to exceed the interval.
    let [cpu, memory, io] = stalled.map(|micros| (micros as f64 / 1e6 / seconds).min(1.0));
    Pressure { cpu, memory, io }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn meter() -> Meter {
        Meter::new(Window {
            start: Duration::from_secs(10),
            end: Duration::from_secs(20),
        })
    }

    /// Half a core, every second period throttled, a quarter of the time waiting.
    fn reading(second: u64) -> Counters {
        Counters {
            cpu_nanos: second * 500_000_000,
            periods: second * 10,
            throttled_periods: second * 5,
            throttled_nanos: second * 300_000_000,
            memory: 1_000 + second,
            page_faults: second * 3,
            sent: second * 7,
            // The first write comes at 12 s: until then no disk is named.
            written: (second >= 12).then_some(second * 100),
            sockets: Some(20 - second / 2),
            stalled: Some([second * 250_000, 0, second * 1_000]),
            ..Counters::default()
        }
    }

    #[test]
    fn totals_are_differences_over_the_judged_window() {
        let mut meter = meter();
        for second in 0..=25_u32 {
            meter.take(f64::from(second) + 0.002, Some(reading(second.into())));
        }
        let (points, totals) = meter.finish();
        assert_eq!(points.len(), 25);
        let point = &points[6];
        assert!((point.cpu_cores - 0.5).abs() < 1e-9 && (point.throttled - 0.5).abs() < 1e-9);
        assert!((point.throttled_seconds - 0.3).abs() < 1e-9);
        let totals = totals.unwrap();
        assert!((totals.seconds - 10.0).abs() < 1e-6 && (totals.cpu_seconds - 5.0).abs() < 1e-6);
        assert_eq!((totals.periods, totals.throttled_periods), (100, 50));
        assert!((totals.throttled_seconds - 3.0).abs() < 1e-6);
        assert_eq!((totals.memory_max, totals.page_faults, totals.sent), (1_020, 30, 70));
        assert_eq!((totals.read, totals.written), (None, Some(2_000)));
        // The intervals that end at 11 to 20 s lie inside the window.
        assert_eq!(totals.sockets_max, Some(15));
        let pressure = totals.pressure.unwrap();
        assert!((pressure.cpu - 0.25).abs() < 1e-6 && (pressure.io - 0.001).abs() < 1e-9);
    }

    #[test]
    fn a_container_that_starts_anew_leaves_a_gap_and_no_nonsense() {
        let mut meter = meter();
        meter.take(10.0, Some(reading(10)));
        meter.take(11.0, Some(reading(11)));
        meter.take(12.0, None);
        meter.take(13.0, Some(reading(1)));
        meter.take(14.0, Some(reading(2)));
        let (points, totals) = meter.finish();
        let at: Vec<f64> = points.iter().map(|point| point.at).collect();
        assert_eq!(at, [11.0, 14.0]);
        assert!((totals.unwrap().cpu_seconds - 1.0).abs() < 1e-9);
        let mut restarted = super::tests::meter();
        restarted.take(10.0, Some(reading(10)));
        restarted.take(11.0, Some(reading(1)));
        assert_eq!(restarted.finish(), (Vec::new(), None));
    }

    #[test]
    fn outside_the_judged_window_nothing_is_added() {
        let mut meter = meter();
        meter.take(0.0, Some(reading(0)));
        meter.take(1.0, Some(reading(1)));
        let (points, totals) = meter.finish();
        assert_eq!((points.len(), totals), (1, None));
    }
}
