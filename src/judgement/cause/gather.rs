//! Gathers the facts that the rules look at from a judged run.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::budget::Budget;
use super::facts::{
    About, Complaint, Database, Facts, FailureKind, Failures, FullTableRead, LockWaits, Pages, Service, Statements,
    Surroundings,
};
use super::tier::Tier;
use crate::evidence::image::{self, Role};
use crate::evidence::postgres::{DatabasePoint, PostgresObservation, StatementObservation};
use crate::evidence::usage::{Container, Generator, containers};
use crate::evidence::{Decision, Evidence, LoadModel};
use crate::record::{Example, Outcome, SecondCell, Timing, Window, new_histogram};
use crate::slo::{Judgement, Topic, Verdict, VerdictWord};

/// Least failures after the last success from which on "none succeeded" is a finding.
const ENOUGH_AFTER: u64 = 5;

/// A judged run: the input of the rules.
#[derive(Debug, Clone, Copy)]
pub struct JudgedRun<'a> {
    /// Plan, recording and observations.
    pub evidence: &'a Evidence,
    /// Verdicts and validity.
    pub judgement: &'a Judgement,
    /// Service, image and image id of each container.
    pub images: &'a [(String, String, String)],
    /// Cores of the machine.
    pub cores: u32,
}

/// The facts of a judged run.
pub(super) fn facts(run: JudgedRun<'_>, budget: Option<&Budget>) -> Facts {
    let evidence = run.evidence;
    let postgres = evidence.observations.postgres.as_ref();
    let complaints = complaints(run);
    let containers = used(evidence, complaints.first().map(|complaint| complaint.topic));
    Facts {
        services: containers.iter().map(|container| service(run, container)).collect(),
        complaints,
        budget: budget.cloned(),
        database: postgres.map(|seen| database(seen, evidence.plan.judged_window())),
        pages: evidence.observations.browser.as_ref().and_then(|seen| {
            let window = evidence.plan.page_window();
            let loads = || seen.loads.iter().filter(|load| window.contains_secs(load.at));
            Some(Pages {
                load_ms: median(loads().filter_map(|load| load.load_ms))?,
                first_byte_ms: median(loads().filter_map(|load| load.ttfb_ms))?,
            })
        }),
        failures: failures(evidence),
        surroundings: surroundings(run),
        request_seconds: budget.map_or(0.0, |budget| budget.mean_ms * budget.requests as f64 / 1e3),
    }
}

/// Missed objectives, ordered by certainty, gating and severity, then a service that died, then rules of validity that do not
/// hold. None of a run that was stopped before anything was judged: its rules had nothing to measure.
fn complaints(run: JudgedRun<'_>) -> Vec<Complaint> {
    let judgement = run.judgement;
    if judgement.interrupted_before_judging() {
        return Vec::new();
    }
    if let Some(log_ins) = judgement.failed_log_ins() {
        let about = About::LogIns(log_ins.clone());
        let topic = Topic::Failures;
        return vec![Complaint { topic, about }];
    }
    let mut complaints = Vec::new();
    for verdict in &judgement.verdicts {
        complaints.extend(miss(verdict).map(|missed| (verdict, missed)));
    }
    complaints.sort_by_key(|(verdict, missed)| (!missed, !verdict.objective.gate, Reverse(verdict.word)));
    let objectives = complaints.into_iter().filter_map(|(verdict, missed)| {
        Some(Complaint {
            topic: topic(run.evidence, verdict),
            about: About::Objective {
                name: verdict.objective.name.clone(),
                missed,
                target: verdict.objective.target,
                measurement: Box::new(verdict.measurement.clone()?),
            },
        })
    });
    let rules = judgement.validity.iter().filter(|check| !check.valid);
    let rules = rules.map(|check| Complaint {
        topic: check.rule().topic(),
        about: About::Rule(check.clone()),
    });
    // One is enough: what follows a death is mostly its consequence.
    let deaths = judgement.deaths().iter().take(1).map(|death| Complaint {
        topic: Topic::Failures,
        about: About::Death(death.clone()),
    });
    objectives.chain(deaths).chain(rules).collect()
}

