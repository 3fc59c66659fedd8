//! One line of a comparison.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::evidence::LoadModel;
use crate::slo::Unit;

/// What a comparison says of one measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It got worse: the interval leaves out zero and the shift matters.
    Regressed,
    /// It looks worse by as much as would matter, and the interval does not leave out zero.
    Undecided,
    /// No change for the worse that would matter was seen, and the interval does not rule one out.
    Similar,
    /// Whatever the shift is, it is too small to matter.
    Unchanged,
    /// It got better, as clearly as `Regressed` means worse.
    Improved,
}

impl Change {
    /// As it is written: `regressed`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Undecided => "undecided",
            Self::Similar => "similar",
            Self::Unchanged => "unchanged",
            Self::Improved => "improved",
        }
    }
}

/// One measure on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is about.
    pub kind: Kind,
    /// Name of the objective, or `journey.step`.
    pub name: String,
    /// Name of the indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// The model whose requests it counts, where it is about a series.
    pub model: Option<LoadModel>,
    /// What all values are counted in: milliseconds, or shares from 0 to 1.
    pub unit: Unit,
    /// Whether more is better.
    pub floor: bool,
    /// Whether it decides the exit code.
    pub gate: bool,
    /// The base side's value, the median of its runs; `None` where it falls among failures.
    pub base: Option<f64>,
    /// The new side's value.
    pub new: Option<f64>,
    /// new − base; `None` where one falls among failures.
    pub shift: Option<f64>,
    /// Lower end of the shift's two-sided 95 % interval; `None` where nothing bounds it.
    pub low: Option<f64>,
    /// Upper end; `None` where nothing bounds it.
    pub high: Option<f64>,
    /// The least shift that matters.
    pub matters: f64,
    /// Several runs a side: each run's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// What is concluded.
    pub change: Change,
    /// What a reader must know to read the row right.
    pub notes: Vec<String>,
}

/// Several runs a side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Each base run's value; `None` where it falls among failures.
    pub base: Vec<Option<f64>>,
    /// Each new run's value.
    pub new: Vec<Option<f64>>,
    /// Two-sided probability of Mann and Whitney's test.
    pub p: f64,
    /// Cliff's delta, −1 to 1.
    pub delta: f64,
    /// The word for that much dominance.
    pub dominance: String,
}

/// The least shift that matters: 5 % of the base value, and never less than 5 ms, or 0.1 percentage points of a share; of a
/// share near 1, such as uptime, 5 % of what is missing.
pub(super) fn matters(base: f64, unit: Unit) -> f64 {
    let part = if unit == Unit::Share {
        base.min(1.0 - base)
    } else {
        base
    };
    let relative = 0.05 * part.abs();
    let least = if unit == Unit::Milliseconds {
        5.0
    } else if unit == Unit::Share {
        0.001
    } else {
        0.0
    };
    relative.max(least)
}

/// A regression needs an interval without zero and a shift that matters; an interval within what matters shows that nothing
/// did.
pub(super) fn change(shift: f64, low: f64, high: f64, matters: f64, floor: bool) -> Change {
    let (worse, low, high) = if floor {
        (-shift, -high, -low)
    } else {
        (shift, low, high)
    };
    if low > 0.0 && worse > matters {
        Change::Regressed
    } else if high < 0.0 && worse < -matters {
        Change::Improved
    } else if low >= -matters && high <= matters {
        Change::Unchanged
    } else if worse > matters {
        Change::Undecided
    } else {
        Change::Similar
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regression_needs_certainty_and_size() {
        // (shift, low, high) in milliseconds against what matters: 5.
        for (shift, low, high, expected) in [
            (12.0, 4.0, 21.0, Change::Regressed),
            (12.0, -1.0, 25.0, Change::Undecided),
            // Certain, and too small to matter.
            (3.0, 2.0, 4.0, Change::Unchanged),
            // Certain, and nobody knows whether it matters.
            (4.0, 2.0, 6.0, Change::Similar),
            (-12.0, -25.0, 1.0, Change::Similar),
            (-12.0, -20.0, -4.0, Change::Improved),
            (0.0, -1.0, 1.0, Change::Unchanged),
            (0.0, f64::NEG_INFINITY, f64::INFINITY, Change::Similar),
            (9.0, f64::NEG_INFINITY, f64::INFINITY, Change::Undecided),
        ] {
            assert_eq!(
                change(shift, low, high, 5.0, false),
                expected,
                "{shift} [{low}, {high}]"
            );
        }
    }

    #[test]
    fn of_a_floor_less_is_worse() {
        assert_eq!(change(-0.02, -0.03, -0.01, 0.001, true), Change::Regressed);
        assert_eq!(change(0.02, 0.01, 0.03, 0.001, true), Change::Improved);
    }

    #[test]
    fn what_matters_grows_with_the_value() {
        assert!((matters(40.0, Unit::Milliseconds) - 5.0).abs() < 1e-12);
        assert!((matters(400.0, Unit::Milliseconds) - 20.0).abs() < 1e-12);
        assert!((matters(0.0, Unit::Share) - 0.001).abs() < 1e-12);
        assert!((matters(0.999, Unit::Share) - 0.001).abs() < 1e-12);
        assert!((matters(0.5, Unit::Share) - 0.025).abs() < 1e-12);
    }
}
