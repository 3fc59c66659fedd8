//! Masks everything that a trial shows: the secrets that are known, and those that it meets on the way.

use std::time::Instant;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::entry::{MaskedExchange, MaskedValue, Message, Request, Response, TrialStep};
use crate::journey::{Actual, CheckResult, Exchange, ExtractedValue, ObservedAnswer, ObservedStep, SocketMessage};
use crate::secrets::{Secrets, masked};

/// Name under which a value is learnt that is secret by its place, not by its name.
const SECRET: &str = "secret";
/// Headers whose value is secret although no word in the name says so.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "www-authenticate"];
/// Most values that are learnt; masking goes through all of them.
const MOST_LEARNT: usize = 5_000;

/// Masks steps, and learns cookies, tokens and credentials from them.
#[derive(Debug)]
pub(super) struct Masker {
    secrets: Secrets,
    learnt: usize,
    /// The same instant by both clocks.
    now: (Instant, Timestamp),
}

impl Masker {
    pub(super) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            learnt: 0,
            now: (Instant::now(), Timestamp::now()),
        }
    }

    /// The step, masked.
    pub(super) fn entry(&mut self, iteration: u32, series: &str, step: &ObservedStep) -> TrialStep {
        // Learnt from the whole step before any of it is shown: a value that is extracted last stands in an answer
        // before it.
        for exchange in &step.exchanges {
            self.learn_exchange(exchange);
        }
        for value in &step.extracted {
            self.learn(&value.name, value.value.as_deref().unwrap_or_default());
        }
        let checks = step.status.iter().chain(&step.checks);
        TrialStep {
            user: step.user,
            iteration,
            series: series.to_owned(),
            outcome: step.outcome,
            response_time: step.finished.saturating_duration_since(step.intended),
            parts: step.parts,
            turns: step.exchanges.iter().map(|exchange| self.turn(exchange)).collect(),
            missing: step.missing.clone(),
            checks: checks.map(|check| self.check(check)).collect(),
            extracted: step.extracted.iter().map(|value| self.value(value)).collect(),
        }
    }

    fn learn(&mut self, name: &str, value: &str) {
        if self.learnt < MOST_LEARNT {
            self.secrets.learn(name, value);
            self.learnt += 1;
        }
    }

    fn learn_exchange(&mut self, exchange: &Exchange) {
        let answer = exchange.answer.as_ref().ok();
        let headers = exchange.headers.iter();
        for (name, value) in headers.chain(answer.into_iter().flat_map(|answer| &answer.headers)) {
            match name.as_str() {
                "cookie" => value.split(';').for_each(|pair| self.learn_cookie(pair)),
                "set-cookie" => self.learn_cookie(value.split(';').next().unwrap_or_default()),
                // Without the scheme: answers and bodies hold the token alone.
                "authorization" => {
                    let credentials = value.split_once(' ').map_or(value.as_str(), |(_, rest)| rest);
                    self.learn(SECRET, credentials.trim());
                }
                name => self.learn(name, value),
            }
        }
        if is_form(&exchange.headers) {
            for (name, value) in url::form_urlencoded::parse(&exchange.body) {
                self.learn(&name, &value);
            }
        }
    }

    fn learn_cookie(&mut self, pair: &str) {
        if let Some((_, value)) = pair.split_once('=') {
            self.learn(SECRET, value.trim().trim_matches('"'));
        }
    }

    fn turn(&self, exchange: &Exchange) -> MaskedExchange {
        let since = exchange.sent.saturating_duration_since(self.now.0);
        let since = SignedDuration::try_from(since).unwrap_or_default();
        MaskedExchange {
            request: Request {
                method: exchange.method.clone(),
                url: self.url(&exchange.url),
                headers: self.headers(&exchange.headers),
                body: self.body(&exchange.body),
                bytes: exchange.body.len() as u64,
            },
            // From one reading of both clocks: the wall clock may be set while the trial runs.
            sent: self.now.1.checked_add(since).unwrap_or(self.now.1),
            took: exchange.finished.saturating_duration_since(exchange.sent),
            response: exchange
                .answer
                .as_ref()
                .map(|answer| self.response(answer))
                .map_err(|outcome| *outcome),
            messages: exchange.messages.iter().map(|message| self.message(message)).collect(),
        }
    }

    fn response(&self, answer: &ObservedAnswer) -> Response {
        Response {
            version: answer.version.clone(),
            status: answer.status,
            headers: self.headers(&answer.headers),
            body: self.body(&answer.body),
            size: answer.body.len() as u64,
            bytes: answer.bytes,
        }
    }

    fn message(&self, message: &SocketMessage) -> Message {
        Message {
            sent: message.sent,
            text: self.body(&message.text),
            bytes: message.text.len() as u64,
        }
    }

    /// The body as masked text; `None` if it is no text.
    fn body(&self, body: &Bytes) -> Option<String> {
        std::str::from_utf8(body)
            .ok()
            .map(|text| self.secrets.mask_answer(text))
    }

    /// The URL with the values of secret parameters masked.
    pub(super) fn url(&self, url: &str) -> String {
        // Parameters are masked by their names as well: reset links carry a token that nobody has declared.
        let Some((path, query)) = url.split_once('?') else {
            return self.secrets.mask(url);
        };
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) => format!("{name}={}", masked(name, value)),
            None => pair.to_owned(),
        });
        self.secrets
            .mask(&format!("{path}?{}", pairs.collect::<Vec<_>>().join("&")))
    }

    fn headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        let shown = headers.iter().map(|(name, value)| {
            let shown = match name.as_str() {
                // All values of cookies are hidden: a session's name is the application's choice, and tells no secret
                // from a setting.
                "cookie" => hidden_cookies(value, true),
                "set-cookie" => hidden_cookies(value, false),
                name if SECRET_HEADERS.contains(&name) => hidden_credentials(value),
                "location" | "referer" => self.url(value),
                // The nonce of a WebSocket's handshake is no secret.
                name if name.starts_with("sec-websocket-") => value.clone(),
                name => self.secrets.mask(&masked(name, value)),
            };
            (name.clone(), shown)
        });
        shown.collect()
    }

    fn check(&self, check: &CheckResult) -> CheckResult {
        let named = check.written.split('"').any(|word| masked(word, "x") == "***");
        CheckResult {
            written: self.secrets.mask(&check.written),
            holds: check.holds,
            actual: match &check.actual {
                // A check of `$.token` shows the token.
                Actual::Values(_) if named => Actual::Values("***".to_owned()),
                Actual::Values(values) => Actual::Values(self.secrets.mask_answer(values)),
                other => other.clone(),
            },
        }
    }

    fn value(&self, value: &ExtractedValue) -> MaskedValue {
        let text = value.value.as_deref();
        MaskedValue {
            name: value.name.clone(),
            text: text.map(|text| self.secrets.mask_answer(&masked(&value.name, text))),
        }
    }
}