/// Topic of a verdict. An objective on response times that would be met without the requests that failed or were refused, which
/// count as longer than any limit, is a complaint about failures.
fn topic(evidence: &Evidence, verdict: &Verdict) -> Topic {
    let objective = &verdict.objective;
    let topic = objective.topic().unwrap_or(Topic::Validity);
    let target = verdict.measurement.as_ref().map(|measurement| &measurement.target);
    let Some(target) = target.filter(|target| topic == Topic::Requests && target.ruling.is_none()) else {
        return topic;
    };
    let selected = |series: &str| {
        let mut plans = evidence.plan.series.iter().filter(|plan| plan.name == series);
        plans.any(|plan| objective.selects(plan))
    };
    let of_model = |phase: &str| {
        let mut phases = evidence.plan.phases.iter().filter(|plan| plan.name == phase);
        phases.any(|plan| objective.reads(plan.model))
    };
    let judged = evidence
        .recording
        .judged(|key| selected(&key.series) && of_model(&key.phase));
    let failed: u64 = judged
        .map(|record| record.counters.errors() + record.counters.of(Outcome::RateLimited))
        .sum();
    let (slow, answered) = (target.bad.saturating_sub(failed), target.total.saturating_sub(failed));
    if failed > 0 && slow as f64 <= target.allowed * answered as f64 {
        Topic::Failures
    } else {
        topic
    }
}

/// `Some(true)` if the target is missed for certain, `Some(false)` if it is undecided and on the wrong side; else `None`, also
/// for an objective without a measurement.
fn miss(verdict: &Verdict) -> Option<bool> {
    let measurement = verdict.measurement.as_ref()?;
    match (verdict.word, verdict.target) {
        (VerdictWord::Warn | VerdictWord::Fail, _) | (_, Decision::Missed) => Some(true),
        (_, Decision::Undecided) => {
            let share = measurement.target.share()?;
            (share > measurement.target.allowed).then_some(false)
        }
        _ => None,
    }
}

/// Use of the containers in the window of the first complaint: page loads may have a phase of their own.
fn used(evidence: &Evidence, topic: Option<Topic>) -> Vec<Container> {
    let phase = evidence.plan.page_phase().filter(|_| topic == Some(Topic::Pages));
    let window = phase.map_or_else(|| evidence.plan.judged_window(), |phase| phase.window);
    let seen = evidence.observations.containers.as_ref();
    seen.map(|seen| containers(seen, window)).unwrap_or_default()
}

fn service(run: JudgedRun<'_>, container: &Container) -> Service {
    let observed = &container.observed;
    let limit = observed.memory_limit;
    Service {
        name: observed.service.clone(),
        tier: tier(run, &observed.service),
        cpu: container.cpu_mean.unwrap_or(0.0),
        cpu_limit: observed.cpu_limit,
        throttled: container.throttled.unwrap_or(0.0),
        memory: container
            .memory_max
            .zip(limit)
            .map(|(most, limit)| most as f64 / limit as f64),
        out_of_memory: observed.oom_killed,
        incidents: observed.incidents.clone(),
    }
}

/// Tier by the names of its image and of the service; the number of a replica is ignored.
fn tier(run: JudgedRun<'_>, service: &str) -> Option<Tier> {
    // Replicas carry a number (`api-2`); images are recorded by service.
    let stem = service.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let named = |name: &str| name == service || Some(name) == stem.strip_suffix('-');
    let image = run.images.iter().find(|(name, ..)| named(name));
    let (name, image, _) = image?;
    Some(match image::role(image, name) {
        Role::Proxy => Tier::Proxy,
        Role::Postgres => Tier::Database,
        Role::Store => Tier::Store,
        Role::Outside | Role::Tool | Role::Application => Tier::Application,
    })
}

