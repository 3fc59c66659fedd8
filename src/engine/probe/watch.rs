//! Observation time of the probes, and waiting within it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::record::Window;
use crate::timer::RunClock;

/// Clock, window and end of an observation.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The run's clock; its zero may lie in the near future.
    pub clock: RunClock,
    /// The judged window.
    pub judged: Window,
    /// End of the plan, from the clock's zero, at which a probe finishes by itself.
    pub end: Duration,
    /// Cancelled if the run is stopped early: the probe then returns its observations so far.
    pub stop: CancellationToken,
}

impl Watch {
    /// Waits until that offset of the run's clock; `false` if the run was stopped before.
    pub(super) async fn until(&self, offset: Duration) -> bool {
        tokio::select! {
            // The stop goes first, also where the offset has passed already.
            biased;
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep_until(self.clock.at(offset).into()) => true,
        }
    }

    /// Offset in seconds of a time given in seconds since the epoch; negative before the run's zero.
    pub(super) fn offset_of_epoch(&self, seconds: f64) -> f64 {
        seconds - self.clock.wall().as_nanosecond() as f64 / 1e9
    }

    /// Waits until the end of the plan or an early stop.
    pub(super) async fn until_end(&self) {
        self.until(self.end).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_for_an_offset_or_the_stop() {
        let watch = Watch {
            clock: RunClock::starting_in(Duration::ZERO),
            judged: Window {
                start: Duration::ZERO,
                end: Duration::from_secs(3600),
            },
            end: Duration::from_secs(3600),
            stop: CancellationToken::new(),
        };
        assert!(
            watch.until(Duration::ZERO).await,
            "an offset in the past is reached at once"
        );
        let later = watch.clock.wall().as_millisecond() as f64 / 1e3 + 7.5;
        assert!(
            (watch.offset_of_epoch(later) - 7.5).abs() < 0.002,
            "milliseconds cut off"
        );
        watch.stop.cancel();
        watch.until_end().await;
        assert!(!watch.until(Duration::ZERO).await, "a stopped run reaches nothing");
    }
}
