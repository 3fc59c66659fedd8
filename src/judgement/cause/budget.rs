//! The time of requests, split into parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::evidence::proxy::SlowRequests;
use crate::record::{Recording, Timing};

/// The name of all series together.
const ALL: &str = "*";

/// A part of the time of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BudgetPart {
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
    pub part: BudgetPart,
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
    /// The requests about p95; `None` if no proxy's log tells their parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<SlowBudget>,
}

/// The mean of the requests about p95, part by part, from sending to end. Statements belong to the application's part: which request
/// made which statement is not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowBudget {
    /// Number of those requests whose parts are known.
    pub requests: u64,
    /// Their mean time in milliseconds.
    pub millis: f64,
    /// The parts, the network's first; they add up to the mean but for rounding: Nginx logs whole milliseconds.
    pub parts: Vec<Share>,
}

impl SlowBudget {
    fn new(slow: &SlowRequests) -> Self {
        let parts = [
            (BudgetPart::Network, slow.outside),
            (BudgetPart::Proxy, slow.proxy),
            (BudgetPart::Connect, slow.connecting),
            (BudgetPart::Application, slow.application),
        ];
        let share = |(part, millis)| Share {
            part,
            millis,
            estimated: false,
        };
        Self {
            requests: slow.count,
            millis: slow.client,
            parts: parts.map(share).into(),
        }
    }

    /// The part with the most time.
    pub fn busiest(&self) -> Option<&Share> {
        self.parts.iter().max_by(|a, b| a.millis.total_cmp(&b.millis))
    }
}

impl Budget {
    /// That part's share of the mean, from 0 to 1.
    pub fn share(&self, part: BudgetPart) -> f64 {
        let millis: f64 = self
            .parts
            .iter()
            .filter(|share| share.part == part)
            .map(|share| share.millis)
            .sum();
        if self.mean_ms > 0.0 { millis / self.mean_ms } else { 0.0 }
    }

    /// The part with the most time.
    pub fn busiest(&self) -> Option<BudgetPart> {
        // By time and not by share, which has no value where the mean is 0.
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
        // Statements of background jobs count in the server's total as well and may exceed all requests.
        .map(|ms| (ms / total.service).min(1.0));
    let ways = ways(evidence);
    let mut budgets: Vec<Budget> = by_series
        .iter()
        .filter(|(_, sums)| sums.requests > 0)
        .map(|(series, sums)| budget(series, *sums, database, ways.get(*series).copied()))
        .collect();
    // By name as well, so that equal counts give the same report each time.
    budgets.sort_by(|a, b| b.requests.cmp(&a.requests).then_with(|| a.series.cmp(&b.series)));
    if total.requests > 0 {
        budgets.insert(0, sum(&budgets, total));
    }
    if let Some(proxy) = &evidence.observations.proxy {
        let series = || std::iter::once(&proxy.all).chain(&proxy.series);
        for budget in &mut budgets {
            let seen = series().find(|seen| seen.series == budget.series);
            budget.slow = seen.and_then(|seen| seen.slow.as_ref()).map(SlowBudget::new);
        }
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
            // Only requests that open a connection have these: the sum over all of them is their share of the whole.
            connect: total(Timing::Connect) + total(Timing::Tls),
        };
        by_series.entry(&record.key.series).or_default().add(sums);
    }
    by_series
}

fn budget(series: &str, sums: Sums, database: Option<f64>, way: Option<ProxyParts>) -> Budget {
    let each = |sum: f64| sum / sums.requests as f64;
    let (mean, service) = (each(sums.response), each(sums.service));
    let mut parts = vec![(BudgetPart::Generator, (mean - service).max(0.0), false)];
    // Capped at the time there is: a statement may run on after its request has been answered.
    let statements = |within: f64| database.map(|share| (share * service).min(within));
    if let Some(way) = way {
        // The joined requests are a sample: its parts are scaled to the mean service time of all.
        let seen = way.network + way.proxy + way.connect + way.application;
        let scale = if seen > 0.0 { service / seen } else { 0.0 };
        let application = way.application * scale;
        let inside = statements(application);
        parts.push((BudgetPart::Network, way.network * scale, false));
        parts.push((BudgetPart::Proxy, way.proxy * scale, false));
        parts.push((BudgetPart::Connect, way.connect * scale, false));
        parts.push((
            BudgetPart::Application,
            application - inside.unwrap_or(0.0),
            inside.is_some(),
        ));
        parts.extend(inside.map(|millis| (BudgetPart::Database, millis, true)));
    } else {
        let network = each(sums.connect).min(service);
        let behind = service - network;
        let inside = statements(behind);
        parts.push((BudgetPart::Network, network, false));
        parts.push((BudgetPart::Behind, behind - inside.unwrap_or(0.0), inside.is_some()));
        parts.extend(inside.map(|millis| (BudgetPart::Database, millis, true)));
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
        slow: None,
    }
}

