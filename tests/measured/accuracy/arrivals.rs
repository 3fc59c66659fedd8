//! Arrivals counted and timed by the server, for each executor of the open model.

use super::run::Scenario;
use super::server::{Behaviour, Server};
use crate::repetition::repeated;

/// Seconds from the first request to each, ascending.
fn arrived(server: &Server) -> Vec<f64> {
    let requests = server.served();
    let first = requests[0].read;
    requests
        .iter()
        .map(|served| (served.read - first).as_secs_f64())
        .collect()
}

fn run(phase: &str) -> Vec<f64> {
    let server = Server::start(Behaviour::default());
    let run = Scenario {
        users: 1_500,
        phase: phase.to_owned(),
    }
    .run(&server);
    let arrived = arrived(&server);
    assert_eq!(run.total("dropped") + run.total("started"), run.total("planned"));
    assert_eq!(run.total("started"), arrived.len() as u64);
    arrived
}

/// Holds arrivals against the integral of the rate: after t seconds, `due(t)` of them are due.
fn assert_follows(phase: &str, due: impl Fn(f64) -> f64, length: f64) {
    let _alone = crate::alone();
    repeated(|| follows(phase, &due, length));
}

fn follows(phase: &str, due: impl Fn(f64) -> f64, length: f64) -> Result<(), String> {
    let arrived = run(phase);
    let (count, integral) = (arrived.len() as f64, due(length));
    if (count - integral).abs() > 1.0 {
        return Err(format!("{count} arrivals for {integral}"));
    }
    // The time at which that many are due, by bisection.
    let time_of = |count: f64| {
        let (mut low, mut high) = (0.0, length);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if due(middle) < count {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    };
    let mut late: Vec<f64> = arrived
        .iter()
        .enumerate()
        .map(|(index, at)| at - time_of(index as f64))
        .collect();
    late.sort_by(f64::total_cmp);
    let median = late[late.len() / 2];
    let mut off: Vec<f64> = late.iter().map(|late| (late - median).abs()).collect();
    off.sort_by(f64::total_cmp);
    // Other processes' turns on the same cores are in the tail; a schedule that is wrong is wrong for most arrivals, by tens of
    // milliseconds.
    let typical = off[off.len() * 8 / 10];
    if typical < 0.005 {
        Ok(())
    } else {
        Err(format!("80 % of arrivals are within {typical} s"))
    }
}

#[test]
fn a_constant_rate_is_kept() {
    let phase = "duration = \"3s\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"500/s\" }";
    assert_follows(phase, |t| 500.0 * t, 3.0);
}

#[test]
fn a_ramp_is_followed() {
    // 0 → 400/s in 2 s, then 400 → 100/s in 2 s.
    let phase = "workload = { executor = \"ramping-arrival-rate\", from = \"0/s\", stages = [\
                 { to = \"400/s\", over = \"2s\" }, { to = \"100/s\", over = \"2s\" }] }";
    let due = |t: f64| {
        let (up, down) = (t.min(2.0), (t - 2.0).max(0.0));
        200.0 * up * up / 2.0 + 400.0 * down - 150.0 * down * down / 2.0
    };
    assert_follows(phase, due, 4.0);
}

/// Kolmogorov and Smirnov's distance between the gaps and an exponential distribution of that mean.
fn distance_from_exponential(gaps: &mut [f64], mean: f64) -> f64 {
    gaps.sort_by(f64::total_cmp);
    let count = gaps.len() as f64;
    let distance = |(index, gap): (usize, &f64)| {
        let model = 1.0 - (-gap / mean).exp();
        (model - index as f64 / count)
            .abs()
            .max(((index + 1) as f64 / count - model).abs())
    };
    gaps.iter().enumerate().map(distance).fold(0.0, f64::max)
}

#[test]
fn poisson_arrivals_are_exponentially_spaced() {
    // Gaps of 10 ms, which other processes' turns on the same cores distort little.
    const RATE: f64 = 100.0;
    let phase = "duration = \"5s\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"100/s\", spacing = \"poisson\" }";
    let _alone = crate::alone();
    repeated(|| {
        let arrived = run(phase);
        // 500 ± 5 standard deviations.
        if !(388..=612).contains(&arrived.len()) {
            return Err(format!("{} arrivals", arrived.len()));
        }
        let mut gaps: Vec<f64> = arrived.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let critical = 1.95 / (gaps.len() as f64).sqrt(); // α = 0.001
        // Evenly spaced ones do not pass.
        let even = distance_from_exponential(&mut vec![1.0 / RATE; gaps.len()], 1.0 / RATE);
        assert!(even > critical, "the test cannot tell: D = {even}");
        let distance = distance_from_exponential(&mut gaps, 1.0 / RATE);
        if distance < critical {
            Ok(())
        } else {
            Err(format!("D = {distance} > {critical}"))
        }
    });
}
