//! Joins the client's trace of a request with the lines of the servers' logs about it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::entry::AccessLogEntry;
use super::parts::{Parts, add_to};
use super::request_parts::RequestParts;
use crate::evidence::proxy::{ProxySecond, ProxySeries};
use crate::record::{SeriesId, Trace, Window};
use crate::timer::RunClock;
use crate::units::saturating_u32;

/// Time after the end of a request at which a missing line is given up.
// Nginx writes its log in buffers, and the container engine passes lines on with a delay.
const PATIENCE: Duration = Duration::from_secs(5);

/// Requests that await their lines, and the parts of those that were joined.
#[derive(Debug)]
pub(super) struct LogJoin {
    clock: RunClock,
    judged: Window,
    waiting: Vec<Trace>,
    /// Proxy entries by id, with the time of the last line.
    entries: HashMap<u64, (AccessLogEntry, Duration)>,
    /// Microseconds in the application by id, with the time of the last line.
    own: HashMap<u64, (u64, Duration)>,
    all: Parts,
    series: BTreeMap<SeriesId, Parts>,
    seconds: BTreeMap<u32, ProxySecond>,
}

impl LogJoin {
    pub(super) fn new(clock: RunClock, judged: Window) -> Self {
        Self {
            clock,
            judged,
            waiting: Vec::new(),
            entries: HashMap::new(),
            own: HashMap::new(),
            all: Parts::default(),
            series: BTreeMap::new(),
            seconds: BTreeMap::new(),
        }
    }

    /// Takes a line of the proxy's log with an id.
    pub(super) fn proxied(&mut self, id: u64, entry: AccessLogEntry) {
        let now = self.clock.now();
        let (known, last) = self.entries.entry(id).or_insert((AccessLogEntry::default(), now));
        // A request that the proxy redirects inside writes several lines with the same id.
        known.add(entry);
        *last = now;
    }

    /// Takes a line of the application's log with an id, in microseconds.
    pub(super) fn applied(&mut self, id: u64, micros: u64) {
        let now = self.clock.now();
        let (known, last) = self.own.entry(id).or_insert((0, now));
        *known += micros;
        *last = now;
    }

    /// Takes a line of the proxy's log that belongs to no known request.
    pub(super) fn anybodys(&mut self, entry: &AccessLogEntry) {
        if self.judged.contains_secs(self.clock.now().as_secs_f64()) {
            self.all.add(&RequestParts::new(None, entry, None));
        }
    }

    /// Takes a line of the application's log that belongs to no known request, in microseconds.
    pub(super) fn anybodys_own(&mut self, micros: u64) {
        if self.judged.contains_secs(self.clock.now().as_secs_f64()) {
            self.all.add_own(micros);
        }
    }

    /// Settles each request that ended at least 1 s ago, once its proxy line is there or `PATIENCE` has passed; every
    /// request if `all`. The delay is for the application's line, which may come later.
    pub(super) fn settle(&mut self, traces: Vec<Trace>, all: bool) {
        self.waiting.extend(traces);
        let now = self.clock.now();
        let mut waiting = Vec::new();
        for trace in std::mem::take(&mut self.waiting) {
            let age = now.saturating_sub(self.clock.offset(trace.finished));
            // Its lines may still be on the way, and several may belong together.
            if age < Duration::from_secs(1) && !all {
                waiting.push(trace);
            } else if self.entries.contains_key(&trace.id) || age > PATIENCE || all {
                self.end(&trace);
            } else {
                waiting.push(trace);
            }
        }
        self.waiting = waiting;
        // Drops lines that no trace awaits: those of interrupted requests.
        self.entries
            .retain(|_, (_, last)| now.saturating_sub(*last) < PATIENCE * 4);
        self.own.retain(|_, (_, last)| now.saturating_sub(*last) < PATIENCE * 4);
    }

