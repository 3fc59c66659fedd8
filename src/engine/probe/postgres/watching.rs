//! Work of the probe's own connection under the load: snapshots at both ends of the judged window, and a reading of the
//! sessions twice a second.

use std::collections::HashMap;
use std::time::Duration;

use tokio_postgres::{Client, Error};

use super::access::Access;
use super::activity::{ActivityQueries, Readings, without_own};
use super::counters::Checkpoints;
use super::lock_waits::LockWaits;
use super::log_line::LineParser;
use super::snapshot::{Snapshot, SnapshotDifference, SnapshotMismatch, texts};
use super::tables::{self, Tables};
use crate::evidence::postgres::{DatabasePoint, LockWait, ServerCounters, TableActivity};
use crate::probe::Watch;

/// Time between two readings; every second one becomes a point.
// Waits of half a second and more are seen; a shorter interval costs the server more than it shows.
const TICK: Duration = Duration::from_millis(500);
/// First version that can reset the longest times alone.
const FRESH_MAXIMA: i32 = 170_000;
/// Mark in the log at the start of the judged window.
pub(super) const START_MARK: u32 = 2;
/// Mark in the log at the end of the judged window.
pub(super) const END_MARK: u32 = 3;

/// Observations of the connection.
#[derive(Debug)]
pub(super) struct ServerObservations {
    /// `None` if statements cannot be counted.
    pub(super) activity: Option<Result<SnapshotDifference, SnapshotMismatch>>,
    /// Normalised texts by query id; the flag is true if the statement is of this database.
    pub(super) texts: HashMap<i64, (String, bool)>,
    pub(super) points: Vec<DatabasePoint>,
    pub(super) peak_connections: u32,
    pub(super) lock_waits: Vec<LockWait>,
    pub(super) counters: ServerCounters,
    pub(super) tables: Vec<TableActivity>,
    pub(super) rows_before: Vec<(String, u64)>,
    pub(super) rows_after: Vec<(String, u64)>,
}

/// Observes one server through one connection.
pub(super) struct ServerWatcher<'a> {
    client: &'a Client,
    access: &'a Access,
    /// True for a server that Diapason started: marks are put into its log, and rows are counted one by one.
    own: bool,
    sessions: ActivityQueries,
    points: Vec<DatabasePoint>,
    last: Option<(f64, Readings)>,
    peak_connections: u32,
    lock_waits: LockWaits,
    ticks: u32,
    /// Statements of the probe, each of which is a transaction in the server's counters.
    statements: i64,
}

/// Readings at one end of the judged window.
struct WindowEnd {
    snapshot: Option<Snapshot>,
    moment: Readings,
    checkpoints: Checkpoints,
    tables: Tables,
    statements: i64,
}

impl<'a> ServerWatcher<'a> {
    pub(super) async fn new(client: &'a Client, access: &'a Access, own: bool) -> Result<Self, Error> {
        Ok(Self {
            client,
            access,
            own,
            sessions: ActivityQueries::prepare(client, access.schema.as_deref()).await?,
            points: Vec::new(),
            last: None,
            peak_connections: 0,
            lock_waits: LockWaits::default(),
            ticks: 0,
            statements: 0,
        })
    }

    /// Observes until the plan's end or an early stop.
    pub(super) async fn run(mut self, watch: &Watch) -> Result<ServerObservations, Error> {
        // Before the load: counting large tables reads them, which must not fall into the judged window.
        let rows_before = tables::rows(self.client, self.own, None).await?;
        self.ticks(watch, watch.judged.start, false).await?;
        watch.until(watch.judged.start).await;
        let first = self.begin().await?;
        self.ticks(watch, watch.judged.end, true).await?;
        watch.until(watch.judged.end).await;
        let last = self.finish().await?;
        // Includes the very end, so that the last second has its point too.
        self.ticks(watch, watch.end + Duration::from_millis(1), false).await?;
        let activity = match (&first.snapshot, &last.snapshot) {
            (Some(first), Some(last)) => Some(last.since(first, self.resets_maxima())),
            _ => None,
        };
        let mut counters = last.moment.counters.since(&first.moment.counters);
        last.checkpoints.add_since(&first.checkpoints, &mut counters);
        counters.commits = without_own(counters.commits, last.statements - first.statements);
        let texts = self.texts(activity.as_ref()).await?;
        Ok(ServerObservations {
            rows_after: tables::rows(self.client, self.own, Some(&rows_before)).await?,
            rows_before,
            tables: last.tables.since(&first.tables),
            lock_waits: self.lock_waits.pairs(&texts),
            points: self.points,
            peak_connections: self.peak_connections,
            activity,
            texts,
            counters,
        })
    }