/// True if the content type is that of an HTML form.
fn is_form(headers: &[(String, String)]) -> bool {
    let mut types = headers.iter().filter(|(name, _)| name == "content-type");
    types.any(|(_, value)| value.starts_with("application/x-www-form-urlencoded"))
}

/// Cookies with their values masked: of all pairs, or only of the first, which attributes follow.
fn hidden_cookies(header: &str, all: bool) -> String {
    let pairs = header
        .split(';')
        .enumerate()
        .map(|(index, pair)| match pair.split_once('=') {
            Some((name, value)) if (all || index == 0) && !value.is_empty() => format!("{name}=***"),
            _ => pair.to_owned(),
        });
    pairs.collect::<Vec<_>>().join(";")
}

fn hidden_credentials(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, _)) => format!("{scheme} ***"),
        // A token without a scheme is against RFC 9110, section 11.4, and common all the same.
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Outcome, Parts, SeriesId};

    fn header(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn observed() -> ObservedStep {
        let now = Instant::now();
        ObservedStep {
            user: 0,
            series: SeriesId(0),
            intended: now,
            sent: now,
            finished: now,
            outcome: Outcome::Success,
            parts: Parts::default(),
            exchanges: vec![Exchange {
                method: "POST".to_owned(),
                url: "http://app.example/login?token=q1w2e3&page=2".to_owned(),
                headers: vec![
                    header("content-type", "application/x-www-form-urlencoded"),
                    header("cookie", "theme=dark; sid=Session-One"),
                    header("authorization", "Bearer Key-Of-Anna"),
                ],
                body: Bytes::from_static(b"user=anna&password=hunter2hunter2"),
                sent: now,
                finished: now,
                answer: Ok(ObservedAnswer {
                    version: "HTTP/1.1".to_owned(),
                    status: 200,
                    headers: vec![header("set-cookie", "sid=Session-Two; Path=/; HttpOnly")],
                    body: Bytes::from_static(
                        b"{\"access_token\":\"first.second\",\"echo\":[\"Session-Two\",\"Key-Of-Anna\",\"hunter2hunter2\",\"Made-Up-1\"]}",
                    ),
                    bytes: 1,
                }),
                messages: vec![SocketMessage {
                    sent: true,
                    text: Bytes::from_static(b"my Session-One"),
                }],
            }],
            missing: Vec::new(),
            status: None,
            checks: vec![CheckResult {
                written: "{ json = \"$.access_token\" }".to_owned(),
                holds: true,
                actual: Actual::Values("\"first.second\"".to_owned()),
            }],
            extracted: vec![ExtractedValue {
                name: "api_token".to_owned(),
                value: Some("Made-Up-1".to_owned()),
            }],
        }
    }

    #[test]
    fn nothing_secret_is_shown_wherever_it_stands() {
        let entry = Masker::new(Secrets::default()).entry(0, "login.submit", &observed());
        let shown = format!("{entry:?}");
        for secret in [
            "Session-One",
            "Session-Two",
            "Key-Of-Anna",
            "hunter2",
            "q1w2e3",
            "first.second",
            "Made-Up-1",
        ] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        let turn = &entry.turns[0];
        assert_eq!(turn.request.url, "http://app.example/login?token=***&page=2");
        assert_eq!(turn.request.headers[1].1, "theme=***; sid=***");
        assert_eq!(turn.request.headers[2].1, "Bearer ***");
        assert_eq!(turn.request.body.as_deref(), Some("user=anna&password=***"));
        let response = turn.response.as_ref().unwrap();
        assert_eq!(response.headers[0].1, "sid=***; Path=/; HttpOnly");
        assert_eq!(turn.messages[0].text.as_deref(), Some("my ***"));
        assert_eq!(entry.extracted[0].text.as_deref(), Some("***"));
    }
}
