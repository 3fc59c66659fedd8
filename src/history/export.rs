//! The history as one flat table, a row per number: for spreadsheets, notebooks and columnar files.

use serde_json::{Map, Value, json};

use super::sql::name;
use super::{HistoryEntry, HistoryError, MeasuredValue};
use crate::slo::Unit;

/// The columns, with units in their names. A column that does not apply is empty.
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

fn row(entry: &HistoryEntry, measured: &MeasuredValue) -> [Value; 26] {
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
        json!(measured.verdict.map(crate::slo::VerdictWord::name)),
    ]
}

fn rows(entries: &[HistoryEntry]) -> impl Iterator<Item = [Value; 26]> + '_ {
    entries
        .iter()
        .flat_map(|entry| entry.measured.iter().map(move |measured| row(entry, measured)))
}

/// Comma-separated, with a header.
pub fn csv(entries: &[HistoryEntry]) -> Result<String, HistoryError> {
    let failed = |error: csv::Error| HistoryError::Export(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(failed)?;
    for row in rows(entries) {
        let cells = row.map(|value| match value {
            // An empty cell and not `null`: spreadsheets would take the word for a text.
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
pub fn json(entries: &[HistoryEntry]) -> Result<String, HistoryError> {
    let lines = rows(entries).map(|row| {
        let object: Map<String, Value> = COLUMNS.map(str::to_owned).into_iter().zip(row).collect();
        serde_json::to_string(&object).map_err(|error| HistoryError::Export(error.to_string()))
    });
    let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{entry, measured};
    use super::*;
    use crate::compare::MeasureKind;

    /// A run with a number of each unit; the second falls among failures.
    fn run() -> HistoryEntry {
        let of = |name: &str, unit, value| MeasuredValue {
            name: name.to_owned(),
            unit,
            value,
            low: value.map(|value| value / 2.0),
            high: value.map(|value| value * 2.0),
            ..measured(None)
        };
        let mut series = of("get, \"all\"", Unit::Milliseconds, Some(1.5));
        (series.kind, series.verdict, series.low, series.high) = (MeasureKind::Series, None, None, None);
        HistoryEntry {
            tags: vec![
                ("branch".to_owned(), "main".to_owned()),
                ("a".to_owned(), "b".to_owned()),
            ],
            measured: vec![
                of("API", Unit::Milliseconds, Some(54.25)),
                of("Page", Unit::Milliseconds, None),
                of("Errors", Unit::Share, Some(0.002)),
                of("Throughput", Unit::PerSecond, Some(98.5)),
                of("Apdex", Unit::Score, Some(0.94)),
                series,
            ],
            ..entry("run", "2026-03-01T08:15:00Z")
        }
    }

    #[test]
    fn each_number_is_a_row_with_its_value_in_the_column_of_its_unit() {
        let csv = csv(&[run()]).unwrap();
        let mut lines = csv.lines();
        assert_eq!(lines.next().unwrap(), COLUMNS.join(","));
        let head =
            "run,reports/run,gate,2026-03-01T08:15:00Z,60.0,PASS,0,reference,0.1.0,00000000000000aa,branch=main;a=b";
        let rows: Vec<&str> = lines.map(|line| line.strip_prefix(head).unwrap()).collect();
        assert_eq!(
            rows,
            [
                ",objective,API,response-time,p95,milliseconds,54.25,27.125,108.5,,,,,false,2640,PASS",
                ",objective,Page,response-time,p95,milliseconds,,,,,,,,true,2640,PASS",
                ",objective,Errors,response-time,p95,share,,,,0.002,0.001,0.004,,false,2640,PASS",
                ",objective,Throughput,response-time,p95,per-second,,,,,,,98.5,false,2640,PASS",
                ",objective,Apdex,response-time,p95,score,,,,,,,0.94,false,2640,PASS",
                ",series,\"get, \"\"all\"\"\",response-time,p95,milliseconds,1.5,,,,,,,false,2640,",
            ]
        );
    }

    #[test]
    fn both_formats_hold_the_same() {
        let runs = [run(), entry("empty", "2026-03-02T08:15:00Z"), run()];
        let table = csv(&runs).unwrap();
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let objects: Vec<Map<String, Value>> = serde_json::from_str(&json(&runs).unwrap()).unwrap();
        assert_eq!((lines.len(), objects.len()), (12, 12));
        for (line, object) in lines.iter().zip(&objects) {
            assert_eq!(object.keys().collect::<Vec<_>>(), COLUMNS);
            for (cell, value) in line.iter().zip(object.values()) {
                let expected = match value {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(cell, expected);
            }
        }
        // Without a run, CSV has a header and JSON an empty array.
        assert_eq!(csv(&[]).unwrap().lines().count(), 1);
        assert_eq!(serde_json::from_str::<Value>(&json(&[]).unwrap()).unwrap(), json!([]));
    }
}
