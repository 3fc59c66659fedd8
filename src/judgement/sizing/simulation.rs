//! Searches on a system whose capacity is known: c servers, Poisson arrivals, exponential service, in simulated time.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::{End, NextStep, Search, SearchStep, StepVerdict, erlang_c};
use crate::stats::{ALPHA, BATCHES, EffectiveSampleSize, Proportion, ShareDecision};
use crate::units::saturating_usize;

const SERVERS: u32 = 4;
/// Completions per second of one server: the four together complete 100.
const SERVICE: f64 = 25.0;
/// The objective: p95 of the response time.
const LIMIT: f64 = 0.200;
const ALLOWED: f64 = 0.05;
const WARM_UP: f64 = 10.0;
const STEP: f64 = 30.0;
const SEARCHES: u32 = 60;

/// P(response time > t) of M/M/c at rate λ, where C is Erlang's: with probability 1 − C there is no wait, otherwise the
/// wait is exponential with cμ − λ. Gross and Harris, "Fundamentals of Queueing Theory", section 2.3.
fn over(rate: f64, time: f64) -> f64 {
    let all = f64::from(SERVERS) * SERVICE;
    let waits = erlang_c(SERVERS, rate / all);
    let free = all - rate;
    let served = (-SERVICE * time).exp();
    (1.0 - waits) * served + waits * (free * served - SERVICE * (-free * time).exp()) / (free - SERVICE)
}

/// The rate at which exactly 5 % take longer than the limit.
fn truth() -> f64 {
    let (mut low, mut high) = (1.0, f64::from(SERVERS) * SERVICE - 1e-6);
    while high - low > 1e-9 {
        let middle = f64::midpoint(low, high);
        if over(middle, LIMIT) < ALLOWED {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// One step of that length in seconds after the warm-up, judged as a run is: exact counts, effective sample size by batches.
fn step(rate: f64, seconds: f64, random: &mut SmallRng) -> StepVerdict {
    let mut exponential = |rate: f64| -(1.0 - random.random::<f64>()).ln() / rate;
    let mut free = [0.0_f64; SERVERS as usize];
    let mut batches = [(0_u64, 0_u64); BATCHES];
    let mut now = 0.0;
    loop {
        now += exponential(rate);
        if now >= WARM_UP + seconds {
            break;
        }
        let next = free.iter_mut().min_by(|one, other| one.total_cmp(other)).unwrap();
        *next = next.max(now) + exponential(SERVICE);
        let response = *next - now;
        if now >= WARM_UP {
            let batch = saturating_usize((now - WARM_UP) / seconds * BATCHES as f64);
            batches[batch].0 += u64::from(response > LIMIT);
            batches[batch].1 += 1;
        }
    }
    let (bad, total) = batches
        .iter()
        .fold((0, 0), |sum, batch| (sum.0 + batch.0, sum.1 + batch.1));
    match EffectiveSampleSize::estimate(&batches)
        .unwrap()
        .decide(Proportion::new(bad, total), ALLOWED, ALPHA)
    {
        ShareDecision::Below => StepVerdict::Met,
        ShareDecision::Above => StepVerdict::Missed,
        ShareDecision::Unknown => StepVerdict::Undecided,
    }
}

fn search(seed: u32) -> (Vec<SearchStep>, super::SearchResult) {
    let search = Search {
        from: 10.0,
        at_most: 1_000.0,
        at_least: 1.0,
        growth: 2.0,
        precision: 0.1,
        longest: 8,
        expected: None,
    };
    let mut random = SmallRng::seed_from_u64(seed.into());
    let mut tries = Vec::new();
    loop {
        match search.next(&tries) {
            NextStep::Done(found) => return (tries, found),
            NextStep::Measure { rate, length, purpose } => {
                let answer = step(rate, STEP * f64::from(length), &mut random);
                tries.push(SearchStep {
                    rate,
                    length,
                    purpose,
                    answer,
                    saturates: None,
                });
            }
        }
    }
}

#[test]
fn the_formula_agrees_with_the_simulation() {
    // M/M/1 limit: with one server of four busy at most, p is nearly that of the service time alone.
    assert!((over(0.001, LIMIT) - (-SERVICE * LIMIT).exp()).abs() < 1e-6);
    let truth = truth();
    assert!(truth > 75.0 && truth < 90.0, "{truth}");
    let mut random = SmallRng::seed_from_u64(1);
    assert_eq!(step(truth * 0.8, 120.0, &mut random), StepVerdict::Met);
    assert_eq!(step(truth * 1.1, 120.0, &mut random), StepVerdict::Missed);
}

/// At most one search in 20 may miss the true capacity, and the bracket must be narrow.
#[test]
fn the_bracket_holds_the_known_capacity() {
    let truth = truth();
    let found: Vec<_> = (0..SEARCHES).map(search).collect();
    let ends = |found: &super::SearchResult| (found.holds.unwrap(), found.broken.unwrap());
    let wrong: Vec<_> = found
        .iter()
        .map(|(_, found)| ends(found))
        .filter(|(low, high)| *low > truth || *high < truth)
        .collect();
    assert!(wrong.len() * 20 <= found.len(), "truth {truth:.2}, wrong: {wrong:?}");
    for (tries, found) in &found {
        let (low, high) = ends(found);
        assert!(found.end == End::Bracketed && high < low * 1.3, "{found:?}");
        assert!(tries.len() < 30, "{tries:?}");
    }
}