fn database(seen: &PostgresObservation, window: Window) -> Database {
    let points = || seen.points.iter().filter(|point| window.contains_secs(point.at));
    let busy = |point: &DatabasePoint| {
        // A session that is idle in a transaction holds its connection, and nobody else of the pool can have it.
        let held = f64::from(point.active + point.idle_in_transaction);
        (point.connections > 0).then(|| (held / f64::from(point.connections)).min(1.0))
    };
    let shares: Vec<f64> = points().filter_map(busy).collect();
    let millis = window.length().as_secs_f64() * 1e3;
    let sessions_busy = if millis > 0.0 { seen.total_ms / millis } else { 0.0 };
    let connections = points().map(|point| point.connections).max();
    let connections = connections.unwrap_or(seen.peak_connections);
    let sampled = (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64);
    Database {
        sessions_busy,
        connections,
        // With few connections the samples are coarse; the statements' total time gives a lower bound.
        connections_busy: sampled.map(|sampled| sampled.max((sessions_busy / f64::from(connections)).min(1.0))),
        worst: worst(seen),
        lock_waits: seen.lock_waits.first().map(|wait| LockWaits {
            seconds: seen.lock_waits.iter().map(|wait| wait.seconds).sum(),
            longest: wait.longest,
            waiting: wait.waiting.clone(),
            blocking: wait.blocking.clone(),
            blocker_state: wait.blocker_state.clone(),
            table: wait.table.clone(),
        }),
    }
}

