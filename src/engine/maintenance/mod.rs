//! Planned events on services of the run's own stack while the load is applied: a restart, an outage, a frozen process, a command.
//!
//! Containers are addressed by the ids of the stack that the run brought up, or of those that an event made in their place, so nothing
//! else on the host can be meant. What an event takes is given back on every way out of it; what it stops is taken down with the
//! stack.

mod act;
mod command;
mod consistency;
mod error;
mod limit;
mod network;
mod perform;
mod ready;
mod replace;
mod settings;
mod statement;
mod targets;

pub use consistency::{ConsistencySettings, compare};
pub use error::MaintenanceError;
pub use network::NetworkSettings;
pub use perform::{Maintenance, lacking};
pub use settings::{EventSettings, PlannedEvent};
