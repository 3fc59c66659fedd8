//! Entries of the index.

use std::path::Path;

use jiff::Timestamp;

use crate::compare::{Fingerprint, MeasureKind};
use crate::evidence::LoadModel;
use crate::report::{Document, RequestRow};
use crate::runs::RunRecord;
use crate::secrets::masked;
use crate::slo::{ERROR_RATE, Indicator, RESPONSE_TIME, TRANSACTION_TIME, Unit, VerdictWord};

/// A run in the index.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// Unique key of the run: its start to the microsecond, and its scenario.
    pub run: String,
    /// Its folder, as a path from the working directory of the run.
    pub folder: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// Planned seconds of load.
    pub load_seconds: f64,
    /// Verdict on the run.
    pub verdict: VerdictWord,
    /// Exit code of the process.
    pub exit_code: i32,
    /// Name of the stack.
    pub stack: String,
    /// Version of Diapason.
    pub diapason: String,
    /// Hash of the facts that must agree: equal for comparable runs.
    pub comparable: String,
    /// `--tag` labels, secrets masked.
    pub tags: Vec<(String, String)>,
    /// Measured numbers.
    pub measured: Vec<MeasuredValue>,
}

/// One number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredValue {
    /// Its subject.
    pub kind: MeasureKind,
    /// Name of the objective, or `journey.step`.
    pub name: String,
    /// Name of the indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// Unit of the value.
    pub unit: Unit,
    /// The value; `None` if it falls among failures.
    pub value: Option<f64>,
    /// Lower 95 % bound, if there is one.
    pub low: Option<f64>,
    /// Upper 95 % bound, if there is one.
    pub high: Option<f64>,
    /// Number of samples.
    pub samples: u64,
    /// The objective's verdict.
    pub verdict: Option<VerdictWord>,
}

impl HistoryEntry {
    /// Entry of a judged run in that folder.
    pub fn new(record: &RunRecord, document: &Document, folder: &Path) -> Self {
        let verdicts = document.judgement.verdicts.iter().filter_map(|verdict| {
            let measurement = verdict.measurement.as_ref()?;
            Some(MeasuredValue {
                kind: MeasureKind::Objective,
                name: verdict.objective.name.clone(),
                indicator: verdict.objective.indicator.clone(),
                statistic: measurement.statistic.clone(),
                unit: measurement.unit,
                value: measurement.point,
                low: measurement.low,
                high: measurement.high,
                samples: measurement.samples,
                verdict: Some(verdict.word),
            })
        });
        let series = document.series.iter().filter(|row| row.requests > 0);
        let transactions = document.transactions.iter().filter(|row| row.requests > 0);
        Self {
            // Not the folder's name: a folder that was moved or renamed holds the same run.
            run: format!("{}-{}", record.started.as_microsecond(), record.plan.scenario),
            folder: folder.display().to_string(),
            scenario: record.plan.scenario.clone(),
            started: record.started,
            load_seconds: document.seconds,
            verdict: document.judgement.overall,
            exit_code: i32::from(document.exit.code),
            stack: record.stack.stack.clone(),
            diapason: record.environment.diapason.clone(),
            comparable: Fingerprint::from_record(record).id(),
            tags: record
                .plan
                .tags
                .iter()
                .map(|(key, value)| (key.clone(), masked(key, value)))
                .collect(),
            measured: verdicts
                .chain(series.flat_map(series_values))
                .chain(transactions.flat_map(transaction_values))
                .collect(),
        }
    }

    /// Name of the run folder without its parents: `20260301-081500-gate`.
    pub fn name(&self) -> &str {
        let folder = Path::new(&self.folder).file_name();
        folder.and_then(std::ffi::OsStr::to_str).unwrap_or(&self.folder)
    }
}

/// Three percentiles and the share of errors of a series.
fn series_values(row: &RequestRow) -> Vec<MeasuredValue> {
    let errors = row.errors as f64 / row.requests as f64;
    let mut measured = times(row, RESPONSE_TIME);
    measured.push(row_value(row, ERROR_RATE, "share", Some(errors)));
    measured
}

/// Three percentiles of a transaction.
fn transaction_values(row: &RequestRow) -> Vec<MeasuredValue> {
    times(row, TRANSACTION_TIME)
}

fn times(row: &RequestRow, indicator: &dyn Indicator) -> Vec<MeasuredValue> {
    let times = &row.response;
    let percentiles = [("p50", times.p50), ("p95", times.p95), ("p99", times.p99)];
    let percentiles = percentiles.into_iter();
    percentiles
        .map(|(statistic, value)| row_value(row, indicator, statistic, value))
        .collect()
}

fn row_value(row: &RequestRow, indicator: &dyn Indicator, statistic: &str, value: Option<f64>) -> MeasuredValue {
    MeasuredValue {
        kind: MeasureKind::Series,
        name: match row.model {
            LoadModel::Open => row.name.clone(),
            LoadModel::Closed => row.label(),
        },
        indicator: indicator.profile().name.to_owned(),
        statistic: statistic.to_owned(),
        unit: indicator.profile().unit,
        value,
        // Rows of series have no bounds; those of objectives do.
        low: None,
        high: None,
        samples: row.requests,
        verdict: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_run_is_indexed_with_the_numbers_of_its_report() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = sample::record(folder.path());
        record.plan.tags.push(("api-token".to_owned(), "hush".to_owned()));
        let document = Document::new(&record, sample::judgement());
        let entry = HistoryEntry::new(&record, &document, Path::new("reports/20260301-081500-gate"));
        // 2026-03-01T08:15:00Z in microseconds.
        assert_eq!(entry.run, "1772352900000000-gate");
        assert_eq!(entry.name(), "20260301-081500-gate");
        assert_eq!(
            (entry.load_seconds, entry.exit_code, entry.verdict),
            (70.0, 0, VerdictWord::Pass)
        );
        let tags: Vec<(&str, &str)> = entry
            .tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(tags, [("commit", "4f1c2aa"), ("api-token", "***")]);

        let (objectives, series): (Vec<_>, Vec<_>) = entry
            .measured
            .iter()
            .partition(|measured| measured.kind == MeasureKind::Objective);
        assert_eq!(objectives.len(), 5);
        for (own, verdict) in objectives.iter().zip(&document.judgement.verdicts) {
            let measured = verdict.measurement.as_ref().unwrap();
            assert_eq!(own.name, verdict.objective.name);
            assert_eq!(
                (own.value, own.low, own.high),
                (measured.point, measured.low, measured.high)
            );
            assert_eq!((own.samples, own.verdict), (measured.samples, Some(verdict.word)));
        }
        let rows: Vec<&RequestRow> = document.series.iter().filter(|row| row.requests > 0).collect();
        // A series without a request has no numbers.
        assert_eq!((document.series.len(), series.len()), (7, 4 * rows.len()));
        for (own, row) in series.chunks(4).zip(rows) {
            let values: Vec<Option<f64>> = own.iter().map(|measured| measured.value).collect();
            let errors = row.errors as f64 / row.requests as f64;
            assert_eq!(
                values,
                [row.response.p50, row.response.p95, row.response.p99, Some(errors)]
            );
            assert!(
                own.iter()
                    .all(|measured| measured.name == row.name && measured.samples == row.requests)
            );
        }
    }

    #[test]
    fn requests_of_the_closed_model_are_a_series_of_their_own() {
        let mut row = sample::document().series.remove(0);
        row.model = LoadModel::Closed;
        assert_eq!(series_values(&row)[0].name, "tasks.list (closed model)");
        row.model = LoadModel::Open;
        assert_eq!(series_values(&row)[0].name, "tasks.list");
    }
}
