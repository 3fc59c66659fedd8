//! The clock of a log, which may step back: at a rotation, or where it was set.

/// Seconds by which lines of several workers may stand out of order.
const TOLERANCE: f64 = 2.0;

/// The latest time seen, and the steps back from it.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock {
    latest: f64,
    /// Number of steps back.
    pub(super) backs: u64,
    /// Place of the first, and its length in seconds.
    pub(super) first: Option<(String, f64)>,
}

impl Clock {
    /// Takes the time of a line.
    pub(super) fn see(&mut self, at: f64, place: impl FnOnce() -> String) {
        if at < self.latest - TOLERANCE {
            self.backs += 1;
            let by = self.latest - at;
            self.first.get_or_insert_with(|| (place(), by));
            self.latest = at;
        }
        self.latest = self.latest.max(at);
    }
}
