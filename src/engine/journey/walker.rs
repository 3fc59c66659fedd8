//! A user on its way through a journey.

use std::time::Instant;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper::http::uri::PathAndQuery;
use rand::distr::Distribution;

use super::clean_up::CreatedObject;
use super::client::Client;
use super::compiled::Journey;
use super::condition::Conditions;
use super::flow::{Call, Flow, Group, Node, Pagination, Poll};
use super::journey_id::JourneyId;
use super::pending_request::PendingRequest;
use super::poll_all::poll_all;
use super::pool::Pool;
use super::requester::{Attempt, RequestResult, Requester};
use super::step::Step;
use super::template::Template;
use super::user_state::{Track, UserState};
use super::{Pause, scan};
use crate::record::{Example, Outcome, Parts, PhaseRecorder};
use crate::timer;

/// End of an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IterationEnd {
    /// Every step was made (failed or not).
    Completed,
    /// A step that later ones depend on failed, and the rest was skipped.
    Failed,
    /// No row of a feeder was left, and nothing was sent.
    Exhausted,
}

/// Connections over which a user makes its requests.
pub(super) enum ConnectionSource<'a> {
    /// Its own one. Spare clients are for requests at the same time.
    Own {
        client: &'a mut Client,
        spare: &'a mut Vec<Client>,
    },
    /// Any that is free.
    Shared(&'a Pool),
}

/// Parts of a journey that are made beside others of the same user.
pub(super) struct Branch<'a> {
    pub(super) journey: &'a Journey,
    pub(super) nodes: &'a [Node],
    pub(super) intended: Instant,
}

/// A user on its way through a journey.
pub(super) struct Walker<'a> {
    pub(super) person: &'a UserState,
    pub(super) track: &'a mut Track,
    pub(super) line: ConnectionSource<'a>,
    pub(super) journey: &'a Journey,
    pub(super) recorder: &'a PhaseRecorder<'a>,
    /// Outcome of the first step of the transaction under way that did not succeed.
    pub(super) trouble: Option<Outcome>,
}

impl<'a> Walker<'a> {
    /// Makes the parts of a journey in turn and returns the end of the last one. `Failed` if the rest was skipped.
    pub(super) async fn nodes(&mut self, nodes: &'a [Node], mut intended: Instant) -> (Instant, IterationEnd) {
        for node in nodes {
            let ending;
            (intended, ending) = match node {
                Node::Request(step) => {
                    let started = self.think(self.journey.steps[*step].think, intended).await;
                    let made = self.attempt(*step, Attempt::Plain, started).await;
                    self.after(*step, &made)
                }
                // Boxed, so that the future of a plain request stays small, and because a group may lie within another.
                other => Box::pin(self.repeated(other, intended)).await,
            };
            if ending == IterationEnd::Failed {
                return (intended, IterationEnd::Failed);
            }
        }
        (intended, IterationEnd::Completed)
    }

    async fn repeated(&mut self, node: &'a Node, intended: Instant) -> (Instant, IterationEnd) {
        match node {
            Node::Request(step) => self.retried(*step, 0, intended).await,
            Node::Retried { step, retries } => self.retried(*step, *retries, intended).await,
            Node::Poll(poll) => self.poll(poll, intended).await,
            Node::Pages(pages) => self.pages(pages, intended).await,
            Node::Group(group) => self.group(group, intended).await,
            Node::Call(call) => self.call(call, intended).await,
        }
    }

    /// Thinks and returns the intended start of what follows.
    async fn think(&mut self, think: Option<Pause>, mut intended: Instant) -> Instant {
        if let Some(think) = think {
            intended += think.draw(&mut self.track.random);
            timer::sleep_until(intended).await;
        }
        intended
    }

    /// Makes one request. If the answer says that the session has expired, renews it and makes the request once more.
    async fn attempt(&mut self, step: usize, attempt: Attempt<'_>, intended: Instant) -> RequestResult {
        self.attempt_step(&self.journey.steps[step], attempt, intended).await
    }

    /// Removes what a step of the journey has created.
    pub(super) async fn remove(&mut self, created: &CreatedObject, intended: Instant) -> RequestResult {
        let attempt = Attempt::Removal(created);
        let step = &created.removal.step;
        if created.removal.session.is_some() {
            // What the journey renews is its own session.
            return self.make(step, attempt, intended, &[]).await;
        }
        self.attempt_step(step, attempt, intended).await
    }

