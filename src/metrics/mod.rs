//! The figures of a run while it goes on, for monitoring: read from what the recorder has merged, second by second, off the load
//! thread.
//!
//! ```text
//! SecondCounts ─► Totals ─► Figures ─► text ─► listener, Pushgateway
//!                              ├─────► remote write
//!                              └─────► OTLP
//! ```

mod error;
mod figures;
mod line;
mod listener;
mod metrics_export;
mod otlp;
mod plan;
mod receiver;
mod remote_write;
mod target;
mod text;
mod totals;

pub use error::MetricsError;
pub use line::{InterimUnit, InterimValue, ProgressLine};
pub use metrics_export::MetricsExport;
pub use plan::MetricsPlan;
pub use target::{Protocol, Target};
