//! Readiness, tested by a real request through the front door.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use super::{StackError, Talk};
use crate::units::Span;
use crate::wire::{AskError, Door};

const PAUSE: Duration = Duration::from_millis(250);
const LINE_EVERY: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);

/// The request that the front door answers as expected only if everything behind it works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReadyRequest {
    /// Its path, one that needs the database.
    pub path: String,
    /// Its method.
    #[serde(default = "default_method")]
    pub method: String,
    /// Its JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    /// The expected status; any below 400 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Text that the answer's body must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Time limit for the expected answer; the stack file's `deadline` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
}

fn default_method() -> String {
    "GET".to_owned()
}

impl Default for ReadyRequest {
    fn default() -> Self {
        Self {
            path: "/".to_owned(),
            method: default_method(),
            json: None,
            status: None,
            contains: None,
            deadline: None,
        }
    }
}

impl ReadyRequest {
    /// True if that status is the expected one.
    pub fn accepts(&self, status: u16) -> bool {
        match self.status {
            Some(expected) => status == expected,
            None => status < 400,
        }
    }

    /// Repeats the request until the answer is as expected or the deadline has passed.
    pub(super) async fn wait(&self, door: &Door, default_deadline: Span, talk: &Talk) -> Result<(), StackError> {
        let deadline = self.deadline.unwrap_or(default_deadline);
        let start = Instant::now();
        let mut next_line = LINE_EVERY;
        loop {
            let Some(last) = self.problem(door).await? else {
                return Ok(());
            };
            let elapsed = start.elapsed();
            if elapsed >= deadline.get() {
                return Err(StackError::DeadlinePassed {
                    what: format!("front door ({} {})", self.method, self.path),
                    deadline,
                    last,
                });
            }
            if elapsed >= next_line {
                next_line = elapsed + LINE_EVERY;
                talk.say(format!("waiting for the front door, {} s: {last}", elapsed.as_secs()));
            }
            sleep(PAUSE).await;
        }
    }

    /// Sends the request once. Returns the fault in the answer, in words; `None` if there is none.
    pub(super) async fn problem(&self, door: &Door) -> Result<Option<String>, StackError> {
        match timeout(PATIENCE, self.ask(door)).await {
            Ok(Ok((status, body))) => Ok(self.objection(status, &body)),
            Ok(Err(problem)) => match problem.distrust() {
                Some(refused) => Err(StackError::FrontDoor(refused)),
                None => Ok(Some(problem.to_string())),
            },
            Err(_) => Ok(Some(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }

    fn objection(&self, status: u16, body: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(body);
        match &self.contains {
            _ if !self.accepts(status) => Some(format!("answered {status}")),
            Some(expected) if !text.contains(expected.as_str()) => {
                Some(format!("answered {status} without `{expected}` in the body"))
            }
            _ => None,
        }
    }

    async fn ask(&self, door: &Door) -> Result<(u16, Bytes), AskError> {
        let answer = door.fetch(self.request()?).await?;
        Ok((answer.status().as_u16(), answer.into_body()))
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, AskError> {
        let body = self.json.as_ref().map(ToString::to_string).unwrap_or_default();
        Ok(Request::builder()
            .method(self.method.as_str())
            .uri(&self.path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?)
    }

    /// The target of the redirect that the front door answers with; `None` if it answers anything else.
    pub(super) async fn redirection(&self, door: &Door) -> Option<String> {
        let answer = timeout(PATIENCE, door.fetch(self.request().ok()?)).await.ok()?.ok()?;
        let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
        answer.status().is_redirection().then(|| location.to_owned())
    }

    /// The status of the front door's answer; the reason in words if there is none.
    pub(super) async fn status(&self, door: &Door) -> Result<u16, String> {
        match timeout(PATIENCE, self.ask(door)).await {
            Ok(Ok((status, _))) => Ok(status),
            Ok(Err(problem)) => Err(problem.to_string()),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::wire::Transport;

    fn door(listener: &TcpListener) -> Door {
        let url = format!("http://{}", listener.local_addr().unwrap());
        Door::find(&url, &Transport::default()).unwrap()
    }

    async fn answer_once(listener: &TcpListener, status: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = vec![0; 4096];
        let length = stream.read(&mut received).await.unwrap();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&received[..length]).into_owned()
    }

    #[tokio::test]
    async fn it_asks_until_the_answer_is_as_expected() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = door(&listener);
        let request = ReadyRequest {
            path: "/api/login".to_owned(),
            method: "POST".to_owned(),
            json: Some(serde_json::json!({ "login": "nobody" })),
            status: Some(401),
            contains: None,
            deadline: None,
        };
        let (talk, _listener) = Talk::channel();
        let server = async {
            answer_once(&listener, "502 Bad Gateway").await;
            answer_once(&listener, "401 Unauthorized").await
        };
        let (outcome, asked) = tokio::join!(request.wait(&door, Span::from_millis(60_000), &talk), server);
        outcome.unwrap();
        assert!(asked.starts_with("POST /api/login HTTP/1.1"), "{asked}");
        assert!(asked.ends_with(r#"{"login":"nobody"}"#), "{asked}");
    }

    #[test]
    fn the_body_can_be_asked_for_a_text() {
        let request = ReadyRequest {
            contains: Some("\"status\":\"ok\"".to_owned()),
            ..ReadyRequest::default()
        };
        assert_eq!(request.objection(200, br#"{"status":"ok"}"#), None);
        assert_eq!(request.objection(503, br#"{"status":"ok"}"#).unwrap(), "answered 503");
        let told = request.objection(200, br#"{"status":"degraded"}"#).unwrap();
        assert_eq!(told, r#"answered 200 without `"status":"ok"` in the body"#);
    }

    #[tokio::test]
    async fn the_error_tells_the_last_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = door(&listener);
        let (talk, _listener) = Talk::channel();
        let request = ReadyRequest::default();
        let (outcome, _) = tokio::join!(
            request.wait(&door, Span::from_millis(0), &talk),
            answer_once(&listener, "503 Service Unavailable")
        );
        assert_eq!(
            outcome.unwrap_err().to_string(),
            "front door (GET /) was not ready within 0s: answered 503"
        );
    }
}
