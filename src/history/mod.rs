//! Every run in one place: an index of runs and of what they measured, in `SQLite` or in a PostgreSQL database of the team.
//!
//! The index holds no evidence: only what a list, a trend or a spreadsheet needs. Run folders stay what they are, and the
//! index can be made again from them. See `docs/history.md`.

mod entry;
mod error;
mod export;
mod filter;
#[cfg(test)]
pub(crate) mod fixture;
mod location;
mod neighbours;
mod postgres;
mod prune;
mod sql;
mod sqlite;
mod store;
mod trend;

pub use entry::{Entry, Measured};
pub use error::HistoryError;
pub use export::{csv, json};
pub use filter::{Filter, moment};
pub use location::{DEFAULT_FILE, Location};
pub use neighbours::Neighbours;
pub use prune::{Pruning, prunable};
pub use store::History;
pub use trend::{Level, Trend, page, trends};
