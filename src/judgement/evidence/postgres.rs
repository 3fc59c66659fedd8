//! Observations of the PostgreSQL probe; saved with the run's evidence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One normalised statement over the judged window, all users and databases together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementObservation {
    /// The server's `queryid`, as text because it needs 64 bits.
    #[serde(default)]
    pub id: String,
    /// The normalised text; ends in `…` if it had over 4,000 characters.
    pub query: String,
    /// Executions.
    pub calls: u64,
    /// Milliseconds in total.
    pub total_ms: f64,
    /// Milliseconds on average.
    pub mean_ms: f64,
    /// Milliseconds of the longest: in the judged window if `max_in_window`, else since the server's statistics began.
    pub max_ms: f64,
    /// True if `max_ms` is of the judged window.
    #[serde(default)]
    pub max_in_window: bool,
    /// Rows returned or changed.
    pub rows: u64,
    /// Buffers found in the shared cache.
    pub shared_hit: u64,
    /// Buffers read from outside it.
    pub shared_read: u64,
    /// Buffers of temporary files read.
    #[serde(default)]
    pub temp_read: u64,
    /// Buffers of temporary files written.
    #[serde(default)]
    pub temp_written: u64,
    /// For each limit, executions that took longer, counted exactly; empty if the log was not read.
    #[serde(default)]
    pub over: Vec<u64>,
    /// Executions of it in the log: the sample size of the percentiles.
    #[serde(default)]
    pub logged: u64,
    /// Quantile and milliseconds (`p95`, 12.3); only those for which the log holds enough executions.
    #[serde(default)]
    pub percentiles: Vec<(String, f64)>,
    /// The plan as text, made for unknown parameters and never by executing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Reason for having no plan, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_plan: Option<String>,
}

impl StatementObservation {
    /// Milliseconds of that quantile (`p95`); `None` if the log did not hold enough executions.
    pub fn percentile(&self, name: &str) -> Option<f64> {
        self.percentiles
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| *value)
    }
}

/// One step before an execution: `parse` or `bind` (which includes planning). Steps are no executions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepObservation {
    /// `parse` or `bind`.
    pub step: String,
    /// Steps in the log.
    pub logged: u64,
    /// Steps in all, estimated from the sampled log.
    pub estimated: u64,
    /// For each limit, steps that took longer, counted exactly.
    pub over: Vec<u64>,
    /// Quantile and milliseconds, estimated.
    pub percentiles: Vec<(String, f64)>,
    /// Milliseconds of the longest in the log.
    pub max_ms: f64,
}

/// The server at one moment of the run, and what it did since the moment before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabasePoint {
    /// Seconds from the run's zero.
    pub at: f64,
    /// Connections of clients, the probe's own left out.
    pub connections: u32,
    /// Sessions that execute a statement, waiting or not.
    pub active: u32,
    /// Sessions in a transaction that execute nothing.
    pub idle_in_transaction: u32,
    /// Active sessions that wait, by `wait_event_type`.
    pub waits: BTreeMap<String, u32>,
    /// Age of the oldest open transaction in seconds.
    pub longest_transaction: f64,
    /// Transactions committed per second.
    pub commits: f64,
    /// Transactions rolled back per second.
    pub rollbacks: f64,
    /// Share of the buffers that the cache held; `None` if none was requested.
    pub cache_hit: Option<f64>,
    /// Bytes of temporary files per second.
    pub temp_bytes: f64,
    /// Bytes of write-ahead log per second.
    pub wal_bytes: f64,
    /// Statement executions since the point before, about a second earlier; `None` if they cannot be counted.
    pub executions: Option<u64>,
    /// Milliseconds that they took together; `None` if they cannot be counted, and in older runs.
    #[serde(default)]
    pub execution_ms: Option<f64>,
    /// For each limit, those of them that took longer, from the log; empty if the log was not read.
    pub over: Vec<u64>,
}

/// Statements of one kind that waited for a lock held by statements of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockWait {
    /// The statement that waited, normalised.
    pub waiting: String,
    /// Statement that the blocking session executed last or was executing, normalised; its commit only if none before was seen.
    pub blocking: String,
    /// The blocking session's state: `idle in transaction`, `active`.
    pub blocker_state: String,
    /// The lock: `transactionid ShareLock`.
    pub lock: String,
    /// The table, if the server reports it.
    pub table: Option<String>,
    /// Distinct waits that were sampled; waits shorter than half a second may have been missed.
    pub waits: u64,
    /// Seconds that all of them together were seen to wait.
    pub seconds: f64,
    /// Seconds of the longest.
    pub longest: f64,
    /// Age of the blocker's transaction in seconds, at its highest.
    pub blocker_transaction: f64,
}

/// Counters of the database and its server over the judged window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerCounters {
    /// Transactions committed, the probe's own left out.
    pub commits: u64,
    /// Transactions rolled back.
    pub rollbacks: u64,
    /// Deadlocks.
    pub deadlocks: u64,
    /// Temporary files made.
    pub temp_files: u64,
    /// Bytes written to them.
    pub temp_bytes: u64,
    /// Buffers found in the shared cache.
    pub blocks_hit: u64,
    /// Buffers read from outside it.
    pub blocks_read: u64,
    /// Scheduled checkpoints.
    pub checkpoints_timed: u64,
    /// Checkpoints that were requested, mostly because there was much write-ahead log.
    pub checkpoints_requested: u64,
    /// Milliseconds in which checkpoints wrote.
    pub checkpoint_write_ms: f64,
    /// Milliseconds in which checkpoints waited for the disk.
    pub checkpoint_sync_ms: f64,
    /// Records of write-ahead log.
    pub wal_records: u64,
    /// Full pages in it.
    pub wal_full_pages: u64,
    /// Its bytes.
    pub wal_bytes: u64,
}

