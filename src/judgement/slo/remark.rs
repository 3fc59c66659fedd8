//! Remarks on differences between runs.

use serde::{Deserialize, Serialize};

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComparedSide {
    /// The earlier runs.
    Base,
    /// The runs compared with them.
    New,
}

/// A remark that is needed to interpret a difference between runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Remark {
    /// The quantile falls among failed samples now, and did not before.
    FailsNow,
    /// The quantile fell among failed samples before, and does not now.
    FailedBefore,
    /// The quantile falls among failed samples on both sides.
    FailsOnBothSides,
    /// The effective sample size of one run is small.
    FewSamples {
        /// Side of the run.
        side: ComparedSide,
        /// Effective sample size.
        effective: f64,
    },
    /// So few runs cannot show a difference at 95 %.
    FewRuns {
        /// Runs of the base side.
        base: usize,
        /// Runs of the new side.
        new: usize,
    },
}
