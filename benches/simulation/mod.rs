//! Virtual runs of the gate on simulated time: requests whose latency comes in bursts, judged by the very code that judges
//! real runs. `benches/flakiness.rs` makes the tables of docs/measurements/gate-errors.md of them, `tests/quick/flakiness.rs` holds their bounds.
#![expect(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a simulation of its own data fails by panicking"
)]

use std::time::Duration;

use diapason::evidence::generator::{GeneratorObservation, GeneratorPoint};
use diapason::evidence::{
    Accept, EarlyEnd, Evidence, LoadModel, LoadPlan, Observations, PhasePlan, PlannedLoad, SeriesPlan,
};
use diapason::record::{
    Counters, LoadTotals, Outcome, Recording, SecondCell, SecondCounts, SeriesKey, SeriesRecord, Timing, Window,
};
use diapason::slo::{Gate, Judgement, Objective, Sequential, judge};
use diapason::stats::normal;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

/// The limits of the objective, in microseconds: p95 below 100 ms, acceptable 300 ms.
const LIMITS: [u64; 2] = [100_000, 300_000];
/// Spread of the logarithm of a latency: its p95 is 2.3 times its median.
const SIGMA: f64 = 0.5;
/// How many latencies the scale of a process without a formula is read from.
const LONG: usize = 1_000_000;

/// How requests that are slow come together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bursts {
    /// The logarithm of the latency is an AR(1) process.
    Autoregressive,
    /// Stretches in which every request is over the limit, and stretches in which none is (a two-state Markov chain).
    OnOff,
    /// Independent latencies, four times as long during stretches whose lengths have a heavy tail (Pareto, α = 1.5, at least 5
    /// requests); a tenth of all requests is in one.
    HeavyTailed,
    /// Independent latencies, and a stall of the server of up to 400 ms every 4 s on average, after which requests are late by what
    /// is left of it.
    Stalls,
    /// Independent latencies whose level goes up and down by 30 % every 15 s.
    Waves,
}

/// A kind of run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// How slow requests come together.
    pub(crate) bursts: Bursts,
    /// Correlation of a request with the one before it, where the bursts are told by it.
    pub(crate) lag1: f64,
    /// The true quantile over the limit, minus 1: 0 is exactly at it.
    pub(crate) over: f64,
    /// Judged seconds.
    pub(crate) seconds: u32,
    /// Requests a second.
    pub(crate) rate: u32,
    /// The quantile that is judged.
    pub(crate) quantile: f64,
}

/// The 1 − q quantile of the normal distribution's upper tail.
fn upper_quantile(kind: Kind) -> f64 {
    Normal::standard().inverse_cdf(kind.quantile)
}

/// The latencies of one virtual run.
struct Latencies {
    kind: Kind,
    random: SmallRng,
    state: f64,
    slow: bool,
    /// Requests left of a stretch; of a stall, seconds left.
    left: f64,
    share: f64,
    /// Microseconds per unit of [`Latencies::unscaled`].
    scale: f64,
    count: u64,
}

impl Latencies {
    fn new(kind: Kind, scale: f64, seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        // The share over the limit where the quantile lies `over` beyond it.
        let share = Normal::standard().sf(upper_quantile(kind) - (1.0 + kind.over).ln() / SIGMA);
        let state = normal(&mut random);
        let slow = random.random_bool(share);
        // A run begins anywhere in a wave.
        let count = u64::from(random.random::<u16>());
        Self {
            kind,
            random,
            state,
            slow,
            left: 0.0,
            share,
            scale,
            count,
        }
    }

    /// One independent latency; its median is 1.
    fn lognormal(&mut self) -> f64 {
        (SIGMA * normal(&mut self.random)).exp()
    }

