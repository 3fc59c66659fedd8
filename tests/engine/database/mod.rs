//! The postgres probe on a real server, held against what is counted independently.

mod server;

use std::collections::BTreeSet;
use std::time::Duration;

use diapason::evidence::postgres::{DatabasePoint, HiddenData, PostgresObservation};
use diapason::probe;
use diapason::stack::DatabaseEndpoint;
use diapason::wire::TlsSettings;
use tokio_postgres::Client;

use crate::engine::beside;
use server::{LONG, Server, context, observed, observed_for};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// What the server's log says of some sessions, read by other means than the probe's.
#[derive(Debug, Default)]
struct Logged {
    executions: Vec<f64>,
    parses: usize,
    binds: usize,
}

impl Logged {
    fn of(log: &str, pids: &BTreeSet<i32>) -> Self {
        let mut logged = Self::default();
        for line in log.lines() {
            let Some((head, rest)) = line.split_once(" LOG:  duration: ") else {
                continue;
            };
            let pid = head.split(' ').nth(2).and_then(|pid| pid.parse().ok());
            if !pid.is_some_and(|pid| pids.contains(&pid)) {
                continue;
            }
            let (duration, what) = rest.split_once(" ms  ").unwrap();
            match what.split(' ').next().unwrap() {
                "parse" => logged.parses += 1,
                "bind" => logged.binds += 1,
                _ if ["begin", "rollback", "SET "]
                    .iter()
                    .any(|utility| what.contains(utility)) => {}
                _ => logged.executions.push(duration.parse().unwrap()),
            }
        }
        logged.executions.sort_by(f64::total_cmp);
        logged
    }

    fn over(&self, limit: f64) -> u64 {
        self.executions.iter().filter(|millis| **millis > limit).count() as u64
    }
}

/// Sessions tell the server what they did at their next statement after a second.
async fn tell_counters(clients: &[Client]) -> u64 {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for client in clients {
        client.simple_query("SELECT 1").await.unwrap();
    }
    clients.len() as u64
}

/// Sleeps of many lengths, prepared and not, and short statements in a transaction; the number of executions.
async fn mixture(client: &Client, seed: u32) -> u64 {
    let sleep = client.prepare("SELECT pg_sleep($1)").await.unwrap();
    let mut executions = 0;
    for round in 0..30_u32 {
        // 0 to 176 ms.
        let millis = (round * 7 + seed * 13) % 12 * 16;
        client.query(&sleep, &[&(f64::from(millis) / 1e3)]).await.unwrap();
        client.simple_query("select count(*) from pg_class").await.unwrap();
        client.batch_execute("begin").await.unwrap();
        client.query("SELECT $1::int", &[&1]).await.unwrap();
        client.batch_execute("rollback").await.unwrap();
        executions += 3;
    }
    executions
}

#[test]
fn every_execution_is_counted_and_every_one_over_a_limit() {
    let _place = beside();
    runtime().block_on(async {
        let server = Server::start().await;
        let mut clients = Vec::new();
        let mut pids = BTreeSet::new();
        for _ in 0..3 {
            let client = server.connect().await;
            let pid = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
            pids.insert(pid);
            clients.push(client);
        }
        let mut executed = 0;
        let seen = observed(server.own(), None, async {
            for client in &clients {
                // Every statement of these sessions is logged, whatever the probe chose.
                client
                    .batch_execute("SET log_min_duration_statement = 0")
                    .await
                    .unwrap();
            }
            let [first, second, third] = &clients[..] else {
                unreachable!()
            };
            let counts = tokio::join!(mixture(first, 0), mixture(second, 1), mixture(third, 2));
            executed = counts.0 + counts.1 + counts.2 + tell_counters(&clients).await;
        })
        .await;
        let log = server.log();
        let logged = Logged::of(&log, &pids);
        assert_eq!(
            logged.executions.len() as u64,
            executed,
            "the test counts as the log does"
        );
        assert_eq!(seen.executions, executed);
        assert_eq!(seen.limits, [50_000, 150_000]);
        assert_eq!(seen.over, [logged.over(50.0), logged.over(150.0)]);
        assert!(seen.over[1] > 0 && seen.over[0] > seen.over[1], "{:?}", seen.over);
        let steps: Vec<(&str, u64)> = seen
            .steps
            .iter()
            .map(|step| (step.step.as_str(), step.logged))
            .collect();
        assert_eq!(steps, [("parse", logged.parses as u64), ("bind", logged.binds as u64)]);
        let by_second = |count: fn(&DatabasePoint) -> u64| seen.points.iter().map(count).sum::<u64>();
        assert_eq!(by_second(|point| point.over[0]), seen.over[0], "{:?}", seen.points);
        assert_eq!(
            by_second(|point| point.executions.unwrap()),
            executed,
            "{:?}",
            seen.points
        );
        the_sleep_is_told_apart(&seen, &logged);
        assert_eq!(seen.counters.as_ref().unwrap().rollbacks, 90);
        assert!(seen.unseen.is_empty(), "{:?}", seen.unseen);
    });
}

