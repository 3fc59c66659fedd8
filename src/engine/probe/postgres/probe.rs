//! Combines the parts of the probe: settings, log, snapshots.

use std::pin::pin;
use std::time::Duration;

use testcontainers::bollard::Docker;
use tokio_postgres::Client;

use super::access::{Access, connect};
use super::error::{query_failed, unavailable};
use super::log::EventLog;
use super::log_line::{Event, LineParser};
use super::plan::{self, Scan};
use super::server_settings::ServerSettings;
use super::snapshot::StatementDelta;
use super::tally::ExecutionTally;
use super::watching::{END_MARK, START_MARK, ServerObservations, ServerWatcher, raise_mark};
use super::{PostgresSettings, hints, plans};
use crate::evidence::ProbeKind;
use crate::evidence::postgres::{HiddenData, PostgresObservation, StatementObservation};
use crate::probe::{ProbeError, Watch};
use crate::stack::Endpoints;
use crate::units::{Span, saturating_u32};
use crate::wire::engine::EngineAddress;

const NAME: ProbeKind = ProbeKind::Postgres;
/// Longest lag of the log behind the server.
// The engine hands lines over in batches, and a busy one takes seconds.
const LOG_LAG: Duration = Duration::from_secs(10);
/// Mark that shows that the log can be read.
const FIRST_MARK: u32 = 1;
/// Mark after which nothing more is awaited from the log.
const LAST_MARK: u32 = 4;
/// Most statements whose plan is kept as text; plans of the others are only searched for hints.
const MOST_PLANS: usize = 8;
/// Milliseconds from which on statements are logged if no objective has a limit.
const NO_LIMIT: u64 = 100;

/// Observes one server.
#[derive(Debug)]
pub(in crate::probe) struct PostgresProbe {
    client: Client,
    access: Access,
    limits: Vec<u64>,
    /// The log; `None` for an attached server.
    log: Option<LogSource>,
}

/// Source of the server's log, and the settings made for it.
#[derive(Debug)]
struct LogSource {
    engine: Docker,
    container: String,
    parser: LineParser,
    settings: ServerSettings,
    floor: u64,
    rate: f64,
}

impl PostgresProbe {
    /// `limits` are the limits that executions are counted against. `requests` are those expected in the judged window;
    /// `None` if unknown.
    pub(in crate::probe) async fn prepare(
        settings: &PostgresSettings,
        endpoints: &Endpoints,
        limits: &[Span],
        requests: Option<f64>,
    ) -> Result<Self, ProbeError> {
        let database = endpoints.database.as_ref().ok_or_else(|| {
            unavailable(
                "the stack declares no database",
                "declare it in the stack file, or leave the postgres probe out",
            )
        })?;
        let client = connect(&database.dsn, &endpoints.transport.tls).await?;
        let mut limits: Vec<u64> = limits.iter().map(|limit| limit.as_micros()).collect();
        // Ascending, because the lowest decides from where on every statement is logged.
        limits.sort_unstable();
        let (access, log) = match &database.container {
            None => (Access::to_attached_server(&client).await?, None),
            Some(container) => {
                // Access first: a server that cannot be read at all should keep its settings.
                let access = Access::to_own_server(&client).await?;
                // The setting takes whole milliseconds. Rounded down, the log still holds every execution over the
                // limit.
                let floor_millis = limits.first().map_or(NO_LIMIT, |lowest| lowest / 1000);
                let log = LogSource::prepare(&client, container, floor_millis, settings.rate(requests)).await?;
                (access, Some(log))
            }
        };
        Ok(Self {
            client,
            access,
            limits,
            log,
        })
    }

