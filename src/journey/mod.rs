//! What a virtual user does: steps with templates, checks and extraction, on a hyper connection of its own.
//!
//! A journey file is compiled once; one iteration emits one `Sample` per step. Nothing here knows how load is applied.
//!
//! ```text
//! JourneyFile ─► Scope, Template, Queries ─► Step ─► Journey ┐
//! feeder.csv ─► Feeder ──────────────────────────────────────┴► Journeys ─► VirtualUser ─► Client ─► Connection
//! ```

mod answer;
mod check;
mod client;
mod compiled;
mod connection;
mod error;
mod escape;
mod feeder;
mod file;
mod journeys;
mod listing;
mod query;
mod scan;
mod scope;
mod step;
mod target;
mod template;
#[cfg(test)]
mod tests;
mod think;
mod under_way;
mod user;

pub use compiled::Journey;
pub use error::{JourneyError, KeyError, Place};
pub use file::{CheckFile, JourneyFile, OnFailure, StepFile};
pub use journeys::{Journeys, Series};
pub use listing::{JourneyKind, JourneyListing, names_in};
pub use target::Target;
pub use think::Think;
pub use user::{Ending, VirtualUser};