fn the_sleep_is_told_apart(seen: &PostgresObservation, logged: &Logged) {
    let sleep = &seen.statements[0];
    assert_eq!((sleep.query.as_str(), sleep.calls), ("SELECT pg_sleep($1)", 90));
    assert_eq!(sleep.logged, 90);
    let longest = *logged.executions.last().unwrap();
    assert!(sleep.max_in_window && (sleep.max_ms - longest).abs() < 5.0, "{sleep:?}");
    // The others take no time worth speaking of, so the 90 longest are the sleeps: p50 is the 45th of them.
    let (name, p50) = &sleep.percentiles[0];
    assert_eq!(name, "p50");
    let expected = logged.executions[logged.executions.len() - 90 + 44];
    assert!((p50 - expected).abs() < 0.02 * expected + 0.1, "{p50} for {expected}");
    assert!(sleep.plan.as_ref().unwrap().starts_with("Result"), "{sleep:?}");
}

#[test]
fn a_held_row_lock_shows_who_waits_for_whom() {
    let _place = beside();
    runtime().block_on(async {
        let server = Server::start().await;
        let (holder, waiter) = (server.connect().await, server.connect().await);
        let table =
            "CREATE TABLE accounts (id int PRIMARY KEY, balance int); INSERT INTO accounts VALUES (1, 100), (2, 5)";
        holder.batch_execute(table).await.unwrap();
        // Long enough to be looked at: what the holder then does is not what is to blame.
        let slow_commit = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                           'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END'; \
                           CREATE CONSTRAINT TRIGGER slow_commit AFTER UPDATE ON accounts DEFERRABLE INITIALLY DEFERRED \
                           FOR EACH ROW WHEN (NEW.balance = 99) EXECUTE FUNCTION slow()";
        holder.batch_execute(slow_commit).await.unwrap();
        let seen = observed(server.own(), None, async {
            holder.batch_execute("BEGIN").await.unwrap();
            let take = "UPDATE accounts SET balance = balance - 1 WHERE id = 1";
            holder.batch_execute(take).await.unwrap();
            let wait = waiter.execute("UPDATE accounts SET balance = $1 WHERE id = 1", &[&7]);
            let hold = async {
                tokio::time::sleep(Duration::from_secs(3)).await;
                holder.batch_execute("COMMIT").await.unwrap();
            };
            let (updated, ()) = tokio::join!(wait, hold);
            assert_eq!(updated.unwrap(), 1);
        })
        .await;
        assert_eq!(seen.lock_waits.len(), 1, "{:?}", seen.lock_waits);
        let wait = &seen.lock_waits[0];
        assert_eq!(wait.waiting, "UPDATE accounts SET balance = $1 WHERE id = $2");
        assert_eq!(
            wait.blocking,
            "UPDATE accounts SET balance = balance - $1 WHERE id = $2"
        );
        assert_eq!(wait.blocker_state, "idle in transaction");
        assert_eq!((wait.table.as_deref(), wait.waits), (Some("accounts"), 1));
        assert!((3.0..4.2).contains(&wait.seconds), "{wait:?}");
        assert!(wait.blocker_transaction >= wait.seconds, "{wait:?}");
        let blocked = seen.points.iter().filter(|point| point.waits.get("Lock") == Some(&1));
        // A point may fall into the holder's commit.
        let idle = blocked.filter(|point| point.idle_in_transaction == 1);
        assert!(idle.count() >= 2, "{:?}", seen.points);
        assert!(seen.points.iter().any(|point| point.longest_transaction > 1.0));
        assert_eq!(seen.over, [1, 1], "the wait is part of the execution");
        assert_eq!(seen.rows_before, [("accounts".to_owned(), 2)]);
    });
}

