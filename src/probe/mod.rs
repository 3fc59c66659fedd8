//! What is observed beside the requests, on the same clock.
//!
//! A probe is prepared against the running system before the load starts, then observes until the plan's end. Each keeps
//! its own settings, its own observation type and its own file.

pub mod browser;
pub mod containers;
pub mod front_door;
pub mod generator;
pub mod postgres;

mod error;
mod observations;
mod set;

pub use error::ProbeError;
pub use observations::{Observations, ProbeFailure};
pub use set::{PreparedProbes, ProbeContext, ProbeSettings, prepare};

use crate::record::{RunClock, Window};
use tokio_util::sync::CancellationToken;

/// When a probe observes.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The run's clock; its zero may lie in the near future.
    pub clock: RunClock,
    /// The judged window.
    pub judged: Window,
    /// End of the plan, from the clock's zero: a probe finishes by itself then.
    pub end: std::time::Duration,
    /// Cancelled when the run is stopped early: the probe then returns what it has.
    pub stop: CancellationToken,
}
