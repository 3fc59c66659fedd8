//! One row of a comparison.

use serde::{Deserialize, Serialize};

use super::MeasureKind;
use crate::evidence::LoadModel;
use crate::slo::{Change, Remark, Unit};

/// One measure on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its subject.
    pub kind: MeasureKind,
    /// Name of the objective, or `journey.step`.
    pub name: String,
    /// Name of the indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// Load model of the counted requests, for a series.
    pub model: Option<LoadModel>,
    /// Unit of all values; a share is a fraction from 0 to 1.
    pub unit: Unit,
    /// True if more is better.
    pub floor: bool,
    /// True if it decides the exit code.
    pub gate: bool,
    /// The base side's value, the median of its runs; `None` if it falls among failures.
    pub base: Option<f64>,
    /// The new side's value.
    pub new: Option<f64>,
    /// new − base; `None` if one falls among failures.
    pub shift: Option<f64>,
    /// Lower end of the shift's two-sided 95 % interval; `None` if it is unbounded.
    pub low: Option<f64>,
    /// Upper end; `None` if it is unbounded.
    pub high: Option<f64>,
    /// The least shift that matters.
    pub matters: f64,
    /// Values of each run, for several runs per side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// The conclusion.
    pub change: Change,
    /// Remarks needed to interpret the row.
    pub notes: Vec<Remark>,
}

/// Values and rank test of several runs per side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Each base run's value; `None` if it falls among failures.
    pub base: Vec<Option<f64>>,
    /// Each new run's value.
    pub new: Vec<Option<f64>>,
    /// Two-sided p-value of the Mann-Whitney test.
    pub p: f64,
    /// Cliff's delta, −1 to 1.
    pub delta: f64,
    /// Word for the size of that dominance.
    pub dominance: String,
}

/// The least shift that matters: 5 % of the base value, but at least 5 ms, or 0.1 percentage points of a share. For a
/// share near 1, such as uptime, it is 5 % of the complement.
pub fn matters(base: f64, unit: Unit) -> f64 {
    let part = if unit == Unit::Share {
        base.min(1.0 - base)
    } else {
        base
    };
    // The interval of two runs does not contain what differs from run to run: a smaller shift may be nothing else.
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

/// A regression requires an interval without zero and a shift that matters. An interval within ±`matters` shows that the
/// measure is unchanged.
pub fn change(shift: f64, low: f64, high: f64, matters: f64, floor: bool) -> Change {
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
        // (shift, low, high) in milliseconds, where 5 ms matter.
        for (shift, low, high, expected) in [
            (12.0, 4.0, 21.0, Change::Regressed),
            (12.0, -1.0, 25.0, Change::Undecided),
            // Certain, but too small to matter.
            (3.0, 2.0, 4.0, Change::Unchanged),
            // Certainly worse, but possibly too little to matter.
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
