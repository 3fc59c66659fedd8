//! Puts the pieces together: settings, log, snapshots.

use std::pin::pin;
use std::time::Duration;

use testcontainers::bollard::Docker;
use tokio_postgres::{Client, NoTls};

use super::log::Log;
use super::log_line::{Event, LineParser};
use super::server_settings::ServerSettings;
use super::snapshot::{Activity, Snapshot};
use super::tally::Tally;
use super::{PostgresObservation, PostgresSettings, StatementObservation};
use crate::probe::{ProbeError, Watch};
use crate::stack::DatabaseEndpoint;
use crate::units::Span;

const NAME: &str = "postgres";
/// How long the log may lag behind the server.
const LOG_LAG: Duration = Duration::from_secs(10);
/// The mark after which nothing of the judged window can follow.
const LAST_MARK: u32 = 2;

/// Observes the statements of one server.
#[derive(Debug)]
pub(in crate::probe) struct PostgresProbe {
    client: Client,
    engine: Docker,
    container: String,
    parser: LineParser,
    settings: ServerSettings,
    version: String,
    limits: Vec<u64>,
    floor: u64,
    rate: f64,
}

/// What the probe's own connection saw.
struct Watched {
    activity: Activity,
    statements: Vec<StatementObservation>,
    peak_connections: u32,
    rows_before: Vec<(String, u64)>,
}

impl PostgresProbe {
    pub(in crate::probe) async fn prepare(
        settings: &PostgresSettings,
        database: Option<&DatabaseEndpoint>,
        limits: &[Span],
    ) -> Result<Self, ProbeError> {
        let database = database.ok_or_else(|| {
            unavailable(
                "the stack declares no database",
                "declare it in the stack file, or leave the postgres probe out",
            )
        })?;
        let container = database.container.clone().ok_or_else(|| {
            let reason = "the database runs in no known container, and its log holds the statement times";
            unavailable(
                reason,
                "bring the stack up instead of attaching to it, or leave the postgres probe out",
            )
        })?;
        let client = connect(&database.dsn).await?;
        let version = check(&client).await?;
        let limits: Vec<u64> = limits.iter().map(|limit| limit.as_micros()).collect();
        let floor_millis = limits.iter().min().map_or(100, |lowest| lowest / 1000);
        let rate = settings.sample_rate.get();

        let identity = "SELECT pg_backend_pid(), 'diapason-' || left(md5(random()::text), 8)";
        let identity = client.query_one(identity, &[]).await.map_err(query_failed)?;
        let (pid, marker): (i32, String) = (identity.get(0), identity.get(1));
        let server_settings = ServerSettings::apply(&client, &marker, floor_millis, rate).await?;
        // The probe's own statements count nowhere.
        let silence = "SET log_min_duration_statement = -1; SET log_min_duration_sample = -1; \
                       SET pg_stat_statements.track = 'none'";
        client.batch_execute(silence).await.map_err(query_failed)?;
        let engine = Docker::connect_with_defaults();
        let probe = Self {
            engine: engine.map_err(|error| ProbeError::failed(NAME, "find the container engine", error))?,
            parser: LineParser::new(&marker, pid),
            settings: server_settings,
            floor: floor_millis * 1000,
            client,
            container,
            version,
            limits,
            rate,
        };
        probe.check_log().await?;
        Ok(probe)
    }

