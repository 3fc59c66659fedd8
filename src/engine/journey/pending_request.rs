//! A request that is under way: however it ends, it is recorded once.

use std::time::Instant;

use crate::record::{Example, Outcome, Parts, PhaseRecorder, Sample, SeriesId};
use crate::timer;

/// A request under way. If it is dropped before it has ended (its task was aborted because the run is over), it is recorded as
/// interrupted. So every started request is accounted for.
#[derive(Debug)]
pub(super) struct PendingRequest<'a> {
    recorder: PhaseRecorder<'a>,
    sample: Sample,
    ended: bool,
}

impl<'a> PendingRequest<'a> {
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
                status: None,
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

    /// Sets the status of the answer and the bytes of its body.
    pub(super) fn answered(&mut self, status: u16, bytes: u64) {
        self.sample.status = Some(status);
        self.sample.bytes = bytes;
    }

    /// Records the request with its outcome; `example` describes it if it did not succeed.
    pub(super) fn end(mut self, finished: Instant, outcome: Outcome, parts: Parts, example: impl FnOnce() -> Example) {
        self.ended = true;
        self.sample.finished = finished;
        self.sample.outcome = outcome;
        self.sample.parts = parts;
        self.recorder.record_with(&self.sample, example);
    }
}

impl Drop for PendingRequest<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.sample.finished = timer::now();
            self.recorder.record(&self.sample);
        }
    }
}
