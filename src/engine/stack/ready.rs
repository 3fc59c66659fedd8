//! Readiness, tested by a real request through the front door.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};
use url::Url;

use super::wait_lines::WaitLines;
use super::{Awaited, ProgressSender, StackError};
use crate::units::Span;
use crate::wire::{AskError, Door};

const PAUSE: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(10);
/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 5;

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
    /// The expected status. If not given, any of 200 to 299, after the redirects that stay at the front door: a redirect that leads
    /// away, to a page for log-ins of another host or from http to https, shows nothing of the system.
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
            None => (200..300).contains(&status),
        }
    }

    /// Repeats the request until the answer is as expected or the deadline has passed. `leads_away` gets the location of the first
    /// redirect that leads away from the front door, and may end the wait.
    pub(super) async fn wait(
        &self,
        door: &Door,
        default_deadline: Span,
        talk: &ProgressSender,
        leads_away: impl Fn(&str) -> Result<(), StackError>,
    ) -> Result<(), StackError> {
        let deadline = self.deadline.unwrap_or(default_deadline);
        let start = Instant::now();
        let mut lines = WaitLines::new("the front door");
        let mut told = false;
        loop {
            let Some(Objection { last, location }) = self.object(door).await? else {
                return Ok(());
            };
            if let Some(location) = location.filter(|_| !std::mem::replace(&mut told, true)) {
                leads_away(&location)?;
            }
            let elapsed = start.elapsed();
            if elapsed >= deadline.get() {
                return Err(StackError::DeadlinePassed {
                    what: Awaited::FrontDoor {
                        method: self.method.clone(),
                        path: self.path.clone(),
                    },
                    deadline,
                    last,
                });
            }
            if let Some(line) = lines.line(&last, elapsed) {
                talk.say(line);
            }
            sleep(PAUSE).await;
        }
    }

    /// Sends the request once. Returns the fault in the answer, in words; `None` if there is none.
    pub(super) async fn problem(&self, door: &Door) -> Result<Option<String>, StackError> {
        Ok(self.object(door).await?.map(|objection| objection.last))
    }

    async fn object(&self, door: &Door) -> Result<Option<Objection>, StackError> {
        let without_location = |last| Some(Objection { last, location: None });
        match timeout(PATIENCE, self.ask(door)).await {
            Ok(Ok(answer)) => {
                let location = location(&answer);
                let last = self.objection(answer.status().as_u16(), location.as_deref(), answer.body());
                Ok(last.map(|last| Objection { last, location }))
            }
            // A certificate that is not trusted will not be trusted by waiting: this ends at once, other problems may
            // pass.
            Ok(Err(problem)) => match problem.distrust() {
                Some(refused) => Err(StackError::FrontDoor(refused)),
                None => Ok(without_location(problem.to_string())),
            },
            Err(_) => Ok(without_location(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }

    fn objection(&self, status: u16, location: Option<&str>, body: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(body);
        match &self.contains {
            _ if !self.accepts(status) => Some(match location {
                Some(location) => format!("answered {status}, a redirect to {location}"),
                None => format!("answered {status}"),
            }),
            Some(expected) if !text.contains(expected.as_str()) => {
                Some(format!("answered {status} without `{expected}` in the body"))
            }
            _ => None,
        }
    }

    /// The answer; without an expected status, the one after the redirects that stay at the front door.
    async fn ask(&self, door: &Door) -> Result<Response<Bytes>, AskError> {
        let mut answer = door.fetch(self.request()?).await?;
        let mut path = self.path.clone();
        // An expected status is that of the first answer.
        let followed = if self.status.is_none() { MOST_REDIRECTS } else { 0 };
        for _ in 0..followed {
            let Some(next) = location(&answer).and_then(|location| redirect_inside(door, &path, &location)) else {
                break;
            };
            answer = door.fetch(Request::get(&next).body(Full::default())?).await?;
            path = next;
        }
        Ok(answer)
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, AskError> {
        let body = self.json.as_ref().map(ToString::to_string).unwrap_or_default();
        Ok(Request::builder()
            .method(self.method.as_str())
            .uri(&self.path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?)
    }

    /// The status of the front door's answer; the reason in words if there is none.
    pub(super) async fn status(&self, door: &Door) -> Result<u16, String> {
        match timeout(PATIENCE, self.ask(door)).await {
            Ok(Ok(answer)) => Ok(answer.status().as_u16()),
            Ok(Err(problem)) => Err(problem.to_string()),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }
}

/// The fault in an answer.
struct Objection {
    /// The fault in words.
    last: String,
    /// Target of the redirect that it is.
    location: Option<String>,
}

/// Target of the redirect; `None` for any other answer.
fn location(answer: &Response<Bytes>) -> Option<String> {
    let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    answer.status().is_redirection().then(|| location.to_owned())
}

/// Path and query of a redirect from that path, if it leads to the front door, by its own address or the public one.
fn redirect_inside(door: &Door, path: &str, location: &str) -> Option<String> {
    let base = Url::parse(&format!("{}://{}", door.scheme(), door.authority())).ok()?;
    let target = base.join(path).ok()?.join(location).ok()?;
    // Applications redirect to the address that they know from production.
    let own = [Some(&base), door.public()];
    // By origin: another port or scheme of the same host is another server.
    let is_own = own.into_iter().flatten().any(|own| own.origin() == target.origin());
    let query = target.query().map(|query| format!("?{query}")).unwrap_or_default();
    is_own.then(|| format!("{}{query}", target.path()))
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
        let (talk, _listener) = ProgressSender::channel();
        let server = async {
            answer_once(&listener, "502 Bad Gateway").await;
            answer_once(&listener, "401 Unauthorized").await
        };
        let (outcome, asked) = tokio::join!(
            request.wait(&door, Span::from_millis(60_000), &talk, |_| Ok(())),
            server
        );
        outcome.unwrap();
        assert!(asked.starts_with("POST /api/login HTTP/1.1"), "{asked}");
        assert!(asked.ends_with(r#"{"login":"nobody"}"#), "{asked}");
    }

    /// The fault in the last of the answers that the front door gives, with the paths that it was asked for.
    async fn redirected(status: Option<u16>, answers: &[&str]) -> (Option<String>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = door(&listener);
        let request = ReadyRequest {
            path: "/app/".to_owned(),
            status,
            ..ReadyRequest::default()
        };
        let server = async {
            let mut asked = Vec::new();
            for answer in answers {
                let received = answer_once(&listener, &answer.replace("SELF", door.authority())).await;
                asked.extend(received.split(' ').nth(1).map(str::to_owned));
            }
            asked
        };
        let (problem, asked) = tokio::join!(request.problem(&door), server);
        (problem.unwrap(), asked)
    }

    #[tokio::test]
    async fn a_redirect_is_followed_at_the_front_door_and_shows_nothing_elsewhere() {
        let found = |location: &str| format!("302 Found\r\nlocation: {location}");
        let (away, own, relative) = (
            found("https://sso.example/"),
            found("http://SELF/in?next=1"),
            found("login"),
        );
        let (problem, asked) = redirected(None, &[&relative, &own, "200 OK"]).await;
        assert_eq!(problem, None);
        assert_eq!(asked, ["/app/", "/app/login", "/in?next=1"]);
        let (problem, _) = redirected(None, &[&relative, "500 Internal Server Error"]).await;
        assert_eq!(problem.unwrap(), "answered 500");
        let (problem, _) = redirected(None, &[&away]).await;
        assert_eq!(problem.unwrap(), "answered 302, a redirect to https://sso.example/");
        // It goes round in a circle.
        let (problem, asked) = redirected(None, &[relative.as_str(); 6]).await;
        assert_eq!(
            (problem.unwrap().as_str(), asked.len()),
            ("answered 302, a redirect to login", 6)
        );
        // The redirect is what was asked for.
        assert_eq!(redirected(Some(302), &[&away]).await.0, None);
        assert_eq!(
            redirected(Some(200), &[&relative]).await.0.unwrap(),
            "answered 302, a redirect to login"
        );
    }

    #[test]
    fn the_body_can_be_asked_for_a_text() {
        let request = ReadyRequest {
            contains: Some("\"status\":\"ok\"".to_owned()),
            ..ReadyRequest::default()
        };
        assert_eq!(request.objection(200, None, br#"{"status":"ok"}"#), None);
        let told = request.objection(503, None, br#"{"status":"ok"}"#);
        assert_eq!(told.unwrap(), "answered 503");
        let told = request.objection(200, None, br#"{"status":"degraded"}"#).unwrap();
        assert_eq!(told, r#"answered 200 without `"status":"ok"` in the body"#);
    }

    #[tokio::test]
    async fn the_error_tells_the_last_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = door(&listener);
        let (talk, _listener) = ProgressSender::channel();
        let request = ReadyRequest::default();
        let (outcome, _) = tokio::join!(
            request.wait(&door, Span::from_millis(0), &talk, |_| Ok(())),
            answer_once(&listener, "503 Service Unavailable")
        );
        assert_eq!(
            outcome.unwrap_err().to_string(),
            "front door (GET /) was not ready within 0s: answered 503"
        );
    }
}
