//! A user on its way through a journey.

use std::time::Instant;

use super::client::Client;
use super::compiled::{Journey, JourneyId};
use super::condition::Conditions;
use super::flow::{Flow, Group, Node};
use super::person::{Person, Track};
use super::requester::Requester;
use super::scan;
use super::step::Step;
use super::template::Template;
use super::under_way::UnderWay;
use crate::record::{Example, Outcome, Parts, PhaseRecorder};
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

/// A user on its way through a journey.
pub(super) struct Walker<'a> {
    pub(super) person: &'a Person,
    pub(super) track: &'a mut Track,
    pub(super) client: &'a mut Client,
    pub(super) journey: &'a Journey,
    pub(super) recorder: &'a PhaseRecorder<'a>,
    /// Outcome of the first step of the transaction under way that did not succeed.
    pub(super) trouble: Option<Outcome>,
}

impl<'a> Walker<'a> {
    /// Makes the parts of a journey in turn and returns the end of the last one. `Failed` if the rest was skipped.
    pub(super) async fn nodes(&mut self, nodes: &'a [Node], mut intended: Instant) -> (Instant, Ending) {
        for node in nodes {
            let ending;
            (intended, ending) = match node {
                Node::Request(step) => self.request(&self.journey.steps[*step], intended).await,
                // Boxed, because a group may lie within another.
                Node::Group(group) => Box::pin(self.group(group, intended)).await,
            };
            if ending == Ending::Failed {
                return (intended, Ending::Failed);
            }
        }
        (intended, Ending::Completed)
    }

    async fn request(&mut self, step: &Step, mut intended: Instant) -> (Instant, Ending) {
        if let Some(think) = step.think {
            intended += think.draw(&mut self.track.random);
            timer::sleep_until(intended).await;
        }
        let journey = self.journey;
        let (mut finished, mut outcome) = self.make(step, intended, &journey.renewals).await;
        if let Some(renewal) = self.track.expired.take() {
            // Boxed, because it is rare and would enlarge the future of every request.
            (finished, outcome) = Box::pin(self.again(step, renewal, finished)).await;
        }
        if outcome == Outcome::Success {
            return (finished, Ending::Completed);
        }
        self.trouble = self.trouble.or(Some(outcome));
        let lost = outcome == Outcome::SessionExpired;
        let ending = if lost || step.expectation.stop_on_failure {
            Ending::Failed
        } else {
            Ending::Completed
        };
        (finished, ending)
    }

    async fn make(&mut self, step: &Step, intended: Instant, renewals: &[(u16, JourneyId)]) -> (Instant, Outcome) {
        let mut requester = Requester {
            person: self.person,
            track: self.track,
            client: self.client,
        };
        requester.make(step, intended, self.recorder, renewals).await
    }

    /// Renews the session and makes a request once more, intended at the end of the renewal. A second refusal is an error. The session
    /// is lost if the outcome is still `SessionExpired`.
    async fn again(&mut self, step: &Step, renewal: JourneyId, intended: Instant) -> (Instant, Outcome) {
        let (ready, ending) = self.renew(renewal, intended).await;
        if ending != Ending::Completed {
            return (ready, Outcome::SessionExpired);
        }
        self.make(step, ready, &[]).await
    }

    /// Walks a journey that renews the session. If it fails, there is no session any more.
    async fn renew(&mut self, renewal: JourneyId, intended: Instant) -> (Instant, Ending) {
        let person = self.person;
        let journey = person.journeys.of(renewal);
        let page = self.track.page.take();
        if journey.logs_in {
            person.memory.borrow_mut().cookies_mut().clear();
        }
        let mut walker = Walker {
            person,
            track: &mut *self.track,
            client: &mut *self.client,
            journey,
            recorder: self.recorder,
            trouble: None,
        };
        let (finished, ending) = walker.nodes(&journey.nodes, intended).await;
        self.track.page = page;
        if let Some(session) = journey.session {
            let renewed = (ending == Ending::Completed).then(timer::now);
            person.memory.borrow_mut().renewed[session] = renewed;
        }
        (finished, ending)
    }

    async fn group(&mut self, group: &'a Group, mut intended: Instant) -> (Instant, Ending) {
        if let Some(think) = group.think {
            intended += think.draw(&mut self.track.random);
            timer::sleep_until(intended).await;
        }
        let Some(transaction) = group.transaction else {
            return self.passes(group, intended).await;
        };
        let series = self.person.journeys.transaction_id(transaction);
        let under_way = UnderWay::new(series, intended, *self.recorder);
        let before = self.trouble.take();
        let (finished, ending) = self.passes(group, intended).await;
        let outcome = self.trouble.unwrap_or(Outcome::Success);
        under_way.end(finished, outcome, Parts::default(), Example::default);
        self.trouble = before.or(self.trouble);
        (finished, ending)
    }

    /// Makes all passes of a group.
    async fn passes(&mut self, group: &'a Group, intended: Instant) -> (Instant, Ending) {
        let (finished, ending) = match &group.flow {
            Flow::Repeat(count) => self.counted(group, *count, intended).await,
            Flow::While { conditions, at_most } => {
                let mut passed = (intended, Ending::Completed);
                for _ in 0..*at_most {
                    if passed.1 == Ending::Failed || !self.holds(conditions) {
                        break;
                    }
                    passed = self.nodes(&group.nodes, passed.0).await;
                }
                passed
            }
            Flow::If(conditions) => {
                let passes = u32::from(self.holds(conditions));
                self.counted(group, passes, intended).await
            }
            Flow::ForEach { list, item, at_most } => {
                let elements = self.elements(list);
                let mut passed = (intended, Ending::Completed);
                for element in elements.into_iter().take(*at_most as usize) {
                    self.person.memory.borrow_mut().variables[*item] = Some(element);
                    passed = self.nodes(&group.nodes, passed.0).await;
                    if passed.1 == Ending::Failed {
                        break;
                    }
                }
                passed
            }
        };
        if group.contains_failure {
            return (finished, Ending::Completed);
        }
        (finished, ending)
    }

    async fn counted(&mut self, group: &'a Group, count: u32, mut intended: Instant) -> (Instant, Ending) {
        for _ in 0..count {
            let ending;
            (intended, ending) = self.nodes(&group.nodes, intended).await;
            if ending == Ending::Failed {
                return (intended, Ending::Failed);
            }
        }
        (intended, Ending::Completed)
    }

    fn holds(&mut self, conditions: &Conditions) -> bool {
        let target = &self.client.target;
        self.person
            .holds(conditions, self.track, &target.site, &target.origin_header)
    }

    /// Elements of a list; a value that is no list is the only one, and one that no answer has given is none.
    fn elements(&mut self, list: &Template) -> Vec<Box<str>> {
        let mut text = String::new();
        let memory = self.person.memory.borrow();
        let origin = &self.client.target.origin_header;
        let mut values = self.person.values(&memory, &mut self.track.random, origin);
        if list.render(&mut values, &mut text).is_err() {
            return Vec::new();
        }
        scan::elements(&text).unwrap_or_else(|| vec![text.into()])
    }
}
