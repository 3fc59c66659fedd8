//! Where the sample of a measure comes from.

use super::requests::Share;
use crate::compare::{Distribution, Sample};

/// Where a measure's sample will come from.
pub(super) enum Source {
    /// A quantile of the requests of that set.
    Quantile(usize, f64),
    /// A share of the requests of that set.
    Share(usize, Share),
    /// It is there already, with its distribution.
    Ready(Sample, Option<Distribution>),
}
