//! Conclusions on differences between runs.

use serde::{Deserialize, Serialize};

/// Conclusion of a comparison about one measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Worse: the interval excludes zero, and the shift matters.
    Regressed,
    /// Worse by as much as would matter, but the interval includes zero.
    Undecided,
    /// No change for the worse that would matter was seen, but the interval does not exclude one.
    Similar,
    /// The whole interval lies within shifts that are too small to matter.
    Unchanged,
    /// Better, by the same criteria as `Regressed`.
    Improved,
}

impl Change {
    /// Written name: `regressed`.
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
