//! A search made by hand for the tests of this module.

use super::{
    CapacityDocument, Case, Caveat, ClosedRun, ExpectedLoad, FindingMeasurement, ObjectiveFinding, Step, StepFigures,
    StepReason, StopCause, Usage, UserCapacity,
};
use crate::evidence::{Accept, Decision, Incident, SizeChange};
use crate::report::sample;
use crate::runs::Environment;
use crate::scenario::CapacitySettings;
use crate::sizing::{End, Little, Processes, Program, Purpose, Search, SearchStep, StepVerdict};
use crate::slo::{ContainerIncident, Facts, Fraction, Lag, Unit};

/// An objective with 125 of 1,000 samples over 100 ms, where 5 % are allowed.
pub(super) fn finding(objective: &str, decision: Decision, steps: u32) -> ObjectiveFinding {
    ObjectiveFinding {
        objective: objective.to_owned(),
        indicator: "response-time".to_owned(),
        decision,
        steps,
        seen: FindingMeasurement::Count {
            bad: 125,
            total: 1_000,
            allowed: 0.05,
            over: Some(100.0),
        },
        caveats: Vec::new(),
    }
}

/// A step of 60 s on four cores: the API spends 20 ms of CPU on a journey, and everything else is in proportion.
pub(super) fn step(rate: f64, answer: StepVerdict) -> Step {
    let usage = |service: &str, cores: f64, limit| Usage {
        service: service.to_owned(),
        cores,
        limit,
        throttled: 0.12,
        memory: 100 << 20,
    };
    Step {
        tried: SearchStep {
            rate,
            length: 1,
            purpose: Purpose::Growth,
            answer,
            saturates: None,
        },
        reason: StepReason::Met(vec![finding("API", Decision::Met, 1)]),
        run: format!("run-{:.0}", rate * 100.0),
        objectives: Vec::new(),
        tallies: Vec::new(),
        reading: StepFigures {
            seconds: 60.0,
            offered: rate,
            throughput: rate,
            requests: 5.0 * rate,
            p50: Some(20.5),
            p95: Some(40.0 + rate),
            p99: None,
            service: 125.0 + rate / 4.0,
            concurrency: 0.625 * rate,
            usage: vec![
                usage("api", 0.02 * rate, Some(0.25)),
                usage("nginx", 0.004 * rate, None),
                usage("postgres", 0.01 * rate, None),
            ],
            generator: 0.01 * rate,
            host: 0.05 * rate,
            cores: 4.0,
            ..StepFigures::default()
        },
    }
}

/// A search that has not begun.
pub(super) fn case() -> Case {
    let search = Search {
        from: 1.25,
        at_most: 1_000.0,
        at_least: 0.1,
        growth: 2.0,
        precision: 0.1,
        longest: 4,
        expected: None,
    };
    Case::new(None, search)
}

/// A reason of each kind.
pub(super) fn reasons() -> Vec<StepReason> {
    let mut drifting = finding("API", Decision::Undecided, 2);
    drifting.caveats.push(Caveat::NotSteady {
        change: 32.5,
        unit: Unit::Milliseconds,
    });
    vec![
        StepReason::Met(vec![finding("API", Decision::Met, 2)]),
        StepReason::Missed(vec![finding("API", Decision::Missed, 1)]),
        StepReason::Undecided(vec![drifting]),
        StepReason::FallsBehind {
            answered: 58.25,
            begun: 64.1,
        },
        StepReason::TooFewUsers {
            dropped: 12,
            planned: 3_000,
        },
        StepReason::ServiceLost(vec![ContainerIncident {
            service: "api".to_owned(),
            what: Incident::Exited {
                code: Some(137),
                at: Some(31.2),
            },
        }]),
        StepReason::Invalid(
            Facts::RateLimitedRequests {
                share: Fraction { count: 3, total: 2_000 },
                judged_by: None,
                browser: Vec::new(),
            }
            .into(),
        ),
        StepReason::GeneratorFull(
            Facts::SendLag {
                lag: Lag::P99(12.5),
                limit_ms: Some(10.0),
            }
            .into(),
        ),
        StepReason::MachineFull {
            busy: 1.99,
            cores: 2.0,
            generator: 0.5,
            other: 0.3,
        },
    ]
}

/// A search with a step for each kind of reason, ended by something outside the system.
fn ended() -> Case {
    let mut case = case();
    for (index, reason) in reasons().into_iter().enumerate() {
        let answer = match reason {
            StepReason::Met(_) => StepVerdict::Met,
            StepReason::Missed(_) | StepReason::ServiceLost(_) => StepVerdict::Missed,
            StepReason::Undecided(_) | StepReason::FallsBehind { .. } | StepReason::TooFewUsers { .. } => {
                StepVerdict::Undecided
            }
            _ => StepVerdict::Limited,
        };
        let mut step = step(1.25 * (index + 1) as f64, answer);
        if matches!(reason, StepReason::FallsBehind { .. }) {
            step.reading.throughput *= 0.625;
            step.reading.concurrency *= 0.625;
        }
        step.reason = reason;
        step.reading.little = Some(Little {
            counted: 12.5,
            product: 10.25,
            holds: index % 2 == 0,
        });
        case.steps.push(step);
    }
    case.bounds.push((
        "nginx".to_owned(),
        Processes {
            program: Program::Nginx,
            count: 2,
        },
    ));
    case.sizes = vec![
        SizeChange::Cpus {
            service: "api".to_owned(),
            before: Some(2.0),
            after: 0.25,
        },
        SizeChange::Confined { cores: 2 },
    ];
    case.conclude(7);
    case.found.end = End::Limited;
    case.finished = true;
    case.users = Some(UserCapacity {
        rate: 1.25,
        requests: 6.5,
        cycle: 4.25,
        concurrent: 5,
        per_day: 3_000.0,
    });
    case.closed.push(ClosedRun {
        users: 5,
        answer: StepVerdict::Met,
        reason: StepReason::Met(vec![finding("API", Decision::Met, 1)]),
        throughput: 1.25,
        p95: Some(42.5),
        predicted: None,
        run: "run-closed".to_owned(),
    });
    case
}

/// A document with everything that a page can show of a search.
pub(crate) fn document() -> CapacityDocument {
    let mut objectives: Vec<_> = sample::judgement()
        .verdicts
        .into_iter()
        .map(|verdict| verdict.objective)
        .collect();
    objectives[0].target = "62.5ms".to_owned().try_into().unwrap();
    CapacityDocument {
        format: CapacityDocument::FORMAT,
        id: "20260301-081500-essai".to_owned(),
        started: "2026-03-01T08:15:00Z".parse().unwrap(),
        scenario: "essai".to_owned(),
        description: String::new(),
        path: "essai.toml".into(),
        text: String::new(),
        overrides: Vec::new(),
        tags: Vec::new(),
        target: None,
        seed: 7,
        settings: CapacitySettings::default(),
        profile: Some("minimum".to_owned()),
        scaled: false,
        languages: Vec::new(),
        accept: Accept::Target,
        thinking: 2.0,
        requests: 5.0,
        objectives,
        expected: Some(ExpectedLoad::Rate(85.5)),
        cases: vec![ended()],
        stopped: Some(StopCause::ByUser),
        environment: Environment {
            cores: 4,
            memory: 24_700_000_000,
            ..Environment::default()
        },
    }
}
