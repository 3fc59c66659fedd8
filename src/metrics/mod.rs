//! The figures of a run while it goes on, for monitoring: read from what the recorder has merged, second by second, off the load
//! thread.
//!
//! ```text
//! SecondCounts ─► Totals ─► Figures ─► text ─► listener, Pushgateway
//!                              ├─────► remote write
//!                              └─────► OTLP
//! ```

mod error;
mod exporting;
mod figures;
mod line;
mod listener;
mod otlp;
mod plan;
mod receiver;
mod remote_write;
mod target;
mod text;
mod totals;

pub use error::MetricsError;
pub use exporting::Exporting;
pub use line::{ProgressLine, SoFar, SoFarUnit};
pub use plan::MetricsPlan;
pub use target::{Protocol, Target};
