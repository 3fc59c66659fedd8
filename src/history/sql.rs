//! Tables and statements in SQL that both `SQLite` and PostgreSQL accept: parameters are numbered in their given order.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{HistoryEntry, MeasuredValue};
use crate::slo::Unit;

/// Version of the tables.
pub(super) const VERSION: i64 = 1;

/// Statements to execute one at a time. Each changes nothing if it was executed before.
pub(super) const TABLES: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS diapason_schema (version BIGINT NOT NULL PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS diapason_run (run TEXT NOT NULL PRIMARY KEY, folder TEXT NOT NULL, scenario TEXT NOT NULL, \
     started_micros BIGINT NOT NULL, load_seconds DOUBLE PRECISION NOT NULL, verdict TEXT NOT NULL, \
     exit_code INTEGER NOT NULL, stack TEXT NOT NULL, diapason TEXT NOT NULL, comparable TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS diapason_tag (run TEXT NOT NULL REFERENCES diapason_run (run) ON DELETE CASCADE, \
     name TEXT NOT NULL, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS diapason_measurement (run TEXT NOT NULL REFERENCES diapason_run (run) ON DELETE CASCADE, \
     kind TEXT NOT NULL, name TEXT NOT NULL, indicator TEXT NOT NULL, statistic TEXT NOT NULL, unit TEXT NOT NULL, \
     value DOUBLE PRECISION, low DOUBLE PRECISION, high DOUBLE PRECISION, samples BIGINT NOT NULL, verdict TEXT)",
    "CREATE INDEX IF NOT EXISTS diapason_tag_run ON diapason_tag (run)",
    "CREATE INDEX IF NOT EXISTS diapason_measurement_run ON diapason_measurement (run)",
];

pub(super) const READ_VERSION: &str = "SELECT max(version) FROM diapason_schema";
pub(super) const WRITE_VERSION: &str = "INSERT INTO diapason_schema (version) VALUES ($1) ON CONFLICT DO NOTHING";
pub(super) const DELETE: &str = "DELETE FROM diapason_run WHERE run = $1";
pub(super) const INSERT_RUN: &str = "INSERT INTO diapason_run (run, folder, scenario, started_micros, load_seconds, verdict, \
     exit_code, stack, diapason, comparable) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(super) const INSERT_TAG: &str = "INSERT INTO diapason_tag (run, name, value) VALUES ($1, $2, $3)";
pub(super) const INSERT_MEASUREMENT: &str = "INSERT INTO diapason_measurement (run, kind, name, indicator, statistic, unit, \
     value, low, high, samples, verdict) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
pub(super) const SELECT_RUNS: &str = "SELECT run, folder, scenario, started_micros, load_seconds, verdict, exit_code, stack, \
     diapason, comparable FROM diapason_run WHERE ($1 = '' OR scenario = $1) AND started_micros >= $2 \
     ORDER BY started_micros, run";
pub(super) const SELECT_TAGS: &str = "SELECT t.run, t.name, t.value FROM diapason_tag t JOIN diapason_run r ON r.run = t.run \
     WHERE ($1 = '' OR r.scenario = $1) AND r.started_micros >= $2 ORDER BY t.run, t.name, t.value";
pub(super) const SELECT_MEASUREMENTS: &str = "SELECT m.run, m.kind, m.name, m.indicator, m.statistic, m.unit, m.value, m.low, \
     m.high, m.samples, m.verdict FROM diapason_measurement m JOIN diapason_run r ON r.run = m.run \
     WHERE ($1 = '' OR r.scenario = $1) AND r.started_micros >= $2 ORDER BY m.run, m.kind, m.name, m.indicator, m.statistic";

/// A row of `diapason_run`, as it is stored.
pub(super) struct RunRow {
    pub run: String,
    pub folder: String,
    pub scenario: String,
    pub started_micros: i64,
    pub load_seconds: f64,
    pub verdict: String,
    pub exit_code: i32,
    pub stack: String,
    pub diapason: String,
    pub comparable: String,
}

/// A row of `diapason_measurement`, as it is stored.
pub(super) struct MeasurementRow {
    pub run: String,
    pub kind: String,
    pub name: String,
    pub indicator: String,
    pub statistic: String,
    pub unit: String,
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub samples: i64,
    pub verdict: Option<String>,
}

impl RunRow {
    pub(super) fn new(entry: &HistoryEntry) -> Self {
        Self {
            run: entry.run.clone(),
            folder: entry.folder.clone(),
            scenario: entry.scenario.clone(),
            // As numbers, since the two databases write and compare times differently.
            started_micros: entry.started.as_microsecond(),
            load_seconds: entry.load_seconds,
            verdict: entry.verdict.name().to_owned(),
            exit_code: entry.exit_code,
            stack: entry.stack.clone(),
            diapason: entry.diapason.clone(),
            comparable: entry.comparable.clone(),
        }
    }
}

impl MeasurementRow {
    pub(super) fn new(run: &str, measured: &MeasuredValue) -> Self {
        Self {
            run: run.to_owned(),
            kind: name(&measured.kind),
            name: measured.name.clone(),
            indicator: measured.indicator.clone(),
            statistic: measured.statistic.clone(),
            unit: name(&measured.unit),
            value: measured.value,
            low: measured.low,
            high: measured.high,
            samples: i64::try_from(measured.samples).unwrap_or(i64::MAX),
            verdict: measured.verdict.map(|word| word.name().to_owned()),
        }
    }
}

/// The name that serde gives to a variant of an enum.
pub(super) fn name(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The enum variant of that name.
pub(super) fn member<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    let value = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name);
    T::deserialize(value).map_err(|_| format!("`{name}`, which this version does not know"))
}

/// Assembles the runs from the rows of the three tables.
pub(super) fn assemble(
    runs: Vec<RunRow>,
    tags: Vec<(String, String, String)>,
    measurements: Vec<MeasurementRow>,
) -> Result<Vec<HistoryEntry>, String> {
    let mut entries = Vec::new();
    let mut places = HashMap::new();
    for row in runs {
        places.insert(row.run.clone(), entries.len());
        entries.push(HistoryEntry {
            started: Timestamp::from_microsecond(row.started_micros).map_err(|error| error.to_string())?,
            verdict: member(&row.verdict)?,
            run: row.run,
            folder: row.folder,
            scenario: row.scenario,
            load_seconds: row.load_seconds,
            exit_code: row.exit_code,
            stack: row.stack,
            diapason: row.diapason,
            comparable: row.comparable,
            tags: Vec::new(),
            measured: Vec::new(),
        });
    }
    for (run, key, value) in tags {
        // Three queries are no snapshot: rows of a run that was added in between have no place yet.
        if let Some(entry) = places.get(&run).and_then(|at| entries.get_mut(*at)) {
            entry.tags.push((key, value));
        }
    }
    for row in measurements {
        if let Some(entry) = places.get(&row.run).and_then(|at| entries.get_mut(*at)) {
            entry.measured.push(MeasuredValue {
                kind: member(&row.kind)?,
                unit: member::<Unit>(&row.unit)?,
                verdict: row.verdict.as_deref().map(member).transpose()?,
                name: row.name,
                indicator: row.indicator,
                statistic: row.statistic,
                value: row.value,
                low: row.low,
                high: row.high,
                samples: u64::try_from(row.samples).unwrap_or_default(),
            });
        }
    }
    Ok(entries)
}
