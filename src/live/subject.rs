//! What was gathered about a running system: all that the checks see.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::offer::Offer;
use super::proxy::ProxyLimits;
use crate::stack::{Declared, EngineHost, Inspected, ProductionSettings, TierSettings};

/// The head of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Answer {
    /// Whether it is what was asked for.
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header, empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer, or why there is none.
pub type Asked = Result<Answer, String>;

/// The certificate of a front door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whole days until it ends, negative once it has.
    pub days_left: i64,
    /// Whether nobody but itself vouches for it.
    pub self_signed: bool,
    /// Whether anybody's would have been taken.
    pub unverified: bool,
    /// Whether HTTP/2 was agreed upon.
    pub http2: bool,
}

/// A disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Bytes in all.
    pub size: u64,
    /// Bytes written.
    pub used: u64,
    /// Bytes that can still be written.
    pub free: u64,
}

/// A count in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// What was counted.
    pub what: String,
    /// How many there are, or why that is not known.
    pub count: Result<u64, String>,
    /// How many there must be.
    pub at_least: u64,
}

/// What became of requests that followed one another as fast as they were answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Probed {
    /// The path asked for.
    pub path: String,
    /// How many were asked.
    pub asked: u32,
    /// How many of them were refused as too many.
    pub limited: u32,
    /// How many came through before the first that was refused.
    pub before: u32,
    /// The status of the refusals.
    pub status: u16,
    /// How long it all took.
    pub took: Duration,
}

/// A running system, as far as it could be seen.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Base URL of its front door.
    pub front_door: String,
    /// Whether it was brought up for the examination, each service waited for until its health check passed.
    pub isolated: bool,
    /// Service that is the front door, where it is known.
    pub entry: Option<String>,
    /// What it is held against.
    pub production: ProductionSettings,
    /// Values that the stack file put in place of production's: they say nothing of production's secrets.
    pub overridden: BTreeSet<String>,
    /// Its containers, or why they cannot be seen.
    pub services: Result<Vec<Inspected>, String>,
    /// What its services were declared with; empty where that cannot be seen.
    pub declared: Vec<Declared>,
    /// The machine of the engine.
    pub host: Option<EngineHost>,
    /// The disk of the engine.
    pub disk: Option<Disk>,
    /// What its front door answers to the readiness path.
    pub door: Asked,
    /// What services behind it answer.
    pub tiers: Vec<(TierSettings, Asked)>,
    /// Counts in its database, or why it cannot be asked.
    pub database: Result<Vec<Rows>, String>,
    /// Answers to what must be refused.
    pub refused: Vec<(String, Asked)>,
    /// Answers at what must be closed.
    pub closed: Vec<(String, Asked)>,
    /// The answer to a page of another origin.
    pub foreign: Asked,
    /// Its certificate; none where it speaks clear text.
    pub certificate: Option<Result<Certificate, String>>,
    /// The answer in clear text beside HTTPS, where that was to be asked.
    pub redirect: Option<Asked>,
    /// The limits of its proxy, or why they cannot be read.
    pub proxy: Result<ProxyLimits, String>,
    /// The bounded probe of its limits.
    pub probed: Result<Probed, String>,
    /// What the plan asks of it.
    pub offer: Offer,
    /// Addresses that its proxy sees the plan's users come from.
    pub addresses: u32,
    /// Whether the limiter itself is what is to be measured.
    pub keeps_limits: bool,
    /// Age of the newest backup, where there is a folder to look in.
    pub newest_backup: Option<Result<Duration, String>>,
}
