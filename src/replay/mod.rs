//! Replay of an access log: its sessions become the load of a scenario.
//!
//! ```text
//! log ─► RecordedLog (sessions, kinds of requests) ─► Walks and their starts ─► ReplayLoad ─► Plan, in place of its phases
//! ```

mod error;
mod fitted;
mod peak;
mod prepare;
mod recorded;
#[cfg(test)]
mod tests;

pub use error::ReplayError;
pub use prepare::{Replay, ReplayOptions, prepare};
