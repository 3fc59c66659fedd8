//! The time of requests, split into parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::record::{Recording, Timing};

/// The name of all series together.
const ALL: &str = "*";

/// A part of the time of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// From the intended start to the sending: delay by the generator.
    Generator,
    /// On the network and in the proxy's queue, before it reads the request and after it has written the answer.
    Network,
    /// In the proxy.
    Proxy,
    /// Waiting of the proxy for a connection to the application.
    Connect,
    /// In the application, without the statements it waits for.
    Application,
    /// In statements of the database.
    Database,
    /// Behind the front door, if no proxy's log divides it further.
    Behind,
}

/// Mean time of one part of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The part.
    pub part: Part,
    /// Mean milliseconds.
    pub millis: f64,
    /// True if it was apportioned, not measured request by request.
    pub estimated: bool,
}

/// The mean request of a series, part by part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// `journey.step`; `*` for all judged requests together.
    pub series: String,
    /// Successful requests.
    pub requests: u64,
    /// Mean response time of those, in milliseconds.
    pub mean_ms: f64,
    /// The parts, the generator's first; they add up to the mean.
    pub parts: Vec<Share>,
}

impl Budget {
    /// That part's share of the mean, from 0 to 1.
    pub fn share(&self, part: Part) -> f64 {
        let millis: f64 = self
            .parts
            .iter()
            .filter(|share| share.part == part)
            .map(|share| share.millis)
            .sum();
        if self.mean_ms > 0.0 { millis / self.mean_ms } else { 0.0 }
    }

    /// The part with the most time.
    pub fn busiest(&self) -> Option<Part> {
        let most = self.parts.iter().max_by(|a, b| a.millis.total_cmp(&b.millis));
        most.map(|share| share.part)
    }
}

/// Sums over the successful judged requests of one series, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    requests: u64,
    response: f64,
    service: f64,
    connect: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.response += other.response;
        self.service += other.service;
        self.connect += other.connect;
    }
}

/// Mean milliseconds of the parts that the proxy's log distinguishes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ProxyParts {
    pub(super) network: f64,
    pub(super) proxy: f64,
    pub(super) connect: f64,
    pub(super) application: f64,
}

/// All judged requests together, then each series, busiest first; empty if no request succeeded.
pub(super) fn all(evidence: &Evidence) -> Vec<Budget> {
    let by_series = sums(&evidence.recording);
    let mut total = Sums::default();
    for sums in by_series.values() {
        total.add(*sums);
    }
    let statements = evidence.observations.postgres.as_ref().map(|seen| seen.total_ms);
    // Share of the service time that is spent in statements, over all requests: it is not known which request made which
    // statement.
    let database = statements
        .filter(|_| total.service > 0.0)
        .map(|ms| (ms / total.service).min(1.0));
    let ways = ways(evidence);
    let mut budgets: Vec<Budget> = by_series
        .iter()
        .filter(|(_, sums)| sums.requests > 0)
        .map(|(series, sums)| budget(series, *sums, database, ways.get(*series).copied()))
        .collect();
    budgets.sort_by(|a, b| b.requests.cmp(&a.requests).then_with(|| a.series.cmp(&b.series)));
    if total.requests > 0 {
        budgets.insert(0, sum(&budgets, total));
    }
    budgets
}

fn sums(recording: &Recording) -> BTreeMap<&str, Sums> {
    let mut by_series: BTreeMap<&str, Sums> = BTreeMap::new();
    for record in recording.judged(|_| true) {
        let total = |timing| {
            let histogram = record.timings.get(timing);
            histogram.map_or(0.0, |histogram| histogram.mean() * histogram.len() as f64 / 1e3)
        };
        let requests = record
            .timings
            .get(Timing::Response)
            .map_or(0, hdrhistogram::Histogram::len);
        let sums = Sums {
            requests,
            response: total(Timing::Response),
            service: total(Timing::Service),
            connect: total(Timing::Connect) + total(Timing::Tls),
        };
        by_series.entry(&record.key.series).or_default().add(sums);
    }
    by_series
}

fn budget(series: &str, sums: Sums, database: Option<f64>, way: Option<ProxyParts>) -> Budget {
    let each = |sum: f64| sum / sums.requests as f64;
    let (mean, service) = (each(sums.response), each(sums.service));
    let mut parts = vec![(Part::Generator, (mean - service).max(0.0), false)];
    // Capped at the time there is: a statement may run on after its request has been answered.
    let statements = |within: f64| database.map(|share| (share * service).min(within));
    if let Some(way) = way {
        // The joined requests are a sample: its parts are scaled to the mean service time of all.
        let seen = way.network + way.proxy + way.connect + way.application;
        let scale = if seen > 0.0 { service / seen } else { 0.0 };
        let application = way.application * scale;
        let inside = statements(application);
        parts.push((Part::Network, way.network * scale, false));
        parts.push((Part::Proxy, way.proxy * scale, false));
        parts.push((Part::Connect, way.connect * scale, false));
        parts.push((Part::Application, application - inside.unwrap_or(0.0), inside.is_some()));
        parts.extend(inside.map(|millis| (Part::Database, millis, true)));
    } else {
        let network = each(sums.connect).min(service);
        let behind = service - network;
        let inside = statements(behind);
        parts.push((Part::Network, network, false));
        parts.push((Part::Behind, behind - inside.unwrap_or(0.0), inside.is_some()));
        parts.extend(inside.map(|millis| (Part::Database, millis, true)));
    }
    let share = |(part, millis, estimated)| Share {
        part,
        millis,
        estimated,
    };
    Budget {
        series: series.to_owned(),
        requests: sums.requests,
        mean_ms: mean,
        parts: parts.into_iter().map(share).collect(),
    }
}

/// All series together: each part's mean, weighted by requests.
fn sum(budgets: &[Budget], total: Sums) -> Budget {
    let mut parts: BTreeMap<Part, (f64, bool)> = BTreeMap::new();
    for budget in budgets {
        for share in &budget.parts {
            let (millis, estimated) = parts.entry(share.part).or_default();
            *millis += share.millis * budget.requests as f64 / total.requests as f64;
            *estimated |= share.estimated;
        }
    }
    let share = |(part, (millis, estimated))| Share {
        part,
        millis,
        estimated,
    };
    Budget {
        series: ALL.to_owned(),
        requests: total.requests,
        mean_ms: total.response / total.requests as f64,
        parts: parts.into_iter().map(share).collect(),
    }
}

/// The parts of each series by the proxy's log.
fn ways(evidence: &Evidence) -> BTreeMap<&str, ProxyParts> {
    let series = evidence.observations.proxy.iter().flat_map(|proxy| &proxy.series);
    let ways = series.filter_map(|one| {
        let way = ProxyParts {
            network: one.outside?.mean,
            proxy: one.proxy?.mean,
            connect: one.connecting.map_or(0.0, |part| part.mean),
            // Zero if the proxy answered every request by itself.
            application: one
                .application
                .map_or(0.0, |part| part.mean * part.count as f64 / one.joined as f64),
        };
        Some((one.series.as_str(), way))
    });
    ways.collect()
}
