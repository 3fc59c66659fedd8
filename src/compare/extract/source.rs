//! Source of a measure's sample.

use super::requests::Share;
use crate::compare::{Distribution, Sample};

/// Source from which a measure's sample will be taken.
pub(super) enum Source {
    /// A quantile of the requests of that set.
    Quantile(usize, f64),
    /// A share of the requests of that set.
    Share(usize, Share),
    /// The sample itself, with its distribution.
    Ready(Sample, Option<Distribution>),
}