    /// The next latency, up to a factor that is the same for all of them.
    fn unscaled(&mut self) -> f64 {
        let Kind { bursts, lag1, rate, .. } = self.kind;
        self.count += 1;
        match bursts {
            Bursts::Autoregressive => {
                let z = self.state;
                self.state = lag1 * z + (1.0 - lag1 * lag1).sqrt() * normal(&mut self.random);
                (SIGMA * z).exp()
            }
            Bursts::OnOff => {
                let slow = self.slow;
                let stay = if slow { lag1 } else { 0.0 };
                self.slow = self
                    .random
                    .random_bool((self.share * (1.0 - lag1) + stay).clamp(0.0, 1.0));
                if slow { 1.5 } else { 0.4 }
            }
            Bursts::HeavyTailed => {
                let slow = self.left >= 1.0;
                self.left -= 1.0;
                // Stretches are 15 requests long on average: 1 in 135 others begins one.
                if !slow && self.random.random_bool(1.0 / 135.0) {
                    self.left = 5.0 * self.random.random::<f64>().max(1e-9).powf(-1.0 / 1.5);
                }
                self.lognormal() * if slow { 4.0 } else { 1.0 }
            }
            Bursts::Stalls => {
                let between = 1.0 / f64::from(rate);
                self.left = (self.left - between).max(0.0);
                if self.random.random_bool(between / 4.0) {
                    self.left += self.random.random_range(0.05..0.4);
                }
                // The median of 1 stands for 30 ms.
                self.lognormal() + self.left / 0.03
            }
            Bursts::Waves => {
                let angle = std::f64::consts::TAU * self.count as f64 / f64::from(rate) / 15.0;
                self.lognormal() * (1.0 + 0.3 * angle.sin())
            }
        }
    }

    fn next(&mut self) -> u64 {
        (self.unscaled() * self.scale) as u64
    }
}

/// Microseconds per unit of latency: so that the quantile is the limit and `over` more. By formula where there is one, otherwise
/// from a long run of its own.
pub(crate) fn scale(kind: Kind) -> f64 {
    let limit = LIMITS[0] as f64;
    match kind.bursts {
        Bursts::OnOff => limit,
        Bursts::Autoregressive => limit * (1.0 + kind.over) * (-SIGMA * upper_quantile(kind)).exp(),
        Bursts::HeavyTailed | Bursts::Stalls | Bursts::Waves => {
            let mut latencies = Latencies::new(kind, 1.0, u64::MAX);
            let mut all: Vec<f64> = (0..LONG).map(|_| latencies.unscaled()).collect();
            all.sort_unstable_by(f64::total_cmp);
            let rank = (kind.quantile * LONG as f64) as usize;
            limit * (1.0 + kind.over) / all[rank]
        }
    }
}

/// The quantile below 100 ms over all requests, acceptable 300 ms.
pub(crate) fn objective(quantile: f64) -> Objective {
    let text = format!(
        "name = \"Response time\"\nindicator = \"response-time\"\nquantile = \"p{:.0}\"\ntarget = \"100ms\"\n\
         acceptable = \"300ms\"\n",
        quantile * 100.0
    );
    toml::from_str(&text).expect("an objective")
}

fn plan(kind: Kind) -> LoadPlan {
    let arrivals = u64::from(kind.seconds) * u64::from(kind.rate);
    LoadPlan {
        transactions: Vec::new(),
        timeout: "10s".parse().expect("a time-out"),
        replay: None,
        phases: vec![PhasePlan {
            name: "steady".to_owned(),
            judged: true,
            pages: false,
            window: Window {
                start: Duration::ZERO,
                end: Duration::from_secs(kind.seconds.into()),
            },
            model: LoadModel::Open,
            users: None,
            arrivals,
            load: PlannedLoad::Verbatim(format!("constant-arrival-rate {}/s", kind.rate)),
        }],
        series: vec![SeriesPlan {
            least: None,
            name: "get.get".to_owned(),
            tags: Vec::new(),
            expected: arrivals as f64,
            models: vec![LoadModel::Open],
        }],
    }
}

fn key() -> SeriesKey {
    SeriesKey {
        phase: "steady".to_owned(),
        series: "get.get".to_owned(),
    }
}

/// One virtual run under construction.
struct Run {
    latencies: Latencies,
    record: SeriesRecord,
    kind: Kind,
}

impl Run {
    fn new(kind: Kind, scale: f64, seed: u64) -> Self {
        Self {
            latencies: Latencies::new(kind, scale, seed),
            record: SeriesRecord::new(key(), true, LIMITS.len()),
            kind,
        }
    }

    /// One more second of requests.
    fn second(&mut self, second: u32) -> Counters {
        let mut counters = Counters::new(LIMITS.len());
        let mut values: Vec<u64> = (0..self.kind.rate).map(|_| self.latencies.next()).collect();
        for micros in &values {
            counters.count(Outcome::Success, *micros, 0, &LIMITS);
            self.record
                .timings
                .get_mut(Timing::Response)
                .record(*micros)
                .expect("in range");
        }
        let lags = self.record.timings.get_mut(Timing::SendLag);
        lags.record_n(50, self.kind.rate.into()).expect("in range");
        values.sort_unstable();
        let at = |share: f64| values[((share * values.len() as f64) as usize).min(values.len() - 1)];
        self.record.counters.add(&counters);
        self.record.seconds.push(SecondCell {
            second,
            counters: counters.clone(),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: at(1.0),
        });
        counters
    }

