//! Requests that answer the challenges of HTTP authentication.

use std::time::Instant;

use hyper::StatusCode;
use hyper::header::AUTHORIZATION;
use rand::Rng;

use super::answer::Answer;
use super::digest::Challenge;
use super::exchange::WireRequest;
use super::failure::Failure;
use super::requester::Requester;
use super::step::Step;
use super::template::MissingValue;

impl Requester<'_> {
    /// Sends the request with the answer to the user's challenge, if there is one. A challenge of the server is answered at once.
    pub(super) async fn challenged(
        &mut self,
        step: &Step,
        mut request: WireRequest,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let mut bytes = 0;
        for answered in [false, true] {
            self.authorize(step, &mut request)
                .map_err(|MissingValue| Failure::Reset)?;
            let mut answer = self.send_copy(step, &request, deadline).await?;
            // Challenge and answer are one sample: the user waits for both.
            bytes += answer.bytes;
            answer.bytes = bytes;
            let challenge = (answer.status == StatusCode::UNAUTHORIZED && !answered)
                .then(|| Challenge::find(&answer.headers))
                .flatten();
            let Some(challenge) = challenge else { return Ok(answer) };
            self.take_cookies(step, &answer);
            // Kept: further requests answer it at once, with the next count of the nonce.
            self.person.memory.borrow_mut().challenge = Some(Box::new(challenge));
        }
        // The second answer is returned in any case.
        Err(Failure::Reset)
    }

    /// Sets the header that answers the user's challenge.
    fn authorize(&mut self, step: &Step, request: &mut WireRequest) -> Result<(), MissingValue> {
        let Some(auth) = &step.auth else { return Ok(()) };
        let person = self.person;
        let credentials = {
            let memory = person.memory.borrow();
            auth.credentials(&mut person.values(&memory, &mut self.track.random))?
        };
        let mut memory = person.memory.borrow_mut();
        let Some(challenge) = &mut memory.challenge else {
            return Ok(());
        };
        let cnonce = format!("{:016x}", self.track.random.random::<u64>());
        let uri = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let value = challenge.answer(&credentials, request.method().as_str(), uri, &cnonce)?;
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}
