//! Import and export of objectives as [OpenSLO](https://openslo.com) v1 in YAML.
//!
//! `OpenSLO` allows one threshold for a time (`thresholdMetric`), so a latency objective is two `SLO` objects, one for each
//! tier; a share is one object with two thresholds (`ratioMetric`), and uptime is one of time slices. Fields that `OpenSLO`
//! lacks (indicator, selector, gating) are stored in `metricSource.spec`, which it reserves for the data source.

mod error;
mod export;
mod import;
mod object;
mod prometheus;

pub use error::OpenSloError;
pub use export::{ExportOptions, OpenSloExport, export};
pub use import::{OpenSloImport, import};
pub use prometheus::{RuleOptions, prometheus_rules};
