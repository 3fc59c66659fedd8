//! Forecast of refusals by the proxy's limits, made before any load.

use std::collections::BTreeMap;

use super::offer::{IterationOffer, Offer, PhaseOffer};
use super::proxy::{ProxyLimits, RequestLimit};
use crate::evidence::{BucketKey, LimiterForecast};
use crate::units::saturating_u32;

/// One forecast for each request-limit zone that the plan meets; `addresses` is the number of client addresses seen by the proxy.
pub fn forecast(limits: &ProxyLimits, offer: &Offer, addresses: u32) -> Vec<LimiterForecast> {
    let mut zones: BTreeMap<&str, (&RequestLimit, Vec<&str>)> = BTreeMap::new();
    for route in &limits.routes {
        for limit in &route.requests {
            let (_, paths) = zones.entry(&limit.zone).or_insert((limit, Vec::new()));
            paths.push(&route.path);
        }
    }
    let met = zones
        .into_values()
        .filter_map(|(limit, paths)| at(limits, limit, &paths, offer, addresses));
    met.collect()
}

/// True if a request for that path counts at that limit.
fn meets(limits: &ProxyLimits, limit: &RequestLimit, path: &str) -> bool {
    let route = limits.route(path);
    route.is_some_and(|route| route.requests.iter().any(|own| own.zone == limit.zone))
}

/// The worst phase at that limit; `None` if no phase sends a request there.
fn at(
    limits: &ProxyLimits,
    limit: &RequestLimit,
    paths: &[&str],
    offer: &Offer,
    addresses: u32,
) -> Option<LimiterForecast> {
    let asked = |phase: &PhaseOffer| -> f64 {
        let requests = phase.requests.iter();
        requests
            .filter(|(path, _)| meets(limits, limit, path))
            .map(|(_, rate)| rate)
            .sum()
    };
    let at_limit = LimiterForecast {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        rate: limit.rate,
        burst: limit.burst,
        key: limit.key.clone(),
        addresses,
        offered: None,
        refused: None,
        in_bursts: false,
    };
    let mut closed = offer.phases.iter().filter(|phase| phase.closed);
    if closed.any(|phase| phase.requests.keys().any(|path| meets(limits, limit, path))) {
        return Some(at_limit);
    }
    let buckets = match &limit.key {
        BucketKey::Client => f64::from(addresses.max(1)),
        // The worst case of a key that is not known: all requests have the same value.
        BucketKey::Together | BucketKey::Variable(_) => 1.0,
    };
    let on_average = |phase: &PhaseOffer| {
        let wanted = asked(phase) * phase.seconds / buckets;
        // A leaky bucket lets in what drains over the phase, what it holds, and the request that finds it empty.
        let let_in = limit.rate * phase.seconds + f64::from(limit.burst) + 1.0;
        if wanted > let_in { 1.0 - let_in / wanted } else { 0.0 }
    };
    let in_bursts: BTreeMap<&str, f64> = offer
        .phases
        .iter()
        .map(|phase| (phase.name.as_str(), in_bursts(limits, limit, phase, buckets)))
        .collect();
    let of_bursts = |phase: &PhaseOffer| in_bursts.get(phase.name.as_str()).copied().unwrap_or(0.0);
    let refused = |phase: &PhaseOffer| on_average(phase).max(of_bursts(phase));
    let worst = offer.phases.iter().filter(|phase| asked(phase) > 0.0);
    let worst = worst.max_by(|one, other| {
        let order = refused(one).total_cmp(&refused(other));
        order.then(asked(one).total_cmp(&asked(other)))
    })?;
    let offered = Some(asked(worst));
    if matches!(limit.key, BucketKey::Variable(_)) {
        return Some(LimiterForecast { offered, ..at_limit });
    }
    let share = refused(worst);
    let tolerated = LimiterForecast::TOLERATED;
    Some(LimiterForecast {
        offered,
        refused: Some(share),
        in_bursts: share > tolerated && on_average(worst) <= tolerated,
        ..at_limit
    })
}

