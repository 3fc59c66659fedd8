//! Forecast of refusals by the proxy's limits, made before any load.

use std::collections::BTreeMap;

use super::offer::{Offer, PhaseOffer};
use super::proxy::{Key, ProxyLimits, RequestLimit};

/// The share of refused requests beyond which a run is invalid.
pub const TOLERATED: f64 = 0.001;

/// The forecast for a plan at one limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The share refused in the worst phase; `None` if it cannot be known beforehand.
    pub refused: Option<f64>,
    /// The forecast in a sentence.
    pub sentence: String,
}

/// One forecast for each request-limit zone that the plan meets; `addresses` is the number of client addresses seen by the proxy.
pub fn forecast(limits: &ProxyLimits, offer: &Offer, addresses: u32) -> Vec<Forecast> {
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
fn at(limits: &ProxyLimits, limit: &RequestLimit, paths: &[&str], offer: &Offer, addresses: u32) -> Option<Forecast> {
    let asked = |phase: &PhaseOffer| -> f64 {
        let requests = phase.requests.iter();
        requests
            .filter(|(path, _)| meets(limits, limit, path))
            .map(|(_, rate)| rate)
            .sum()
    };
    let words = words(limit, paths);
    let mut closed = offer.phases.iter().filter(|phase| phase.closed);
    if closed.any(|phase| phase.requests.keys().any(|path| meets(limits, limit, path))) {
        return Some(Forecast {
            refused: None,
            sentence: format!("{words}; the plan's closed phases ask as fast as they are answered"),
        });
    }
    let buckets = match &limit.key {
        Key::Client => f64::from(addresses.max(1)),
        Key::Together | Key::Other(_) => 1.0,
    };
    let refused = |phase: &PhaseOffer| {
        let wanted = asked(phase) * phase.seconds / buckets;
        let let_in = limit.rate * phase.seconds + f64::from(limit.burst) + 1.0;
        if wanted > let_in { 1.0 - let_in / wanted } else { 0.0 }
    };
    let worst = offer.phases.iter().filter(|phase| asked(phase) > 0.0);
    let worst = worst.max_by(|one, other| {
        let order = refused(one).total_cmp(&refused(other));
        order.then(asked(one).total_cmp(&asked(other)))
    })?;
    let offered = format!("this plan offers {} r/s", number(asked(worst)));
    let from = match (&limit.key, addresses) {
        (Key::Other(_), _) => {
            return Some(Forecast {
                refused: None,
                sentence: format!("{words}; {offered}, by how many of these cannot be known before"),
            });
        }
        (Key::Client, 0 | 1) => " from 1 address".to_owned(),
        (Key::Client, many) => format!(" from {many} addresses"),
        (Key::Together, _) => String::new(),
    };
    let share = refused(worst);
    let told = if share > 0.0 {
        format!("{:.0} % would be refused", share * 100.0)
    } else {
        "none would be refused".to_owned()
    };
    Some(Forecast {
        refused: Some(share),
        sentence: format!("{words}; {offered}{from}: {told}"),
    })
}

fn words(limit: &RequestLimit, paths: &[&str]) -> String {
    let per = match &limit.key {
        Key::Client => " per client address".to_owned(),
        Key::Together => " for all clients together".to_owned(),
        Key::Other(variable) => format!(" per {variable}"),
    };
    format!(
        "Nginx limits {} to {} r/s{per}, burst {}",
        paths.join(", "),
        number(limit.rate),
        limit.burst
    )
}

/// The number with one decimal, without a trailing `.0`.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.trim_end_matches(".0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            }],
        }
    }

    fn told(key: &str, offer: &Offer, addresses: u32) -> Forecast {
        forecast(&limits(key), offer, addresses).remove(0)
    }

    #[test]
    fn one_address_meets_the_limit_that_many_do_not() {
        // Wanted 96 × 6 = 576, let in 10 × 6 + 20 + 1 = 81: 85.9 % refused.
        let one = told("$binary_remote_addr", &offer(96.0, 6.0), 1);
        assert_eq!(
            one.sentence,
            "Nginx limits /api to 10 r/s per client address, burst 20; this plan offers 96 r/s from 1 address: 86 % would be refused"
        );
        assert!((one.refused.unwrap() - (1.0 - 81.0 / 576.0)).abs() < 1e-9);
        let many = told("$binary_remote_addr", &offer(96.0, 60.0), 50);
        assert_eq!(many.refused, Some(0.0));
        assert!(
            many.sentence
                .ends_with("offers 96 r/s from 50 addresses: none would be refused"),
            "{}",
            many.sentence
        );
        let together = told("$server_name", &offer(96.0, 60.0), 50);
        assert!(
            together.sentence.contains("for all clients together"),
            "{}",
            together.sentence
        );
        assert!(together.refused.unwrap() > 0.8);
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        let token = told("$http_authorization", &offer(96.0, 6.0), 1);
        assert_eq!(token.refused, None);
        assert!(token.sentence.contains("per $http_authorization"), "{}", token.sentence);
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
