//! For each fault, the facts of a run with it; the heaviest suspect must be the right one.

use super::*;
use crate::cause::budget::{Budget, BudgetPart, Share};
use crate::cause::facts::{
    About, Complaint, Database, FailureKind, Failures, FullTableRead, LockWaits, Pages, Service, Statements,
    Surroundings,
};
use crate::cause::suspect::SuspectFinding;
use crate::cause::tier::Tier;
use crate::evidence::{Decision, Incident};
use crate::record::Outcome;
use crate::slo::Topic;
use crate::slo::{Count, FailedLogIns, Measurement, Unit};

fn service(name: &str, tier: Tier, cpu: f64, limit: f64) -> Service {
    Service {
        name: name.to_owned(),
        tier: Some(tier),
        cpu,
        cpu_limit: Some(limit),
        memory: Some(0.4),
        ..Service::default()
    }
}

fn budget(application: f64, database: f64, proxy: f64) -> Budget {
    let part = |part, millis| Share {
        part,
        millis,
        estimated: false,
    };
    Budget {
        series: "*".to_owned(),
        requests: 2_000,
        mean_ms: application + database + proxy,
        parts: vec![
            part(BudgetPart::Network, proxy),
            part(BudgetPart::Application, application),
            part(BudgetPart::Database, database),
        ],
        slow: None,
    }
}

/// A run of the reference stack in which nothing is wrong.
fn sound() -> Facts {
    Facts {
        complaints: Vec::new(),
        services: vec![
            service("nginx", Tier::Proxy, 0.04, 0.5),
            service("api", Tier::Application, 0.30, 1.0),
            service("web", Tier::Application, 0.10, 1.0),
            service("postgres", Tier::Database, 0.10, 1.0),
            service("redis", Tier::Store, 0.01, 0.5),
        ],
        budget: Some(budget(6.0, 2.0, 1.0)),
        database: Some(Database {
            sessions_busy: 0.1,
            connections: 10,
            connections_busy: Some(0.02),
            worst: Some(Statements {
                heaviest: "SELECT * FROM tasks".to_owned(),
                number: 1,
                share: 0.5,
                mean_ms: 1.0,
                calls: 2_000,
                lacks: None,
            }),
            lock_waits: None,
        }),
        pages: Some(Pages {
            load_ms: 60.0,
            first_byte_ms: 20.0,
        }),
        failures: Failures {
            requests: 2_000,
            ..Failures::default()
        },
        surroundings: Surroundings {
            send_lag_ms: 0.4,
            generator_valid: true,
            host_busy: Some(0.5),
            steal: Some(0.0),
        },
        request_seconds: 18.0,
    }
}

/// An objective of 100 ms that is missed by a p95 of 212 ms.
fn missed() -> About {
    let count = Count {
        bad: 900,
        total: 1_000,
        allowed: 0.05,
        effective: None,
        ruling: None,
    };
    assert_eq!(count.decide(), Decision::Missed);
    About::Objective {
        name: "API response time".to_owned(),
        missed: true,
        target: "100ms".to_owned().try_into().unwrap(),
        measurement: Box::new(Measurement {
            point: Some(212.0),
            low: Some(200.0),
            high: Some(220.0),
            unit: Unit::Milliseconds,
            statistic: "p95".to_owned(),
            samples: 1_000,
            target: count,
            acceptable: count,
            notes: Vec::new(),
        }),
    }
}

fn with(topics: &[Topic], change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = sound();
    let complaint = |topic: &Topic| Complaint {
        topic: *topic,
        about: missed(),
    };
    facts.complaints = topics.iter().map(complaint).collect();
    change(&mut facts);
    facts
}

fn named<'a>(facts: &'a mut Facts, name: &str) -> &'a mut Service {
    facts.services.iter_mut().find(|service| service.name == name).unwrap()
}

fn slow_statement(facts: &mut Facts, share: f64, mean_ms: f64) -> &mut Statements {
    let statement = facts.database.as_mut().unwrap().worst.as_mut().unwrap();
    (statement.share, statement.mean_ms) = (share, mean_ms);
    statement
}

/// Failures of 2,000 requests, all alike.
fn failed(status: Option<u16>, outcome: Outcome, count: u64) -> Failures {
    let errors = if outcome.is_error() { count } else { 0 };
    Failures {
        requests: 2_000,
        errors,
        server_errors: if outcome == Outcome::ServerError { count } else { 0 },
        refused: count - errors,
        kind: Some(outcome),
        kinds: vec![FailureKind {
            status,
            outcome,
            count,
            series: "tasks.list".to_owned(),
            example: None,
        }],
        ..Failures::default()
    }
}

