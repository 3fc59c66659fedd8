//! The load thread's own histograms: no lock, no allocation per sample.
//!
//! ```text
//!   sample ─► slot of (phase, series) ─► once a second: swap ─► channel ─► Collector
//!                     ▲                                                        │
//!                     └────────────── cleared slots, used again ◄──────────────┘
//! ```

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use super::{Answers, Counters, Example, Outcome, Sample, Timings};

/// One second of one series, handed to the collector.
#[derive(Debug)]
pub struct SeriesInterval {
    /// `phase × series count + series`.
    pub slot: usize,
    /// A histogram of each of its times.
    pub timings: Timings,
    /// Exact counts.
    pub counters: Counters,
    /// The same requests by status, with one example of each kind of failure.
    pub answers: Answers,
}

impl SeriesInterval {
    /// An empty second of that slot for that many latency limits.
    pub(super) fn empty(slot: usize, limits: usize) -> Self {
        Self {
            slot,
            timings: Timings::default(),
            counters: Counters::new(limits),
            answers: Answers::default(),
        }
    }

    /// Empties it for use by another series.
    pub fn clear(&mut self) {
        self.timings.clear();
        let limits = self.counters.over.len();
        self.counters = Counters::new(limits);
        self.answers.clear();
    }

    fn count(&mut self, sample: &Sample, limits: &[u64], example: impl FnOnce() -> Example) {
        let first = self.answers.count(sample.status, sample.outcome);
        // One example a second of each kind bounds the cost of a run in which everything fails.
        if first
            && !matches!(
                sample.outcome,
                Outcome::Success | Outcome::SessionExpired | Outcome::Interrupted
            )
        {
            self.answers.show(sample.status, sample.outcome, example());
        }
        let response = sample.response_time();
        self.counters.count(sample.outcome, response, sample.bytes, limits);
        let in_range = self.timings.record(sample);
        self.counters.out_of_range += u64::from(!in_range);
    }
}

/// One second of all series that had a request.
#[derive(Debug)]
pub struct Interval {
    /// Whole seconds since the run's zero.
    pub second: u32,
    /// The series that had a request.
    pub series: Vec<SeriesInterval>,
    /// Users in the middle of an iteration, as counted last in that second; `None` if they were not counted.
    pub busy: Option<u32>,
}

/// Records samples; owned by the load thread.
#[derive(Debug)]
pub struct Recorder {
    origin: Instant,
    limits: Arc<[u64]>,
    series_count: usize,
    /// Index into `current.series` by slot.
    open: Vec<Option<usize>>,
    current: Interval,
    intervals: Sender<Interval>,
    spare: Receiver<SeriesInterval>,
}

impl Recorder {
    /// A recorder for `phases × series` slots whose intervals go to `intervals` and come back cleared through `spare`.
    pub(super) fn new(
        origin: Instant,
        limits: Arc<[u64]>,
        phases: usize,
        series: usize,
        intervals: Sender<Interval>,
        spare: Receiver<SeriesInterval>,
    ) -> Self {
        Self {
            origin,
            limits,
            series_count: series,
            // Every slot has its place before the load: the number of pairs is known from the plan, so a sample needs
            // an index and no map.
            open: vec![None; phases * series],
            current: Interval {
                second: 0,
                series: Vec::new(),
                busy: None,
            },
            intervals,
            spare,
        }
    }

    /// Records one sample in the phase its iteration belongs to. The second it counts in is that of its end.
    pub fn record(&mut self, phase: usize, sample: &Sample) {
        self.record_with(phase, sample, Example::default);
    }

    /// As [`Self::record`]; `example` describes the request and is called for the first one of its kind in a second.
    pub fn record_with(&mut self, phase: usize, sample: &Sample, example: impl FnOnce() -> Example) {
        // A sample counts in the second of its end. The second of its start may have been handed over long before, and
        // seconds that are handed over are never changed.
        self.tick(sample.finished);
        let slot = phase * self.series_count + usize::from(sample.series.0);
        let at = match self.open[slot] {
            Some(at) => at,
            None => self.open_slot(slot),
        };
        let at_seconds = sample.finished.saturating_duration_since(self.origin).as_secs_f64();
        let example = || Example {
            at: at_seconds,
            ..example()
        };
        self.current.series[at].count(sample, &self.limits, example);
    }

    /// Records the number of users that are in the middle of an iteration now.
    pub fn busy(&mut self, now: Instant, users: u32) {
        self.tick(now);
        self.current.busy = Some(users);
    }

    /// Hands the current second over if `now` lies in a later one.
    pub fn tick(&mut self, now: Instant) {
        let second = now.saturating_duration_since(self.origin).as_secs();
        let second = u32::try_from(second).unwrap_or(u32::MAX);
        // Samples end in order on the one load thread. A clock that stands still or a second without samples leaves
        // nothing to hand over.
        if second > self.current.second {
            self.hand_over(second);
        }
    }

    fn hand_over(&mut self, next: u32) {
        let finished = std::mem::replace(
            &mut self.current,
            Interval {
                second: next,
                series: Vec::new(),
                busy: None,
            },
        );
        // The slots are forgotten and not cleared here: the collector empties the histograms, which costs more than a
        // sample, on its own thread.
        self.open.fill(None);
        // The collector outlives the recorder; if it has failed, the run fails when it is joined.
        let _ = self.intervals.send(finished);
    }

    fn open_slot(&mut self, slot: usize) -> usize {
        // Cleared histograms come back from the collector, so memory stays constant; a new one is allocated only until
        // enough are in circulation.
        let mut interval = self
            .spare
            .try_recv()
            .unwrap_or_else(|_| SeriesInterval::empty(slot, self.limits.len()));
        interval.slot = slot;
        let at = self.current.series.len();
        self.current.series.push(interval);
        self.open[slot] = Some(at);
        at
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // The last second would be lost otherwise. No sample follows, so the number of the next second does not matter.
        self.hand_over(u32::MAX);
    }
}

/// The recorder of one phase: samples of an iteration belong to the phase of its intended start.
#[derive(Debug, Clone, Copy)]
pub struct PhaseRecorder<'a> {
    recorder: &'a RefCell<Recorder>,
    phase: usize,
}

impl<'a> PhaseRecorder<'a> {
    /// Recorder for iterations of that phase (an index into the plan's phases).
    pub fn new(recorder: &'a RefCell<Recorder>, phase: usize) -> Self {
        Self { recorder, phase }
    }

    /// Records one sample.
    pub fn record(&self, sample: &Sample) {
        self.recorder.borrow_mut().record(self.phase, sample);
    }

    /// Records one sample; `example` describes the request if it is to be an example of those that did not succeed.
    pub fn record_with(&self, sample: &Sample, example: impl FnOnce() -> Example) {
        self.recorder.borrow_mut().record_with(self.phase, sample, example);
    }
}
