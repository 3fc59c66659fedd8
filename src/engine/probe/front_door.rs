//! Measures uptime at the front door: one request a second, each of which decides one slice.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::Full;
use hyper::header::USER_AGENT;
use hyper::{Request, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProbeError, Watch};
use crate::error::Hint;
use crate::evidence::ProbeKind;
use crate::evidence::front_door::{FrontDoorObservation, Slice};
use crate::stack::Endpoints;
use crate::units::Span;
use crate::wire::Door;

const NAME: ProbeKind = ProbeKind::FrontDoor;

/// Settings of the probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrontDoorSettings {
    /// Path to request; default: the stack's readiness path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A slice is down if its answer takes longer.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
}

const fn default_timeout() -> Span {
    Span::from_millis(1_000)
}

/// Client address of the probe: the highest of the range for benchmarks (RFC 2544), far from those of the users.
const OWN_ADDRESS: &str = "198.18.255.254";

/// Delay after each full second. Other probes read on the full second; the delay keeps their costs apart.
const ASIDE: Duration = Duration::from_millis(250);

/// Sends a request to the front door once a second.
#[derive(Debug)]
pub(super) struct FrontDoorProbe {
    url: String,
    door: Door,
    request: Request<Full<Bytes>>,
    timeout: Duration,
}

impl FrontDoorProbe {
    pub(super) fn prepare(settings: &FrontDoorSettings, endpoints: &Endpoints) -> Result<Self, ProbeError> {
        let path = settings.path.as_deref().unwrap_or(&endpoints.ready_path);
        let url = format!("{}{path}", endpoints.front_door);
        let failed = |error: hyper::http::Error| ProbeError::failed(NAME, format!("read the address {url}"), error);
        let door = Door::find(&endpoints.front_door, &endpoints.transport);
        let door = door.map_err(|error| ProbeError::Unavailable {
            probe: NAME,
            reason: error.to_string(),
            hint: error.hint().unwrap_or_default(),
        })?;
        let mut request = Request::get(path).header(USER_AGENT, concat!("diapason/", env!("CARGO_PKG_VERSION")));
        if let Some(addresses) = &endpoints.client_addresses {
            // An address of its own: the limiter must count the probe's requests against no user.
            request = request.header(&addresses.header, OWN_ADDRESS);
        }
        Ok(Self {
            request: request.body(Full::default()).map_err(failed)?,
            door,
            timeout: settings.timeout.get(),
            url,
        })
    }

    pub(super) async fn observe(self, watch: &Watch) -> FrontDoorObservation {
        let mut slices = Vec::new();
        // An answer may take longer than a second; the next slice is requested regardless.
        let mut asking = FuturesUnordered::new();
        for second in 0.. {
            let due = Duration::from_secs(u64::from(second));
            if due >= watch.end {
                break;
            }
            let reached = loop {
                tokio::select! {
                    reached = watch.until(due + ASIDE) => break reached,
                    Some(slice) = asking.next() => slices.push(slice),
                }
            };
            if !reached {
                break;
            }
            asking.push(self.ask(second));
        }
        while let Some(slice) = tokio::select! {
            biased;
            // Requests still open when the user stops are no outage.
            () = watch.stop.cancelled() => None,
            slice = asking.next() => slice,
        } {
            slices.push(slice);
        }
        slices.sort_unstable_by_key(|slice| slice.second);
        FrontDoorObservation {
            url: self.url.clone(),
            slices,
        }
    }

    async fn ask(&self, second: u32) -> Slice {
        let start = Instant::now();
        let answer = tokio::time::timeout(self.timeout, self.answer(second)).await;
        decide(second, start.elapsed(), self.timeout, answer.ok())
    }

    /// Uses a separate connection, because an outage may lie in accepting connections. Addresses the front door's replicas
    /// in turn, because any of them may be down.
    async fn answer(&self, second: u32) -> Result<StatusCode, String> {
        let asked = self.door.ask_as(second, self.request.clone()).await;
        asked.map_err(|error| error.to_string())
    }
}

