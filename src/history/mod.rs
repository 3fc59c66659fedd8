//! Index of all runs and their measured numbers, in `SQLite` or in a PostgreSQL database of the team.
//!
//! The index holds no evidence, only the data that a list, a trend or a spreadsheet needs. Run folders are unaffected,
//! and the index can be rebuilt from them. See `docs/history.md`.

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

pub use entry::{Entry, MeasuredValue};
pub use error::HistoryError;
pub use export::{csv, json};
pub use filter::{Filter, moment};
pub use location::{DEFAULT_FILE, Location};
pub use neighbours::Neighbours;
pub use prune::{Pruning, prunable};
pub use store::History;
pub use trend::{Level, Trend, page, trends};
