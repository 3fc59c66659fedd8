//! Note that every log-in failed, from the load thread to the run.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Note that every log-in of the log-in phase failed and the load was ended; clones share it.
#[derive(Debug, Clone, Default)]
pub struct NoLogIn(Arc<OnceLock<Duration>>);

impl NoLogIn {
    /// Notes the end of the log-in phase, as an offset from the run's zero.
    pub(super) fn note(&self, at: Duration) {
        // Only one phase logs users in, so there is one note.
        let _ = self.0.set(at);
    }

    /// End of the log-in phase if every log-in failed, as an offset from the run's zero.
    pub fn at(&self) -> Option<Duration> {
        self.0.get().copied()
    }
}
