//! The comparison with a baseline as a run's folder keeps it, for the report of the run.

use super::comparison::FORMAT;
use super::{Comparison, MeasureKind};
use crate::report::{BaselineComparison, ComparedObjective};
use crate::runs::{RunFolder, RunsError, read_numbered};

/// File of the comparison in a run's folder.
const FILE: &str = "comparison.json";

/// The comparison with the baseline that the run was held against; `None` if there was none.
pub fn saved_comparison(folder: &RunFolder) -> Result<Option<Comparison>, RunsError> {
    let path = folder.path().join(FILE);
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read(&path).map_err(RunsError::read(&path))?;
    // There is no older format.
    read_numbered(&path, &text, FORMAT, |_| {}).map(Some)
}

impl From<&Comparison> for BaselineComparison {
    fn from(comparison: &Comparison) -> Self {
        let objectives = comparison.of(MeasureKind::Objective).map(|row| ComparedObjective {
            name: row.name.clone(),
            statistic: row.statistic.clone(),
            unit: row.unit,
            gate: row.gate,
            base: row.base,
            new: row.new,
            shift: row.shift,
            low: row.low,
            high: row.high,
            change: row.change,
        });
        Self {
            base: comparison.base.iter().map(|side| side.id.clone()).collect(),
            change: comparison.change,
            overruled: comparison.overruled.len(),
            objectives: objectives.collect(),
        }
    }
}