/// The heaviest statement, or group of statements that read the same large table from end to end. Weight is the number of
/// executions over the limit, which are judged, times the mean time; ties, also if none is over the limit, go to the total
/// time. The number alone would favour short statements that one heavy statement delays; the total time alone would favour
/// one that is over the limit only once by chance.
fn worst(seen: &PostgresObservation) -> Option<Statements> {
    let weight = |statement: &&StatementObservation| {
        let over = statement.over.first().copied().unwrap_or(0);
        (over as f64 * statement.mean_ms, statement.total_ms)
    };
    let heavier = |a: (f64, f64), b: (f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
    let alone = seen.statements.iter().map(|statement| (None, vec![statement]));
    // The first hint of a table is the one whose statements take the most time.
    let together = seen.hints.iter().map(|first| {
        let reads = |statement: &&StatementObservation| {
            let mut hints = seen.hints.iter().filter(|hint| hint.table == first.table);
            hints.any(|hint| hint.statements.contains(&statement.id))
        };
        (Some(first), seen.statements.iter().filter(reads).collect::<Vec<_>>())
    });
    let sum = |statements: &[&StatementObservation]| {
        let weights = statements.iter().map(weight);
        weights.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    };
    // `max_by` takes the last of equals: a table rather than the only statement that reads it, and its first hint.
    let (hint, statements) = alone
        .chain(together.rev())
        .max_by(|(_, a), (_, b)| heavier(sum(a), sum(b)))?;
    let served = |statement: &&&StatementObservation| hint.is_none_or(|hint| hint.statements.contains(&statement.id));
    let heaviest = statements
        .iter()
        .filter(served)
        .max_by(|a, b| heavier(weight(a), weight(b)))?;
    let calls: u64 = statements.iter().map(|statement| statement.calls).sum();
    let (_, total_ms) = sum(&statements);
    Some(Statements {
        heaviest: heaviest.query.clone(),
        number: statements.len(),
        share: if seen.total_ms > 0.0 {
            total_ms / seen.total_ms
        } else {
            0.0
        },
        mean_ms: total_ms / calls.max(1) as f64,
        calls,
        lacks: hint.map(|hint| FullTableRead {
            table: hint.table.clone(),
            rows: hint.live_rows,
            columns: hint.columns(),
        }),
    })
}

fn failures(evidence: &Evidence) -> Failures {
    let recording = &evidence.recording;
    // Errors and requests of each series.
    let mut series: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for record in recording.judged(|_| true) {
        let (errors, requests) = series.entry(&record.key.series).or_default();
        *errors += record.counters.errors();
        *requests += record.counters.total();
    }
    let worst = series
        .iter()
        .max_by_key(|(name, (errors, requests))| (*errors, Reverse(*requests), **name))
        .filter(|(_, (errors, _))| *errors > 0);
    let count = |outcome: Outcome| {
        let judged = recording.judged(|_| true);
        judged.map(|record| record.counters.of(outcome)).sum::<u64>()
    };
    let errors = Outcome::ALL.into_iter().filter(|outcome| outcome.is_error());
    Failures {
        requests: series.values().map(|(_, requests)| requests).sum(),
        server_errors: count(Outcome::ServerError),
        errors: errors.clone().map(count).sum(),
        worst: worst.map(|(name, (errors, requests))| ((*name).to_owned(), *errors as f64 / (*requests).max(1) as f64)),
        kind: errors.max_by_key(|outcome| count(*outcome)),
        refused: count(Outcome::RateLimited),
        kinds: kinds(evidence),
        none_from: none_from(evidence),
    }
}

/// Judged requests that failed or were refused, by status and outcome, the most frequent first.
fn kinds(evidence: &Evidence) -> Vec<FailureKind> {
    let mut kinds: BTreeMap<(Option<u16>, Outcome), FailureKind> = BTreeMap::new();
    let mut most: BTreeMap<(Option<u16>, Outcome), u64> = BTreeMap::new();
    let mut add = |series: &str, status, outcome, count, example: Option<&Example>| {
        let kind = kinds.entry((status, outcome)).or_insert_with(|| FailureKind {
            status,
            outcome,
            count: 0,
            series: String::new(),
            example: None,
        });
        kind.count += count;
        let most = most.entry((status, outcome)).or_default();
        if count > *most {
            *most = count;
            series.clone_into(&mut kind.series);
            kind.example = example.cloned();
        }
    };
    let told = |outcome: Outcome| outcome.is_error() || outcome == Outcome::RateLimited;
    for record in evidence.recording.judged(|_| true) {
        for kind in record.answers.kinds().filter(|kind| told(kind.outcome)) {
            add(
                &record.key.series,
                kind.status,
                kind.outcome,
                kind.count,
                kind.first.as_ref(),
            );
        }
        // Recordings made before statuses were counted have outcomes alone.
        for outcome in Outcome::ALL.into_iter().filter(|outcome| told(*outcome)) {
            let known = record.answers.kinds().filter(|kind| kind.outcome == outcome);
            let known: u64 = known.map(|kind| kind.count).sum();
            let rest = record.counters.of(outcome).saturating_sub(known);
            if rest > 0 {
                add(&record.key.series, None, outcome, rest, None);
            }
        }
    }
    let mut kinds: Vec<FailureKind> = kinds.into_values().collect();
    // Stable over a map's order, so that equal counts give the same report each time.
    kinds.sort_by_key(|kind| Reverse(kind.count));
    kinds
}

/// Second from which on no request succeeded, if requests succeeded before it and at least [`ENOUGH_AFTER`] failed after it.
fn none_from(evidence: &Evidence) -> Option<u32> {
    let seconds = &evidence.recording.seconds;
    let succeeded = |cell: &&SecondCell| cell.counters.of(Outcome::Success) > 0;
    let last = seconds.iter().filter(succeeded).map(|cell| cell.second).max()?;
    let after = || {
        seconds
            .iter()
            .filter(|cell| cell.second > last && cell.counters.errors() > 0)
    };
    let failed: u64 = after().map(|cell| cell.counters.errors()).sum();
    // Time-outs end long after the instant from which on nothing is answered: the last success tells it.
    (failed >= ENOUGH_AFTER).then(|| last.saturating_add(1))
}

fn surroundings(run: JudgedRun<'_>) -> Surroundings {
    let (plan, seen) = (&run.evidence.plan, &run.evidence.observations.generator);
    let generator = seen.as_ref().map(|seen| Generator::new(seen, plan.judged_window()));
    let generator = generator.as_ref();
    let cores = f64::from(run.cores.max(1));
    let mut rules = run.judgement.validity.iter();
    Surroundings {
        send_lag_ms: send_lag(run.evidence),
        generator_valid: rules.all(|check| check.valid || !check.rule().blames_generator()),
        host_busy: generator.and_then(|seen| seen.host_mean).map(|mean| mean / cores),
        steal: generator.and_then(|seen| seen.steal_mean).map(|mean| mean / cores),
    }
}

/// 99th percentile of the send lag in milliseconds, over open-model phases only: the closed model has no schedule to lag.
fn send_lag(evidence: &Evidence) -> f64 {
    let mut lags = new_histogram();
    // Closed users have no intended start that could be missed.
    let open = |name: &str| evidence.judged_phase(name, LoadModel::Open);
    for record in evidence.recording.judged(|key| open(&key.phase)) {
        if let Some(lag) = record.timings.get(Timing::SendLag) {
            // All histograms share their bounds, so adding cannot fail.
            let _ = lags.add(lag);
        }
    }
    lags.value_at_quantile(0.99) as f64 / 1e3
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::cause::gather::*;
    use crate::evidence::containers::{ContainerPoint, ContainerSeries, ContainersObservation};
    use crate::evidence::postgres::IndexHint;
    use crate::evidence::{LoadPlan, Observations, PhasePlan};
    use crate::record::Recording;
    use crate::units::Span;

    fn worst_of(statements: &[(&str, u64, f64, u64)]) -> String {
        let statements = statements
            .iter()
            .map(|(query, calls, mean_ms, over)| StatementObservation {
                query: (*query).to_owned(),
                calls: *calls,
                total_ms: *calls as f64 * mean_ms,
                mean_ms: *mean_ms,
                over: vec![*over],
                ..StatementObservation::default()
            });
        let seen = PostgresObservation {
            statements: statements.collect(),
            ..PostgresObservation::default()
        };
        worst(&seen).unwrap().heaviest
    }

    #[test]
    fn the_worst_statement_is_neither_a_victim_nor_over_the_limit_by_chance() {
        let victim = ("insert comment", 900, 61.0, 700);
        let culprit = ("scan tasks", 600, 320.0, 590);
        let frequent = ("count tasks", 90_000, 18.0, 1);
        assert_eq!(worst_of(&[victim, culprit, frequent]), "scan tasks");
        assert_eq!(worst_of(&[frequent, ("rare", 40, 400.0, 40)]), "rare");
        // Nothing is over the limit: the statement with the most time.
        assert_eq!(worst_of(&[("short", 10, 40.0, 0), ("often", 9_000, 2.0, 0)]), "often");
    }

    #[test]
    fn connections_are_at_least_as_busy_as_their_statements() {
        let window = Window {
            start: Duration::ZERO,
            end: Duration::from_secs(4),
        };
        let busy = |total_ms| {
            let points = [0, 1, 0, 1]
                .into_iter()
                .zip(0_u32..)
                .map(|(active, second)| DatabasePoint {
                    at: f64::from(second),
                    connections: 1,
                    active,
                    ..DatabasePoint::default()
                });
            let seen = PostgresObservation {
                points: points.collect(),
                total_ms,
                ..PostgresObservation::default()
            };
            database(&seen, window).connections_busy.unwrap()
        };
        assert!((busy(3_240.0) - 0.81).abs() < 1e-9);
        // A session in a transaction holds a connection also between its statements.
        assert!((busy(400.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn statements_that_read_one_table_through_are_one_cause() {
        let statement = |id: &str, mean_ms: f64, over| StatementObservation {
            id: id.to_owned(),
            query: format!("SELECT {id}"),
            calls: 30,
            total_ms: 30.0 * mean_ms,
            mean_ms,
            over: vec![over],
            ..StatementObservation::default()
        };
        let hint = |table: &str, column: &str, statements: &[&str]| IndexHint {
            table: table.to_owned(),
            live_rows: 300_000,
            filter: vec![column.to_owned()],
            statements: statements.iter().map(|id| (*id).to_owned()).collect(),
            ..IndexHint::default()
        };
        let mut seen = PostgresObservation {
            statements: vec![
                // The heaviest single statement is only delayed by others: it reads a smaller table, and waits for a processor.
                statement("comments", 38.0, 31),
                statement("by status", 65.0, 18),
                statement("by project", 61.0, 14),
                statement("of project", 45.0, 9),
            ],
            hints: vec![
                hint("tasks", "projectId", &["by project", "of project"]),
                hint("comments", "taskId", &["comments"]),
                hint("tasks", "status", &["by status"]),
            ],
            total_ms: 10_000.0,
            ..PostgresObservation::default()
        };
        let found = worst(&seen).unwrap();
        assert_eq!(
            (found.heaviest.as_str(), found.number, found.calls),
            ("SELECT by project", 3, 90)
        );
        assert!((found.share - 0.513).abs() < 1e-9 && (found.mean_ms - 57.0).abs() < 1e-9);
        let lack = found.lacks.unwrap();
        assert_eq!(
            (lack.table.as_str(), lack.columns),
            ("tasks", vec!["projectId".to_owned()])
        );

        // A statement that outweighs them all is reported alone, with the index it lacks.
        seen.statements[0].mean_ms = 380.0;
        let found = worst(&seen).unwrap();
        assert_eq!((found.heaviest.as_str(), found.number), ("SELECT comments", 1));
        assert_eq!(found.lacks.unwrap().table, "comments");
    }

    fn phase(name: &str, start: u64, end: u64) -> PhasePlan {
        PhasePlan {
            name: name.to_owned(),
            judged: false,
            pages: false,
            window: Window {
                start: Duration::from_secs(start),
                end: Duration::from_secs(end),
            },
            model: LoadModel::Open,
            users: None,
            arrivals: 100,
            load: crate::evidence::PlannedLoad::Verbatim("constant-arrival-rate 10/s".to_owned()),
        }
    }

    /// A container that is throttled in the first ten seconds, while pages have their phase, and hardly in the next.
    fn throttled_beside_pages() -> Evidence {
        let points = (0_u32..20).map(|second| ContainerPoint {
            at: f64::from(second),
            throttled: if second < 10 { 0.9 } else { 0.1 },
            ..ContainerPoint::default()
        });
        let web = ContainerSeries {
            service: "web".to_owned(),
            points: points.collect(),
            ..ContainerSeries::default()
        };
        let mut phases = [phase("pages", 0, 10), phase("steady", 10, 20)];
        phases[0].pages = true;
        phases[1].judged = true;
        Evidence {
            plan: LoadPlan {
                replay: None,
                transactions: Vec::new(),
                phases: phases.into(),
                series: Vec::new(),
                timeout: Span::from_millis(10_000),
            },
            recording: Recording::default(),
            observations: Observations {
                containers: Some(ContainersObservation { containers: vec![web] }),
                ..Observations::default()
            },
            interrupted: false,
            ended: None,
            corrections: Vec::new(),
            left_out: Vec::new(),
        }
    }

    #[test]
    fn containers_are_looked_at_while_pages_had_their_phase() {
        let evidence = throttled_beside_pages();
        let throttled = |topic| used(&evidence, topic)[0].throttled.unwrap();
        assert!((throttled(Some(Topic::Pages)) - 0.9).abs() < 1e-9);
        assert!((throttled(Some(Topic::Requests)) - 0.1).abs() < 1e-9);
        assert!((throttled(None) - 0.1).abs() < 1e-9);
    }
}
