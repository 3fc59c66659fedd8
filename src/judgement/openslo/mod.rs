//! Objectives in the words of [OpenSLO](https://openslo.com) v1, to and from YAML.
//!
//! `OpenSLO` allows one threshold a time (`thresholdMetric`), so a latency objective is two `SLO` objects, one for each tier;
//! a share is one with two thresholds (`ratioMetric`), and uptime one of time slices. What `OpenSLO` has no word for
//! (indicator, selector, whether it gates) stands in `metricSource.spec`, the place it keeps for such things.

mod error;
mod export;
mod import;
mod object;

pub use error::OpenSloError;
pub use export::{ExportOptions, Exported, export};
pub use import::{Imported, import};
