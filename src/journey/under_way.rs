//! A request that is under way: however it ends, it is recorded once.

use std::time::Instant;

use crate::record::{Outcome, Parts, PhaseRecorder, Sample, SeriesId};
use crate::timer;

/// A request under way. If it is dropped before it has ended (its task was aborted because the run is over), it is recorded as
/// interrupted. So every started request is accounted for.
#[derive(Debug)]
pub(super) struct UnderWay<'a> {
    recorder: PhaseRecorder<'a>,
    sample: Sample,
    ended: bool,
}

impl<'a> UnderWay<'a> {
    /// A request that is sent now.
    pub(super) fn new(series: SeriesId, intended: Instant, recorder: PhaseRecorder<'a>) -> Self {
        let now = timer::now();
        Self {
            recorder,
            sample: Sample {
                series,
                intended,
                sent: now,
                finished: now,
                outcome: Outcome::Interrupted,
                bytes: 0,
                parts: Parts::default(),
            },
            ended: false,
        }
    }

    /// Instant of sending.
    pub(super) fn sent(&self) -> Instant {
        self.sample.sent
    }

    /// Records the request with its outcome.
    pub(super) fn end(mut self, finished: Instant, outcome: Outcome, bytes: u64, parts: Parts) {
        self.ended = true;
        self.sample.finished = finished;
        self.sample.outcome = outcome;
        self.sample.bytes = bytes;
        self.sample.parts = parts;
        self.recorder.record(&self.sample);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.sample.finished = timer::now();
            self.recorder.record(&self.sample);
        }
    }
}
