//! One virtual user.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::Uri;
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderValue, REFERER};
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::answer::Answer;
use super::client::Client;
use super::compiled::{Journey, JourneyId};
use super::exchange::WireRequest;
use super::failure::Failure;
use super::jar::Jar;
use super::observed::Observed;
use super::sessions::{Session, Sessions};
use super::socket::{self, Line};
use super::source::Surround;
use super::step::Step;
use super::template::{Missing, Values};
use super::under_way::UnderWay;
use super::{Journeys, Target, redirect};
use crate::evidence::RequestEventKind;
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
    /// No row of a feeder was left, and nothing was sent.
    Exhausted,
}

/// One virtual user: its own variables, session, address and keep-alive connection. Lives on one thread.
pub struct VirtualUser {
    number: u32,
    iteration: u64,
    random: SmallRng,
    variables: Box<[Option<Box<str>>]>,
    /// Row of each feeder; `usize::MAX` before one is taken.
    rows: Box<[usize]>,
    /// Instant of each session's log-in.
    logged_in: Box<[Option<Instant>]>,
    /// Instant of each session's log-in or last renewal.
    renewed: Box<[Option<Instant>]>,
    /// Cookies of each session; the last jar is that of journeys without one.
    jars: Box<[Jar]>,
    /// Index of the jar of the journey under way.
    jar: usize,
    /// Path and query of the request under way.
    url: String,
    /// Address of the page that the user sees, for `referer`; `None` before the first HTML answer of an iteration.
    page: Option<HeaderValue>,
    client: Client,
    /// The journey that renews the session, if the last answer said that it has expired.
    expired: Option<JourneyId>,
    /// True if the request under way is made once more because the session had expired.
    is_again: bool,
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
            rows: vec![usize::MAX; journeys.feeders.len()].into(),
            logged_in: vec![None; journeys.sessions().len()].into(),
            renewed: vec![None; journeys.sessions().len()].into(),
            jars: vec![Jar::default(); journeys.sessions().len() + 1].into(),
            jar: 0,
            url: String::new(),
            page: None,
            client: Client::new(number, target),
            expired: None,
            is_again: false,
            journeys: Arc::clone(journeys),
        }
    }

    /// Resumes the kept session of this user's number, if there is one with as many variables as these journeys have.
    pub fn resume(&mut self, sessions: &Sessions) {
        let known = sessions.of(self.number).filter(|session| {
            session.variables.len() == self.variables.len()
                && session.since.len() == self.logged_in.len()
                && session.rows.len() == self.rows.len()
        });
        if let Some(session) = known {
            self.variables = session.variables;
            self.rows = session.rows;
            self.iteration = session.iteration;
            self.logged_in = session.since.iter().copied().map(Some).collect();
            self.renewed = session.renewed;
            self.jars = session.jars;
        }
    }

    /// Keeps this user's sessions for a later run, if it has all that the journeys need.
    pub fn keep(&self, sessions: &Sessions) {
        let since: Option<Box<[Instant]>> = self.logged_in.iter().copied().collect();
        if let Some(since) = since.filter(|since| !since.is_empty()) {
            let session = Session {
                since,
                renewed: self.renewed.clone(),
                jars: self.jars.clone(),
                variables: self.variables.clone(),
                rows: self.rows.clone(),
                iteration: self.iteration,
            };
            sessions.keep(self.number, session);
        }
    }

    /// True if the user has every session that the journeys need; false if they need none.
    pub fn is_logged_in(&self) -> bool {
        !self.logged_in.is_empty() && self.logged_in.iter().all(Option::is_some)
    }

    /// Logs in by every session journey of which the user has no session, one after another. The samples count in their series.
    pub async fn log_in(&mut self, intended: Instant, recorder: &PhaseRecorder<'_>) -> Ending {
        let mut ready = intended;
        for session in 0..self.logged_in.len() {
            let ending;
            (ready, ending) = self.ensure_session(session, ready, recorder).await;
            if ending != Ending::Completed {
                return ending;
            }
        }
        Ending::Completed
    }

    /// Runs one iteration; logs in first if the journey needs it. Emits one sample per step. The first step's intended start is
    /// `intended`, or the end of the log-in if there was one. A later step's is the previous step's finish plus think time.
    ///
    /// If it is dropped half-way, the request under way is recorded as interrupted. The user can continue with a new connection.
    pub async fn iterate(&mut self, journey: &Journey, intended: Instant, recorder: &PhaseRecorder<'_>) -> Ending {
        let mut intended = intended;
        if let Some(session) = journey.session.filter(|_| !journey.logs_in) {
            let (ready, ending) = self.ensure_session(session, intended, recorder).await;
            if ending != Ending::Completed {
                return ending;
            }
            intended = ready;
            let (ready, renewed) = self.keep_alive(journey, session, intended, recorder).await;
            if !renewed {
                return Ending::Failed;
            }
            intended = ready;
        }
        self.walk(journey, intended, recorder).await.1
    }

    /// Renews a session whose known lifetime is nearly over. Returns the instant at which the user is ready, and false if that failed.
    async fn keep_alive(
        &mut self,
        journey: &Journey,
        session: usize,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, bool) {
        let journeys = Arc::clone(&self.journeys);
        let log_in = journeys.session_ids()[session];
        let lifetime = journeys.of(log_in).renewed_after.zip(self.renewed[session]);
        if lifetime.is_none_or(|(lifetime, renewed)| intended.saturating_duration_since(renewed) < lifetime) {
            return (intended, true);
        }
        let renewal = journey.renewals.first().map_or(log_in, |(_, renewal)| *renewal);
        // Boxed, because it is rare and would enlarge the future of every iteration.
        Box::pin(self.renew(renewal, session, intended, recorder)).await
    }

    /// Walks a journey that renews the session. If it fails, the user logs in anew before the next iteration.
    async fn renew(
        &mut self,
        renewal: JourneyId,
        session: usize,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, bool) {
        let journeys = Arc::clone(&self.journeys);
        let page = self.page.take();
        let (finished, ending) = self.walk(journeys.of(renewal), intended, recorder).await;
        self.page = page;
        let renewed = ending == Ending::Completed;
        self.renewed[session] = renewed.then(timer::now);
        if !renewed {
            self.logged_in[session] = None;
        }
        (finished, renewed)
    }

    /// Makes a step. If the answer says that the session has expired, renews it and makes the request once more, intended at the end
    /// of the renewal. The session is lost if the outcome is still `SessionExpired`.
    async fn attempt(
        &mut self,
        journey: &Journey,
        step: &Step,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, Outcome) {
        let (finished, outcome) = self.make(step, intended, recorder, journey).await;
        let Some((renewal, session)) = self.expired.take().zip(journey.session) else {
            return (finished, outcome);
        };
        let (ready, renewed) = Box::pin(self.renew(renewal, session, finished, recorder)).await;
        if !renewed {
            return (ready, outcome);
        }
        // A second refusal is an error.
        self.is_again = true;
        let made = self.make(step, ready, recorder, journey).await;
        self.is_again = false;
        made
    }

    /// Logs in if necessary. Returns the instant at which the user is ready: `intended` unless it had to log in.
    async fn ensure_session(
        &mut self,
        session: usize,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, Ending) {
        if self.logged_in[session].is_some() {
            return (intended, Ending::Completed);
        }
        let journeys = Arc::clone(&self.journeys);
        let journey = journeys.of(journeys.session_ids()[session]);
        self.walk(journey, intended, recorder).await
    }

    /// Makes the steps in turn and returns the end of the last one.
    async fn walk(
        &mut self,
        journey: &Journey,
        mut intended: Instant,
        recorder: &PhaseRecorder<'_>,
    ) -> (Instant, Ending) {
        if !self.take_row(journey) {
            return (intended, Ending::Exhausted);
        }
        self.page = None;
        self.jar = journey.session.unwrap_or(self.jars.len() - 1);
        if journey.session.is_none() || journey.logs_in {
            self.jars[self.jar].clear();
        }
        if !journey.logs_in {
            // Values of an earlier iteration must not stand in for values that this one fails to extract.
            self.variables[journey.variables.clone()].fill(None);
        }
        for step in &journey.steps {
            if let Some(think) = step.think {
                intended += think.draw(&mut self.random);
                timer::sleep_until(intended).await;
            }
            let (finished, outcome) = self.attempt(journey, step, intended, recorder).await;
            let lost = outcome == Outcome::SessionExpired;
            if lost || outcome != Outcome::Success && step.expectation.stop_on_failure {
                return (finished, Ending::Failed);
            }
            intended = finished;
        }
        self.iteration += u64::from(!journey.logs_in && !journey.renews);
        if let Some(session) = journey.session.filter(|_| journey.logs_in) {
            self.logged_in[session] = Some(timer::now());
            self.renewed[session] = self.logged_in[session];
        }
        (intended, Ending::Completed)
    }

    /// Takes a row of the journey's feeder; false if none is left. A session journey takes one row for the whole life of the user.
    fn take_row(&mut self, journey: &Journey) -> bool {
        let Some(index) = journey.feeder else { return true };
        if journey.logs_in && self.rows[index] != usize::MAX {
            return true;
        }
        let row = self.journeys.feeders[index].draw(self.number, &mut self.random);
        match (row, journey.series_ids().next()) {
            (Some(row), _) => self.rows[index] = row,
            (None, Some(series)) => {
                let events = &self.client.target.events;
                events.count(series, RequestEventKind::FeederExhausted);
            }
            (None, None) => {}
        }
        row.is_some()
    }

    /// Makes one request and records it. A request that lacks a value cannot be made and counts as a failed check.
    async fn make(
        &mut self,
        step: &Step,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
        journey: &Journey,
    ) -> (Instant, Outcome) {
        let choices = self.random.clone();
        let request = self.request(step).and_then(|request| Ok((request, self.lines(step)?)));
        let mut under_way = UnderWay::new(step.series, intended, *recorder);
        let Ok((mut request, lines)) = request else {
            let now = under_way.sent();
            under_way.end(now, Outcome::CheckFailed, Parts::default(), || step.example(None));
            self.tell(step, (intended, now, now), Outcome::CheckFailed, None);
            return (now, Outcome::CheckFailed);
        };
        self.note(request.uri());
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
                self.take_cookies(step, answer);
                self.note_page(answer);
                if let Some(location) = answer.location() {
                    self.count_elsewhere(step, location);
                }
                let around = Surround {
                    headers: &answer.headers,
                    jar: &self.jars[self.jar],
                    site: &self.client.target.site,
                    url: &self.url,
                };
                let outcome = step
                    .expectation
                    .judge(answer, around, &mut self.random, &mut self.variables);
                let renewal = (!self.is_again && outcome.is_error()).then(|| journey.renewal(answer.status.as_u16()));
                self.expired = renewal.flatten();
                let outcome = if self.expired.is_some() {
                    Outcome::SessionExpired
                } else {
                    outcome
                };
                if outcome == Outcome::Malformed {
                    target.events.count(step.series, RequestEventKind::Undecodable);
                }
                (answer.finished, outcome)
            }
            Err(failure) => {
                if let Some(event) = failure.event() {
                    target.events.count(step.series, event);
                }
                (timer::now(), failure.outcome())
            }
        };
        under_way.end(finished, outcome, self.client.parts(sent), || {
            step.example(answer.as_ref().ok())
        });
        if let Some((tracer, id)) = marked {
            tracer.ended(id, step.series, sent, finished);
        }
        self.tell(step, (intended, sent, finished), outcome, answer.as_ref().ok());
        (finished, outcome)
    }

    /// Tells the observer of a step that has ended, if there is one.
    fn tell(
        &mut self,
        step: &Step,
        (intended, sent, finished): (Instant, Instant, Instant),
        outcome: Outcome,
        answer: Option<&Answer>,
    ) {
        let Some(observer) = self.client.target.observer.clone() else {
            return;
        };
        let mut told = Observed {
            user: self.number,
            series: step.series,
            intended,
            sent,
            finished,
            outcome,
            parts: self.client.parts(sent),
            exchanges: self.client.take_seen(),
            missing: Vec::new(),
            status: None,
            checks: Vec::new(),
            extracted: Vec::new(),
        };
        if told.exchanges.is_empty() {
            told.missing = step.missing(&self.variables);
        }
        if let Some(answer) = answer {
            let around = Surround {
                headers: &answer.headers,
                jar: &self.jars[self.jar],
                site: &self.client.target.site,
                url: &self.url,
            };
            step.expectation.explain(&mut told, answer, around, &self.variables);
        }
        observer.ended(told);
    }

    /// Sends the request. If a kept-alive connection turns out to be closed, or the server has not processed the request, sends it
    /// once more on a new connection, as browsers do. The same random choices make it the same request.
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
            let resent = answer.as_ref().err().and_then(|failure| failure.resent());
            match (resent, choices.take()) {
                (Some(event), Some(choices)) => {
                    self.client.target().events.count(step.series, event);
                    self.random = choices;
                    request = self.request(step).map_err(|Missing| Failure::Reset)?;
                }
                _ => return answer,
            }
        }
    }

    /// Counts a redirect to another host, which is never followed.
    fn count_elsewhere(&self, step: &Step, location: &HeaderValue) {
        let target = self.client.target();
        if let Some(origin) = target.entry.elsewhere(location) {
            target.elsewhere.count(step.series, origin);
        }
    }

    /// Notes the path and query of a request. The text is kept from step to step, so that this allocates nothing.
    fn note(&mut self, uri: &Uri) {
        self.url.clear();
        self.url
            .push_str(uri.path_and_query().map_or("/", |path| path.as_str()));
    }

    /// Takes the cookies of an answer to the request that was noted last.
    fn take_cookies(&mut self, step: &Step, answer: &Answer) {
        if !step.cookies {
            return;
        }
        let path = self.url.split('?').next().unwrap_or_default();
        for header in answer.cookies() {
            self.jars[self.jar].store(header.as_bytes(), &self.client.target().site, path);
        }
    }

    /// Notes the page that the user sees from now on, if the answer is one.
    fn note_page(&mut self, answer: &Answer) {
        let html = answer
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        if html && answer.status.is_success() {
            let origin = self.client.target().origin_header.to_str().unwrap_or_default();
            self.page = HeaderValue::try_from([origin, &self.url].concat()).ok();
        }
    }

    /// Sends the request and follows redirects up to the step's limit. The bytes of all bodies are counted.
    async fn follow(&mut self, step: &Step, mut request: WireRequest, deadline: Instant) -> Result<Answer, Failure> {
        let keep_body = step.expectation.reads_body();
        let mut bytes = 0;
        for left in (0..=step.redirects).rev() {
            let mut answer = self.client.send(request.clone(), deadline, keep_body).await;
            if let Some(event) = answer.as_ref().err().and_then(|failure| failure.resent()) {
                self.client.target().events.count(step.series, event);
                answer = self.client.send(request.clone(), deadline, keep_body).await;
            }
            let mut answer = answer?;
            bytes += answer.bytes;
            answer.bytes = bytes;
            match redirect::next(&self.client.target().entry, &request, &answer) {
                None => return Ok(answer),
                Some(_) if left == 0 => break,
                Some(next) => {
                    self.take_cookies(step, &answer);
                    request = next;
                    self.note(request.uri());
                    if step.sends_cookies {
                        self.set_cookies(&mut request);
                    }
                }
            }
        }
        Err(Failure::RedirectLimit)
    }

    /// Gives the request the cookies that are for it, instead of those that it has.
    fn set_cookies(&self, request: &mut WireRequest) {
        let cookies = self.jars[self.jar].header(&self.client.target().site, request.uri().path());
        match cookies {
            Some(cookies) => request.headers_mut().insert(COOKIE, cookies),
            None => request.headers_mut().remove(COOKIE),
        };
    }

    fn request(&mut self, step: &Step) -> Result<WireRequest, Missing> {
        self.set(step)?;
        let mut values = Values {
            feeders: &self.journeys.feeders,
            rows: &self.rows,
            variables: &self.variables,
            user: self.number,
            iteration: self.iteration,
            random: &mut self.random,
            origin: self.client.target.origin_header.to_str().unwrap_or_default(),
        };
        let mut request = step.request(&self.client, &mut values)?;
        if step.sends_cookies && !self.jars[self.jar].is_empty() {
            self.set_cookies(&mut request);
        }
        if let Some(page) = self.page.as_ref().filter(|_| step.sends_referer) {
            request.headers_mut().insert(REFERER, page.clone());
        }
        Ok(request)
    }

    /// Sets the values that the step sets; none of them is seen by the others.
    fn set(&mut self, step: &Step) -> Result<(), Missing> {
        if step.set.is_empty() {
            return Ok(());
        }
        let mut texts = Vec::with_capacity(step.set.len());
        for (slot, template) in &step.set {
            let mut values = Values {
                feeders: &self.journeys.feeders,
                rows: &self.rows,
                variables: &self.variables,
                user: self.number,
                iteration: self.iteration,
                random: &mut self.random,
                origin: self.client.target.origin_header.to_str().unwrap_or_default(),
            };
            let mut text = String::new();
            template.render(&mut values, &mut text)?;
            texts.push((*slot, text.into()));
        }
        for (slot, text) in texts {
            self.variables[slot] = Some(text);
        }
        Ok(())
    }

    /// Turns of the WebSocket conversation, filled with this user's values; empty if the step has none.
    fn lines<'a>(&mut self, step: &'a Step) -> Result<Vec<Line<'a>>, Missing> {
        let Some(conversation) = &step.conversation else {
            return Ok(Vec::new());
        };
        let mut values = Values {
            feeders: &self.journeys.feeders,
            rows: &self.rows,
            variables: &self.variables,
            user: self.number,
            iteration: self.iteration,
            random: &mut self.random,
            origin: self.client.target.origin_header.to_str().unwrap_or_default(),
        };
        conversation.lines(&mut values)
    }
}
