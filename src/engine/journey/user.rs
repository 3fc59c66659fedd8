//! One virtual user.

mod end;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use tokio::sync::Mutex;

use super::cache::Cache;
use super::client::Client;
use super::compiled::Journey;
use super::jar::Jar;
use super::sessions::{Session, Sessions};
use super::user_state::{IterationState, Track, UserState};
use super::walker::{Branch, ConnectionSource, IterationEnd, Walker};
use super::{Journeys, SetUpResult, Target};
use crate::evidence::RequestEventKind;
use crate::record::PhaseRecorder;
use crate::stats::spread;
use crate::timer;
use crate::wire::KeptCookie;

/// One virtual user: its own variables, session, address and keep-alive connection. Lives on one thread.
pub struct VirtualUser {
    person: UserState,
    track: Track,
    client: Client,
    /// Clients for requests that are made at the same time, with connections that are kept.
    spare: Vec<Client>,
    /// Instant of each session's log-in.
    logged_in: Box<[Option<Instant>]>,
    /// True if a step of the journey that was walked last did not succeed.
    troubled: bool,
}

impl fmt::Debug for VirtualUser {
    /// Prints the number only, because the variables hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualUser")
            .field("number", &self.person.number)
            .finish_non_exhaustive()
    }
}

impl VirtualUser {
    /// Creates user `number` (from 0). It takes feeder row `number` modulo the number of rows; `seed` sets its random choices.
    pub fn new(number: u32, seed: u64, journeys: &Arc<Journeys>, target: &Rc<Target>) -> Self {
        // An odd multiplier keeps the seeds of any two users apart.
        let own_seed = seed ^ spread(u64::from(number));
        let sessions = journeys.sessions().len();
        Self {
            person: UserState {
                number,
                iteration: 0,
                journeys: Arc::clone(journeys),
                target: Rc::clone(target),
                memory: RefCell::new(IterationState {
                    variables: vec![None; journeys.variables].into(),
                    rows: vec![usize::MAX; journeys.feeders.len()].into(),
                    renewed: vec![None; sessions].into(),
                    // One more for journeys without a session.
                    jars: vec![Jar::default(); sessions + 1].into(),
                    jar: 0,
                    created: Vec::new(),
                    challenge: None,
                    cache: Cache::default(),
                }),
                renewing: Mutex::new(()),
            },
            track: Track::new(SmallRng::seed_from_u64(own_seed)),
            client: Client::new(number, target),
            spare: Vec::new(),
            logged_in: vec![None; sessions].into(),
            troubled: false,
        }
    }

    /// Resumes the kept session of this user's number, if there is one with as many variables as these journeys have.
    pub fn resume(&mut self, sessions: &Sessions) {
        let memory = self.person.memory.get_mut();
        // Sessions of journeys that have changed in between do not fit, and the user logs in anew.
        let known = sessions.of(self.person.number).filter(|session| {
            session.variables.len() == memory.variables.len()
                && session.since.len() == self.logged_in.len()
                && session.rows.len() == memory.rows.len()
        });
        if let Some(session) = known {
            memory.variables = session.variables;
            memory.rows = session.rows;
            memory.renewed = session.renewed;
            memory.jars = session.jars;
            self.person.iteration = session.iteration;
            self.logged_in = session.since;
        }
    }

    /// Keeps this user's sessions for a later run, if it has all that the journeys need.
    pub fn keep(&self, sessions: &Sessions) {
        if self.is_logged_in() {
            let since = self.logged_in.clone();
            let memory = self.person.memory.borrow();
            let session = Session {
                since,
                jars: memory.jars.clone(),
                variables: memory.variables.clone(),
                rows: memory.rows.clone(),
                renewed: memory.renewed.clone(),
                iteration: self.person.iteration,
            };
            sessions.keep(self.person.number, session);
        }
    }

