//! Parts of the time of requests, from the log of the proxy.

use serde::{Deserialize, Serialize};

/// A part of the time of requests, in milliseconds. Percentiles have two significant digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimePart {
    /// Requests whose part is known.
    pub count: u64,
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Longest.
    pub max: f64,
}

/// The parts of the requests of one step in the judged window. For each request `client = outside + proxy + connecting +
/// application`, up to rounding: Nginx logs whole milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySeries {
    /// `journey.step`; `*` for all together.
    pub series: String,
    /// Requests that carried an id and whose times count: successes and expired sessions. Older files count every request.
    pub followed: u64,
    /// Those of them whose line was found in the log.
    pub joined: u64,
    /// From sending to end, as the client saw it.
    pub client: Option<TimePart>,
    /// Outside the proxy: the client, the network, and waiting for the proxy to read.
    pub outside: Option<TimePart>,
    /// In the proxy: reading, waiting, writing.
    pub proxy: Option<TimePart>,
    /// Connecting to the application.
    pub connecting: Option<TimePart>,
    /// In the application and the services it calls, until its answer ends.
    pub application: Option<TimePart>,
    /// The application's own measurement of it, from its log.
    pub own: Option<TimePart>,
    /// Mean parts of the requests about p95; `None` with too few of them, and in older files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<SlowRequests>,
}

/// Mean parts of the requests whose time, from sending to end, ranks from the 93rd to the 97th percentile, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowRequests {
    /// Their number.
    pub count: u64,
    /// From sending to end, as the client saw it.
    pub client: f64,
    /// Outside the proxy.
    pub outside: f64,
    /// In the proxy.
    pub proxy: f64,
    /// Connecting to the application.
    pub connecting: f64,
    /// In the application and the services it calls.
    pub application: f64,
}

/// Mean parts of the requests that ended in one second, in milliseconds; all steps together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySecond {
    /// Whole seconds since the run's zero.
    pub second: u32,
    /// Requests joined.
    pub joined: u64,
    /// Outside the proxy.
    pub outside: f64,
    /// In the proxy.
    pub proxy: f64,
    /// Connecting to the application.
    pub connecting: f64,
    /// In the application.
    pub application: f64,
}

/// Reason why parts of the time of requests are missing or less precise. Files of earlier versions held it as a sentence
/// ([`Self::Verbatim`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ProxyLogGap {
    /// The proxy's log shows neither the id nor the `User-Agent` of a request.
    NoRequestId,
    /// The proxy's log has no `$request_time`.
    NoRequestTime,
    /// The proxy's log has no `$upstream_response_time`.
    NoUpstreamResponseTime,
    /// The proxy's log has no `$upstream_connect_time`.
    NoUpstreamConnectTime,
    /// The service whose log was asked for does not exist.
    NoApplication {
        /// The service.
        service: String,
    },
    /// The application's log has no id of a request.
    NoApplicationId,
    /// Lines of the proxy's log do not fit its format, and were not read.
    UnreadLines {
        /// Their number.
        lines: u64,
    },
    /// A sentence of an earlier version.
    Verbatim(String),
}

/// Observations from the proxy's log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyObservation {
    /// The service.
    pub service: String,
    /// The format of its log.
    pub format: String,
    /// The header in which ids were sent; `None` if the log would not show them.
    pub carried_by: Option<String>,
    /// Reasons for which parts could not be separated.
    pub coarse: Vec<ProxyLogGap>,
    /// All steps together; if requests carry no id, every line of the log in the judged window.
    pub all: ProxySeries,
    /// Step by step.
    pub series: Vec<ProxySeries>,
    /// Second by second.
    pub seconds: Vec<ProxySecond>,
    /// Requests that its rate limiter refused, by second: (whole second since the run's zero, number).
    pub refused: Vec<(u32, u64)>,
}
