//! Requests that follow redirects, between the hosts behind the front door too.

use std::time::Instant;

use hyper::header::{AUTHORIZATION, COOKIE, HOST};

use super::answer::Answer;
use super::exchange::WireRequest;
use super::failure::Failure;
use super::redirect;
use super::requester::Requester;
use super::step::Step;

impl Requester<'_> {
    /// Sends the request and follows redirects up to the step's limit. The bytes of all bodies are counted.
    pub(super) async fn follow(
        &mut self,
        step: &Step,
        mut request: WireRequest,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let mut bytes = 0;
        for left in (0..=step.redirects).rev() {
            let mut answer = self.send_copy(step, &request, deadline).await?;
            // One sample for the whole chain: the user waits for all of it.
            bytes += answer.bytes;
            answer.bytes = bytes;
            match self.next_hop(&request, &answer) {
                None => return Ok(answer),
                Some(_) if left == 0 => break,
                Some((next, host)) => {
                    // Log-ins often set the session on the redirect itself.
                    self.take_cookies(step, &answer);
                    self.client.turn_to(host);
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

    /// The request that follows a redirect, and the host behind the front door that it goes to; `None` if there is
    /// none, or it leads out of the system.
    fn next_hop(&self, request: &WireRequest, answer: &Answer) -> Option<(WireRequest, Option<usize>)> {
        if let Some(next) = redirect::next(&self.client.target().entry, request, answer) {
            return Some((next, self.client.host()));
        }
        self.client.other_hosts().find_map(|(host, other)| {
            let mut next = redirect::next(&other.entry, request, answer)?;
            let headers = next.headers_mut();
            headers.insert(HOST, other.host.clone());
            // What was meant for one host is not for another.
            headers.remove(AUTHORIZATION);
            Some((next, host))
        })
    }

    /// Gives the request the cookies that are for it, instead of those that it has.
    pub(super) fn set_cookies(&self, request: &mut WireRequest) {
        let memory = self.person.memory.borrow();
        let cookies = memory
            .cookies()
            .header(&self.client.target().site, request.uri().path());
        match cookies {
            Some(cookies) => request.headers_mut().insert(COOKIE, cookies),
            None => request.headers_mut().remove(COOKIE),
        };
    }
}
