//! Statement times, from PostgreSQL itself.
//!
//! The number of executions comes from `pg_stat_statements`; the number over each limit from the server's own log
//! (`log_min_duration_statement` at the lowest limit, exact); the distribution below it from a sampled log
//! (`log_statement_sample_rate`). So a quantile objective is decided on exact counts at almost no cost.

mod log;
mod log_line;
mod probe;
mod server_settings;
mod snapshot;
mod tally;

pub(super) use probe::PostgresProbe;

use serde::{Deserialize, Serialize};

use crate::units::Ratio;

/// Settings of the probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresSettings {
    /// Share of the statements below the lowest limit that are logged for the distribution.
    #[serde(default = "default_sample_rate")]
    pub sample_rate: Ratio,
}

#[expect(clippy::expect_used, reason = "a constant that a unit test parses")]
fn default_sample_rate() -> Ratio {
    "5 %".parse().expect("a constant ratio")
}

/// One normalised statement over the judged window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementObservation {
    /// The normalised text, shortened to 500 characters.
    pub query: String,
    /// Executions.
    pub calls: u64,
    /// Milliseconds in total.
    pub total_ms: f64,
    /// Milliseconds on average.
    pub mean_ms: f64,
    /// Milliseconds of the longest since the server started.
    pub max_ms: f64,
    /// Rows returned or changed.
    pub rows: u64,
    /// Buffers found in the shared cache.
    pub shared_hit: u64,
    /// Buffers read from outside it.
    pub shared_read: u64,
}

/// What PostgreSQL did in the judged window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresObservation {
    /// `server_version`.
    pub version: String,
    /// The limits in microseconds, ascending.
    pub limits: Vec<u64>,
    /// Statement executions.
    pub executions: u64,
    /// For each limit, executions that took longer, counted exactly.
    pub over: Vec<u64>,
    /// For each limit, parse and bind (planning) steps that took longer; they are no executions.
    pub preparations_over: Vec<u64>,
    /// Weighted sample of execution times: (microseconds, weight), ascending.
    pub sampled: Vec<(u64, f64)>,
    /// The busiest statements by total time, at most 20.
    pub statements: Vec<StatementObservation>,
    /// Milliseconds of all statements together.
    pub total_ms: f64,
    /// Peak number of connections in use, sampled once a second.
    pub peak_connections: u32,
    /// Live rows by table before the judged window, largest first, at most 10.
    pub rows_before: Vec<(String, u64)>,
}
