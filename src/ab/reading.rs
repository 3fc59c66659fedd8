//! One objective's value in one run.

use serde::{Deserialize, Serialize};

use crate::compare::{Digest, Measure, Sample};

/// One objective's value in one run, in the unit of its measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// A number.
    Value(f64),
    /// A share, by its counts.
    Share {
        /// Samples counted.
        hits: u64,
        /// All samples.
        total: u64,
    },
    /// A quantile that falls among failed samples.
    Failed,
    /// The run has no sample of it.
    Missing,
}

impl Reading {
    /// The objective's reading in that run.
    pub(super) fn new(digest: &Digest, measure: &Measure) -> Self {
        let Some(own) = digest.counterpart(measure) else {
            return Self::Missing;
        };
        match &own.sample {
            Sample::Share { total: 0, .. } => Self::Missing,
            Sample::Share { hits, total, .. } => Self::Share {
                hits: *hits,
                total: *total,
            },
            _ => match digest.value(own) {
                value if value.is_finite() => Self::Value(value),
                _ => Self::Failed,
            },
        }
    }

    /// The number; infinite among failures, `None` without a sample.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Share { hits, total } => Some(hits as f64 / total.max(1) as f64),
            Self::Failed => Some(f64::INFINITY),
            Self::Missing => None,
        }
    }
}
