//! Reads the activity of the sessions at one moment.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error, Statement};

use super::counters::{COLUMNS, Counters};
use super::snapshot::{OWN, count};
use crate::evidence::postgres::DatabasePoint;

/// Prepared queries for the sessions and the counters, executed again and again.
#[derive(Debug)]
pub(super) struct ActivityQueries {
    statement: Statement,
    executed: Option<Statement>,
}

/// Executions since the statistics began.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ExecutionTotals {
    statements: i64,
    millis: f64,
}

/// Readings of one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Readings {
    pub(super) counters: Counters,
    pub(super) connections: u32,
    /// `None` if executions were not counted at this moment.
    executed: Option<ExecutionTotals>,
    active: u32,
    idle_in_transaction: u32,
    longest_transaction: f64,
    waits: BTreeMap<String, u32>,
}

impl ActivityQueries {
    /// `schema` is the schema of `pg_stat_statements`; `None` if it cannot be read.
    pub(super) async fn prepare(client: &Client, schema: Option<&str>) -> Result<Self, Error> {
        // Of a session that the role may not inspect, only the database is known.
        let query = format!(
            "SELECT {OWN} a.connections, a.active, a.in_transaction, a.longest, a.waits, {COLUMNS} \
             FROM pg_stat_database d, pg_stat_wal w, (SELECT count(*) AS connections, \
             count(*) FILTER (WHERE state = 'active') AS active, \
             count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS in_transaction, \
             coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 AS longest, \
             coalesce(array_agg(wait_event_type) FILTER (WHERE state = 'active' AND wait_event_type IS NOT NULL), '{{}}') \
             AS waits FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
             AND coalesce(backend_type = 'client backend', datid IS NOT NULL)) a WHERE d.datname = current_database()"
        );
        let executed = match schema {
            None => None,
            Some(schema) => {
                // Top level only: the time of a nested statement is within that of the one that calls it.
                let sum = format!(
                    "SELECT {OWN} coalesce(sum(calls), 0)::bigint, coalesce(sum(total_exec_time), 0)::float8 \
                     FROM {schema}.pg_stat_statements(showtext => false) WHERE toplevel"
                );
                Some(client.prepare(&sum).await?)
            }
        };
        Ok(Self {
            statement: client.prepare(&query).await?,
            executed,
        })
    }

    /// Adds the number of statements executed until now and their total time to `moment`.
    pub(super) async fn count(&self, client: &Client, moment: &mut Readings) -> Result<(), Error> {
        if let Some(executed) = &self.executed {
            let row = client.query_one(executed, &[]).await?;
            moment.executed = Some(ExecutionTotals {
                statements: row.try_get(0)?,
                millis: row.try_get(1)?,
            });
        }
        Ok(())
    }

    pub(super) async fn read(&self, client: &Client) -> Result<Readings, Error> {
        let row = client.query_one(&self.statement, &[]).await?;
        let number = |column: usize| {
            let number = row.try_get::<_, i64>(column)?;
            Ok::<_, Error>(u32::try_from(number).unwrap_or(0))
        };
        let mut waits: BTreeMap<String, u32> = BTreeMap::new();
        for wait in row.try_get::<_, Vec<String>>(4)? {
            // A handful of kinds: one number for each is what a chart can show.
            *waits.entry(wait).or_default() += 1;
        }
        Ok(Readings {
            connections: number(0)?,
            active: number(1)?,
            idle_in_transaction: number(2)?,
            longest_transaction: row.try_get(3)?,
            waits,
            executed: None,
            counters: Counters::from_row(&row, 5)?,
        })
    }
}

impl Readings {
    /// True if a session waits for a lock that another session holds.
    pub(super) fn is_blocked(&self) -> bool {
        self.waits.contains_key("Lock")
    }

    /// The point at `at` seconds of the run, with the growth of the counters in the `seconds` since an earlier moment.
    pub(super) fn point(&self, at: f64, earlier: &Self, seconds: f64) -> DatabasePoint {
        let counted = self.counters.since(&earlier.counters);
        let rate = |count: u64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        let executed = self.executed.zip(earlier.executed);
        DatabasePoint {
            at,
            connections: self.connections,
            active: self.active,
            idle_in_transaction: self.idle_in_transaction,
            waits: self.waits.clone(),
            longest_transaction: self.longest_transaction,
            commits: rate(counted.commits),
            rollbacks: rate(counted.rollbacks),
            cache_hit: counted.cache_hit(),
            temp_bytes: rate(counted.temp_bytes),
            wal_bytes: rate(counted.wal_bytes),
            executions: executed.map(|(now, before)| count(now.statements - before.statements)),
            // Statements that the server evicts take their times with them, so the difference may be negative.
            execution_ms: executed.map(|(now, before)| (now.millis - before.millis).max(0.0)),
            over: Vec::new(),
        }
    }
}

/// Commits without the probe's own: each statement of the probe is one transaction in the counters.
pub(super) fn without_own(commits: u64, own: i64) -> u64 {
    commits.saturating_sub(count(own))
}
