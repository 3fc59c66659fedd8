//! Whoever gets the figures every second, over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::timeout;
use url::{Position, Url};

use super::figures::Figures;
use super::text::{self, text};
use super::{MetricsError, Protocol, otlp, remote_write};
use crate::wire::{Door, Transport};

/// Time that a push may take; a later one carries all that it had.
const PATIENCE: Duration = Duration::from_secs(5);
const OTLP_PATH: &str = "/v1/metrics";

/// Whoever gets the figures every second.
#[derive(Debug)]
pub(super) struct Receiver {
    door: Door,
    path: String,
    protocol: Protocol,
    started: Timestamp,
    /// Its host and port, without a password that its URL may hold.
    pub(super) host: String,
}

impl Receiver {
    /// Finds its host. It does not connect.
    pub(super) async fn find(protocol: Protocol, url: &str, scenario: &str) -> Result<Self, MetricsError> {
        let wrong = || MetricsError::Url(url.to_owned());
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        // The path is the protocol's matter; only the origin is dialled.
        let origin = parsed[..Position::BeforePath].to_owned();
        // The resolver of the system blocks.
        let found = tokio::task::spawn_blocking(move || Door::find(&origin, &Transport::default()));
        let door = found.await.map_err(|_| wrong())??;
        Ok(Self {
            path: path(protocol, &parsed, scenario),
            protocol,
            started: Timestamp::now(),
            host: door.authority().to_owned(),
            door,
        })
    }

    /// Sends the figures; the error is for telling.
    pub(super) async fn push(&self, figures: &Figures) -> Result<(), String> {
        let now = Timestamp::now();
        let request = Request::builder().uri(&self.path).header(USER_AGENT, "diapason");
        let (request, body) = match self.protocol {
            Protocol::Pushgateway => {
                // PUT replaces the whole group, so that series of an earlier run disappear.
                let request = request.method(Method::PUT).header(CONTENT_TYPE, text::CONTENT_TYPE);
                (request, text(figures).into_bytes())
            }
            Protocol::RemoteWrite => {
                let message = remote_write::message(figures, now.as_millisecond());
                let request = request
                    .method(Method::POST)
                    .header(CONTENT_TYPE, "application/x-protobuf")
                    .header(CONTENT_ENCODING, "snappy")
                    .header("x-prometheus-remote-write-version", "0.1.0");
                (request, message.ok_or("too many figures")?)
            }
            Protocol::Otlp => {
                let request = request
                    .method(Method::POST)
                    .header(CONTENT_TYPE, "application/x-protobuf");
                (request, otlp::message(figures, nanos(self.started), nanos(now)))
            }
        };
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        let answer = timeout(PATIENCE, self.door.fetch(request)).await;
        let answer = answer.map_err(|_| "no answer in time".to_owned())?;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status().is_success() {
            Ok(())
        } else {
            let body = String::from_utf8_lossy(answer.body()).into_owned();
            // The first line only: receivers answer with whole pages of HTML behind a proxy.
            Err(format!(
                "{} {}",
                answer.status(),
                body.lines().next().unwrap_or_default()
            ))
        }
    }
}

fn path(protocol: Protocol, url: &Url, scenario: &str) -> String {
    let base = url.path().trim_end_matches('/');
    match protocol {
        Protocol::Pushgateway => {
            let scenario = utf8_percent_encode(scenario, NON_ALPHANUMERIC);
            format!("{base}/metrics/job/diapason/scenario/{scenario}")
        }
        Protocol::RemoteWrite => url[Position::BeforePath..Position::AfterQuery].to_owned(),
        // Both forms are in use: `OTEL_EXPORTER_OTLP_ENDPOINT` is without the path, its variant for metrics with it.
        Protocol::Otlp if base.ends_with(OTLP_PATH) => base.to_owned(),
        Protocol::Otlp => format!("{base}{OTLP_PATH}"),
    }
}

/// Nanoseconds since the epoch; 0 before it.
fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_nanosecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_path() {
        for (protocol, url, expected) in [
            (
                Protocol::Pushgateway,
                "http://h:9091",
                "/metrics/job/diapason/scenario/a%2Fb",
            ),
            (
                Protocol::Pushgateway,
                "http://h/base/",
                "/base/metrics/job/diapason/scenario/a%2Fb",
            ),
            (Protocol::RemoteWrite, "http://h/api/v1/write?x=1", "/api/v1/write?x=1"),
            (Protocol::Otlp, "http://h:4318", "/v1/metrics"),
            (Protocol::Otlp, "http://h:4318/otlp/v1/metrics", "/otlp/v1/metrics"),
        ] {
            assert_eq!(path(protocol, &Url::parse(url).unwrap(), "a/b"), expected, "{url}");
        }
    }
}