    async fn attempt_step(&mut self, step: &Step, attempt: Attempt<'_>, intended: Instant) -> RequestResult {
        let journey = self.journey;
        let made = self.make(step, attempt, intended, &journey.renewals).await;
        match self.track.expired.take() {
            // Boxed, because it is rare and would enlarge the future of every request.
            Some(renewal) => Box::pin(self.again(step, attempt, renewal, &made)).await,
            None => made,
        }
    }

    async fn make(
        &mut self,
        step: &Step,
        attempt: Attempt<'_>,
        intended: Instant,
        renewals: &[(u16, JourneyId)],
    ) -> RequestResult {
        match &mut self.line {
            ConnectionSource::Own { client, .. } => {
                let mut requester = Requester {
                    person: self.person,
                    track: self.track,
                    client,
                };
                requester.make(step, attempt, intended, self.recorder, renewals).await
            }
            ConnectionSource::Shared(pool) => {
                let beside = async {
                    let mut lease = pool.lend().await;
                    // Waiting for a connection is what a browser does as well: it is not the generator's delay.
                    let intended = lease.freed.map_or(intended, |freed| freed.max(intended));
                    let mut requester = Requester {
                        person: self.person,
                        track: self.track,
                        client: &mut lease.client,
                    };
                    let made = requester.make(step, attempt, intended, self.recorder, renewals).await;
                    pool.give_back(lease, made.finished);
                    made
                };
                Box::pin(beside).await
            }
        }
    }

    /// Effect of a request on the rest of the iteration.
    fn after(&mut self, step: usize, made: &RequestResult) -> (Instant, IterationEnd) {
        if made.outcome == Outcome::Success {
            return (made.finished, IterationEnd::Completed);
        }
        self.trouble = self.trouble.or(Some(made.outcome));
        let lost = made.outcome == Outcome::SessionExpired;
        let ending = if lost || self.journey.steps[step].expectation.stop_on_failure {
            IterationEnd::Failed
        } else {
            IterationEnd::Completed
        };
        (made.finished, ending)
    }

    async fn retried(&mut self, step: usize, retries: u8, intended: Instant) -> (Instant, IterationEnd) {
        let started = self.think(self.journey.steps[step].think, intended).await;
        let mut made = self.attempt(step, Attempt::Plain, started).await;
        for _ in 0..retries {
            // A lost session fails every retry.
            if matches!(made.outcome, Outcome::Success | Outcome::SessionExpired) {
                break;
            }
            // Each try is a sample with an intended start of its own; a success does not undo the failures before it.
            made = self.attempt(step, Attempt::Plain, made.finished).await;
        }
        self.after(step, &made)
    }

    async fn poll(&mut self, poll: &'a Poll, intended: Instant) -> (Instant, IterationEnd) {
        let mut started = self.think(self.journey.steps[poll.step].think, intended).await;
        let end = started + poll.at_most;
        loop {
            let made = self.attempt(poll.step, Attempt::Poll { poll, end }, started).await;
            if !made.again {
                return self.after(poll.step, &made);
            }
            started = made.finished + poll.every;
            timer::sleep_until(started).await;
        }
    }

    async fn pages(&mut self, pages: &'a Pagination, mut intended: Instant) -> (Instant, IterationEnd) {
        let think = self.journey.steps[pages.step].think;
        let mut page = None;
        let mut passed = (intended, IterationEnd::Completed);
        for _ in 0..pages.at_most {
            // A user reads each page before it asks for the next.
            intended = self.think(think, intended).await;
            let attempt = page.as_ref().map_or(Attempt::Plain, Attempt::Page);
            let made = self.attempt(pages.step, attempt, intended).await;
            passed = self.after(pages.step, &made);
            if made.outcome != Outcome::Success {
                break;
            }
            page = self.next_page(pages);
            if page.is_none() {
                break;
            }
            intended = made.finished;
        }
        passed
    }

    /// Address of the page after the one that was seen last; `None` if there is none at the front door.
    fn next_page(&mut self, pages: &Pagination) -> Option<Uri> {
        let person = self.person;
        let host = self.journey.steps[pages.step].host.as_deref();
        let other = host.and_then(|host| person.target.others.get(person.target.position(host)?));
        let target = other.map_or(&person.target, |(_, other)| other);
        let seen = self.track.seen.as_ref()?;
        let memory = person.memory.borrow();
        let around = seen.around(memory.cookies(), &target.site, &[]);
        let found = pages.next.find(seen.body()?, around, &mut self.track.random)?;
        let here: PathAndQuery = self.track.url.parse().ok()?;
        let there = HeaderValue::from_bytes(found.as_bytes()).ok()?;
        target.entry.redirect_path(&here, &there)
    }

