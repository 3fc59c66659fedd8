//! Note that the users could not be prepared, from the load thread to the run.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Note that every log-in of the log-in phase failed, or that a user could not be set up, and the load was ended; clones share it.
#[derive(Debug, Clone, Default)]
pub struct NoLogIn {
    at: Arc<OnceLock<Duration>>,
    not_set_up: Arc<OnceLock<u64>>,
}

impl NoLogIn {
    /// Notes the end of the log-in phase, as an offset from the run's zero.
    pub(super) fn note(&self, at: Duration) {
        // Only one phase logs users in, so there is one note.
        let _ = self.at.set(at);
    }

    /// Notes the number of users that could not be set up.
    pub(super) fn note_set_up(&self, users: u64) {
        let _ = self.not_set_up.set(users);
    }

    /// End of the log-in phase if every log-in failed, as an offset from the run's zero.
    pub fn at(&self) -> Option<Duration> {
        self.at.get().copied()
    }

    /// Number of users that could not be set up; `None` if all could, or none had to be.
    pub fn not_set_up(&self) -> Option<u64> {
        self.not_set_up.get().copied()
    }
}