impl ServerCounters {
    /// Share of the buffers that the shared cache held; `None` if none was requested.
    pub fn cache_hit(&self) -> Option<f64> {
        let all = self.blocks_hit + self.blocks_read;
        (all > 0).then(|| self.blocks_hit as f64 / all as f64)
    }
}

/// Activity on one table in the judged window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableActivity {
    /// Its name, with its schema unless that is `public`.
    pub table: String,
    /// Live rows at the end, as the server estimates them.
    pub live_rows: u64,
    /// Sequential scans.
    pub seq_scans: u64,
    /// Rows they read.
    pub seq_rows: u64,
    /// Index scans.
    pub index_scans: u64,
    /// Rows inserted.
    pub inserted: u64,
    /// Rows updated.
    pub updated: u64,
    /// Rows deleted.
    pub deleted: u64,
}

/// A large table that statements read from end to end though they want few rows of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexHint {
    /// The table.
    pub table: String,
    /// Its live rows.
    pub live_rows: u64,
    /// Sequential scans of it in the judged window, by any statement.
    pub scans: u64,
    /// Rows that each of them read, on average.
    pub rows_per_scan: f64,
    /// Columns that the plan filters by.
    pub filter: Vec<String>,
    /// Columns it sorts by for the first few rows.
    pub sort: Vec<String>,
    /// Excerpt of the plan: `Filter: (tasks."projectId" = $1)`.
    pub evidence: String,
    /// `queryid` of the statements whose plans show it, busiest first.
    pub statements: Vec<String>,
    /// Their executions.
    pub calls: u64,
    /// Their milliseconds in total.
    pub total_ms: f64,
}

impl IndexHint {
    /// The columns of a suitable index: those filtered by, then those sorted by.
    pub fn columns(&self) -> Vec<String> {
        // A B-tree keeps the order of its later columns only within equal values of the first ones: filters come before
        // sorts.
        let sorted = self.sort.iter().filter(|column| !self.filter.contains(column));
        self.filter.iter().chain(sorted).cloned().collect()
    }
}

/// Something that the server did not let the probe see. Files of earlier versions held it as sentences
/// ([`Self::Verbatim`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum HiddenData {
    /// Executions over the limits and their distribution: the log of an attached server is not read.
    LogOfAttached,
    /// Statements, sessions and waits of other users.
    OtherUsers {
        /// The role of the probe, which is not a member of `pg_read_all_stats`.
        role: String,
    },
    /// The number of executions: `pg_stat_statements` is not installed in the database.
    ExtensionNotInstalled,
    /// The number of executions: `pg_stat_statements` cannot be read.
    ExtensionNotReadable {
        /// Cause, in the words of the server.
        error: String,
    },
    /// The number of executions: they could not be counted.
    NotCounted {
        /// Cause, in the words of the server.
        error: String,
    },
    /// Sentences of an earlier version.
    Verbatim {
        /// The hidden data: `statements of other users`.
        what: String,
        /// The cause: `role app is not a member of pg_read_all_stats`.
        why: String,
        /// The change that would make it visible.
        remedy: String,
    },
}

/// Activity of PostgreSQL in the judged window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresObservation {
    /// `server_version`.
    pub version: String,
    /// The limits in microseconds, ascending.
    pub limits: Vec<u64>,
    /// Statement executions; 0 if they could not be counted, which `unseen` then says.
    pub executions: u64,
    /// For each limit, executions that took longer, counted exactly; empty if the log was not read.
    pub over: Vec<u64>,
    /// For each limit, parse and bind (planning) steps that took longer; they are no executions.
    pub preparations_over: Vec<u64>,
    /// Weighted sample of execution times: (microseconds, weight), ascending.
    pub sampled: Vec<(u64, f64)>,
    /// The busiest statements by total time, at most 20.
    pub statements: Vec<StatementObservation>,
    /// Milliseconds of all statements together.
    pub total_ms: f64,
    /// Peak number of connections in use, sampled twice a second.
    pub peak_connections: u32,
    /// Live rows by table before the load, largest first, at most 20.
    pub rows_before: Vec<(String, u64)>,
    /// The same tables after the load.
    #[serde(default)]
    pub rows_after: Vec<(String, u64)>,
    /// True if rows were counted one by one; else they are the server's estimates.
    #[serde(default)]
    pub rows_exact: bool,
    /// `max_connections`.
    #[serde(default)]
    pub max_connections: Option<u32>,
    /// Share of the executions below the lowest limit that was logged; `None` if the log was not read.
    #[serde(default)]
    pub sample_rate: Option<f64>,
    /// Parse and bind, apart from executions.
    #[serde(default)]
    pub steps: Vec<StepObservation>,
    /// The run second by second.
    #[serde(default)]
    pub points: Vec<DatabasePoint>,
    /// Lock waits by pair of statements, longest in total first.
    #[serde(default)]
    pub lock_waits: Vec<LockWait>,
    /// Counters of the server.
    #[serde(default)]
    pub counters: Option<ServerCounters>,
    /// The tables that were read or written, most rows read sequentially first, at most 20.
    #[serde(default)]
    pub tables: Vec<TableActivity>,
    /// Tables that seem to lack an index, by time spent.
    #[serde(default)]
    pub hints: Vec<IndexHint>,
    /// Data that the server did not let the probe see.
    #[serde(default)]
    pub unseen: Vec<HiddenData>,
}
