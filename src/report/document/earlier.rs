//! A run among the earlier comparable runs of its scenario, as the history had them when it was judged.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::slo::{Change, Unit, VerdictWord};

/// The run among earlier ones. It is saved in the run folder, so that a page that is rendered again does not change with the
/// history.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierRuns {
    /// Number of earlier runs of the scenario that are not comparable with this one: another load, stack or machine.
    pub not_comparable: usize,
    /// The last comparable run; `None` if this is the first.
    pub last: Option<EarlierRun>,
    /// Every objective that this run measured.
    pub objectives: Vec<ObjectiveHistory>,
}

/// An earlier run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierRun {
    /// Name of the run: `20260301-081500-gate`.
    pub id: String,
    /// Wall-clock time of its zero.
    pub started: Timestamp,
    /// Verdict on it.
    pub word: VerdictWord,
    /// Its `--tag` labels.
    pub tags: Vec<(String, String)>,
}

/// An objective over the runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveHistory {
    /// Name of the objective.
    pub name: String,
    /// Name of its indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// Unit of all values.
    pub unit: Unit,
    /// Change since the last comparable run; `None` without one, or if one of the two runs cannot carry a conclusion.
    pub since_last: Option<ChangeSinceLast>,
    /// Values of the newest comparable valid runs, at most 50, oldest first and this run last; `None` if one falls among
    /// failures.
    pub values: Vec<Option<f64>>,
    /// Change points of the values, oldest first.
    pub changes: Vec<LevelChange>,
}

/// Change of an objective since the last comparable run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeSinceLast {
    /// Value in the last comparable run; `None` if it falls among failures.
    pub base: Option<f64>,
    /// Value in this run.
    pub new: Option<f64>,
    /// new − base; `None` if one falls among failures.
    pub shift: Option<f64>,
    /// Lower end of the shift's two-sided 95 % interval; `None` if it is unbounded.
    pub low: Option<f64>,
    /// Upper end; `None` if it is unbounded.
    pub high: Option<f64>,
    /// The conclusion.
    pub change: Change,
}

/// A run from which on an objective has been at another level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelChange {
    /// Position of the run among the values.
    pub at: usize,
    /// Name of the run.
    pub run: String,
    /// Wall-clock time of its zero.
    pub started: Timestamp,
    /// Median of the level before.
    pub before: f64,
    /// Median of the level that begins.
    pub after: f64,
    /// p-value: probability of a change as clear in a random order of the runs.
    pub p: f64,
}