    /// True if the user has every session that the journeys need; false if they need none.
    pub fn is_logged_in(&self) -> bool {
        let needed = self.required_sessions();
        needed.clone().next().is_some() && needed.into_iter().all(|session| self.logged_in[session].is_some())
    }

    /// The sessions that every user needs.
    fn required_sessions(&self) -> impl Iterator<Item = usize> + Clone + use<> {
        let journeys = Arc::clone(&self.person.journeys);
        (0..self.logged_in.len()).filter(move |session| journeys.is_everyones(*session))
    }

    /// Takes the values of a set-up, and what it has created if `removes` is true.
    pub fn take(&mut self, given: &SetUpResult, removes: bool) {
        let memory = self.person.memory.get_mut();
        for (slot, value) in &given.values {
            memory.variables[*slot] = Some(value.clone());
        }
        if removes {
            memory.created.extend(given.created.iter().cloned());
        }
    }

    /// The values that a set-up of this user has extracted, and what it has created, which the user gives away.
    pub fn take_set_up(&mut self, setup: &Journey) -> SetUpResult {
        let memory = self.person.memory.get_mut();
        let values = setup.variables.clone();
        SetUpResult {
            values: values
                .filter_map(|slot| Some((slot, memory.variables[slot].clone()?)))
                .collect(),
            created: std::mem::take(&mut memory.created),
        }
    }

    /// Number of the user, from 0.
    pub fn number(&self) -> u32 {
        self.person.number
    }

    /// Cookies that the journey under way has, or the last one had.
    pub fn cookies(&self) -> Vec<KeptCookie> {
        self.person.memory.borrow().cookies().kept()
    }

    /// Walks a set-up or a tear-down, every step of which has to succeed.
    pub async fn set_up(&mut self, journey: &Journey, intended: Instant, recorder: &PhaseRecorder<'_>) -> IterationEnd {
        self.troubled = false;
        match self.iterate(journey, intended, recorder).await {
            IterationEnd::Completed if self.troubled => IterationEnd::Failed,
            ending => ending,
        }
    }

    /// Logs in by every session journey of which the user has no session, one after another, and walks the set-up of users. The
    /// samples count in their series.
    pub async fn log_in(&mut self, intended: Instant, recorder: &PhaseRecorder<'_>) -> IterationEnd {
        let mut ready = intended;
        for session in self.required_sessions() {
            let ending;
            (ready, ending) = self.ensure_session(session, ready, recorder).await;
            if ending != IterationEnd::Completed {
                return ending;
            }
        }
        let journeys = Arc::clone(&self.person.journeys);
        if let Some(setup) = journeys
            .occasions()
            .user_setup
            .as_ref()
            .and_then(|name| journeys.get(name))
        {
            return self.set_up(setup, ready, recorder).await;
        }
        IterationEnd::Completed
    }

