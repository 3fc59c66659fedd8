//! From a judged run to the facts that the rules look at.

use crate::slo::{Language, Verdict, Word, wording};
use std::borrow::Cow;
use std::cmp::Reverse;

use super::budget::Budget;
use super::facts::{
    Complaint, Database, Facts, Failures, Lack, LockWaits, Pages, Service, Statements, Surroundings, Topic,
};
use super::suspect::Tier;
use crate::evidence::image::{self, Role};
use crate::evidence::postgres::{DatabasePoint, PostgresObservation, StatementObservation};
use crate::evidence::{Decision, Evidence};
use crate::record::{Outcome, Window};
use crate::report::document::{self, Container};
use crate::report::{Document, text};

/// The facts of a judged run.
pub(super) fn facts(document: &Document, evidence: &Evidence, budget: Option<&Budget>) -> Facts {
    let window = document.judged;
    let postgres = evidence.observations.postgres.as_ref();
    let complaints = complaints(document);
    Facts {
        services: containers(document, evidence, &complaints)
            .iter()
            .map(|container| service(document, container))
            .collect(),
        complaints,
        budget: budget.cloned(),
        database: postgres.map(|seen| database(seen, window)),
        pages: evidence.observations.browser.as_ref().and_then(|seen| {
            let window = evidence.plan.page_window();
            let loads = || seen.loads.iter().filter(|load| window.contains_secs(load.at));
            Some(Pages {
                load_ms: median(loads().filter_map(|load| load.load_ms))?,
                first_byte_ms: median(loads().filter_map(|load| load.ttfb_ms))?,
            })
        }),
        failures: failures(document, evidence),
        surroundings: surroundings(document),
        request_seconds: budget.map_or(0.0, |budget| budget.mean_ms * budget.requests as f64 / 1e3),
    }
}

/// Missed objectives, the certain, gating and worst ones first, then rules that do not hold.
fn complaints(document: &Document) -> Vec<Complaint> {
    let judgement = &document.judgement;
    let mut missed: Vec<(&Verdict, &str)> = Vec::new();
    for verdict in &judgement.verdicts {
        missed.extend(miss(verdict).map(|how| (verdict, how)));
    }
    missed.sort_by_key(|(verdict, how)| (*how != MISSES, !verdict.objective.gate, Reverse(verdict.word)));
    let objectives = missed.into_iter().map(|(verdict, how)| Complaint {
        topic: verdict.objective.topic().unwrap_or(Topic::Validity),
        words: format!(
            "{} {how} its target of {} ({})",
            verdict.objective.name,
            verdict.objective.target,
            verdict
                .measurement
                .as_ref()
                .map(text::measurement_point)
                .unwrap_or_default()
        ),
    });
    let rules = judgement
        .validity
        .iter()
        .filter(|check| !check.valid)
        .map(|check| Complaint {
            topic: check.rule().topic(),
            words: {
                let text = wording::check(check);
                format!("The measurement is not valid ({}: {})", text.rule, text.measured)
            },
        });
    objectives.chain(rules).collect()
}

const MISSES: &str = "misses";

/// Whether the target is missed, or may be: not decided, and on the wrong side. What was not measured tells of nothing to
/// blame.
fn miss(verdict: &Verdict) -> Option<&'static str> {
    let measurement = verdict.measurement.as_ref()?;
    match (verdict.word, verdict.target) {
        (Word::Warn | Word::Fail, _) | (_, Decision::Missed) => Some(MISSES),
        (_, Decision::Undecided) => {
            let share = measurement.target.share()?;
            (share > measurement.target.allowed).then_some("may miss")
        }
        _ => None,
    }
}

/// The containers while what is complained of first was measured: pages may have a phase of their own.
fn containers<'a>(document: &'a Document, evidence: &Evidence, complaints: &[Complaint]) -> Cow<'a, [Container]> {
    let pages = complaints
        .first()
        .is_some_and(|complaint| complaint.topic == Topic::Pages);
    let phase = evidence.plan.page_phase().filter(|_| pages);
    match (phase, &evidence.observations.containers) {
        (Some(phase), Some(seen)) => document::containers(seen, phase.window).into(),
        _ => document.containers.as_slice().into(),
    }
}

fn service(document: &Document, container: &Container) -> Service {
    let observed = &container.observed;
    let limit = observed.memory_limit;
    Service {
        name: observed.service.clone(),
        tier: tier(document, &observed.service),
        cpu: container.cpu_mean.unwrap_or(0.0),
        cpu_limit: observed.cpu_limit,
        throttled: container.throttled.unwrap_or(0.0),
        memory: container
            .memory_max
            .zip(limit)
            .map(|(most, limit)| most as f64 / limit as f64),
        out_of_memory: observed.oom_killed,
        incidents: observed
            .incidents
            .iter()
            .map(|incident| wording::incident(incident, Language::English))
            .collect(),
    }
}

