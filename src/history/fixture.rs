//! Runs of the index for tests.

use super::{HistoryEntry, MeasuredValue};
use crate::compare::MeasureKind;
use crate::slo::{Unit, VerdictWord};

/// A passing run of the gate in `reports/RUN` that measured nothing.
pub(crate) fn entry(run: &str, started: &str) -> HistoryEntry {
    HistoryEntry {
        run: run.to_owned(),
        folder: format!("reports/{run}"),
        scenario: "gate".to_owned(),
        started: started.parse().unwrap(),
        load_seconds: 60.0,
        verdict: VerdictWord::Pass,
        exit_code: 0,
        stack: "reference".to_owned(),
        diapason: "0.1.0".to_owned(),
        comparable: "00000000000000aa".to_owned(),
        tags: Vec::new(),
        measured: Vec::new(),
    }
}

/// The p95 of an objective.
pub(crate) fn measured(value: Option<f64>) -> MeasuredValue {
    MeasuredValue {
        kind: MeasureKind::Objective,
        name: "API response time".to_owned(),
        indicator: "response-time".to_owned(),
        statistic: "p95".to_owned(),
        unit: Unit::Milliseconds,
        value,
        low: None,
        high: None,
        samples: 2_640,
        verdict: Some(VerdictWord::Pass),
    }
}
