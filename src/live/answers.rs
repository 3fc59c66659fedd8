//! Sends single requests, each over a connection of its own.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Request, Response};

use super::subject::{Answer, AnswerResult};
use crate::evidence::UnseenReason;
use crate::wire::{Door, Transport};

const PATIENCE: Duration = Duration::from_secs(5);

/// Sends requests to one front door, from one client address.
#[derive(Debug)]
pub(super) struct Caller<'a> {
    pub(super) door: &'a Door,
    /// Header and client address; `None` if the proxy takes none from a header.
    pub(super) address: Option<(String, &'static str)>,
}

impl Caller<'_> {
    /// Requests a path with GET and those headers.
    pub(super) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> AnswerResult {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| {
            request.header(*name, *value)
        });
        self.ask(request, Bytes::new()).await
    }

    /// Sends JSON with POST.
    pub(super) async fn post(&self, path: &str, json: &serde_json::Value) -> AnswerResult {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        self.ask(request, json.to_string().into()).await
    }

    async fn ask(&self, mut request: Builder, body: Bytes) -> AnswerResult {
        request = request.header(USER_AGENT, concat!("diapason/", env!("CARGO_PKG_VERSION")));
        if let Some((name, address)) = &self.address {
            request = request.header(name, *address);
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        match tokio::time::timeout(PATIENCE, self.door.fetch(request)).await {
            Ok(Ok(answer)) => Ok(head(&answer)),
            Ok(Err(error)) => Err(error.to_string().into()),
            Err(_) => Err(UnseenReason::NoAnswer {
                seconds: PATIENCE.as_secs(),
            }),
        }
    }
}

/// Requests a path from a service itself, in clear text.
pub(super) async fn directly(address: std::net::IpAddr, port: u16, path: &str) -> AnswerResult {
    // Behind the proxy services speak clear text.
    let url = format!("http://{}", std::net::SocketAddr::new(address, port));
    let door = Door::find(&url, &Transport::default()).map_err(|error| error.to_string())?;
    let caller = Caller {
        door: &door,
        address: None,
    };
    caller.get(path, &[]).await
}

fn head(answer: &Response<Bytes>) -> Answer {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Answer {
        status: answer.status().as_u16(),
        headers: answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect(),
    }
}