/// By its image's name and its own; replicas are numbered.
fn tier(document: &Document, service: &str) -> Option<Tier> {
    let stem = service.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let named = |name: &str| name == service || Some(name) == stem.strip_suffix('-');
    let image = document.stack.images.iter().find(|(name, ..)| named(name));
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
        // Of few connections, a look a second tells little; that they execute at least is known.
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

/// Where the statements' time goes: one statement, or all that read the same large table from end to end. It is that whose
/// executions over the limit, which are what is judged, weigh most: their number times their mean. In a database that one
/// statement fills, shorter ones are over the limit because of it, and more often; and one that takes much time in all may be
/// over it by chance, once. Where none is over the limit, that with the most time.
fn worst(seen: &PostgresObservation) -> Option<Statements> {
    let weight = |statement: &&StatementObservation| {
        let over = statement.over.first().copied().unwrap_or(0);
        (over as f64 * statement.mean_ms, statement.total_ms)
    };
    let heavier = |a: (f64, f64), b: (f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
    let alone = seen.statements.iter().map(|statement| (None, vec![statement]));
    // The first hint of a table is that whose statements take the most time.
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
    // Of equals the last is taken: a table rather than the only statement that reads it, and its first hint.
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
        lacks: hint.map(|hint| Lack {
            table: hint.table.clone(),
            rows: hint.live_rows,
            columns: hint.columns(),
        }),
    })
}

fn failures(document: &Document, evidence: &Evidence) -> Failures {
    let worst = document
        .series
        .iter()
        .max_by_key(|row| row.errors)
        .filter(|row| row.errors > 0);
    let count = |outcome: Outcome| {
        let judged = evidence.recording.judged(|_| true);
        judged.map(|record| record.counters.of(outcome)).sum::<u64>()
    };
    let errors = Outcome::ALL.into_iter().filter(|outcome| outcome.is_error());
    let most = errors.clone().max_by_key(|outcome| count(*outcome));
    Failures {
        requests: document.series.iter().map(|row| row.requests).sum(),
        server_errors: count(Outcome::ServerError),
        errors: errors.map(count).sum(),
        worst: worst.map(|row| (row.name.clone(), row.errors as f64 / row.requests.max(1) as f64)),
        kind: most.map_or_else(String::new, |outcome| outcome.name().to_owned()),
    }
}

fn surroundings(document: &Document) -> Surroundings {
    let generator = document.generator.as_ref();
    let cores = f64::from(document.environment.cores.max(1));
    let mut rules = document.judgement.validity.iter();
    Surroundings {
        send_lag_ms: document.send_lag.p99.unwrap_or(0.0),
        generator_valid: rules.all(|check| check.valid || !check.rule().blames_generator()),
        host_busy: generator.and_then(|seen| seen.host_mean).map(|mean| mean / cores),
        steal: generator.and_then(|seen| seen.steal_mean).map(|mean| mean / cores),
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::evidence::postgres::IndexHint;
    use crate::report::sample;

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
        // Nothing is over the limit: the most time.
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
        // What is in a transaction between its statements holds one, too.
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
                // The heaviest alone is a victim: it reads a smaller table, and waits for a processor.
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

        // One that outweighs them all stands alone, with what it lacks.
        seen.statements[0].mean_ms = 380.0;
        let found = worst(&seen).unwrap();
        assert_eq!((found.heaviest.as_str(), found.number), ("SELECT comments", 1));
        assert_eq!(found.lacks.unwrap().table, "comments");
    }

    #[test]
    fn containers_are_looked_at_while_pages_had_their_phase() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = sample::record(folder.path());
        let evidence = &mut record.evidence;
        for container in &mut evidence.observations.containers.as_mut().unwrap().containers {
            for point in &mut container.points {
                point.throttled = if point.at < 10.0 { 0.9 } else { 0.1 };
            }
        }
        let throttled = |evidence: &Evidence, topic| {
            let complaint = Complaint {
                topic,
                words: String::new(),
            };
            containers(&sample::document(), evidence, &[complaint])[0]
                .throttled
                .unwrap()
        };
        let beside = throttled(evidence, Topic::Pages);
        evidence.plan.phases[0].pages = true;
        assert!((throttled(evidence, Topic::Pages) - 0.9).abs() < 1e-9);
        assert!((throttled(evidence, Topic::Requests) - beside).abs() < 1e-9);
        assert!(beside < 0.5, "{beside}");
    }
}
