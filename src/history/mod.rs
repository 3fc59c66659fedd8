//! Index of all runs and their measured numbers, in `SQLite` or in a PostgreSQL database of the team.
//!
//! The index holds no evidence, only the data that a list, a trend or a spreadsheet needs. Run folders are unaffected,
//! and the index can be rebuilt from them. See `docs/history.md`.

mod earlier;
mod entry;
mod error;
mod export;
mod filter;
#[cfg(test)]
pub(crate) mod fixture;
mod location;
mod neighbours;
mod page;
mod postgres;
mod prune;
mod sql;
mod sqlite;
mod store;
mod trend;
mod trend_page;
mod words;

pub use earlier::earlier;
pub use entry::{HistoryEntry, MeasuredValue};
pub use error::HistoryError;
pub use export::{csv, json};
pub use filter::{RunFilter, moment};
pub use location::{DEFAULT_FILE, Location};
pub use neighbours::Neighbours;
pub use page::write_pages;
pub use prune::{Pruning, prunable};
pub use store::History;
pub use trend::{Level, Trend, trends};
pub use trend_page::{chart, page};