/// All series together: each part's mean, weighted by requests.
fn sum(budgets: &[Budget], total: Sums) -> Budget {
    let mut parts: BTreeMap<BudgetPart, (f64, bool)> = BTreeMap::new();
    for budget in budgets {
        for share in &budget.parts {
            let (millis, estimated) = parts.entry(share.part).or_default();
            // Means weigh by their requests; a mean of means would give a rare step as much weight as a common one.
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
        slow: None,
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
                // The mean of those that reached the application, spread over all joined requests: a proxy's cache
                // answers some by itself.
                .map_or(0.0, |part| part.mean * part.count as f64 / one.joined as f64),
        };
        Some((one.series.as_str(), way))
    });
    ways.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMS: Sums = Sums {
        requests: 4,
        response: 440.0,
        service: 400.0,
        connect: 20.0,
    };

    fn millis(budget: &Budget) -> Vec<(BudgetPart, f64, bool)> {
        let parts = budget.parts.iter();
        parts
            .map(|share| (share.part, (share.millis * 1e6).round() / 1e6, share.estimated))
            .collect()
    }

    #[test]
    fn the_proxys_parts_are_scaled_to_the_mean_service_time() {
        // The joined requests took 50 ms on average, all took 100 ms.
        let way = ProxyParts {
            network: 5.0,
            proxy: 10.0,
            connect: 2.0,
            application: 33.0,
        };
        let split = budget("list", SUMS, None, Some(way));
        assert_eq!((split.requests, split.mean_ms), (4, 110.0));
        assert_eq!(
            millis(&split),
            [
                (BudgetPart::Generator, 10.0, false),
                (BudgetPart::Network, 10.0, false),
                (BudgetPart::Proxy, 20.0, false),
                (BudgetPart::Connect, 4.0, false),
                (BudgetPart::Application, 66.0, false),
            ]
        );
        assert_eq!(split.busiest(), Some(BudgetPart::Application));
        assert!((split.share(BudgetPart::Application) - 0.6).abs() < 1e-9);
        // A quarter of the service time goes to statements, which run inside the application's part.
        let inside = budget("list", SUMS, Some(0.25), Some(way));
        assert_eq!(
            millis(&inside)[4..],
            [
                (BudgetPart::Application, 41.0, true),
                (BudgetPart::Database, 25.0, true)
            ]
        );
        // Statements that take longer than the application are cut to its time.
        let longer = budget("list", SUMS, Some(0.9), Some(way));
        assert_eq!(
            millis(&longer)[4..],
            [(BudgetPart::Application, 0.0, true), (BudgetPart::Database, 66.0, true)]
        );
        let unseen = budget("list", SUMS, None, Some(ProxyParts::default()));
        assert_eq!(millis(&unseen)[4], (BudgetPart::Application, 0.0, false));
    }

    #[test]
    fn without_a_proxys_log_what_is_behind_the_front_door_is_one_part() {
        assert_eq!(
            millis(&budget("list", SUMS, Some(0.25), None)),
            [
                (BudgetPart::Generator, 10.0, false),
                (BudgetPart::Network, 5.0, false),
                (BudgetPart::Behind, 70.0, true),
                (BudgetPart::Database, 25.0, true),
            ]
        );
        // Connecting before the sending is not in the service time.
        let eager = Sums { connect: 800.0, ..SUMS };
        assert_eq!(
            millis(&budget("list", eager, None, None))[1..],
            [(BudgetPart::Network, 100.0, false), (BudgetPart::Behind, 0.0, false)]
        );
    }

    #[test]
    fn the_parts_of_all_are_weighted_by_requests() {
        let rare = Sums {
            requests: 1,
            response: 310.0,
            service: 300.0,
            connect: 0.0,
        };
        let budgets = [
            budget("list", SUMS, Some(0.25), None),
            budget("report", rare, Some(0.5), None),
        ];
        let mut total = SUMS;
        total.add(rare);
        let all = sum(&budgets, total);
        assert_eq!((all.requests, all.mean_ms), (5, 150.0));
        assert_eq!(
            millis(&all),
            [
                (BudgetPart::Generator, 10.0, false),
                (BudgetPart::Network, 4.0, false),
                (BudgetPart::Database, 50.0, true),
                (BudgetPart::Behind, 86.0, true),
            ]
        );
        let parts: f64 = all.parts.iter().map(|share| share.millis).sum();
        assert!((parts - all.mean_ms).abs() < 1e-9, "{parts}");
    }
}