    /// Makes the steps of another journey.
    async fn call(&mut self, call: &Call, intended: Instant) -> (Instant, IterationEnd) {
        let started = self.think(call.think, intended).await;
        let Some(journey) = self.person.journeys.called(call.journey) else {
            return (started, IterationEnd::Completed);
        };
        // Values of an earlier call must not stand in for values that this one fails to extract.
        self.person.memory.borrow_mut().variables[journey.variables.clone()].fill(None);
        let mut walker = Walker {
            person: self.person,
            track: self.track,
            line: match &mut self.line {
                ConnectionSource::Own { client, spare } => ConnectionSource::Own { client, spare },
                ConnectionSource::Shared(pool) => ConnectionSource::Shared(pool),
            },
            journey,
            recorder: self.recorder,
            trouble: None,
        };
        let (finished, ending) = walker.nodes(&journey.nodes, started).await;
        let trouble = walker.trouble;
        self.trouble = self.trouble.or(trouble);
        if call.contains_failure {
            return (finished, IterationEnd::Completed);
        }
        (finished, ending)
    }

    /// Renews the session, unless the user has done so since the request was sent, and makes the request once more, intended at the
    /// end of the renewal. A second refusal is an error. The session is lost if the outcome is still `SessionExpired`.
    async fn again(
        &mut self,
        step: &Step,
        attempt: Attempt<'_>,
        renewal: JourneyId,
        refused: &RequestResult,
    ) -> RequestResult {
        let person = self.person;
        // Tokens rotate: requests that are refused at the same time renew once.
        let one_at_a_time = person.renewing.lock().await;
        let since = self
            .journey
            .session
            .and_then(|session| person.memory.borrow().renewed[session]);
        // Somebody renewed the session after this request was sent: it only has to be sent again.
        let (ready, ending) = match since.filter(|since| *since > refused.sent) {
            Some(since) => (since.max(refused.finished), IterationEnd::Completed),
            None => self.renew(renewal, refused.finished).await,
        };
        drop(one_at_a_time);
        if ending == IterationEnd::Completed {
            // Without renewals: a second refusal is a failure, or an application that refuses everything would keep the
            // user here.
            return self.make(step, attempt, ready, &[]).await;
        }
        RequestResult {
            sent: refused.sent,
            finished: ready,
            outcome: Outcome::SessionExpired,
            again: false,
        }
    }

    /// Walks a journey that renews the session. If it fails, there is no session any more.
    async fn renew(&mut self, renewal: JourneyId, intended: Instant) -> (Instant, IterationEnd) {
        let person = self.person;
        let journey = person.journeys.of(renewal);
        // Renewals are made by scripts in the background: the user still sees the page it was on.
        let page = self.track.page.take();
        if journey.logs_in {
            // A log-in starts like a new visitor: with the old cookies some applications redirect it away.
            person.memory.borrow_mut().cookies_mut().clear();
        }
        let mut walker = Walker {
            person,
            track: &mut *self.track,
            line: match &mut self.line {
                ConnectionSource::Own { client, spare } => ConnectionSource::Own { client, spare },
                ConnectionSource::Shared(pool) => ConnectionSource::Shared(pool),
            },
            journey,
            recorder: self.recorder,
            trouble: None,
        };
        let (finished, ending) = walker.nodes(&journey.nodes, intended).await;
        self.track.page = page;
        if let Some(session) = journey.session {
            let renewed = (ending == IterationEnd::Completed).then(timer::now);
            person.memory.borrow_mut().renewed[session] = renewed;
        }
        (finished, ending)
    }

    async fn group(&mut self, group: &'a Group, mut intended: Instant) -> (Instant, IterationEnd) {
        intended = self.think(group.think, intended).await;
        let Some(transaction) = group.transaction else {
            return self.passes(group, intended).await;
        };
        let series = self.person.journeys.transaction_id(transaction);
        let under_way = PendingRequest::new(series, intended, *self.recorder);
        // A group inside a group: the outer one keeps its own first failure.
        let before = self.trouble.take();
        let (finished, ending) = self.passes(group, intended).await;
        let outcome = self.trouble.unwrap_or(Outcome::Success);
        under_way.end(finished, outcome, Parts::default(), Example::default);
        self.trouble = before.or(self.trouble);
        (finished, ending)
    }