    pub(in crate::probe) async fn observe(mut self, watch: &Watch) -> Result<PostgresObservation, ProbeError> {
        let watching = ServerWatcher::new(&self.client, &self.access, self.log.is_some()).await;
        let watching = watching.map_err(query_failed)?;
        // An attached server keeps its settings, so nothing is counted against limits there.
        let Some(log) = &self.log else {
            let watched = watching.run(watch).await.map_err(query_failed)?;
            return self.observation(None, watched).await;
        };
        let mut tally = ExecutionTally::new(&self.limits, log.floor, log.rate);
        let watched = log.follow(&self.client, watching, watch, &mut tally).await?;
        // The stack is usually torn down next, and the observation does not depend on the restored settings.
        drop(log.settings.restore(&self.client).await);
        self.observation(Some(&tally), watched).await
    }

    async fn observation(
        &mut self,
        tally: Option<&ExecutionTally>,
        watched: ServerObservations,
    ) -> Result<PostgresObservation, ProbeError> {
        let counted = match (watched.activity, tally) {
            (Some(Err(error)), Some(_)) => return Err(ProbeError::failed(NAME, "count the statements", error)),
            (Some(Err(error)), None) => {
                self.access.unseen.push(HiddenData::NotCounted {
                    error: error.to_string(),
                });
                None
            }
            (Some(Ok(activity)), _) => Some(activity),
            (None, _) => None,
        }
        .unwrap_or_default();
        // Lost lines make the count too small, which would look like a better system: the probe fails instead.
        if let Some(missing) = tally.and_then(|tally| tally.missing(counted.executions)) {
            return Err(ProbeError::failed(NAME, "see all statements", missing));
        }
        let statement = |busy: &StatementDelta| {
            let text = watched.texts.get(&busy.query_id).map(|(text, _)| text.as_str());
            let mut statement = busy.observation(text);
            if let Some(timed) = tally.and_then(|tally| tally.statement(busy.query_id)) {
                statement.percentiles = timed.times.percentiles(statement.calls);
                statement.logged = timed.times.logged();
                statement.over.clone_from(&timed.over);
            } else if tally.is_some() {
                // The log is complete from the floor on: a statement that is not in it has exceeded nothing.
                statement.over = vec![0; self.limits.len()];
            }
            statement
        };
        let mut observation = PostgresObservation {
            version: self.access.version.clone(),
            executions: counted.executions,
            limits: self.limits.clone(),
            statements: counted.busiest.iter().map(statement).collect(),
            total_ms: counted.total_ms,
            peak_connections: watched.peak_connections,
            max_connections: Some(self.access.max_connections),
            rows_before: watched.rows_before,
            rows_after: watched.rows_after,
            rows_exact: self.log.is_some(),
            points: watched.points,
            lock_waits: watched.lock_waits,
            counters: Some(watched.counters),
            tables: watched.tables,
            unseen: self.access.unseen.clone(),
            ..PostgresObservation::default()
        };
        if let Some(tally) = tally {
            observation.over = tally.over().to_vec();
            observation.preparations_over = tally.preparations_over();
            observation.sampled = tally.distribution(counted.executions);
            observation.steps = tally.steps();
            observation.sample_rate = self.log.as_ref().map(|log| log.rate);
            // A point lies at the end of its second, or a little after it.
            let mut since = 0;
            for point in &mut observation.points {
                let second = nearest_second(point.at);
                point.over = tally.over_in(since.min(second)..second);
                since = second;
            }
        }
        self.plan(&mut observation, &watched.texts).await;
        Ok(observation)
    }

    /// Plans the busiest statements and searches all plans for missing indexes.
    async fn plan(
        &self,
        observation: &mut PostgresObservation,
        texts: &std::collections::HashMap<i64, (String, bool)>,
    ) {
        let mut scans: Vec<Vec<Scan>> = Vec::new();
        for (index, statement) in observation.statements.iter_mut().enumerate() {
            let text = statement.id.parse().ok().and_then(|id: i64| texts.get(&id));
            let plan = match text {
                None => Err("its text is not known".to_owned()),
                // EXPLAIN would resolve its tables in this database.
                Some((_, false)) => Err("it belongs to another database".to_owned()),
                Some((text, true)) => plans::explain(&self.client, self.access.number, text).await,
            };
            scans.push(
                plan.as_ref()
                    .map(|plan| plan::scans(&plan.explained))
                    .unwrap_or_default(),
            );
            match plan {
                Ok(plan) if index < MOST_PLANS => statement.plan = Some(plan.text),
                Ok(_) => {}
                Err(why) => statement.no_plan = Some(why),
            }
        }
        let plans: Vec<(&StatementObservation, Vec<Scan>)> = observation.statements.iter().zip(scans).collect();
        observation.hints = hints::hints(&observation.tables, &plans);
    }
}

