//! Notes that a user takes of a request and its answer: the address, cookies, the page, and what was created or written.

use std::sync::Arc;

use hyper::Uri;
use hyper::header::{CONTENT_TYPE, HeaderValue};

use super::Target;
use super::answer::Answer;
use super::clean_up::CreatedObject;
use super::link;
use super::requester::Requester;
use super::step::{Removal, Step};
use super::template::Template;
use crate::evidence::RequestEventKind;
use crate::timer;

impl Requester<'_> {
    /// Counts a redirect to another host, which is never followed.
    pub(super) fn count_elsewhere(&self, step: &Step, location: &HeaderValue) {
        let target = self.client.target();
        let origin = target.entry.elsewhere(location);
        let is_ours = |(_, other): (_, &Target)| other.entry.elsewhere(location).is_none();
        if let Some(origin) = origin.filter(|_| !self.client.other_hosts().any(is_ours)) {
            target.elsewhere.count(step.series, origin);
        }
    }

    /// Notes the path and query of a request. The text is kept from step to step, so that this allocates nothing.
    pub(super) fn note(&mut self, uri: &Uri) {
        let url = &mut self.track.url;
        url.clear();
        url.push_str(uri.path_and_query().map_or("/", |path| path.as_str()));
    }

    /// Takes the cookies of an answer to the request that was noted last.
    pub(super) fn take_cookies(&mut self, step: &Step, answer: &Answer) {
        if !step.cookies {
            return;
        }
        // The default path of a cookie is that of the request without its query (RFC 6265, 5.1.4).
        let path = self.track.url.split('?').next().unwrap_or_default();
        for header in answer.cookies() {
            let mut memory = self.person.memory.borrow_mut();
            let jar = memory.cookies_mut();
            jar.store(header.as_bytes(), &self.client.target().site, path);
        }
    }

    /// Notes the row that a step has written, if a comparison is about it.
    pub(super) fn note_written(&mut self, step: &Step, writes: &Template) {
        if !self.client.target().ledger.wants(step.series) {
            return;
        }
        let mut identity = String::new();
        let rendered = {
            let memory = self.person.memory.borrow();
            let mut values = self.person.values(&memory, &mut self.track.random);
            writes.render(&mut values, &mut identity)
        };
        // A value that is missing is an answer without the row's identity: nothing was acknowledged that could be looked for.
        if rendered.is_ok() {
            let ledger = &self.client.target().ledger;
            ledger.add(step.series, timer::now(), identity);
        }
    }

    /// Notes what a step has created, with the address at which it is removed.
    pub(super) fn note_created(&mut self, removal: &Arc<Removal>) {
        let person = self.person;
        let created = {
            let memory = person.memory.borrow();
            let mut values = person.values(&memory, &mut self.track.random);
            let uri = link::address(&removal.step, self.client, self.track.page.as_ref(), &mut values);
            uri.and_then(|uri| CreatedObject::new(removal, uri, memory.jar, &mut values))
        };
        if let Ok(created) = created {
            person.memory.borrow_mut().created.push(created);
        } else {
            // A value in its address is missing.
            let events = &self.client.target().events;
            events.count(removal.step.series, RequestEventKind::NotRemoved);
        }
    }

    /// Notes the page that the user sees from now on, if the answer is one.
    pub(super) fn note_page(&mut self, answer: &Answer) {
        let html = answer
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        if html && answer.status.is_success() {
            let origin = self.client.target().origin_header.to_str().unwrap_or_default();
            self.track.page = HeaderValue::try_from([origin, &self.track.url].concat()).ok();
        }
    }
}
