//! A run held against its baseline, as it was compared when the run was judged.

use serde::{Deserialize, Serialize};

use crate::slo::{Change, Unit};

/// The comparison of a run with its baseline. The page of the comparison beside the report holds every series as well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineComparison {
    /// Names of the baseline's runs.
    pub base: Vec<String>,
    /// The worst change among the gating objectives.
    pub change: Change,
    /// Number of reasons against the comparison that were overruled.
    pub overruled: usize,
    /// Every objective that both sides measured.
    pub objectives: Vec<ComparedObjective>,
}

/// One objective on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedObjective {
    /// Name of the objective.
    pub name: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// Unit of all values.
    pub unit: Unit,
    /// True if it decides the conclusion.
    pub gate: bool,
    /// The baseline's value, the median of its runs; `None` if it falls among failures.
    pub base: Option<f64>,
    /// This run's value.
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

impl BaselineComparison {
    /// The gating objectives with that conclusion.
    pub fn deciding(&self, change: Change) -> impl Iterator<Item = &ComparedObjective> {
        let deciding = self.objectives.iter().filter(|objective| objective.gate);
        deciding.filter(move |objective| objective.change == change)
    }
}