    /// Runs one iteration; logs in first if the journey needs it. Emits one sample per request and transaction. The first step's intended start is
    /// `intended`, or the end of the log-in if there was one. A later step's is the previous step's finish plus think time.
    ///
    /// If it is dropped half-way, the request under way is recorded as interrupted. The user can continue with a new connection.
    pub async fn iterate(
        &mut self,
        journey: &Journey,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> IterationEnd {
        self.iterate_until(journey, intended, recorder).await.1
    }

    /// As [`Self::iterate`], with the end of the last step, from which a pause after the iteration counts.
    pub async fn iterate_until(
        &mut self,
        journey: &Journey,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, IterationEnd) {
        let mut intended = intended;
        if let Some(session) = journey.session.filter(|_| !journey.logs_in) {
            let ending;
            (intended, ending) = self.ready(journey, session, intended, recorder).await;
            if ending != IterationEnd::Completed {
                return (intended, ending);
            }
        }
        let (finished, ending) = self.walk(journey, intended, recorder).await;
        if let Some(session) = journey.session {
            self.drop_lost(session);
        }
        (finished, ending)
    }

    /// Forgets the values that journeys of a record share, before the user walks another session of it.
    pub fn begin_recorded_session(&mut self) {
        let shared = self.person.journeys.shared.clone();
        self.person.memory.get_mut().variables[shared].fill(None);
    }

    /// Runs one iteration of several journeys, each from its own instant on, whether those before it are over or not. Returns the
    /// end of the last one. Journeys that log in, that have different sessions, or that make several requests at a time by themselves
    /// follow one another.
    pub async fn iterate_beside(
        &mut self,
        group: &[(&Journey, Instant)],
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, IterationEnd) {
        let Some((first, start)) = group.first() else {
            return (timer::now(), IterationEnd::Completed);
        };
        let is_alone = |(journey, _): &(&Journey, Instant)| {
            journey.logs_in || journey.session != first.session || journey.most_connections() > 1
        };
        if group.iter().any(is_alone) {
            return self.iterate_in_turn(group, recorder).await;
        }
        let mut ready = *start;
        if let Some(session) = first.session {
            let ending;
            (ready, ending) = self.ready(first, session, ready, recorder).await;
            if ending != IterationEnd::Completed {
                return (ready, ending);
            }
        }
        self.track.page = None;
        self.track.seen = None;
        for (journey, _) in group {
            if !self.take_row(journey) {
                return (ready, IterationEnd::Exhausted);
            }
            self.remember(journey);
        }
        let branches = group.iter().map(|(journey, intended)| Branch {
            journey,
            nodes: &journey.nodes,
            intended: (*intended).max(ready),
        });
        let branches: Vec<Branch<'_>> = branches.collect();
        let (finished, ending) = self.walker(first, recorder).branches(&branches, ready).await;
        self.person.iteration += group.len() as u64;
        if let Some(session) = first.session {
            self.drop_lost(session);
        }
        (finished, ending)
    }

    async fn iterate_in_turn(
        &mut self,
        group: &[(&Journey, Instant)],
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, IterationEnd) {
        let mut all: Option<(Instant, IterationEnd)> = None;
        for (journey, intended) in group {
            let intended = all.map_or(*intended, |(finished, _)| finished.max(*intended));
            if intended > timer::now() {
                timer::sleep_until(intended).await;
            }
            let (finished, ending) = self.iterate_until(journey, intended, recorder).await;
            if ending == IterationEnd::Exhausted {
                return (finished, ending);
            }
            let failed =
                ending == IterationEnd::Failed || all.is_some_and(|(_, ending)| ending == IterationEnd::Failed);
            all = Some((
                finished,
                if failed {
                    IterationEnd::Failed
                } else {
                    IterationEnd::Completed
                },
            ));
        }
        all.unwrap_or_else(|| (timer::now(), IterationEnd::Completed))
    }

    /// Logs in if necessary, and renews a session that is nearly over. Returns the instant at which the user is ready.
    async fn ready(
        &mut self,
        journey: &Journey,
        session: usize,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, IterationEnd) {
        let (ready, ending) = self.ensure_session(session, intended, recorder).await;
        if ending != IterationEnd::Completed {
            return (ready, ending);
        }
        let (ready, ending) = self.keep_alive(journey, session, ready, recorder).await;
        let ending = if ending == IterationEnd::Completed {
            ending
        } else {
            IterationEnd::Failed
        };
        (ready, ending)
    }

    /// Renews a session whose known lifetime is nearly over. Returns the instant at which the user is ready.
    async fn keep_alive(
        &mut self,
        journey: &Journey,
        session: usize,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, IterationEnd) {
        let journeys = Arc::clone(&self.person.journeys);
        let log_in = journeys.session_ids()[session];
        let renewed = self.person.memory.get_mut().renewed[session];
        let lifetime = journeys.of(log_in).renewed_after.zip(renewed);
        // By the intended start: whether a session is renewed must not depend on how late the generator is.
        if lifetime.is_none_or(|(lifetime, renewed)| intended.saturating_duration_since(renewed) < lifetime) {
            return (intended, IterationEnd::Completed);
        }
        let of_session = journey.session == Some(session);
        let renewal = journey.renewals.first().filter(|_| of_session);
        let renewal = renewal.map_or(log_in, |(_, renewal)| *renewal);
        // Boxed, because it is rare and would enlarge the future of every iteration.
        let (ready, ending) = Box::pin(self.walk(journeys.of(renewal), intended, recorder)).await;
        self.person.memory.get_mut().renewed[session] = (ending == IterationEnd::Completed).then(timer::now);
        self.drop_lost(session);
        (ready, ending)
    }

    /// Lets the user log in anew before the next iteration if the session could not be renewed.
    fn drop_lost(&mut self, session: usize) {
        if self.person.memory.get_mut().renewed[session].is_none() {
            self.logged_in[session] = None;
        }
    }

    /// Logs in if necessary. Returns the instant at which the user is ready: `intended` unless it had to log in.
    async fn ensure_session(
        &mut self,
        session: usize,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, IterationEnd) {
        if self.logged_in[session].is_some() {
            return (intended, IterationEnd::Completed);
        }
        let journeys = Arc::clone(&self.person.journeys);
        let journey = journeys.of(journeys.session_ids()[session]);
        self.walk(journey, intended, recorder).await
    }

    /// Makes the steps in turn and returns the end of the last one.
    async fn walk(
        &mut self,
        journey: &Journey,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, IterationEnd) {
        if !self.take_row(journey) {
            return (intended, IterationEnd::Exhausted);
        }
        self.track.page = None;
        self.track.seen = None;
        self.remember(journey);
        let mut walker = self.walker(journey, recorder);
        let (finished, ending) = walker.nodes(&journey.nodes, intended).await;
        self.troubled = walker.trouble.is_some();
        if let Some(session) = journey.session.filter(|_| journey.logs_out) {
            self.logged_in[session] = None;
        }
        if ending == IterationEnd::Failed {
            return (finished, IterationEnd::Failed);
        }
        self.person.iteration += u64::from(!journey.logs_in && !journey.renews);
        if let Some(session) = journey.session.filter(|_| journey.logs_in) {
            let now = Some(timer::now());
            self.logged_in[session] = now;
            self.person.memory.get_mut().renewed[session] = now;
        }
        (finished, IterationEnd::Completed)
    }

    fn walker<'a>(&'a mut self, journey: &'a Journey, recorder: &'a PhaseRecorder<'a>) -> Walker<'a> {
        Walker {
            person: &self.person,
            track: &mut self.track,
            line: ConnectionSource::Own {
                client: &mut self.client,
                spare: &mut self.spare,
            },
            journey,
            recorder,
            trouble: None,
        }
    }

    /// Takes a row of the journey's feeder; false if none is left. A session journey takes one row for the whole life of the user.
    fn take_row(&mut self, journey: &Journey) -> bool {
        let Some(index) = journey.feeder else { return true };
        let memory = self.person.memory.get_mut();
        // A user logs in again as the same person.
        if journey.logs_in && memory.rows[index] != usize::MAX {
            return true;
        }
        let row = self.person.journeys.feeders[index].draw(self.person.number, &mut self.track.random);
        match (row, journey.steps.first()) {
            (Some(row), _) => memory.rows[index] = row,
            (None, Some(step)) => {
                let events = &self.client.target.events;
                events.count(step.series, RequestEventKind::FeederExhausted);
            }
            (None, None) => {}
        }
        row.is_some()
    }

    /// Prepares cookies and variables for an iteration of that journey.
    fn remember(&mut self, journey: &Journey) {
        let memory = self.person.memory.get_mut();
        memory.jar = journey.session.unwrap_or(memory.jars.len() - 1);
        // Each iteration without a session is a new visitor.
        if journey.session.is_none() || journey.logs_in {
            memory.cookies_mut().clear();
        }
        if !journey.logs_in {
            // Values of an earlier iteration must not stand in for values that this one fails to extract.
            memory.variables[journey.variables.clone()].fill(None);
        }
    }
}
