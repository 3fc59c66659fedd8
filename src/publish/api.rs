//! A JSON API over HTTPS, with a token.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use serde_json::Value;
use tokio::time::timeout;
use url::{Position, Url};

use super::PublishError;
use crate::wire::{Door, Transport};

/// Time that an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A JSON API.
#[derive(Debug)]
pub(super) struct Api {
    door: Door,
    /// Path of the API below its host, without a slash at its end: `/api/v3`, or empty.
    base: String,
    authorization: HeaderValue,
}

impl Api {
    /// Finds the host of the API. It does not connect.
    pub(super) async fn find(url: &str, token: &str) -> Result<Self, PublishError> {
        let wrong = || PublishError::Url(url.to_owned());
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        let base = parsed.path().trim_end_matches('/').to_owned();
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| wrong())?;
        // Debug output then hides it; HTTP/2 also keeps it out of its compression tables (RFC 7541, section 7.1.3).
        authorization.set_sensitive(true);
        let origin = parsed[..Position::BeforePath].to_owned();
        // The resolver of the system blocks.
        let found = tokio::task::spawn_blocking(move || Door::find(&origin, &Transport::default()));
        let door = found.await.map_err(|_| wrong())??;
        Ok(Self {
            door,
            base,
            authorization,
        })
    }

    /// Makes a request below the API's path and reads its answer; `Null` for an empty one.
    pub(super) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, PublishError> {
        let call = format!("{method} {path}");
        let failed = |source| PublishError::Ask {
            call: call.clone(),
            source,
        };
        let content = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            // GitHub answers 403 to requests without one.
            .header(USER_AGENT, "diapason")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(content))
            .map_err(|error| failed(error.into()))?;
        let answer = timeout(PATIENCE, self.door.fetch(request)).await;
        let answer = answer.map_err(|_| PublishError::Late(call.clone()))?.map_err(failed)?;
        // Proxies and outages answer with HTML. The status then speaks alone.
        let value: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        if answer.status().is_success() {
            return Ok(value);
        }
        let message = value["message"].as_str().unwrap_or("").to_owned();
        Err(PublishError::Refused {
            call,
            status: answer.status(),
            message,
        })
    }
}
