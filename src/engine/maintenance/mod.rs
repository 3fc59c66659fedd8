//! Planned events on services of the run's own stack while the load is applied: a restart, an outage, a frozen process, a command.
//!
//! Containers are addressed by the ids of the stack that the run brought up, so nothing else on the host can be meant. What an
//! event freezes is released on every way out of it; what it stops is taken down with the stack.

mod error;
mod perform;
mod settings;

pub use error::MaintenanceError;
pub use perform::Maintenance;
pub use settings::{EventSettings, PlannedEvent};
