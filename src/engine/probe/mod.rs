//! Probes: observations in addition to the requests, on the same clock.
//!
//! A probe is prepared against the running system before the load starts, then observes until the plan's end. Each has
//! its own settings, its own observation type and its own file or folder.

pub mod browser;
pub mod containers;
pub mod front_door;
pub mod generator;
pub mod postgres;
pub mod proxy;

mod container_log;
mod error;

mod set;
mod watch;

pub use error::ProbeError;

pub use set::{PreparedProbes, ProbeContext, ProbeSettings, prepare};
pub use watch::Watch;