    /// Makes all passes of a group.
    async fn passes(&mut self, group: &'a Group, intended: Instant) -> (Instant, IterationEnd) {
        let (finished, ending) = match &group.flow {
            Flow::Repeat(count) => self.repeat(group, *count, intended).await,
            Flow::While { conditions, at_most } => {
                let mut passed = (intended, IterationEnd::Completed);
                for _ in 0..*at_most {
                    if passed.1 == IterationEnd::Failed || !self.holds(conditions) {
                        break;
                    }
                    passed = self.nodes(&group.nodes, passed.0).await;
                }
                passed
            }
            Flow::If(conditions) => {
                let passes = u32::from(self.holds(conditions));
                self.repeat(group, passes, intended).await
            }
            Flow::ForEach { list, item, at_most } => {
                // Taken before the first pass: the passes themselves may extract the list anew.
                let elements = self.elements(list);
                let mut passed = (intended, IterationEnd::Completed);
                for element in elements.into_iter().take(*at_most as usize) {
                    self.person.memory.borrow_mut().variables[*item] = Some(element);
                    passed = self.nodes(&group.nodes, passed.0).await;
                    if passed.1 == IterationEnd::Failed {
                        break;
                    }
                }
                passed
            }
            Flow::Choice { weights, branches } => {
                let drawn = weights.sample(&mut self.track.random);
                match branches.get(drawn) {
                    Some((_, nodes)) => self.nodes(nodes, intended).await,
                    None => (intended, IterationEnd::Completed),
                }
            }
            Flow::Parallel(branches) => self.parallel(branches, intended).await,
        };
        if group.contains_failure {
            return (finished, IterationEnd::Completed);
        }
        (finished, ending)
    }

    async fn repeat(&mut self, group: &'a Group, count: u32, mut intended: Instant) -> (Instant, IterationEnd) {
        for _ in 0..count {
            let ending;
            (intended, ending) = self.nodes(&group.nodes, intended).await;
            if ending == IterationEnd::Failed {
                return (intended, IterationEnd::Failed);
            }
        }
        (intended, IterationEnd::Completed)
    }

    /// Makes branches at the same time. One that fails cancels no other; then the rest of the iteration is skipped.
    async fn parallel(&mut self, branches: &'a [Vec<Node>], intended: Instant) -> (Instant, IterationEnd) {
        let journey = self.journey;
        let branches: Vec<Branch<'a>> = branches
            .iter()
            .map(|nodes| Branch {
                journey,
                nodes,
                intended,
            })
            .collect();
        self.branches(&branches, intended).await
    }

    /// Makes branches, each from its own instant on. Returns the end of the last one, which is `intended` at the earliest.
    pub(super) async fn branches(&mut self, branches: &[Branch<'a>], intended: Instant) -> (Instant, IterationEnd) {
        let (person, recorder) = (self.person, self.recorder);
        let ConnectionSource::Own { client, spare } = &mut self.line else {
            // The compiler of journeys refuses a parallel group within another.
            return (intended, IterationEnd::Completed);
        };
        let mut clients = std::mem::take(*spare);
        // If this is dropped half-way, the user goes on with a new connection.
        clients.push(std::mem::replace(*client, Client::new(person.number, &person.target)));
        let pool = Pool::new(person.number, &person.target, clients);
        let mut tracks: Vec<Track> = branches.iter().map(|_| self.track.branch()).collect();
        let walks = tracks.iter_mut().zip(branches).map(|(track, branch)| {
            let mut walker = Walker {
                person,
                track,
                line: ConnectionSource::Shared(&pool),
                journey: branch.journey,
                recorder,
                trouble: None,
            };
            let (nodes, intended) = (branch.nodes, branch.intended);
            async move {
                if intended > timer::now() {
                    timer::sleep_until(intended).await;
                }
                let (finished, ending) = walker.nodes(nodes, intended).await;
                (finished, ending, walker.trouble)
            }
        });
        let ends = poll_all(walks).await;
        **spare = pool.end();
        if let Some(kept) = spare.pop() {
            **client = kept;
        }
        // Which branch answered last depends on the system, so no condition may read it.
        self.track.seen = None;
        let mut all = (intended, IterationEnd::Completed);
        for (finished, ending, trouble) in ends {
            self.trouble = self.trouble.or(trouble);
            all.0 = all.0.max(finished);
            if ending == IterationEnd::Failed {
                all.1 = ending;
            }
        }
        all
    }

    fn holds(&mut self, conditions: &Conditions) -> bool {
        self.person.holds(conditions, self.track)
    }

    /// Elements of a list; a value that is no list is the only one, and one that no answer has given is none.
    fn elements(&mut self, list: &Template) -> Vec<Box<str>> {
        let mut text = String::new();
        let memory = self.person.memory.borrow();
        let mut values = self.person.values(&memory, &mut self.track.random);
        if list.render(&mut values, &mut text).is_err() {
            return Vec::new();
        }
        // One value that is no list counts as a list of one: a query may find a single match.
        scan::elements(&text).unwrap_or_else(|| vec![text.into()])
    }
}