    fn evidence(self, seconds: u32, ended: Option<EarlyEnd>) -> Evidence {
        let kind = Kind { seconds, ..self.kind };
        let plan = plan(kind);
        let arrivals = plan.phases[0].arrivals;
        let points = (0..seconds).map(|second| GeneratorPoint {
            at: f64::from(second) + 0.5,
            cpu_cores: 0.3,
            load_thread_cores: 0.2,
            memory: 50_000_000,
            host_cores: 1.0,
            run_queue: None,
            steal: 0.0,
            runnable: 0,
            retransmits: 0,
            disk: 0,
        });
        let observations = Observations {
            generator: Some(GeneratorObservation {
                cores: 2,
                points: points.collect(),
            }),
            ..Observations::default()
        };
        Evidence {
            recording: Recording {
                transactions: Vec::new(),
                limits: LIMITS.to_vec(),
                seconds: self.record.seconds.clone(),
                series: vec![self.record],
                load: vec![LoadTotals {
                    phase: "steady".to_owned(),
                    planned: arrivals,
                    started: arrivals,
                    completed: arrivals,
                    ..LoadTotals::default()
                }],
                ..Recording::default()
            },
            plan,
            observations,
            interrupted: false,
            ended,
            corrections: Vec::new(),
            left_out: Vec::new(),
        }
    }
}

/// The evidence of a run of planned length.
pub(crate) fn evidence(kind: Kind, scale: f64, seed: u64) -> Evidence {
    let mut run = Run::new(kind, scale, seed);
    for second in 0..kind.seconds {
        run.second(second);
    }
    run.evidence(kind.seconds, None)
}

/// A run under `duration = "auto"` with `kind.seconds` as its cap, judged, and how long it took.
fn auto(kind: Kind, scale: f64, seed: u64) -> (Judgement, u32) {
    let objectives = [objective(kind.quantile)];
    let mut following = Sequential::new(&objectives, &plan(kind), &LIMITS, Accept::Target);
    let mut run = Run::new(kind, scale, seed);
    for second in 0..kind.seconds {
        let counters = run.second(second);
        following.add(SecondCounts {
            transactions: Vec::new(),
            second,
            series: vec![(key(), true, counters)],
        });
        let settled = following.settled();
        if !settled.is_empty() {
            let ended = EarlyEnd {
                no_log_in: false,
                exhausted: false,
                burnt: None,
                at: f64::from(second) + 1.0,
                accept: Accept::Target,
                settled,
            };
            let evidence = run.evidence(second + 1, Some(ended));
            return (judge(&evidence, &objectives, Accept::Target), second + 1);
        }
    }
    let evidence = run.evidence(kind.seconds, None);
    (judge(&evidence, &objectives, Accept::Target), kind.seconds)
}

/// How many of some runs passed, missed, were not decided or not valid, and their mean length.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) runs: u32,
    pub(crate) passed: u32,
    pub(crate) missed: u32,
    pub(crate) undecided: u32,
    pub(crate) invalid: u32,
    pub(crate) seconds: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, judgement: &Judgement, seconds: u32) {
        self.runs += 1;
        self.seconds += u64::from(seconds);
        match judgement.gate() {
            Gate::Passed => self.passed += 1,
            Gate::Missed => self.missed += 1,
            Gate::Undecided => self.undecided += 1,
            Gate::Invalid | Gate::NothingGates => self.invalid += 1,
        }
    }

    /// That many of the runs, as a share.
    pub(crate) fn share(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.runs.max(1))
    }
}

/// Runs of planned length.
pub(crate) fn tally(kind: Kind, runs: u32) -> Tally {
    let (scale, objectives) = (scale(kind), [objective(kind.quantile)]);
    let mut tally = Tally::default();
    for seed in 0..runs {
        let evidence = evidence(kind, scale, u64::from(seed));
        tally.add(&judge(&evidence, &objectives, Accept::Target), kind.seconds);
    }
    tally
}

/// Runs under `duration = "auto"`.
pub(crate) fn tally_auto(kind: Kind, runs: u32) -> Tally {
    let scale = scale(kind);
    let mut tally = Tally::default();
    for seed in 0..runs {
        let (judgement, seconds) = auto(kind, scale, u64::from(seed));
        tally.add(&judgement, seconds);
    }
    tally
}
