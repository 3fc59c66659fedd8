//! Comparison of runs: the digest kept of each run, the check that runs are comparable, and the differences.
//!
//! The unit of replication is the run. With one run per side, both are resampled with as many draws as their effective
//! sample size. With several per side, each run gives one value for a rank test. A regression requires an interval that
//! excludes zero *and* a shift that matters. See `docs/comparing.md`.

mod baseline;
mod baselines;
mod comparison;
mod difference;
mod digest;
mod error;
mod export;
mod extract;
mod fingerprint;
#[cfg(test)]
mod fixture;
mod relative;
mod row;
mod saved;
mod source;
mod terminal;
mod wording;

pub use crate::slo::Change;
pub use baseline::{BASELINES, check_name, load_baseline, save_baseline};
pub use baselines::{BaselineOptions, BaselineOutcome};
pub use comparison::{Comparison, Side, compare};
pub use digest::{Digest, Distribution, Measure, MeasureKind, Sample};
pub use error::CompareError;
pub use export::{FORMATS, render};
pub use fingerprint::{Difference, Fingerprint, differences};
pub use row::{Row, change, matters};
pub use saved::saved_comparison;
pub use source::load_side;
pub use terminal::terminal;
