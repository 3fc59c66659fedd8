//! One virtual user.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::header::HeaderValue;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::answer::Answer;
use super::client::Client;
use super::compiled::Journey;
use super::exchange::WireRequest;
use super::failure::Failure;
use super::sessions::{Session, Sessions};
use super::socket::{self, Line};
use super::step::Step;
use super::template::{Missing, Values};
use super::under_way::UnderWay;
use super::{Journeys, Target, redirect};
use crate::record::{Outcome, Parts, PhaseRecorder};
use crate::stats::spread;
use crate::timer;

/// Ending of an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every step was made (failed or not).
    Completed,
    /// A step that later ones depend on failed, and the rest was skipped.
    Failed,
}

/// One virtual user: its own variables, session, address and keep-alive connection. Lives on one thread.
pub struct VirtualUser {
    number: u32,
    iteration: u64,
    random: SmallRng,
    variables: Box<[Option<Box<str>>]>,
    logged_in: Option<Instant>,
    client: Client,
    journeys: Arc<Journeys>,
}

impl fmt::Debug for VirtualUser {
    /// Prints the number only, because the variables hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualUser")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl VirtualUser {
    /// Creates user `number` (from 0). It takes feeder row `number` modulo the number of rows; `seed` sets its random choices.
    pub fn new(number: u32, seed: u64, journeys: &Arc<Journeys>, target: &Rc<Target>) -> Self {
        // An odd multiplier keeps the seeds of any two users apart.
        let own_seed = seed ^ spread(u64::from(number));
        Self {
            number,
            iteration: 0,
            random: SmallRng::seed_from_u64(own_seed),
            variables: vec![None; journeys.variables].into(),
            logged_in: None,
            client: Client::new(number, target),
            journeys: Arc::clone(journeys),
        }
    }

    /// Resumes the kept session of this user's number, if there is one with as many variables as these journeys have.
    pub fn resume(&mut self, sessions: &Sessions) {
        let known = sessions.of(self.number);
        if let Some(session) = known.filter(|session| session.variables.len() == self.variables.len()) {
            self.variables = session.variables;
            self.iteration = session.iteration;
            self.logged_in = Some(session.since);
        }
    }

    /// Keeps this user's session for a later run, if it has one.
    pub fn keep(&self, sessions: &Sessions) {
        if let Some(since) = self.logged_in {
            let session = Session {
                since,
                variables: self.variables.clone(),
                iteration: self.iteration,
            };
            sessions.keep(self.number, session);
        }
    }

    /// True if the user has a session.
    pub fn is_logged_in(&self) -> bool {
        self.logged_in.is_some()
    }

    /// Logs in by the session journey unless the user has a session. The samples count in that journey's series.
    pub async fn log_in(&mut self, intended: Instant, recorder: &PhaseRecorder<'_>) -> Ending {
        self.ensure_session(intended, recorder).await.1
    }

    /// Runs one iteration; logs in first if the journey needs it. Emits one sample per step. The first step's intended start is
    /// `intended`, or the end of the log-in if there was one. A later step's is the previous step's finish plus think time.
    ///
    /// If it is dropped half-way, the request under way is recorded as interrupted. The user can continue with a new connection.
    pub async fn iterate(&mut self, journey: &Journey, intended: Instant, recorder: &PhaseRecorder<'_>) -> Ending {
        let mut intended = intended;
        if journey.session {
            let (ready, ending) = self.ensure_session(intended, recorder).await;
            if ending == Ending::Failed {
                return Ending::Failed;
            }
            intended = ready;
        }
        self.walk(journey, intended, recorder).await.1
    }

    /// Logs in if necessary. Returns the instant at which the user is ready: `intended` unless it had to log in.
    async fn ensure_session(&mut self, intended: Instant, recorder: &PhaseRecorder<'_>) -> (Instant, Ending) {
        if self.is_logged_in() {
            return (intended, Ending::Completed);
        }
        let journeys = Arc::clone(&self.journeys);
        match journeys.session() {
            Some(session) => self.walk(session, intended, recorder).await,
            None => (intended, Ending::Completed),
        }
    }

    /// Makes the steps in turn and returns the end of the last one.
    async fn walk(
        &mut self,
        journey: &Journey,
        mut intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, Ending) {
        let is_session = self
            .journeys
            .session()
            .is_some_and(|session| session.name == journey.name);
        if !is_session {
            // Values of an earlier iteration must not stand in for values that this one fails to extract.
            self.variables[journey.variables.clone()].fill(None);
        }
        for step in &journey.steps {
            if let Some(think) = step.think {
                intended += think.draw(&mut self.random);
                timer::sleep_until(intended).await;
            }
            let (finished, outcome) = self.make(step, intended, recorder).await;
            if outcome != Outcome::Success && step.expectation.stop_on_failure {
                return (finished, Ending::Failed);
            }
            intended = finished;
        }
        self.iteration += u64::from(!is_session);
        if is_session {
            self.logged_in = Some(timer::now());
        }
        (intended, Ending::Completed)
    }