    fn resets_maxima(&self) -> bool {
        self.own && self.access.number >= FRESH_MAXIMA
    }

    /// Takes a reading at every tick before that offset, or until an early stop.
    async fn ticks(&mut self, watch: &Watch, until: Duration, judged: bool) -> Result<(), Error> {
        while TICK * self.ticks < until {
            let (due, whole_second) = (TICK * self.ticks, self.ticks.is_multiple_of(2));
            self.ticks += 1;
            // Ticks missed while the server answered late are skipped.
            if watch.clock.now() > due + TICK {
                continue;
            }
            if !watch.until(due).await {
                return Ok(());
            }
            let mut moment = self.read(judged).await?;
            if whole_second {
                self.statements += 1;
                self.sessions.count(self.client, &mut moment).await?;
                self.point(watch.clock.now().as_secs_f64(), moment);
            }
        }
        Ok(())
    }

    async fn read(&mut self, judged: bool) -> Result<Readings, Error> {
        let moment = self.moment().await?;
        if judged {
            self.peak_connections = self.peak_connections.max(moment.connections);
        }
        if judged && moment.is_blocked() {
            self.statements += 1;
            self.lock_waits.read(self.client).await?;
        }
        Ok(moment)
    }

    fn point(&mut self, at: f64, moment: Readings) {
        if let Some((before, earlier)) = &self.last {
            self.points.push(moment.point(at, earlier, at - before));
        }
        self.last = Some((at, moment));
    }

    async fn moment(&mut self) -> Result<Readings, Error> {
        self.statements += 1;
        self.sessions.read(self.client).await
    }

    /// Snapshot before mark here, and mark before snapshot at the end: the log's window lies within that of the
    /// snapshots. A statement that ends between a snapshot and its mark is counted as executed but not as over a limit.
    async fn begin(&mut self) -> Result<WindowEnd, Error> {
        if let (true, Some(schema)) = (self.resets_maxima(), &self.access.schema) {
            // From PostgreSQL 17 on the maxima alone can be reset: the longest execution is then that of the judged
            // window.
            let reset = format!("SELECT {schema}.pg_stat_statements_reset(0, 0, 0, true)");
            self.client.query(&reset, &[]).await?;
        }
        let end = self.end().await?;
        self.mark(START_MARK).await?;
        Ok(end)
    }

    async fn finish(&mut self) -> Result<WindowEnd, Error> {
        // Mark and snapshot in the mirrored order of the start, so that both enclose the same executions.
        self.mark(END_MARK).await?;
        self.end().await
    }

    async fn end(&mut self) -> Result<WindowEnd, Error> {
        let snapshot = match &self.access.schema {
            Some(schema) => Some(Snapshot::take(self.client, schema, !self.own).await?),
            None => None,
        };
        // The queries of this function are commits as well; they are taken off the server's count later.
        self.statements += 4;
        Ok(WindowEnd {
            snapshot,
            moment: self.moment().await?,
            checkpoints: Checkpoints::take(self.client, self.access.number).await?,
            tables: Tables::take(self.client).await?,
            statements: self.statements,
        })
    }

    async fn mark(&self, number: u32) -> Result<(), Error> {
        // Marks are log lines. An attached server's log is not read, and nothing is written into it.
        if self.own {
            raise_mark(self.client, number).await?;
        }
        Ok(())
    }

    /// The texts of the busiest statements, and of the waiting and blocking ones.
    async fn texts(
        &self,
        activity: Option<&Result<SnapshotDifference, SnapshotMismatch>>,
    ) -> Result<HashMap<i64, (String, bool)>, Error> {
        let Some(schema) = &self.access.schema else {
            return Ok(HashMap::new());
        };
        let mut ids = self.lock_waits.query_ids();
        if let Some(Ok(activity)) = activity {
            ids.extend(activity.busiest.iter().map(|busy| busy.query_id));
        }
        texts(self.client, schema, &ids).await
    }
}

/// Puts a mark into the server's log.
pub(super) async fn raise_mark(client: &Client, number: u32) -> Result<(), Error> {
    let text = LineParser::mark(number);
    client
        .batch_execute(&format!("DO $$BEGIN RAISE LOG '{text}'; END$$"))
        .await
}
