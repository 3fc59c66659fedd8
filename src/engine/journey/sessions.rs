//! Sessions kept between runs, so that the next run against the same stack need not log all users in again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Journeys;
use super::jar::Jar;
use crate::secrets::Secrets;
use crate::timer;

/// State of a user with all of its sessions.
#[derive(Clone)]
pub(super) struct Session {
    /// Instants of the log-ins, in the order of the session journeys; `None` for sessions that the user does not need.
    pub(super) since: Box<[Option<Instant>]>,
    /// Instants of the log-ins or last renewals, in the same order.
    pub(super) renewed: Box<[Option<Instant>]>,
    /// Cookies of each session, and those of journeys without one.
    pub(super) jars: Box<[Jar]>,
    /// Extracted variables, tokens included.
    pub(super) variables: Box<[Option<Box<str>>]>,
    /// Rows of the feeders.
    pub(super) rows: Box<[usize]>,
    /// Iterations completed.
    pub(super) iteration: u64,
}

/// Sessions by user number, for runs of the same journeys against the same stack.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<BTreeMap<u32, Session>>>);

impl fmt::Debug for Sessions {
    /// Prints the number of sessions only, because they hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sessions").field(&self.lock().len()).finish()
    }
}

impl Sessions {
    /// Number of users with a session among the first `users`.
    pub fn among(&self, users: u32) -> u32 {
        u32::try_from(self.lock().range(..users).count()).unwrap_or(users)
    }

    /// Drops sessions of which a log-in is older than `older`.
    pub fn forget(&self, older: Duration) {
        let now = timer::now();
        self.lock().retain(|_, session| {
            let fresh = |since: &Instant| now.saturating_duration_since(*since) <= older;
            session.since.iter().flatten().all(fresh)
        });
    }

    /// Adds the secrets that users have learnt: extracted values with secret names, and cookies. Those of at most 5,000 users,
    /// because the finder of all of them is kept in memory.
    pub fn learn_secrets(&self, journeys: &Journeys, secrets: &mut Secrets) {
        const MOST: usize = 5_000;
        for session in self.lock().values().take(MOST) {
            for (name, value) in journeys.names().iter().zip(&session.variables) {
                secrets.learn(name, value.as_deref().unwrap_or_default());
            }
            for value in session.jars.iter().flat_map(Jar::values) {
                secrets.learn("cookie", &value);
            }
        }
    }

    pub(super) fn of(&self, user: u32) -> Option<Session> {
        self.lock().get(&user).cloned()
    }

    pub(super) fn keep(&self, user: u32, session: Session) {
        self.lock().insert(user, session);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