    /// Makes one request and records it. A request that lacks a value cannot be made and counts as a failed check.
    async fn make(&mut self, step: &Step, intended: Instant, recorder: &PhaseRecorder<'_>) -> (Instant, Outcome) {
        let choices = self.random.clone();
        let request = self.request(step).and_then(|request| Ok((request, self.lines(step)?)));
        let mut under_way = UnderWay::new(step.series, intended, *recorder);
        let Ok((mut request, lines)) = request else {
            let now = under_way.sent();
            under_way.end(now, Outcome::CheckFailed, Parts::default(), || step.example(None));
            return (now, Outcome::CheckFailed);
        };
        self.client.begin();
        let sent = under_way.sent();
        let target = Rc::clone(&self.client.target);
        let tracer = target.tracer.as_ref().filter(|_| step.conversation.is_none());
        let marked = tracer.and_then(|tracer| Some((tracer, tracer.mark(sent, &mut request)?)));
        let deadline = sent + step.timeout.unwrap_or(self.client.target().timeout);
        // Rare branches are boxed, so that the future of every other request stays small.
        let answer = match &step.conversation {
            None if step.redirects == 0 => self.send(step, request, choices, deadline).await,
            None => Box::pin(self.follow(step, request, deadline)).await,
            Some(_) => Box::pin(socket::converse(&mut self.client, request, &lines, deadline)).await,
        };
        let (finished, outcome) = match &answer {
            Ok(answer) => {
                under_way.answered(answer.status.as_u16(), answer.bytes);
                if let Some(location) = &answer.location {
                    self.count_elsewhere(step, location);
                }
                let outcome = step.expectation.judge(answer, &mut self.random, &mut self.variables);
                (answer.finished, outcome)
            }
            Err(failure) => (timer::now(), failure.outcome()),
        };
        under_way.end(finished, outcome, self.client.parts(sent), || {
            step.example(answer.as_ref().ok())
        });
        if let Some((tracer, id)) = marked {
            tracer.ended(id, step.series, sent, finished);
        }
        (finished, outcome)
    }

    /// Sends the request. If a kept-alive connection turns out to be closed, sends it once more on a new one, as browsers do. The
    /// same random choices make it the same request.
    async fn send(
        &mut self,
        step: &Step,
        mut request: WireRequest,
        choices: SmallRng,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let keep_body = step.expectation.reads_body();
        let mut choices = Some(choices);
        loop {
            let answer = self.client.send(request, deadline, keep_body).await;
            match (answer, choices.take()) {
                (Err(Failure::Stale), Some(choices)) => {
                    self.random = choices;
                    request = self.request(step).map_err(|Missing| Failure::Reset)?;
                }
                (answer, _) => return answer,
            }
        }
    }

    /// Counts a redirect to another host, which is never followed.
    fn count_elsewhere(&self, step: &Step, location: &HeaderValue) {
        let target = self.client.target();
        if let Some(origin) = redirect::elsewhere(&target.origin, location) {
            target.elsewhere.count(step.series, origin);
        }
    }

    /// Sends the request and follows redirects up to the step's limit. The bytes of all bodies are counted.
    async fn follow(&mut self, step: &Step, mut request: WireRequest, deadline: Instant) -> Result<Answer, Failure> {
        let keep_body = step.expectation.reads_body();
        let mut bytes = 0;
        for left in (0..=step.redirects).rev() {
            let mut answer = self.client.send(request.clone(), deadline, keep_body).await;
            if matches!(answer, Err(Failure::Stale)) {
                answer = self.client.send(request.clone(), deadline, keep_body).await;
            }
            let mut answer = answer?;
            bytes += answer.bytes;
            answer.bytes = bytes;
            match redirect::next(&self.client.target().origin, &request, &answer) {
                None => return Ok(answer),
                Some(_) if left == 0 => break,
                Some(next) => request = next,
            }
        }
        Err(Failure::RedirectLimit)
    }

    fn request(&mut self, step: &Step) -> Result<WireRequest, Missing> {
        let mut values = Values {
            feeders: &self.journeys.feeders,
            variables: &self.variables,
            user: self.number,
            iteration: self.iteration,
            random: &mut self.random,
        };
        step.request(&self.client, &mut values)
    }

    /// Turns of the WebSocket conversation, filled with this user's values; empty if the step has none.
    fn lines<'a>(&mut self, step: &'a Step) -> Result<Vec<Line<'a>>, Missing> {
        let Some(conversation) = &step.conversation else {
            return Ok(Vec::new());
        };
        let mut values = Values {
            feeders: &self.journeys.feeders,
            variables: &self.variables,
            user: self.number,
            iteration: self.iteration,
            random: &mut self.random,
        };
        conversation.lines(&mut values)
    }
}
