//! One request of a user: it is made, judged and recorded.

use std::rc::Rc;
use std::time::Instant;

use hyper::Uri;
use hyper::header::REFERER;
use rand::rngs::SmallRng;

use super::answer::Answer;
use super::clean_up::CreatedObject;
use super::client::Client;
use super::condition::LastAnswer;
use super::conversation::Conversation;
use super::exchange::WireRequest;
use super::failure::Failure;
use super::flow::Poll;
use super::journey_id::JourneyId;
use super::link;
use super::observed::{ExtractedValue, ObservedStep};
use super::pending_request::PendingRequest;
use super::socket::{self, Speaker};
use super::source::AnswerContext;
use super::step::Step;
use super::template::MissingValue;
use super::user_state::{Track, UserState};
use crate::evidence::RequestEventKind;
use crate::record::{Outcome, Parts, PhaseRecorder};
use crate::timer;

/// Occasion on which a step is made.
#[derive(Clone, Copy)]
pub(super) enum Attempt<'a> {
    /// As the journey says.
    Plain,
    /// As a try of a poll, after which another may begin until `end`.
    Poll { poll: &'a Poll, end: Instant },
    /// For the page at that address.
    Page(&'a Uri),
    /// To remove what a step has created.
    Removal(&'a CreatedObject),
}

/// A request that was made.
pub(super) struct RequestResult {
    pub(super) sent: Instant,
    pub(super) finished: Instant,
    pub(super) outcome: Outcome,
    /// True if a poll goes on.
    pub(super) again: bool,
}

/// A user about to make a request over one of its connections.
pub(super) struct Requester<'a> {
    pub(super) person: &'a UserState,
    pub(super) track: &'a mut Track,
    pub(super) client: &'a mut Client,
}

impl Requester<'_> {
    /// Makes one request and records it. A request that lacks a value cannot be made and counts as a failed check.
    pub(super) async fn make(
        &mut self,
        step: &Step,
        attempt: Attempt<'_>,
        intended: Instant,
        recorder: &PhaseRecorder<'_>,
        renewals: &[(u16, JourneyId)],
    ) -> RequestResult {
        self.client.turn_to_named(step.host.as_deref());
        // Kept before anything is drawn: a request that is sent again must be the same one.
        let choices = self.track.random.clone();
        let mut request = self
            .request(step, attempt)
            .and_then(|request| self.can_speak(step).then_some(request).ok_or(MissingValue));
        if step.caches
            && let Ok(request) = &mut request
            && self.is_cached(request)
        {
            return self.cache_hit(step, intended);
        }
        // From here on the request counts as started, even if its task is aborted.
        let mut under_way = PendingRequest::new(step.series, intended, *recorder);
        let Ok(mut request) = request else {
            let now = under_way.sent();
            under_way.end(now, Outcome::CheckFailed, Parts::default(), || step.example(None));
            self.notify(step, intended, now, now, Outcome::CheckFailed, None);
            self.client.turn_to(None);
            return RequestResult {
                sent: now,
                finished: now,
                outcome: Outcome::CheckFailed,
                again: false,
            };
        };
        self.note(request.uri());
        self.client.begin();
        let sent = under_way.sent();
        let target = Rc::clone(&self.client.target);
        // A conversation is one long exchange, which the proxy logs at its end.
        let tracer = target.tracer.as_ref().filter(|_| step.conversation.is_none());
        let marked = tracer.and_then(|tracer| Some((tracer, tracer.mark(sent, &mut request)?)));
        let deadline = sent + step.timeout.unwrap_or(self.client.target().timeout);
        // Rare branches are boxed, so that the future of every other request stays small.
        let answer = match &step.conversation {
            None if step.answers_challenges() => Box::pin(self.challenged(step, request, deadline)).await,
            None if step.redirects == 0 => self.send(step, attempt, request, choices, deadline).await,
            None => Box::pin(self.follow(step, request, deadline)).await,
            Some(conversation) => {
                let speaker = Speaker {
                    person: self.person,
                    random: &mut self.track.random,
                };
                Box::pin(socket::converse(self.client, request, conversation, speaker, deadline)).await
            }
        };
        let (finished, (outcome, again)) = match &answer {
            Ok(answer) => {
                under_way.answered(answer.status.as_u16(), answer.bytes);
                (answer.finished, self.conclude(step, attempt, answer, renewals))
            }
            Err(failure) => {
                // Conditions and the next page must not read the answer before this one.
                self.track.seen = None;
                if let Some(event) = failure.event() {
                    target.events.count(step.series, event);
                }
                (timer::now(), (failure.outcome(), false))
            }
        };
        under_way.end(finished, outcome, self.client.parts(sent), || {
            step.example(answer.as_ref().ok())
        });
        if let Some((tracer, id)) = marked {
            tracer.ended(id, step.series, sent, finished, outcome);
        }
        self.notify(step, intended, sent, finished, outcome, answer.as_ref().ok());
        self.client.turn_to(None);
        RequestResult {
            sent,
            finished,
            outcome,
            again,
        }
    }

    /// Counts an answer that the user's cache holds: it takes no time, and is no request.
    fn cache_hit(&mut self, step: &Step, at: Instant) -> RequestResult {
        let events = &self.client.target().events;
        events.count(step.series, RequestEventKind::CacheHit);
        self.client.turn_to(None);
        RequestResult {
            sent: at,
            finished: at,
            outcome: Outcome::Success,
            again: false,
        }
    }

    /// Takes what the user learns from an answer; the outcome, and true if another try of the step's poll follows.
    fn conclude(
        &mut self,
        step: &Step,
        attempt: Attempt<'_>,
        answer: &Answer,
        renewals: &[(u16, JourneyId)],
    ) -> (Outcome, bool) {
        // Cookies are taken from failed answers as well: browsers do, and a session may be ended that way.
        self.take_cookies(step, answer);
        self.note_page(answer);
        if let Some(location) = answer.location() {
            self.count_elsewhere(step, location);
        }
        if step.keeps_answer {
            self.track.seen = Some(LastAnswer::new(answer, &self.track.url));
        }
        let (outcome, again) = if step.caches && self.cache(step, answer) {
            (Outcome::Success, false)
        } else {
            self.judge(step, attempt, answer)
        };
        let status = answer.status.as_u16();
        // Only for a status that the step did not expect: a step that checks for 401 means it.
        let mut renewals = renewals
            .iter()
            .filter(|(known, _)| outcome.is_error() && *known == status);
        self.track.expired = renewals.next().map(|(_, renewal)| *renewal);
        let outcome = if self.track.expired.is_some() {
            Outcome::SessionExpired
        } else {
            outcome
        };
        if outcome == Outcome::Malformed {
            let events = &self.client.target().events;
            events.count(step.series, RequestEventKind::Undecodable);
        }
        // Only after a success: nothing has been created otherwise.
        if let Some(removal) = step.removal.as_ref().filter(|_| outcome == Outcome::Success && !again) {
            self.note_created(removal);
        }
        if let Some(writes) = step.writes.as_ref().filter(|_| outcome == Outcome::Success && !again) {
            self.note_written(step, writes);
        }
        (outcome, again && outcome != Outcome::SessionExpired)
    }

    /// Tells the observer of a step that has ended, if there is one: `[intended, sent, finished]`.
    fn notify(
        &mut self,
        step: &Step,
        intended: Instant,
        sent: Instant,
        finished: Instant,
        outcome: Outcome,
        answer: Option<&Answer>,
    ) {
        let Some(observer) = self.client.target.observer.clone() else {
            return;
        };
        let memory = self.person.memory.borrow();
        let mut told = ObservedStep {
            user: self.person.number,
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
            told.missing = step.missing(&memory.variables);
        }
        if let Some(answer) = answer {
            let mut random = self.track.random.clone();
            let texts = step.expectation.texts(&mut self.person.values(&memory, &mut random));
            let around = AnswerContext {
                status: answer.status.as_u16(),
                headers: &answer.headers,
                jar: memory.cookies(),
                site: &self.client.target.site,
                url: &self.track.url,
                texts: &texts,
            };
            step.expectation.explain(&mut told, answer, around, &memory.variables);
        }
        let given = step.conversation.iter().flat_map(Conversation::extractions);
        told.extracted.extend(given.map(|extraction| ExtractedValue {
            name: extraction.name.as_ref().to_owned(),
            value: memory.variables[extraction.slot].as_deref().map(str::to_owned),
        }));
        observer.ended(told);
    }

    /// The outcome of an answer; a success changes the user's variables.
    fn judge(&mut self, step: &Step, attempt: Attempt<'_>, answer: &Answer) -> (Outcome, bool) {
        if let Attempt::Poll { poll, end } = attempt
            && let Some(undone) = self.judge_poll(step, poll, end, answer)
        {
            return undone;
        }
        let person = self.person;
        let texts = {
            let memory = person.memory.borrow();
            step.expectation
                .texts(&mut person.values(&memory, &mut self.track.random))
        };
        let mut memory = person.memory.borrow_mut();
        let memory = &mut *memory;
        let around = AnswerContext {
            status: answer.status.as_u16(),
            headers: &answer.headers,
            jar: &memory.jars[memory.jar],
            site: &self.client.target.site,
            url: &self.track.url,
            texts: &texts,
        };
        let random = &mut self.track.random;
        let outcome = match &step.events {
            Some(wanted) if step.expectation.refusal(answer).is_none() && answer.events != Some(wanted.count) => {
                Outcome::CheckFailed
            }
            _ => step.expectation.judge(answer, around, random, &mut memory.variables),
        };
        (outcome, false)
    }

    /// The outcome of a try that does not end its poll as it should, and true if another follows; `None` if the conditions hold.
    fn judge_poll(&mut self, step: &Step, poll: &Poll, end: Instant, answer: &Answer) -> Option<(Outcome, bool)> {
        if let Some(refusal) = step.expectation.refusal(answer) {
            return Some((refusal, false));
        }
        let Ok(body) = answer.plain() else {
            return Some((Outcome::Malformed, false));
        };
        let (person, target) = (self.person, &self.client.target);
        let memory = person.memory.borrow();
        let mut values = person.values(&memory, &mut self.track.random);
        let texts = poll.until.texts(&mut values);
        let around = AnswerContext {
            status: answer.status.as_u16(),
            headers: &answer.headers,
            jar: memory.cookies(),
            site: &target.site,
            url: &self.track.url,
            texts: &texts,
        };
        if poll.until.hold_in(&body, around) && poll.until.hold_of(&mut values, &texts) {
            return None;
        }
        // A try that would begin after the end is not made, and the last one made has failed.
        // From the end of the answer, not from its start: a slow system must not be polled faster than it answers.
        let again = answer.finished + poll.every <= end;
        let outcome = if again { Outcome::Success } else { Outcome::CheckFailed };
        Some((outcome, again))
    }

    /// Sends the request. If a kept-alive connection turns out to be closed, or the server has not processed the request, sends it
    /// once more on a new connection, as browsers do. The same random choices make it the same request.
    async fn send(
        &mut self,
        step: &Step,
        attempt: Attempt<'_>,
        mut request: WireRequest,
        choices: SmallRng,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let keep = step.keep();
        let mut choices = Some(choices);
        loop {
            let answer = self.client.send(request, deadline, keep).await;
            let resent = answer.as_ref().err().and_then(|failure| failure.resent());
            match (resent, choices.take()) {
                // Once only: `choices` is gone after it.
                (Some(event), Some(choices)) => {
                    self.client.target().events.count(step.series, event);
                    self.track.random = choices;
                    request = self.request(step, attempt).map_err(|MissingValue| Failure::Reset)?;
                }
                _ => return answer,
            }
        }
    }

    /// Sends a copy of the request, and another one where [`Self::send`] would send it once more.
    pub(super) async fn send_copy(
        &mut self,
        step: &Step,
        request: &WireRequest,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let keep = step.keep();
        let answer = self.client.send(request.clone(), deadline, keep).await;
        let Some(event) = answer.as_ref().err().and_then(|failure| failure.resent()) else {
            return answer;
        };
        self.client.target().events.count(step.series, event);
        self.client.send(request.clone(), deadline, keep).await
    }

    fn request(&mut self, step: &Step, attempt: Attempt<'_>) -> Result<WireRequest, MissingValue> {
        self.set(step)?;
        let person = self.person;
        let memory = person.memory.borrow();
        let mut values = person.values(&memory, &mut self.track.random);
        let mut request = if let Attempt::Removal(created) = attempt {
            let (uri, body) = (created.uri.clone(), created.body.clone());
            step.request_to(uri, Some(body), self.client, &mut values)?
        } else {
            let uri = link::address(step, self.client, self.track.page.as_ref(), &mut values)?;
            step.request_to(uri, None, self.client, &mut values)?
        };
        if let Attempt::Page(uri) = attempt {
            *request.uri_mut() = uri.clone();
        }
        let has_cookies = !memory.cookies().is_empty();
        drop(memory);
        if step.sends_cookies && has_cookies {
            self.set_cookies(&mut request);
        }
        if let Some(page) = self.track.page.as_ref().filter(|_| step.sends_referer) {
            // Frameworks check it against request forgery, and refuse forms that lack it.
            request.headers_mut().insert(REFERER, page.clone());
        }
        Ok(request)
    }

    /// Sets the values that the step sets; none of them is seen by the others.
    fn set(&mut self, step: &Step) -> Result<(), MissingValue> {
        if step.set.is_empty() {
            return Ok(());
        }
        let person = self.person;
        let mut texts = Vec::with_capacity(step.set.len());
        {
            let memory = person.memory.borrow();
            for (slot, template) in &step.set {
                let mut values = person.values(&memory, &mut self.track.random);
                let mut text = String::new();
                template.render(&mut values, &mut text)?;
                // Set after all of them are rendered: none of the names is known to the others.
                texts.push((*slot, text.into()));
            }
        }
        let mut memory = person.memory.borrow_mut();
        for (slot, text) in texts {
            memory.variables[slot] = Some(text);
        }
        Ok(())
    }

    /// True if every value is known that the turns of the step's conversation need before they give values themselves.
    fn can_speak(&self, step: &Step) -> bool {
        let Some(conversation) = &step.conversation else {
            return true;
        };
        let memory = self.person.memory.borrow();
        conversation.slots().all(|slot| memory.variables[slot].is_some())
    }
}