/// Share of the phase's requests that the limit refuses when its iterations come in turn from that many addresses, each with its
/// requests spread evenly over its time. Nginx's leaky bucket: the excess drains by `rate`, each accepted request adds one, and one
/// that would raise it above `burst` is refused (`ngx_http_limit_req_module`).
fn in_bursts(limits: &ProxyLimits, limit: &RequestLimit, phase: &PhaseOffer, buckets: f64) -> f64 {
    let met = |kind: &IterationOffer| -> f64 {
        let paths = kind.paths.iter().filter(|(path, _)| meets(limits, limit, path));
        paths.map(|(_, most)| most).sum()
    };
    let counts: Vec<u32> = phase
        .kinds
        .iter()
        .map(|kind| saturating_u32(met(kind).round()))
        .collect();
    let buckets = saturating_u32(buckets).max(1) as usize;
    let mut requests: Vec<(f64, usize)> = Vec::new();
    for (number, (start, kind)) in phase.arrivals.iter().enumerate() {
        let Some((count, kind)) = counts.get(*kind).zip(phase.kinds.get(*kind)) else {
            continue;
        };
        // Spread evenly over the iteration: when a user sends which request depends on answers that do not exist yet.
        let each = kind.seconds / f64::from((*count).max(1));
        requests.extend((0..*count).map(|index| (start + each * f64::from(index), number % buckets)));
    }
    requests.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut excesses: Vec<Option<(f64, f64)>> = vec![None; buckets];
    let mut refused = 0_usize;
    for (at, bucket) in &requests {
        let Some(state) = excesses.get_mut(*bucket) else {
            continue;
        };
        // The arithmetic of `ngx_http_limit_req_module`: a refused request leaves the excess as it was.
        let excess = state.map_or(0.0, |(excess, last)| (excess - limit.rate * (at - last) + 1.0).max(0.0));
        if excess > f64::from(limit.burst) {
            refused += 1;
        } else {
            *state = Some((excess, *at));
        }
    }
    refused as f64 / requests.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::en::finding::limiter_forecast as sentence;

    fn limits(key: &str) -> ProxyLimits {
        ProxyLimits::read(&format!(
            "http {{ limit_req_zone {key} zone=api:1m rate=10r/s; server {{ location /api {{ limit_req zone=api burst=20 nodelay; }} }} }}"
        ))
    }

    fn offer(rate: f64, seconds: f64) -> Offer {
        Offer {
            users: 50,
            phases: vec![PhaseOffer {
                name: "steady".to_owned(),
                seconds,
                closed: false,
                requests: [
                    ("/api/a".to_owned(), rate / 2.0),
                    ("/api/b/".to_owned(), rate / 2.0),
                    ("/page".to_owned(), 99.0),
                ]
                .into(),
                ..PhaseOffer::default()
            }],
        }
    }

    fn told(key: &str, offer: &Offer, addresses: u32) -> LimiterForecast {
        forecast(&limits(key), offer, addresses).remove(0)
    }

    #[test]
    fn one_address_meets_the_limit_that_many_do_not() {
        // Wanted 96 × 6 = 576, let in 10 × 6 + 20 + 1 = 81: 85.9 % refused.
        let one = told("$binary_remote_addr", &offer(96.0, 6.0), 1);
        assert_eq!(
            sentence(&one),
            "Nginx limits /api to 10 r/s per client address, burst 20; this plan offers 96 r/s from 1 address: 86 % would be refused"
        );
        assert!((one.refused.unwrap() - (1.0 - 81.0 / 576.0)).abs() < 1e-9);
        let many = told("$binary_remote_addr", &offer(96.0, 60.0), 50);
        assert_eq!(many.refused, Some(0.0));
        assert!(
            sentence(&many).ends_with("offers 96 r/s from 50 addresses: none would be refused"),
            "{}",
            sentence(&many)
        );
        let together = told("$server_name", &offer(96.0, 60.0), 50);
        assert!(
            sentence(&together).contains("for all clients together"),
            "{}",
            sentence(&together)
        );
        assert!(together.refused.unwrap() > 0.8);
    }

    /// Iterations of `count` requests, each spread over `seconds`, one every `every` seconds in a minute.
    fn iterations(count: f64, seconds: f64, every: f64) -> Offer {
        let mut offer = offer(count / every, 60.0);
        let phase = &mut offer.phases[0];
        phase.kinds = vec![IterationOffer {
            seconds,
            paths: vec![("/api/a".to_owned(), count), ("/page".to_owned(), 9.0)],
        }];
        phase.arrivals = (0..60_000)
            .map(|index| f64::from(index) * every)
            .take_while(|at| *at < 60.0)
            .map(|at| (at, 0))
            .collect();
        offer
    }

    #[test]
    fn a_burst_is_refused_where_the_average_is_not() {
        // 10 r/s and a burst of 20: of 31 requests at once, 21 are accepted. 31 every 5 s are 6.2 r/s.
        let at_once = told("$remote_addr", &iterations(31.0, 0.0, 5.0), 1);
        assert!((at_once.refused.unwrap() - 10.0 / 31.0).abs() < 1e-9, "{at_once:?}");
        assert!(
            sentence(&at_once).ends_with("from 1 address: on average within it, but in bursts, which refuse 32.3 %"),
            "{}",
            sentence(&at_once)
        );
        // An address of its own does not help a user whose own requests are the burst; think times do.
        assert!(told("$remote_addr", &iterations(31.0, 0.0, 5.0), 12).refused.unwrap() > 0.3);
        assert_eq!(told("$remote_addr", &iterations(31.0, 2.0, 5.0), 1).refused, Some(0.0));
        // Two users at the same time share a bucket, or have one each.
        let mut two = iterations(15.0, 0.0, 5.0);
        let again = two.phases[0].arrivals.clone();
        two.phases[0].arrivals.extend(again);
        two.phases[0].arrivals.sort_by(|one, other| one.0.total_cmp(&other.0));
        let share = told("$remote_addr", &two, 1).refused.unwrap();
        assert!((share - 9.0 / 30.0).abs() < 1e-9, "{share}");
        assert_eq!(told("$remote_addr", &two, 2).refused, Some(0.0));
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        let token = told("$http_authorization", &offer(96.0, 6.0), 1);
        assert_eq!(token.refused, None);
        assert!(
            sentence(&token).contains("per $http_authorization"),
            "{}",
            sentence(&token)
        );
        let mut closed = offer(0.0, 6.0);
        closed.phases[0].closed = true;
        assert_eq!(told("$remote_addr", &closed, 1).refused, None);
    }

    #[test]
    fn a_plan_that_asks_for_nothing_there_meets_no_limit() {
        let mut pages = offer(96.0, 6.0);
        pages.phases[0].requests.retain(|path, _| path == "/page");
        assert_eq!(forecast(&limits("$remote_addr"), &pages, 1), []);
    }
}
