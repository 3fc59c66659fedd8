//! State of a user, apart from its connections.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::header::HeaderValue;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tokio::sync::Mutex;

use super::cache::Cache;
use super::clean_up::CreatedObject;
use super::condition::{Conditions, LastAnswer};
use super::digest::Challenge;
use super::jar::Jar;
use super::journey_id::JourneyId;
use super::template::Values;
use super::{Journeys, Target};

/// Knowledge of a user, shared by everything that it does at once.
pub(super) struct UserState {
    pub(super) number: u32,
    /// Iterations completed.
    pub(super) iteration: u64,
    pub(super) journeys: Arc<Journeys>,
    pub(super) target: Rc<Target>,
    /// Never borrowed while something is waited for.
    pub(super) memory: RefCell<IterationState>,
    /// Held while a session is renewed.
    pub(super) renewing: Mutex<()>,
}

/// The part of it that changes during an iteration.
pub(super) struct IterationState {
    pub(super) variables: Box<[Option<Box<str>>]>,
    /// Row of each feeder; `usize::MAX` before one is taken.
    pub(super) rows: Box<[usize]>,
    /// Cookies of each session; the last jar is that of journeys without one.
    pub(super) jars: Box<[Jar]>,
    /// Index of the jar of the journey under way.
    pub(super) jar: usize,
    /// Requests that remove what the user's journeys have created, the latest at the end.
    pub(super) created: Vec<CreatedObject>,
    /// Answers to steps that are cached.
    pub(super) cache: Cache,
    /// The last challenge of the server to authenticate by digest; `None` if there was none.
    pub(super) challenge: Option<Box<Challenge>>,
    /// Instant of each session's log-in or last renewal; `None` if there is no session.
    pub(super) renewed: Box<[Option<Instant>]>,
}

impl IterationState {
    /// The cookies of the journey under way.
    pub(super) fn cookies(&self) -> &Jar {
        &self.jars[self.jar]
    }

    /// The same, to change them.
    pub(super) fn cookies_mut(&mut self) -> &mut Jar {
        &mut self.jars[self.jar]
    }
}

/// Requests of a user that follow one another.
pub(super) struct Track {
    pub(super) random: SmallRng,
    /// Path and query of the request under way.
    pub(super) url: String,
    /// Address of the page that the user sees, for `referer`; `None` before the first HTML answer of an iteration.
    pub(super) page: Option<HeaderValue>,
    /// The journey that renews the session, if the last answer said that it has expired.
    pub(super) expired: Option<JourneyId>,
    /// The last answer, if a condition may look at it.
    pub(super) seen: Option<LastAnswer>,
}

impl Track {
    pub(super) fn new(random: SmallRng) -> Self {
        Self {
            random,
            url: String::new(),
            page: None,
            expired: None,
            seen: None,
        }
    }

    /// Requests beside others, which draw from a generator of their own: what they draw does not depend on who is first.
    pub(super) fn branch(&mut self) -> Self {
        Self {
            page: self.page.clone(),
            // Branches run at the same time. With one generator between them, their draws would depend on who answers
            // first.
            ..Self::new(SmallRng::seed_from_u64(self.random.random()))
        }
    }
}

impl UserState {
    /// Values for templates.
    pub(super) fn values<'a>(&'a self, memory: &'a IterationState, random: &'a mut SmallRng) -> Values<'a> {
        Values {
            feeders: &self.journeys.feeders,
            rows: &memory.rows,
            variables: &memory.variables,
            user: self.number,
            iteration: self.iteration,
            random,
            origin: self.target.origin_header.to_str().unwrap_or_default(),
        }
    }

    /// True if those conditions hold now.
    pub(super) fn holds(&self, conditions: &Conditions, track: &mut Track) -> bool {
        let memory = self.memory.borrow();
        let mut values = self.values(&memory, &mut track.random);
        let texts = conditions.texts(&mut values);
        conditions.hold_for(track.seen.as_ref(), memory.cookies(), &self.target.site, &texts)
            && conditions.hold_of(&mut values, &texts)
    }
}
