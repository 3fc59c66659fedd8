//! The history as one flat table, a row per number: for spreadsheets, notebooks and columnar files.

use serde_json::{Map, Value, json};

use super::sql::name;
use super::{Entry, HistoryError, Measured};
use crate::slo::Unit;

/// The columns, units in their names; what does not apply is empty.
const COLUMNS: [&str; 26] = [
    "run",
    "folder",
    "scenario",
    "started",
    "load_seconds",
    "verdict",
    "exit_code",
    "stack",
    "diapason",
    "comparable",
    "tags",
    "kind",
    "name",
    "indicator",
    "statistic",
    "unit",
    "value_milliseconds",
    "low_milliseconds",
    "high_milliseconds",
    "value_share",
    "low_share",
    "high_share",
    "value_other",
    "among_failures",
    "samples",
    "measurement_verdict",
];

fn row(entry: &Entry, measured: &Measured) -> [Value; 26] {
    let tags: Vec<String> = entry.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let [millis, share] = [Unit::Milliseconds, Unit::Share].map(|unit| measured.unit == unit);
    let of = |wanted: bool, value: Option<f64>| if wanted { json!(value) } else { Value::Null };
    [
        json!(entry.run),
        json!(entry.folder),
        json!(entry.scenario),
        json!(entry.started),
        json!(entry.load_seconds),
        json!(entry.verdict.name()),
        json!(entry.exit_code),
        json!(entry.stack),
        json!(entry.diapason),
        json!(entry.comparable),
        json!(tags.join(";")),
        json!(name(&measured.kind)),
        json!(measured.name),
        json!(measured.indicator),
        json!(measured.statistic),
        json!(name(&measured.unit)),
        of(millis, measured.value),
        of(millis, measured.low),
        of(millis, measured.high),
        of(share, measured.value),
        of(share, measured.low),
        of(share, measured.high),
        of(!millis && !share, measured.value),
        json!(measured.value.is_none()),
        json!(measured.samples),
        json!(measured.verdict.map(crate::slo::Word::name)),
    ]
}

fn rows(entries: &[Entry]) -> impl Iterator<Item = [Value; 26]> + '_ {
    entries
        .iter()
        .flat_map(|entry| entry.measured.iter().map(move |measured| row(entry, measured)))
}

/// Comma-separated, with a header.
pub fn csv(entries: &[Entry]) -> Result<String, HistoryError> {
    let failed = |error: csv::Error| HistoryError::Export(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(failed)?;
    for row in rows(entries) {
        let cells = row.map(|value| match value {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        });
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| HistoryError::Export(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| HistoryError::Export(error.to_string()))
}

/// An array of flat objects, one on each line.
pub fn json(entries: &[Entry]) -> Result<String, HistoryError> {
    let lines = rows(entries).map(|row| {
        let object: Map<String, Value> = COLUMNS.map(str::to_owned).into_iter().zip(row).collect();
        serde_json::to_string(&object).map_err(|error| HistoryError::Export(error.to_string()))
    });
    let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}