/// A slice is up if the whole answer came in time with a status below 500; `answer` is `None` after a time-out.
fn decide(second: u32, took: Duration, timeout: Duration, answer: Option<Result<StatusCode, String>>) -> Slice {
    let millis = took.as_secs_f64() * 1e3;
    let (millis, failure) = match answer {
        // Anything below 500 is an answer of a system that is up, be it a redirect or a missing page.
        Some(Ok(status)) if status.is_server_error() => (Some(millis), Some(format!("status {status}"))),
        Some(Ok(_)) => (Some(millis), None),
        Some(Err(reason)) => (None, Some(reason)),
        None => (
            None,
            Some(format!("no answer within {}", humantime::format_duration(timeout))),
        ),
    };
    Slice {
        second,
        up: failure.is_none(),
        millis,
        failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Window;
    use crate::stack::ClientAddresses;
    use crate::timer::RunClock;
    use crate::wire::Transport;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    #[test]
    fn a_slice_is_up_below_500_in_time() {
        let timeout = Duration::from_secs(1);
        let slice = |answer| decide(3, Duration::from_millis(12), timeout, answer);
        for (status, up) in [
            (200, true),
            (302, true),
            (404, true),
            (499, true),
            (500, false),
            (503, false),
        ] {
            let slice = slice(Some(Ok(StatusCode::from_u16(status).unwrap())));
            assert_eq!((slice.up, slice.millis), (up, Some(12.0)), "{status}");
        }
        assert_eq!(
            slice(Some(Ok(StatusCode::BAD_GATEWAY))).failure.unwrap(),
            "status 502 Bad Gateway"
        );
        assert_eq!(slice(None).failure.unwrap(), "no answer within 1s");
        assert_eq!(slice(Some(Err("refused".to_owned()))).millis, None);
    }

    fn endpoints(front_door: String) -> Endpoints {
        Endpoints {
            front_door,
            transport: Transport::default(),
            ready_path: "/ready?deep=1".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: Some(ClientAddresses {
                header: "X-Forwarded-For".to_owned(),
            }),
            limiter: None,
        }
    }

    #[tokio::test]
    async fn asks_over_a_new_connection_from_an_address_of_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let mut heads = Vec::new();
            for answer in [
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n",
                "",
            ] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 4096];
                let length = stream.read(&mut head).await.unwrap();
                heads.push(String::from_utf8_lossy(&head[..length]).into_owned());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            heads
        });
        let settings: FrontDoorSettings = toml::from_str("").unwrap();
        let probe = FrontDoorProbe::prepare(&settings, &endpoints(format!("http://{address}"))).unwrap();
        let mut slices = Vec::new();
        for second in 0..4 {
            slices.push(probe.ask(second).await);
        }
        let heads = server.await.unwrap();
        assert!(heads[0].starts_with("GET /ready?deep=1 HTTP/1.1\r\n"), "{}", heads[0]);
        assert!(heads[0].contains("x-forwarded-for: 198.18.255.254"), "{}", heads[0]);
        let up: Vec<bool> = slices.iter().map(|slice| slice.up).collect();
        assert_eq!(up, [true, false, false, false], "{slices:?}");
        assert!(
            slices[3].failure.as_ref().unwrap().starts_with("failed to connect: "),
            "{slices:?}"
        );
    }

    #[tokio::test]
    async fn replicas_are_asked_in_turn() {
        let one = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ports = [&one, &gone].map(|listener| listener.local_addr().unwrap().port());
        drop(gone);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = one.accept().await {
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap_or_default();
                assert!(read > 0);
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.ok();
            }
        });
        let settings: FrontDoorSettings = toml::from_str("").unwrap();
        let mut endpoints = endpoints(format!("http://127.0.0.1:{}", ports[0]));
        endpoints.transport.replicas = ports.to_vec();
        let probe = FrontDoorProbe::prepare(&settings, &endpoints).unwrap();
        let mut up = Vec::new();
        for second in 0..4 {
            up.push(probe.ask(second).await.up);
        }
        assert_eq!(up, [true, false, true, false]);
    }

    #[tokio::test]
    async fn a_stopped_run_keeps_the_slices_it_has() {
        let settings: FrontDoorSettings = toml::from_str("").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let probe = FrontDoorProbe::prepare(&settings, &endpoints(url)).unwrap();
        let watch = Watch {
            clock: RunClock::starting_in(Duration::ZERO),
            judged: Window {
                start: Duration::ZERO,
                end: Duration::from_secs(60),
            },
            end: Duration::from_secs(60),
            stop: CancellationToken::new(),
        };
        let stop = watch.stop.clone();
        let (observation, _asked) = tokio::join!(probe.observe(&watch), async {
            // The first request is refused. The second is unanswered when the run is stopped.
            drop(listener.accept().await.unwrap());
            let asked = listener.accept().await.unwrap();
            stop.cancel();
            asked
        });
        let [first] = &observation.slices[..] else {
            panic!("{observation:?}")
        };
        assert_eq!((first.second, first.up), (0, false));
    }

    #[test]
    fn what_is_no_front_door_is_refused() {
        let settings: FrontDoorSettings = toml::from_str("").unwrap();
        let error = FrontDoorProbe::prepare(&settings, &endpoints("ftp://example.org".to_owned())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "front-door probe: front door `ftp://example.org`: not an http, https or unix URL"
        );
    }
}