impl LogSource {
    /// Sets up the server's log, then checks that a logged line can be read.
    async fn prepare(client: &Client, container: &str, floor_millis: u64, rate: f64) -> Result<Self, ProbeError> {
        // The marker tells lines of this run from those of earlier runs in the same log.
        let identity = "SELECT pg_backend_pid(), 'diapason-' || left(md5(random()::text), 8)";
        let identity = client.query_one(identity, &[]).await.map_err(query_failed)?;
        let (pid, marker): (i32, String) = (identity.get(0), identity.get(1));
        let settings = ServerSettings::apply(client, &marker, floor_millis, rate).await?;
        // The probe's own statements are neither logged nor counted.
        let silence = "SET log_min_duration_statement = -1; SET log_min_duration_sample = -1; \
                       SET pg_stat_statements.track = 'none'";
        client.batch_execute(silence).await.map_err(query_failed)?;
        let engine = EngineAddress::current().and_then(EngineAddress::connect);
        let log = Self {
            engine: engine.map_err(|error| ProbeError::failed(NAME, "find the container engine", error))?,
            container: container.to_owned(),
            parser: LineParser::new(&marker, pid),
            settings,
            floor: floor_millis * 1000,
            rate,
        };
        // A log that is not readable would look like a run without slow statements.
        log.check(client).await?;
        Ok(log)
    }

    /// Checks that the server's log can be read.
    async fn check(&self, client: &Client) -> Result<(), ProbeError> {
        let mut log = EventLog::follow(&self.engine, &self.container, self.parser.clone()).await;
        let send = async {
            // Repeated, because the engine does not report when it has begun to follow.
            loop {
                if let Err(error) = raise_mark(client, FIRST_MARK).await {
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

    /// Counts the logged events while the connection observes the server.
    async fn follow(
        &self,
        client: &Client,
        watching: ServerWatcher<'_>,
        watch: &Watch,
        tally: &mut ExecutionTally,
    ) -> Result<ServerObservations, ProbeError> {
        let mut log = EventLog::follow(&self.engine, &self.container, self.parser.clone()).await;
        let wall = watch.clock.wall().as_millisecond();
        let mut judged = false;
        let mut reading = pin!(log.read(|entry| {
            match entry.event {
                // Marks in the log itself, so that no clocks have to be compared.
                Event::Mark(START_MARK) => judged = true,
                Event::Mark(END_MARK) => judged = false,
                Event::Mark(LAST_MARK) => return true,
                _ => {}
            }
            if let Ok(second) = u32::try_from((entry.epoch_millis - wall).div_euclid(1000)) {
                tally.ended(second, &entry);
            }
            if judged {
                tally.take(&entry);
            }
            false
        }));
        let log_failed = |error| ProbeError::failed(NAME, "read the server's log", error);
        let watched = tokio::select! {
            Err(error) = &mut reading => return Err(log_failed(error)),
            watched = watching.run(watch) => watched.map_err(query_failed)?,
        };
        // The mark comes back through the log itself: all lines before it have then been read.
        raise_mark(client, LAST_MARK).await.map_err(query_failed)?;
        let lagging = |error| ProbeError::failed(NAME, "read the end of the server's log", error);
        tokio::time::timeout(LOG_LAG, reading)
            .await
            .map_err(lagging)?
            .map_err(log_failed)?;
        Ok(watched)
    }
}

fn nearest_second(at: f64) -> u32 {
    saturating_u32(at.round())
}
