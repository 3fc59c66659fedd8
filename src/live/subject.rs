//! The facts gathered about a running system: the only input of the checks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::offer::Offer;
use super::proxy::ProxyLimits;
use crate::evidence::UnseenReason;
use crate::stack::{ContainerState, DeclaredService, EngineHost, ProductionSettings, TierSettings};

/// Status and headers of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Answer {
    /// True if the status is 2xx.
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer, or the reason for its absence.
pub type AnswerResult = Result<Answer, UnseenReason>;

/// The certificate of a front door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whole days until it expires; negative if it has expired.
    pub days_left: i64,
    /// True if its issuer is its subject.
    pub self_signed: bool,
    /// True if certificates are not verified.
    pub unverified: bool,
    /// True if HTTP/2 was negotiated.
    pub http2: bool,
}

/// A disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Total bytes.
    pub size: u64,
    /// Bytes written.
    pub used: u64,
    /// Bytes that can still be written.
    pub free: u64,
}

/// A count in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The thing counted.
    pub what: String,
    /// The count, or the reason it is not known.
    pub count: Result<u64, UnseenReason>,
    /// The least count expected.
    pub at_least: u64,
}

/// Result of sequential requests, each sent as soon as the previous one was answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SequentialProbe {
    /// The path requested.
    pub path: String,
    /// Number of requests.
    pub asked: u32,
    /// Number of requests refused by a rate limit.
    pub limited: u32,
    /// Number of requests before the first refusal.
    pub before: u32,
    /// The status of the last refusal.
    pub status: u16,
    /// Duration of the whole probe.
    pub took: Duration,
}

/// A running system, as far as it could be examined.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Base URL of its front door.
    pub front_door: String,
    /// True if it was brought up for the examination; each service was then waited for until its health check passed.
    pub isolated: bool,
    /// Service of the front door; `None` if it is not known.
    pub entry: Option<String>,
    /// The requirements it is checked against.
    pub production: ProductionSettings,
    /// Values that the stack file sets in place of production's; production's secrets cannot be judged from them.
    pub overridden: BTreeSet<String>,
    /// Its containers, or the reason they cannot be inspected.
    pub services: Result<Vec<ContainerState>, UnseenReason>,
    /// Declarations of its services; empty if they cannot be read.
    pub declared: Vec<DeclaredService>,
    /// The machine of the engine.
    pub host: Option<EngineHost>,
    /// The disk of the engine.
    pub disk: Option<Disk>,
    /// The front door's answer to the probe path.
    pub door: AnswerResult,
    /// Answers of services behind it.
    pub tiers: Vec<(TierSettings, AnswerResult)>,
    /// Counts in its database, or the reason it cannot be queried.
    pub database: Result<Vec<Rows>, UnseenReason>,
    /// Answers to requests that must be refused.
    pub refused: Vec<(String, AnswerResult)>,
    /// Answers for paths that must be closed.
    pub closed: Vec<(String, AnswerResult)>,
    /// The answer to a request with a foreign `Origin`.
    pub foreign: AnswerResult,
    /// Its certificate; `None` if it speaks clear text.
    pub certificate: Option<Result<Certificate, UnseenReason>>,
    /// The answer in clear text, in addition to HTTPS; `None` if it was not requested.
    pub redirect: Option<AnswerResult>,
    /// The limits of its proxy, or the reason they cannot be read.
    pub proxy: Result<ProxyLimits, UnseenReason>,
    /// The bounded probe of its limits.
    pub probed: Result<SequentialProbe, UnseenReason>,
    /// The load that the plan offers.
    pub offer: Offer,
    /// Number of client addresses from which the proxy sees the plan's users.
    pub addresses: u32,
    /// True if the limiter itself is to be measured.
    pub keeps_limits: bool,
    /// Age of the newest backup; `None` if the stack file names no folder.
    pub newest_backup: Option<Result<Duration, UnseenReason>>,
}
