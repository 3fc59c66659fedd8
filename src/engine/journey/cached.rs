//! Requests that a user's cache answers.

use super::answer::Answer;
use super::exchange::WireRequest;
use super::requester::Requester;
use super::step::Step;
use crate::evidence::RequestEventKind;

impl Requester<'_> {
    /// True if the user has a fresh answer to that request; adds the validators of one that is stale.
    pub(super) fn is_cached(&self, request: &mut WireRequest) -> bool {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let key = self.cache_key(path);
        let memory = self.person.memory.borrow();
        if memory.cache.is_fresh(&key) {
            return true;
        }
        memory.cache.validate(&key, request.headers_mut());
        false
    }

    /// Keeps an answer in the user's cache. True if it says that what is there is still valid.
    pub(super) fn cache(&self, step: &Step, answer: &Answer) -> bool {
        let key = self.cache_key(&self.track.url);
        let mut memory = self.person.memory.borrow_mut();
        let valid = memory.cache.take(&key, answer.status, &answer.headers);
        if valid {
            let events = &self.client.target().events;
            events.count(step.series, RequestEventKind::NotModified);
        }
        valid
    }

    fn cache_key(&self, path: &str) -> String {
        [&*self.client.target().site.host, path].concat()
    }
}
