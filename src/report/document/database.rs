//! Figures of the database, and sentences on the notable ones.

use serde::{Deserialize, Serialize};

use super::super::percentile;
use super::requests::millis;
use crate::evidence::postgres::{IndexHint, LockWait, PostgresObservation, StatementObservation};
use crate::evidence::usage::thinned;
use crate::words::en::{self, text};

/// Least seconds of waiting for a lock that are worth a sentence.
const LONG_WAIT: f64 = 0.5;
/// Share of `max_connections` from which on connections are too many.
const NEARLY_ALL: f64 = 0.9;
/// Least share of the database's time for which a missing index is worth a sentence of the summary.
const MUCH: f64 = 0.1;
/// Most characters of a statement inside a sentence.
const LONGEST_QUOTE: usize = 80;

/// Statement times of the judged window, as the server reports them, with their percentiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Executions per second of the judged window.
    pub per_second: f64,
    /// Quantile and milliseconds, from the weighted sample. They only illustrate: objectives are decided on exact counts.
    pub percentiles: Vec<(String, f64)>,
    /// Observations of the server.
    pub observed: PostgresObservation,
}

impl Database {
    pub(super) fn new(observed: &PostgresObservation, seconds: f64) -> Self {
        let percentiles = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)]
            .into_iter()
            .filter_map(|(name, quantile)| {
                let micros = percentile::of_weighted(&observed.sampled, quantile)?;
                Some((name.to_owned(), millis(micros)))
            })
            .collect();
        Self {
            per_second: if seconds > 0.0 {
                observed.executions as f64 / seconds
            } else {
                0.0
            },
            percentiles,
            observed: PostgresObservation {
                // The percentiles summarise the sample, which stays in the evidence.
                sampled: Vec::new(),
                points: thinned(&observed.points, |point| f64::from(point.active)),
                ..observed.clone()
            },
        }
    }

    /// That time as a share of the database's total time.
    pub fn share(&self, total_ms: f64) -> f64 {
        let all = self.observed.total_ms;
        if all > 0.0 { (total_ms / all).min(1.0) } else { 0.0 }
    }

    /// The statement of that `queryid`; `None` if it is not listed.
    pub fn statement(&self, id: &str) -> Option<&StatementObservation> {
        self.observed.statements.iter().find(|statement| statement.id == id)
    }

    /// Executions and the statement with the largest share of their time, in one sentence; `None` without an execution.
    pub fn headline(&self) -> Option<String> {
        let observed = &self.observed;
        if observed.executions == 0 {
            return None;
        }
        let mut sentence = format!(
            "{} ({}/s)",
            text::plural(observed.executions, "statement execution"),
            text::digits(self.per_second)
        );
        if let Some((_, p95)) = self.percentiles.iter().find(|(name, _)| name == "p95") {
            sentence = format!("{sentence}, p95 {}", text::millis(*p95));
        }
        if let Some(busiest) = observed.statements.first() {
            sentence = format!(
                "{sentence}; {} of their time in {} ({}, mean {})",
                text::share(self.share(busiest.total_ms)),
                quote(&busiest.query),
                text::plural(busiest.calls, "call"),
                text::millis(busiest.mean_ms)
            );
        }
        Some(sentence + ".")
    }

    /// Problems, in sentences: waits for locks, missing indexes, too many connections, deadlocks, temporary files.
    pub fn findings(&self) -> Vec<String> {
        let observed = &self.observed;
        let waits = observed.lock_waits.iter().filter(|wait| wait.seconds >= LONG_WAIT);
        let mut findings: Vec<String> = waits.map(lock_wait).collect();
        let hints = observed.hints.iter().filter(|hint| self.share(hint.total_ms) >= MUCH);
        findings.extend(hints.map(|hint| self.hint(hint)));
        if let Some(most) = observed.max_connections
            && f64::from(observed.peak_connections) >= NEARLY_ALL * f64::from(most)
        {
            let peak = observed.peak_connections;
            findings.push(format!("{peak} of {most} connections (max_connections) were in use."));
        }
        if let Some(counters) = &observed.counters {
            if counters.deadlocks > 0 {
                findings.push(format!(
                    "{} in the database.",
                    text::plural(counters.deadlocks, "deadlock")
                ));
            }
            if counters.temp_files > 0 {
                findings.push(format!(
                    "Sorts or hashes did not fit into work_mem: {} ({}).",
                    text::plural(counters.temp_files, "temporary file"),
                    text::bytes(counters.temp_bytes as f64)
                ));
            }
        }
        findings
    }

    /// A missing index in a sentence.
    pub fn hint(&self, hint: &IndexHint) -> String {
        let why = match (hint.filter.is_empty(), hint.sort.is_empty()) {
            (false, true) => "filter by",
            (true, _) => "want the first rows by",
            (false, false) => "filter and sort by",
        };
        let columns = columns(hint);
        let examples = hint.statements.iter().filter_map(|id| self.statement(id));
        let example = examples
            .map(|statement| format!(" ({})", quote(&statement.query)))
            .next();
        format!(
            "{} is read from end to end ({} rows a scan, {}) by statements that {why} {columns} and take {} of the database's \
             time{}: an index on {} ({columns}) could serve them.",
            hint.table,
            text::count(whole(hint.rows_per_scan)),
            text::plural(hint.scans, "scan"),
            text::share(self.share(hint.total_ms)),
            example.unwrap_or_default(),
            hint.table,
        )
    }

    /// Measurements that the server did not offer, in sentences.
    pub fn unseen(&self) -> Vec<String> {
        let unseen = self.observed.unseen.iter();
        unseen
            .map(|unseen| {
                let text = en::unseen(unseen);
                format!("Database: {} ({}). To see it: {}.", text.what, text.why, text.remedy)
            })
            .collect()
    }
}

