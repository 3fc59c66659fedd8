//! The times recorded of requests, a histogram for each.

use hdrhistogram::Histogram;
use hdrhistogram::errors::{AdditionError, RecordError};

use super::{Sample, new_histogram};

/// One of the times of a request. All are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// From intended start to end, of successes: the judged time.
    Response,
    /// From sending to end, of successes.
    Service,
    /// From intended start to sending, of every request, whatever its outcome.
    SendLag,
    /// From sending to the first byte of the answer, of successes.
    FirstByte,
    /// Making a connection, of the requests that made one, whatever their outcome.
    Connect,
    /// The TLS handshake, of the requests that made one, whatever their outcome.
    Tls,
}

impl Timing {
    /// Every timing, in the order of [`Timings`].
    pub const ALL: [Self; 6] = [
        Self::Response,
        Self::Service,
        Self::SendLag,
        Self::FirstByte,
        Self::Connect,
        Self::Tls,
    ];

    /// The name used in tags of the interval log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Service => "service",
            Self::SendLag => "send-lag",
            Self::FirstByte => "first-byte",
            Self::Connect => "connect",
            Self::Tls => "tls",
        }
    }
}

/// A histogram for each [`Timing`], allocated with its first value: connections are few, and a histogram takes 170 kB.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timings {
    histograms: [Option<Histogram<u64>>; Timing::ALL.len()],
}

impl Timings {
    /// The histogram; `None` if it is empty.
    pub fn get(&self, timing: Timing) -> Option<&Histogram<u64>> {
        self.histograms[timing as usize]
            .as_ref()
            .filter(|histogram| !histogram.is_empty())
    }

    /// A copy of the histogram; empty if nothing was recorded.
    pub fn of(&self, timing: Timing) -> Histogram<u64> {
        self.get(timing).cloned().unwrap_or_else(new_histogram)
    }

    /// The histogram, allocated if needed.
    pub fn get_mut(&mut self, timing: Timing) -> &mut Histogram<u64> {
        self.histograms[timing as usize].get_or_insert_with(new_histogram)
    }

    /// Records one request; true if all of its times were within the histograms' bounds.
    pub(super) fn record(&mut self, sample: &Sample) -> bool {
        // Of failed requests too: a late generator is late whatever is answered.
        let mut in_range = self.record_micros(Timing::SendLag, sample.send_lag()).is_ok();
        if sample.outcome.is_timed() {
            in_range &= self.record_micros(Timing::Response, sample.response_time()).is_ok();
            in_range &= self.record_micros(Timing::Service, sample.service_time()).is_ok();
            if let Some(first_byte) = sample.parts.first_byte {
                in_range &= self.record_micros(Timing::FirstByte, micros(first_byte)).is_ok();
            }
        }
        for (timing, part) in [(Timing::Connect, sample.parts.connect), (Timing::Tls, sample.parts.tls)] {
            if let Some(part) = part {
                in_range &= self.record_micros(timing, micros(part)).is_ok();
            }
        }
        in_range
    }

    fn record_micros(&mut self, timing: Timing, micros: u64) -> Result<(), RecordError> {
        self.get_mut(timing).record(micros)
    }

    /// Adds all of another's values to these.
    pub fn add(&mut self, other: &Self) -> Result<(), AdditionError> {
        for timing in Timing::ALL {
            if let Some(more) = other.get(timing) {
                self.get_mut(timing).add(more)?;
            }
        }
        Ok(())
    }

    /// Empties every histogram and keeps its memory.
    pub(super) fn clear(&mut self) {
        for histogram in self
            .histograms
            .iter_mut()
            .flatten()
            .filter(|histogram| !histogram.is_empty())
        {
            // Kept allocated: a histogram of these bounds takes 170 kB, and each second would ask for them again.
            histogram.reset();
        }
    }
}

fn micros(part: std::time::Duration) -> u64 {
    u64::try_from(part.as_micros()).unwrap_or(u64::MAX)
}