#[test]
fn the_volume_seed_lacks_indexes_and_the_hints_name_them() {
    let _place = beside();
    runtime().block_on(async {
        let server = Server::start_with_volume().await;
        let client = server.connect().await;
        let project: String = client
            .query_one("SELECT min(id) FROM projects", &[])
            .await
            .unwrap()
            .get(0);
        let seen = observed_for(LONG, server.own(), Some("100 %"), async {
            for _ in 0..10 {
                let of_project = "SELECT id, title FROM tasks WHERE \"projectId\" = $1 ORDER BY \"createdAt\" DESC";
                client.query(of_project, &[&project]).await.unwrap();
                let newest = "SELECT id, title FROM tasks ORDER BY \"createdAt\" DESC LIMIT 20";
                client.query(newest, &[]).await.unwrap();
                let by_key = "SELECT name FROM projects WHERE id = $1";
                client.query(by_key, &[&project]).await.unwrap();
            }
            tell_counters(std::slice::from_ref(&client)).await;
        })
        .await;
        let hints: BTreeSet<(&str, Vec<String>)> = seen
            .hints
            .iter()
            .map(|hint| (hint.table.as_str(), hint.columns()))
            .collect();
        let expected = BTreeSet::from([
            ("tasks", vec!["createdAt".to_owned()]),
            ("tasks", vec!["projectId".to_owned()]),
        ]);
        assert_eq!(hints, expected, "{:?}", seen.hints);
        for hint in &seen.hints {
            assert_eq!((hint.calls, hint.live_rows), (10, 50_000));
            assert!(hint.rows_per_scan > 20_000.0, "{hint:?}");
        }
        let statement = seen
            .statements
            .iter()
            .find(|statement| statement.query.contains("\"projectId\" = $1"));
        let plan = statement.unwrap().plan.as_ref().unwrap();
        assert!(
            plan.contains("Seq Scan on tasks") && plan.contains("(\"projectId\" = $1)"),
            "{plan}"
        );
        assert!(
            seen.rows_exact && seen.rows_before[0] == ("tasks".to_owned(), 50_000),
            "{:?}",
            seen.rows_before
        );
        assert_eq!(seen.rows_before, seen.rows_after);
        let tasks = seen.tables.iter().find(|table| table.table == "tasks").unwrap();
        assert!(tasks.seq_rows >= 20 * 50_000, "{tasks:?}");
    });
}

#[test]
fn an_attached_role_without_rights_is_told_what_it_does_not_see() {
    let _place = beside();
    runtime().block_on(async {
        let server = Server::start().await;
        let client = server.connect().await;
        let role = "CREATE ROLE app LOGIN PASSWORD 'app'; CREATE TABLE secrets (id int)";
        client.batch_execute(role).await.unwrap();
        let attached = || DatabaseEndpoint {
            dsn: server.dsn("app", "app"),
            container: None,
        };
        let load = async { drop(client.query("SELECT count(*) FROM secrets", &[]).await.unwrap()) };
        let seen = observed(attached(), None, load).await;
        let role = "app".to_owned();
        for hidden in [
            HiddenData::LogOfAttached,
            HiddenData::OtherUsers { role },
            HiddenData::ExtensionNotInstalled,
        ] {
            assert!(seen.unseen.contains(&hidden), "{:?}", seen.unseen);
        }
        assert!(seen.over.is_empty() && seen.sampled.is_empty());
        // What it does see: how many sessions there are, and the database's counters.
        assert!(
            seen.points.iter().all(|point| point.connections >= 1),
            "{:?}",
            seen.points
        );
        assert_eq!((seen.max_connections, seen.rows_exact), (Some(100), false));

        client
            .batch_execute("CREATE EXTENSION pg_stat_statements; GRANT pg_monitor TO app")
            .await
            .unwrap();
        let load = async {
            for _ in 0..25 {
                client.query("SELECT count(*) FROM secrets", &[]).await.unwrap();
            }
        };
        let seen = observed(attached(), None, load).await;
        assert_eq!(
            (seen.executions, seen.unseen.len()),
            (25, 1),
            "{:?} {:?}",
            seen.unseen,
            seen.statements
        );
        let statement = &seen.statements[0];
        assert_eq!(
            (statement.query.as_str(), statement.calls),
            ("SELECT count(*) FROM secrets", 25)
        );
        assert_eq!(
            statement.no_plan.as_deref(),
            Some("permission denied for table secrets")
        );
        // Nothing of the server was changed.
        let changed = "SELECT count(*) FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'";
        assert_eq!(client.query_one(changed, &[]).await.unwrap().get::<_, i64>(0), 0);
    });
}

#[test]
fn an_attached_server_is_asked_over_tls() {
    let _place = beside();
    runtime().block_on(async {
        let server = Server::start().await;
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        server
            .speak_tls(&own.cert.pem(), &own.signing_key.serialize_pem())
            .await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, own.cert.pem()).unwrap();
        let trusting = TlsSettings {
            ca_file: Some(file),
            ..TlsSettings::default()
        };
        let attached = |mode: &str| DatabaseEndpoint {
            dsn: format!("{}?sslmode={mode}", server.dsn("postgres", "secret")),
            container: None,
        };
        let unknown = probe::prepare(&context(attached("require"), None, TlsSettings::default())).await;
        let unknown = format!("{:?}", unknown.unwrap_err());
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
        let client = server.connect().await;
        for (mode, tls, expected) in [
            ("require", trusting.clone(), true),
            ("prefer", trusting.clone(), true),
            ("prefer", TlsSettings::default(), false),
            ("disable", trusting, false),
        ] {
            let prepared = probe::prepare(&context(attached(mode), None, tls)).await.unwrap();
            let is_secure = "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
                             WHERE a.application_name = 'diapason'";
            let row = client.query_one(is_secure, &[]).await.unwrap();
            assert_eq!(row.get::<_, bool>(0), expected, "{mode}");
            drop(prepared);
            let gone = async {
                while client.query_opt(is_secure, &[]).await.unwrap().is_some() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), gone).await.unwrap();
        }
    });
}
