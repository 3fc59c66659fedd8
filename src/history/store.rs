//! The index, in either kind of storage.

use jiff::Timestamp;

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{HistoryEntry, HistoryError, Location, RunFilter};

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
    /// Opens the index at that location, and creates missing tables.
    pub async fn open(location: &Location) -> Result<Self, HistoryError> {
        let store = match location {
            Location::File(path) => Store::Sqlite(Sqlite::open(path)?),
            Location::Url(url) => Store::Postgres(Box::new(Postgres::open(url, location.shown()).await?)),
        };
        Ok(Self { store })
    }

    /// Adds runs, replacing earlier entries of the same runs: all of them or none.
    pub async fn add(&mut self, entries: &[HistoryEntry]) -> Result<(), HistoryError> {
        match &mut self.store {
            Store::Sqlite(sqlite) => sqlite.add(entries),
            Store::Postgres(postgres) => postgres.add(entries).await,
        }
    }

    /// The runs that pass the filter, oldest first.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<HistoryEntry>, HistoryError> {
        // The empty name stands for every scenario, so that one statement serves both kinds of storage.
        let scenario = filter.scenario.as_deref().unwrap_or_default();
        let since = filter.since.map_or(i64::MIN, Timestamp::as_microsecond);
        let entries = match &self.store {
            Store::Sqlite(sqlite) => sqlite.runs(scenario, since)?,
            Store::Postgres(postgres) => postgres.runs(scenario, since).await?,
        };
        Ok(filter.apply(entries))
    }

    /// Removes runs from the index.
    pub async fn remove(&mut self, runs: &[HistoryEntry]) -> Result<(), HistoryError> {
        match &mut self.store {
            Store::Sqlite(sqlite) => sqlite.remove(runs),
            Store::Postgres(postgres) => postgres.remove(runs).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MeasuredValue;
    use super::super::fixture::{entry, measured};
    use super::*;
    use crate::compare::MeasureKind;
    use crate::slo::{Unit, VerdictWord};

    /// A run with every field filled.
    fn full(name: &str, started: &str) -> HistoryEntry {
        let of = |name: &str, unit, verdict| MeasuredValue {
            name: name.to_owned(),
            unit,
            verdict,
            low: Some(0.1),
            high: Some(1e9),
            ..measured(Some(1.0 / 3.0))
        };
        let mut series = of("get.get", Unit::Milliseconds, None);
        (series.kind, series.value) = (MeasureKind::Series, None);
        HistoryEntry {
            verdict: VerdictWord::Inconclusive,
            exit_code: 3,
            tags: vec![
                ("branch".to_owned(), "main".to_owned()),
                ("commit".to_owned(), "4f1c".to_owned()),
            ],
            measured: vec![
                of("Apdex", Unit::Score, Some(VerdictWord::Warn)),
                of("Errors", Unit::Share, Some(VerdictWord::Fail)),
                of("Throughput", Unit::PerSecond, Some(VerdictWord::Pass)),
                series,
            ],
            ..entry(name, started)
        }
    }

    #[tokio::test]
    async fn a_run_comes_back_as_it_was_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = Location::File(folder.path().join("of/its/own/h.sqlite"));
        let (first, second) = (
            full("a", "2026-03-01T08:15:00.000001Z"),
            full("b", "2026-03-02T08:15:00Z"),
        );
        let mut history = History::open(&place).await.unwrap();
        // Added newest first; they are returned oldest first.
        history.add(&[second.clone(), first.clone()]).await.unwrap();
        let all = RunFilter::default();
        assert_eq!(history.runs(&all).await.unwrap(), [first.clone(), second.clone()]);
        // A run that is judged again replaces its earlier entry, with numbers and tags.
        let mut again = first.clone();
        again.verdict = VerdictWord::Pass;
        again.tags.truncate(1);
        again.measured.truncate(1);
        history.add(std::slice::from_ref(&again)).await.unwrap();
        drop(history);
        let mut history = History::open(&place).await.unwrap();
        assert_eq!(history.runs(&all).await.unwrap(), [again.clone(), second.clone()]);
        let since = RunFilter {
            since: Some(second.started),
            scenario: Some("gate".to_owned()),
            ..RunFilter::default()
        };
        assert_eq!(history.runs(&since).await.unwrap(), std::slice::from_ref(&second));
        history.remove(&[again]).await.unwrap();
        assert_eq!(history.runs(&all).await.unwrap(), [second]);
    }

    #[tokio::test]
    async fn a_history_of_a_later_version_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h.sqlite");
        let place = Location::File(path.clone());
        drop(History::open(&place).await.unwrap());
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection
            .execute("INSERT INTO diapason_schema (version) VALUES (99)", [])
            .unwrap();
        let error = History::open(&place).await.unwrap_err();
        let told = format!(
            "the history {} is of version 99, this version of diapason knows 1",
            path.display()
        );
        assert_eq!(error.to_string(), told);
    }
}
