//! The load thread's own histograms: no lock, no allocation per sample.

use std::cell::RefCell;

use super::{Counters, Sample};
use hdrhistogram::Histogram;

/// One second of one series, handed to the collector.
#[derive(Debug)]
pub struct SeriesInterval {
    /// Index into the recorder's table of keys.
    pub slot: usize,
    /// Response times of successes.
    pub response: Histogram<u64>,
    /// Service times of successes.
    pub service: Histogram<u64>,
    /// Send lags of all requests.
    pub send_lag: Histogram<u64>,
    /// Exact counts.
    pub counters: Counters,
}

/// One second of all series that saw a request.
#[derive(Debug)]
pub struct Interval {
    /// Whole seconds since the run's zero.
    pub second: u32,
    /// The series that saw one.
    pub series: Vec<SeriesInterval>,
}

/// Records samples; owned by the load thread.
#[derive(Debug)]
pub struct Recorder {}

impl Recorder {
    /// Records one sample in the phase its iteration belongs to.
    pub fn record(&mut self, _phase: usize, _sample: &Sample) {
        todo!()
    }
}

/// The recorder as one iteration sees it: its samples belong to the phase in which it was meant to begin.
#[derive(Debug, Clone, Copy)]
pub struct PhaseRecorder<'a> {
    recorder: &'a RefCell<Recorder>,
    phase: usize,
}

impl<'a> PhaseRecorder<'a> {
    /// For iterations of that phase (an index into the plan's phases).
    pub fn new(recorder: &'a RefCell<Recorder>, phase: usize) -> Self {
        Self { recorder, phase }
    }

    /// Records one sample.
    pub fn record(&self, sample: &Sample) {
        self.recorder.borrow_mut().record(self.phase, sample);
    }
}
