//! Units of limits and measurements.

use serde::{Deserialize, Serialize};

/// Unit of the value of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// A share from 0 to 1, shown as a percentage.
    Share,
    /// A number a second.
    PerSecond,
    /// A score from 0 to 1, shown unscaled.
    Score,
}

impl Unit {
    /// Kind of limits in that unit.
    pub fn limit_kind(self) -> LimitKind {
        match self {
            Self::Milliseconds => LimitKind::Time,
            Self::Share | Self::Score => LimitKind::Share,
            Self::PerSecond => LimitKind::Rate,
        }
    }

    /// Name of the statistic if an objective names none; an objective on a time always names one.
    pub(super) fn statistic(self) -> &'static str {
        match self {
            Self::Milliseconds | Self::Share => "share",
            Self::PerSecond => "rate",
            Self::Score => "score",
        }
    }
}

/// Kind of the limits of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// A length of time.
    Time,
    /// A share of the samples.
    Share,
    /// A number a second.
    Rate,
}

impl LimitKind {
    /// Example of a limit of that kind, as in a scenario.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Time => "`100ms`",
            Self::Share => "`0.1 %`",
            Self::Rate => "`50/s`",
        }
    }
}

impl std::fmt::Display for LimitKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Time => "a time",
            Self::Share => "a share",
            Self::Rate => "a rate",
        })
    }
}