/// A fault, the facts of a run with it, and the rule, tier and service that must come first.
type Case = (&'static str, Facts, &'static str, Tier, Option<&'static str>);

fn cases_of_tiers() -> Vec<Case> {
    use Topic::{Failures as Fail, Pages as Page, Requests, Statements};
    vec![
        (
            "the API sleeps",
            with(&[Requests], |facts| facts.budget = Some(budget(206.0, 2.0, 1.0))),
            "slow-application",
            Tier::Application,
            None,
        ),
        (
            "statements sleep",
            with(&[Requests, Statements], |facts| {
                slow_statement(facts, 0.9, 101.0);
                facts.budget = Some(budget(8.0, 60.0, 1.0));
            }),
            "slow-statement",
            Tier::Database,
            None,
        ),
        (
            "pages sleep",
            with(&[Page], |facts| {
                facts.pages = Some(Pages {
                    load_ms: 3_050.0,
                    first_byte_ms: 3_010.0,
                });
            }),
            "slow-pages",
            Tier::Application,
            None,
        ),
        (
            "the API answers 500",
            with(&[Fail], |facts| {
                facts.failures = failed(Some(500), Outcome::ServerError, 40);
            }),
            "errors",
            Tier::Application,
            None,
        ),
        (
            "somebody holds a row",
            with(&[Requests, Statements], |facts| {
                slow_statement(facts, 0.97, 2_000.0);
                facts.budget = Some(budget(10.0, 150.0, 1.0));
                facts.database.as_mut().unwrap().lock_waits = Some(LockWaits {
                    seconds: 24.0,
                    longest: 10.0,
                    ..LockWaits::default()
                });
            }),
            "lock-waits",
            Tier::Database,
            None,
        ),
        (
            "one connection for all",
            with(&[Requests], |facts| {
                facts.budget = Some(budget(140.0, 12.0, 1.0));
                let database = facts.database.as_mut().unwrap();
                (database.connections, database.connections_busy) = (1, Some(0.97));
            }),
            "connection-pool",
            Tier::Application,
            None,
        ),
    ]
}

fn cases_of_resources() -> Vec<Case> {
    use Topic::{Failures as Fail, Pages as Page, Requests, Statements, Validity};

    let lack = || FullTableRead {
        table: "tasks".to_owned(),
        rows: 51_000,
        columns: vec!["projectId".to_owned()],
    };
    vec![
        (
            "Nginx may use a twentieth of a core",
            with(&[Requests, Page], |facts| {
                let nginx = named(facts, "nginx");
                (nginx.cpu, nginx.cpu_limit, nginx.throttled) = (0.05, Some(0.05), 0.93);
                facts.budget = Some(budget(6.0, 2.0, 180.0));
            }),
            "cpu-throttled",
            Tier::Proxy,
            Some("nginx"),
        ),
        (
            "the API is killed for want of memory",
            with(&[Fail, Validity], |facts| {
                let api = named(facts, "api");
                api.out_of_memory = true;
                api.incidents.push(Incident::Exited {
                    code: Some(137),
                    at: Some(12.0),
                });
                facts.failures = failed(Some(502), Outcome::ServerError, 300);
            }),
            "memory",
            Tier::Application,
            Some("api"),
        ),
        (
            "tables without their indexes",
            with(&[Requests, Statements], |facts| {
                slow_statement(facts, 0.8, 70.0).lacks = Some(lack());
                facts.budget = Some(budget(9.0, 120.0, 1.0));
                let postgres = named(facts, "postgres");
                (postgres.cpu, postgres.throttled) = (0.97, 0.4);
            }),
            "slow-statement",
            Tier::Database,
            None,
        ),
        (
            "the API computes all the time",
            with(&[Requests], |facts| {
                let api = named(facts, "api");
                (api.cpu, api.cpu_limit) = (1.02, Some(2.0));
                facts.budget = Some(budget(160.0, 3.0, 1.0));
            }),
            "cpu-saturated",
            Tier::Application,
            Some("api"),
        ),
        (
            "Redis may use a fiftieth of a core",
            with(&[Requests], |facts| {
                let redis = named(facts, "redis");
                (redis.cpu, redis.cpu_limit, redis.throttled) = (0.02, Some(0.02), 0.8);
                facts.budget = Some(budget(180.0, 3.0, 1.0));
            }),
            "cpu-throttled",
            Tier::Store,
            Some("redis"),
        ),
    ]
}

fn cases_of_surroundings() -> Vec<Case> {
    use Topic::{Requests, Validity};
    vec![
        (
            "Diapason cannot keep up",
            with(&[Requests, Validity], |facts| {
                facts.surroundings.generator_valid = false;
                facts.surroundings.send_lag_ms = 60.0;
            }),
            "generator-limited",
            Tier::Generator,
            None,
        ),
        (
            "the API answers 500 while Diapason cannot quite keep up",
            with(&[Topic::Failures, Validity], |facts| {
                facts.failures = failed(Some(500), Outcome::ServerError, 47);
                facts.surroundings.generator_valid = false;
                facts.surroundings.send_lag_ms = 10.1;
            }),
            "errors",
            Tier::Application,
            None,
        ),
        (
            "others use the processors",
            with(&[Requests], |facts| facts.surroundings.host_busy = Some(0.99)),
            "host-saturated",
            Tier::Host,
            None,
        ),
    ]
}

/// Failures and refusals beside resources that look scarce and explain nothing of them.
fn cases_of_answers() -> Vec<Case> {
    use Topic::{Failures as Fail, Validity};
    let scarce = |facts: &mut Facts| {
        named(facts, "api").throttled = 0.6;
        named(facts, "web").memory = Some(0.99);
        facts.surroundings.host_busy = Some(0.99);
        facts.budget = Some(budget(206.0, 2.0, 1.0));
    };
    let with_failures = |topics: &[Topic], failures: Failures| {
        with(topics, |facts| {
            scarce(facts);
            facts.failures = failures;
        })
    };
    vec![
        (
            "all log-ins are refused",
            with_failures(&[Fail], failed(Some(401), Outcome::ClientError, 400)),
            "errors",
            Tier::Journey,
            None,
        ),
        (
            "nobody can log in",
            with(&[], |facts| {
                facts.complaints.push(Complaint {
                    topic: Fail,
                    about: About::LogIns(FailedLogIns {
                        count: 412,
                        status: Some(401),
                        outcome: Outcome::ClientError,
                        example: None,
                    }),
                });
                scarce(facts);
            }),
            "log-ins",
            Tier::Journey,
            None,
        ),
        (
            "the limiter refuses a third",
            with_failures(&[Fail, Validity], failed(Some(503), Outcome::RateLimited, 600)),
            "rate-limiter",
            Tier::Proxy,
            None,
        ),
        (
            "the proxy waits in vain for a throttled application",
            with_failures(&[Fail], failed(Some(504), Outcome::ServerError, 400)),
            "cpu-throttled",
            Tier::Application,
            Some("api"),
        ),
        (
            "connections are refused",
            with_failures(&[Fail], failed(None, Outcome::ConnectFailed, 900)),
            "errors",
            Tier::Proxy,
            None,
        ),
    ]
}

#[test]
fn the_answer_says_whose_failure_it_is() {
    let page = |body: &str| {
        let mut failures = failed(Some(500), Outcome::ServerError, 10);
        let mut example = crate::record::Example::default();
        example.set_body(body.as_bytes());
        failures.kinds[0].example = Some(example);
        let facts = with(&[Topic::Failures], |facts| facts.failures = failures);
        suspects(&facts).swap_remove(0).tier
    };
    assert_eq!(page("<hr><center>nginx</center>"), Tier::Proxy);
    assert_eq!(page("{\"statusCode\":500}"), Tier::Application);
}

fn cases() -> Vec<Case> {
    [
        cases_of_answers(),
        cases_of_tiers(),
        cases_of_resources(),
        cases_of_surroundings(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn each_fault_is_blamed_on_what_causes_it() {
    for (what, facts, rule, tier, service) in cases() {
        let suspects = suspects(&facts);
        let first = suspects
            .first()
            .unwrap_or_else(|| panic!("{what}: nobody is suspected"));
        let found = (first.rule.as_str(), first.tier, first.service.as_deref());
        assert_eq!(found, (rule, tier, service), "{what}: {suspects:#?}");
    }
}

#[test]
fn a_sound_run_blames_nobody_whatever_it_looks_like() {
    assert!(suspects(&sound()).is_empty());
    for (what, mut facts, ..) in cases() {
        facts.complaints.clear();
        assert!(suspects(&facts).is_empty(), "{what}");
    }
}

#[test]
fn a_miss_that_nothing_explains_has_no_suspect() {
    let facts = with(&[Topic::Requests], |facts| facts.budget = Some(budget(4.0, 3.0, 4.0)));
    let suspects = suspects(&facts);
    assert!(suspects.is_empty(), "{suspects:#?}");
}

#[test]
fn few_connections_queue_sooner_than_many() {
    let first = |connections, busy| {
        let facts = with(&[Topic::Requests], |facts| {
            facts.budget = Some(budget(140.0, 12.0, 1.0));
            let database = facts.database.as_mut().unwrap();
            (database.connections, database.connections_busy) = (connections, Some(busy));
        });
        suspects(&facts).swap_remove(0)
    };
    for (connections, queues, does_not) in [(1, 0.52, 0.48), (2, 0.66, 0.62), (10, 0.85, 0.80), (50, 0.94, 0.90)] {
        let (queues, does_not) = (first(connections, queues), first(connections, does_not));
        assert_eq!(queues.rule, "connection-pool", "{connections}");
        assert_eq!(does_not.rule, "slow-application", "{connections}");
    }
    let SuspectFinding::PoolExhausted { queueing, .. } = first(2, 0.8).finding else {
        panic!("another rule comes first");
    };
    assert!((queueing - 0.711).abs() < 1e-3, "{queueing}");
}

#[test]
fn every_rule_is_named_once_and_described() {
    let names: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    let found: std::collections::BTreeSet<String> = cases()
        .iter()
        .flat_map(|(_, facts, ..)| suspects(facts))
        .map(|suspect| suspect.rule)
        .collect();
    for rule in RULES {
        assert!(rule.describe.contains("weight"), "{}", rule.name);
        // Faults that show only in the proxy's log have no case of their own here.
        assert!(
            found.contains(rule.name) || rule.name == "slow-proxy",
            "{} never finds anything",
            rule.name
        );
    }
}