    fn end(&mut self, trace: &Trace) {
        let found = self.entries.remove(&trace.id);
        let own = self.own.remove(&trace.id).map(|(micros, _)| micros);
        let finished = self.clock.offset(trace.finished).as_secs_f64();
        // By the end of the request, as everywhere.
        if !self.judged.contains_secs(finished) {
            return;
        }
        let series = self.series.entry(trace.series).or_default();
        series.followed += 1;
        self.all.followed += 1;
        if let Some((entry, _)) = found {
            let client = trace.finished.saturating_duration_since(trace.sent);
            let split = RequestParts::new(Some(client), &entry, own);
            series.add(&split);
            self.all.add(&split);
            let second = saturating_u32(finished);
            let known = self.seconds.entry(second).or_default();
            known.second = second;
            add_to(known, &split);
        }
    }

    /// The parts of all requests together, per step, and per second.
    pub(super) fn finish(self, names: &[String]) -> (ProxySeries, Vec<ProxySeries>, Vec<ProxySecond>) {
        let name = |id: SeriesId| names.get(usize::from(id.0)).cloned().unwrap_or_default();
        let series = self.series.iter().map(|(id, parts)| parts.series(name(*id)));
        (
            self.all.series("*".to_owned()),
            series.collect(),
            self.seconds.into_values().collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join() -> (LogJoin, RunClock) {
        let clock = RunClock::starting_in(Duration::ZERO);
        let judged = Window {
            start: Duration::ZERO,
            end: Duration::from_secs(10),
        };
        (LogJoin::new(clock, judged), clock)
    }

    fn trace(clock: RunClock, id: u64, from: u64, millis: u64) -> Trace {
        let sent = clock.at(Duration::from_millis(from));
        Trace {
            id,
            series: SeriesId(u16::try_from(id % 2).unwrap()),
            sent,
            finished: sent + Duration::from_millis(millis),
        }
    }

    fn entry(request: u64, response: u64) -> AccessLogEntry {
        AccessLogEntry {
            request: Some(request * 1_000),
            connect: Some(0),
            header: None,
            response: Some(response * 1_000),
        }
    }

    #[test]
    fn requests_meet_their_lines_whichever_comes_first() {
        let (mut join, clock) = join();
        join.proxied(0, entry(8, 6));
        join.applied(0, 5_500);
        join.settle(
            vec![
                trace(clock, 0, 100, 10),
                trace(clock, 1, 200, 20),
                trace(clock, 2, 300, 5),
            ],
            false,
        );
        join.proxied(1, entry(9, 4));
        // The second entry with the same id: a followed redirect.
        join.proxied(1, entry(9, 5));
        join.settle(vec![trace(clock, 3, 20_000, 10)], true);
        let (all, series, seconds) = join.finish(&["get".to_owned(), "list".to_owned()]);
        assert_eq!((all.followed, all.joined), (3, 2));
        let counts: Vec<_> = series
            .iter()
            .map(|one| (one.series.as_str(), one.followed, one.joined))
            .collect();
        assert_eq!(counts, [("get", 2, 1), ("list", 1, 1)]);
        let mean = |part: Option<crate::evidence::proxy::TimePart>| part.unwrap().mean;
        assert!((mean(series[0].outside) - 2.0).abs() < 1e-9 && (mean(series[0].proxy) - 2.0).abs() < 1e-9);
        assert!((mean(series[0].own) - 5.5).abs() < 1e-9);
        assert!((mean(series[1].application) - 9.0).abs() < 1e-9 && (mean(series[1].proxy) - 9.0).abs() < 1e-9);
        assert_eq!(seconds.len(), 1);
        assert_eq!((seconds[0].second, seconds[0].joined), (0, 2));
    }

    #[test]
    fn without_ids_every_line_of_the_judged_window_counts() {
        let (mut join, _) = join();
        join.anybodys(&entry(8, 6));
        join.anybodys_own(3_000);
        let (all, series, _) = join.finish(&[]);
        assert_eq!((all.followed, all.joined, series.len()), (0, 0, 0));
        assert_eq!(all.application.unwrap().count, 1);
        assert!(all.outside.is_none());
        assert!((all.own.unwrap().mean - 3.0).abs() < 1e-9);
    }
}
