//! The run folder: evidence is saved before it is judged, and read again by `diapason report`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Environment, ReportError};
use crate::scenario::PlanSummary;
use crate::slo::Evidence;
use crate::stack::StackRecord;

/// Everything that is known of a run before it is judged.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// The scenario file's text, as it was read.
    pub scenario: String,
    /// What was planned.
    pub plan: PlanSummary,
    /// The machine.
    pub environment: Environment,
    /// The stack.
    pub stack: StackRecord,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// What was recorded and observed.
    pub evidence: Evidence,
}

/// A folder that holds one run: `scenario.toml plan.json environment.json evidence/ report.json` and the renderings.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes `BASE/YYYYMMDD-HHMMSS-SCENARIO` (a number is appended where it exists) with its `evidence/`.
    pub fn create(_base: &Path, _scenario: &str) -> Result<Self, ReportError> {
        todo!()
    }

    /// An existing run folder.
    pub fn open(_path: &Path) -> Result<Self, ReportError> {
        todo!()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the recording is written while the run goes on: `evidence/`.
    pub fn evidence(&self) -> PathBuf {
        self.path.join("evidence")
    }

    /// Saves everything (`Recording::save` writes the recording into `evidence/`).
    pub fn save(&self, _record: &RunRecord) -> Result<(), ReportError> {
        todo!()
    }

    /// Reads a saved run.
    pub fn load(&self) -> Result<RunRecord, ReportError> {
        todo!()
    }

    /// Points `BASE/latest` at this folder.
    pub fn mark_latest(&self) -> Result<(), ReportError> {
        todo!()
    }
}