    /// Whether what the server logs can be read, end to end.
    async fn check_log(&self) -> Result<(), ProbeError> {
        let mut log = Log::follow(&self.engine, &self.container, self.parser.clone());
        let send = async {
            // Again and again, because nobody says when the engine has begun to follow.
            loop {
                if let Err(error) = raise_mark(&self.client, LAST_MARK - 1).await {
                    break error;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::select! {
            found = log.read(|entry| matches!(entry.event, Event::Mark(_))) => {
                found.map_err(|error| ProbeError::failed(NAME, "read the server's log", error))
            }
            error = send => Err(query_failed(error)),
            () = tokio::time::sleep(LOG_LAG) => Err(unavailable(
                "the server's log does not reach the log of its container",
                "let the server log to standard error (logging_collector = off) and the container use a log driver \
                 that can be read, such as json-file",
            )),
        }
    }

    pub(in crate::probe) async fn observe(self, watch: &Watch) -> Result<PostgresObservation, ProbeError> {
        let mut tally = Tally::new(&self.limits, self.floor, self.rate);
        let mut log = Log::follow(&self.engine, &self.container, self.parser.clone());
        let wall = watch.clock.wall().as_millisecond();
        let watched = {
            let mut reading = pin!(log.read(|entry| {
                let inside = watch.judged.contains_secs((entry.epoch_millis - wall) as f64 / 1e3);
                match entry.event {
                    Event::Execution if inside => tally.execution(entry.micros),
                    Event::Preparation if inside => tally.preparation(entry.micros),
                    Event::Mark(LAST_MARK) => return true,
                    _ => {}
                }
                false
            }));
            let log_failed = |error| ProbeError::failed(NAME, "read the server's log", error);
            let watched = tokio::select! {
                Err(error) = &mut reading => return Err(log_failed(error)),
                watched = self.watch(watch) => watched?,
            };
            raise_mark(&self.client, LAST_MARK).await.map_err(query_failed)?;
            let lagging = |error| ProbeError::failed(NAME, "read the end of the server's log", error);
            tokio::time::timeout(LOG_LAG, reading)
                .await
                .map_err(lagging)?
                .map_err(log_failed)?;
            watched
        };
        // The stack is usually torn down next, and the observation does not depend on it.
        drop(self.settings.restore(&self.client).await);
        self.observation(&tally, watched)
    }

    /// Snapshots at both ends of the judged window, connections once a second between them.
    async fn watch(&self, watch: &Watch) -> Result<Watched, ProbeError> {
        let rows_before = rows(&self.client).await.map_err(query_failed)?;
        watch.until(watch.judged.start).await;
        let before = Snapshot::take(&self.client).await.map_err(query_failed)?;
        let mut peak_connections = 0;
        for second in 1.. {
            let due = watch.judged.start + Duration::from_secs(second);
            peak_connections = peak_connections.max(connections(&self.client).await.map_err(query_failed)?);
            if due >= watch.judged.end || !watch.until(due).await {
                break;
            }
        }
        watch.until(watch.judged.end).await;
        let after = Snapshot::take(&self.client).await.map_err(query_failed)?;
        let activity = after.since(&before);
        let activity = activity.map_err(|error| ProbeError::failed(NAME, "count the statements", error))?;
        Ok(Watched {
            statements: activity.statements(&self.client).await.map_err(query_failed)?,
            activity,
            peak_connections,
            rows_before,
        })
    }

    fn observation(self, tally: &Tally, watched: Watched) -> Result<PostgresObservation, ProbeError> {
        let executions = watched.activity.executions;
        if let Some(missing) = tally.missing(executions) {
            return Err(ProbeError::failed(NAME, "see all statements", missing));
        }
        Ok(PostgresObservation {
            version: self.version,
            executions,
            over: tally.over().to_vec(),
            preparations_over: tally.preparations_over().to_vec(),
            sampled: tally.distribution(executions),
            limits: self.limits,
            statements: watched.statements,
            total_ms: watched.activity.total_ms,
            peak_connections: watched.peak_connections,
            rows_before: watched.rows_before,
        })
    }
}

async fn connect(dsn: &str) -> Result<Client, ProbeError> {
    let (client, connection) = tokio_postgres::connect(dsn, NoTls)
        .await
        .map_err(|error| ProbeError::failed(NAME, "connect to the database", error))?;
    // It ends when the client is dropped; an error of it shows at the client's next statement.
    tokio::spawn(connection);
    Ok(client)
}

/// Whether the server can be observed; its version.
async fn check(client: &Client) -> Result<String, ProbeError> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int, \
             current_setting('is_superuser') = 'on', current_setting('logging_collector') = 'on', \
             'pg_stat_statements' = ANY(regexp_split_to_array(current_setting('shared_preload_libraries'), '[\" ,]+'))",
            &[],
        )
        .await
        .map_err(query_failed)?;
    let version: String = row.get(0);
    if row.get::<_, i32>(1) < 140_000 {
        let reason = format!("PostgreSQL {version} is older than 14");
        return Err(unavailable(&reason, "leave the postgres probe out of the scenario"));
    }
    if !row.get::<_, bool>(2) {
        return Err(unavailable(
            "the database user is no superuser",
            "give the stack file a superuser's connection string",
        ));
    }
    if row.get::<_, bool>(3) {
        let hint = "set logging_collector = off, so that the server logs to standard error";
        return Err(unavailable("the server keeps its log in files", hint));
    }
    if !row.get::<_, bool>(4) {
        return Err(unavailable(
            "pg_stat_statements is not loaded",
            "start the server with `-c shared_preload_libraries=pg_stat_statements`",
        ));
    }
    client
        .batch_execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        .await
        .map_err(query_failed)?;
    Ok(version)
}

async fn raise_mark(client: &Client, number: u32) -> Result<(), tokio_postgres::Error> {
    let text = LineParser::mark(number);
    client
        .batch_execute(&format!("DO $$BEGIN RAISE LOG '{text}'; END$$"))
        .await
}

async fn connections(client: &Client) -> Result<u32, tokio_postgres::Error> {
    let row = client
        .query_one(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
            &[],
        )
        .await?;
    Ok(u32::try_from(row.get::<_, i64>(0)).unwrap_or(0))
}

/// The largest tables by live rows.
async fn rows(client: &Client) -> Result<Vec<(String, u64)>, tokio_postgres::Error> {
    let rows = client
        .query(
            "SELECT relname::text, n_live_tup FROM pg_stat_user_tables ORDER BY n_live_tup DESC, relname LIMIT 10",
            &[],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), u64::try_from(row.get::<_, i64>(1)).unwrap_or(0)))
        .collect())
}

fn query_failed(error: tokio_postgres::Error) -> ProbeError {
    ProbeError::failed(NAME, "ask the server", error)
}

fn unavailable(reason: &str, hint: &str) -> ProbeError {
    ProbeError::Unavailable {
        probe: NAME,
        reason: reason.to_owned(),
        hint: hint.to_owned(),
    }
}
