//! The index, wherever it is.

use jiff::Timestamp;

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Entry, Filter, HistoryError, Location};

/// The index of runs. Several processes may use it at once: each change is one transaction.
#[derive(Debug)]
pub struct History {
    store: Store,
}

#[derive(Debug)]
enum Store {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl History {
    /// Opens the index there, and makes its tables where they are missing.
    pub async fn open(location: &Location) -> Result<Self, HistoryError> {
        let store = match location {
            Location::File(path) => Store::Sqlite(Sqlite::open(path)?),
            Location::Url(url) => Store::Postgres(Box::new(Postgres::open(url, location.shown()).await?)),
        };
        Ok(Self { store })
    }

    /// Adds runs, each over what was there of the same run: all of them or none.
    pub async fn add(&mut self, entries: &[Entry]) -> Result<(), HistoryError> {
        match &mut self.store {
            Store::Sqlite(sqlite) => sqlite.add(entries),
            Store::Postgres(postgres) => postgres.add(entries).await,
        }
    }

    /// The runs that fit, oldest first.
    pub async fn runs(&self, filter: &Filter) -> Result<Vec<Entry>, HistoryError> {
        let scenario = filter.scenario.as_deref().unwrap_or_default();
        let since = filter.since.map_or(i64::MIN, Timestamp::as_microsecond);
        let entries = match &self.store {
            Store::Sqlite(sqlite) => sqlite.runs(scenario, since)?,
            Store::Postgres(postgres) => postgres.runs(scenario, since).await?,
        };
        Ok(filter.apply(entries))
    }

    /// Forgets runs.
    pub async fn remove(&mut self, runs: &[Entry]) -> Result<(), HistoryError> {
        match &mut self.store {
            Store::Sqlite(sqlite) => sqlite.remove(runs),
            Store::Postgres(postgres) => postgres.remove(runs).await,
        }
    }
}
