//! What the index knows of a run.

use std::path::Path;

use jiff::Timestamp;

use crate::compare::{Fingerprint, Kind};
use crate::report::{Document, RequestRow, RunRecord};
use crate::slo::{LoadModel, Unit, Word};
use crate::stack::masked;

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What tells it from every other run: its start to the microsecond, and its scenario.
    pub run: String,
    /// Its folder, as a path from where it was made.
    pub folder: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// Planned seconds of load.
    pub load_seconds: f64,
    /// What it was judged to be.
    pub verdict: Word,
    /// How the process exited.
    pub exit_code: i32,
    /// Name of the stack.
    pub stack: String,
    /// Version of Diapason.
    pub diapason: String,
    /// Equal for runs that may be compared: a hash of what must agree.
    pub comparable: String,
    /// `--tag` labels, secrets masked.
    pub tags: Vec<(String, String)>,
    /// What was measured.
    pub measured: Vec<Measured>,
}

/// One number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// What it is about.
    pub kind: Kind,
    /// Name of the objective, or `journey.step`.
    pub name: String,
    /// Name of the indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// What it is counted in.
    pub unit: Unit,
    /// The value; `None` where it falls among failures.
    pub value: Option<f64>,
    /// Lower 95 % bound, where there is one.
    pub low: Option<f64>,
    /// Upper 95 % bound, where there is one.
    pub high: Option<f64>,
    /// How many samples.
    pub samples: u64,
    /// The objective's verdict.
    pub verdict: Option<Word>,
}

impl Entry {
    /// Of a judged run in that folder.
    pub fn of(record: &RunRecord, document: &Document, folder: &Path) -> Self {
        let verdicts = document.judgement.verdicts.iter().filter_map(|verdict| {
            let measurement = verdict.measurement.as_ref()?;
            Some(Measured {
                kind: Kind::Objective,
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
        Self {
            run: format!("{}-{}", record.started.as_microsecond(), record.plan.scenario),
            folder: folder.display().to_string(),
            scenario: record.plan.scenario.clone(),
            started: record.started,
            load_seconds: document.seconds,
            verdict: document.judgement.overall,
            exit_code: i32::from(document.exit.code),
            stack: record.stack.stack.clone(),
            diapason: record.environment.diapason.clone(),
            comparable: Fingerprint::of(record).id(),
            tags: record
                .plan
                .tags
                .iter()
                .map(|(key, value)| (key.clone(), masked(key, value)))
                .collect(),
            measured: verdicts.chain(series.flat_map(of_series)).collect(),
        }
    }

    /// `20260301-081500-gate`: the folder without what it lies in.
    pub fn name(&self) -> &str {
        let folder = Path::new(&self.folder).file_name();
        folder.and_then(std::ffi::OsStr::to_str).unwrap_or(&self.folder)
    }
}

/// Three percentiles and the share of errors of a series.
fn of_series(row: &RequestRow) -> Vec<Measured> {
    let name = match row.model {
        LoadModel::Open => row.name.clone(),
        LoadModel::Closed => row.label(),
    };
    let measured = |indicator: &str, statistic: &str, unit, value| Measured {
        kind: Kind::Series,
        name: name.clone(),
        indicator: indicator.to_owned(),
        statistic: statistic.to_owned(),
        unit,
        value,
        low: None,
        high: None,
        samples: row.requests,
        verdict: None,
    };
    let times = &row.response;
    let errors = row.errors as f64 / row.requests as f64;
    vec![
        measured("response-time", "p50", Unit::Milliseconds, times.p50),
        measured("response-time", "p95", Unit::Milliseconds, times.p95),
        measured("response-time", "p99", Unit::Milliseconds, times.p99),
        measured("error-rate", "share", Unit::Share, Some(errors)),
    ]
}