fn columns(hint: &IndexHint) -> String {
    let quoted = |column: String| {
        let plain = column
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if plain { column } else { format!("\"{column}\"") }
    };
    hint.columns().into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

fn lock_wait(wait: &LockWait) -> String {
    let table = wait
        .table
        .as_ref()
        .map(|table| format!(" on {table}"))
        .unwrap_or_default();
    format!(
        "{} waited {} for a lock{table} ({}, longest {}) held by a session ({}) after {}.",
        quote(&wait.waiting),
        text::millis(wait.seconds * 1e3),
        text::plural(wait.waits, "time"),
        text::millis(wait.longest * 1e3),
        wait.blocker_state,
        quote(&wait.blocking),
    )
}

/// The beginning of a statement, on one line.
fn quote(statement: &str) -> String {
    let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_QUOTE {
        return line;
    }
    let beginning: String = line.chars().take(LONGEST_QUOTE - 1).collect();
    format!("{}…", beginning.trim_end())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive mean of counts"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn the_headline_names_what_took_the_time() {
        let database = sample::document().database.unwrap();
        assert_eq!(
            database.headline().unwrap(),
            "8,640 statement executions (144/s), p95 15.2 ms; 44.08 % of their time in SELECT * FROM tasks WHERE project_id \
             = $1 (2,880 calls, mean 1.5 ms)."
                .replace("1.5 ms", "1.50 ms")
        );
        let mut none = database;
        none.observed.executions = 0;
        assert_eq!(none.headline(), None);
    }

    #[test]
    fn what_should_not_be_becomes_a_sentence_each() {
        let mut database = sample::document().database.unwrap();
        let found = database.findings();
        assert_eq!(
            found,
            [
                "UPDATE tasks SET status = $1 WHERE id = $2 waited 2,400 ms for a lock on tasks (3 times, longest 1,100 ms) \
                 held by a session (idle in transaction) after UPDATE projects SET name = $1 WHERE id = $2.",
                "tasks is read from end to end (50,018 rows a scan, 2,880 scans) by statements that filter by project_id and \
                 take 44.08 % of the database's time (SELECT * FROM tasks WHERE project_id = $1): an index on tasks \
                 (project_id) could serve them.",
                "Sorts or hashes did not fit into work_mem: 2 temporary files (3 MiB)."
                    .replace("3 MiB", "3.00 MiB")
                    .as_str(),
            ]
        );
        database.observed.peak_connections = 95;
        database.observed.hints.clear();
        database.observed.lock_waits.clear();
        let counters = database.observed.counters.as_mut().unwrap();
        (counters.deadlocks, counters.temp_files) = (1, 0);
        assert_eq!(
            database.findings(),
            [
                "95 of 100 connections (max_connections) were in use.",
                "1 deadlock in the database."
            ]
        );
    }

    #[test]
    fn names_that_need_quotes_get_them() {
        let database = sample::document().database.unwrap();
        let mut hint = database.observed.hints[0].clone();
        hint.filter = Vec::new();
        hint.sort = vec!["createdAt".to_owned()];
        let sentence = database.hint(&hint);
        assert!(
            sentence.contains("want the first rows by \"createdAt\" and"),
            "{sentence}"
        );
        assert!(sentence.contains("an index on tasks (\"createdAt\")"), "{sentence}");
    }
}
