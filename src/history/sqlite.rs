//! The index in an `SQLite` file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use super::sql::{self, MeasurementRow, RunRow};
use super::{HistoryEntry, HistoryError};

/// Longest wait of a change for the change of another process.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    connection: Connection,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, HistoryError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| HistoryError::Folder {
                path: folder.to_owned(),
                source,
            })?;
        }
        let failed = |source| HistoryError::Sqlite {
            path: path.to_owned(),
            source,
        };
        let connection = Connection::open(path).map_err(failed)?;
        let mut opened = Self {
            path: path.to_owned(),
            connection,
        };
        let version = opened.prepare().map_err(failed)?;
        if version > sql::VERSION {
            return Err(HistoryError::Version {
                place: path.display().to_string(),
                found: version,
                known: sql::VERSION,
            });
        }
        Ok(opened)
    }

    /// Creates the tables, and returns the version of the existing ones.
    fn prepare(&mut self) -> rusqlite::Result<i64> {
        self.connection.busy_timeout(PATIENCE)?;
        // SQLite checks references only where it is told to, for each connection.
        self.connection.pragma_update(None, "foreign_keys", true)?;
        let change = change(&mut self.connection)?;
        for table in sql::TABLES {
            change.execute(table, [])?;
        }
        let found: Option<i64> = change.query_row(sql::READ_VERSION, [], |row| row.get(0))?;
        if found.is_none() {
            change.execute(sql::WRITE_VERSION, [sql::VERSION])?;
        }
        change.commit()?;
        Ok(found.unwrap_or(sql::VERSION))
    }

    pub(super) fn add(&mut self, entries: &[HistoryEntry]) -> Result<(), HistoryError> {
        let path = self.path.clone();
        write(&mut self.connection, entries).map_err(|source| HistoryError::Sqlite { path, source })
    }

    pub(super) fn remove(&mut self, entries: &[HistoryEntry]) -> Result<(), HistoryError> {
        let path = self.path.clone();
        let removed = || -> rusqlite::Result<()> {
            let change = change(&mut self.connection)?;
            for entry in entries {
                change.execute(sql::DELETE, [&entry.run])?;
            }
            change.commit()
        };
        let mut removed = removed;
        removed().map_err(|source| HistoryError::Sqlite { path, source })
    }

    pub(super) fn runs(&self, scenario: &str, since: i64) -> Result<Vec<HistoryEntry>, HistoryError> {
        let failed = |source| HistoryError::Sqlite {
            path: self.path.clone(),
            source,
        };
        let runs = self.read(sql::SELECT_RUNS, scenario, since, run).map_err(failed)?;
        let tags = self.read(sql::SELECT_TAGS, scenario, since, tag).map_err(failed)?;
        let measurements = self
            .read(sql::SELECT_MEASUREMENTS, scenario, since, measurement)
            .map_err(failed)?;
        sql::assemble(runs, tags, measurements).map_err(|what| HistoryError::Row {
            place: self.path.display().to_string(),
            what,
        })
    }

    fn read<T>(
        &self,
        query: &str,
        scenario: &str,
        since: i64,
        each: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map(params![scenario, since], each)?;
        rows.collect()
    }
}

/// A write transaction from its start: one that began with a read could not wait for another to end.
fn change(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    // The write lock is taken at the start: a deferred transaction that has read fails at once where another writes,
    // whatever the time-out.
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn write(connection: &mut Connection, entries: &[HistoryEntry]) -> rusqlite::Result<()> {
    let change = change(connection)?;
    for entry in entries {
        // A run that is indexed again replaces itself; its tags and measurements go by the cascade.
        change.execute(sql::DELETE, [&entry.run])?;
        let row = RunRow::new(entry);
        change.execute(
            sql::INSERT_RUN,
            params![
                row.run,
                row.folder,
                row.scenario,
                row.started_micros,
                row.load_seconds,
                row.verdict,
                row.exit_code,
                row.stack,
                row.diapason,
                row.comparable
            ],
        )?;
        for (name, value) in &entry.tags {
            change.execute(sql::INSERT_TAG, params![entry.run, name, value])?;
        }
        let mut insert = change.prepare(sql::INSERT_MEASUREMENT)?;
        for measured in &entry.measured {
            let row = MeasurementRow::new(&entry.run, measured);
            insert.execute(params![
                row.run,
                row.kind,
                row.name,
                row.indicator,
                row.statistic,
                row.unit,
                row.value,
                row.low,
                row.high,
                row.samples,
                row.verdict
            ])?;
        }
    }
    change.commit()
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        run: row.get(0)?,
        folder: row.get(1)?,
        scenario: row.get(2)?,
        started_micros: row.get(3)?,
        load_seconds: row.get(4)?,
        verdict: row.get(5)?,
        exit_code: row.get(6)?,
        stack: row.get(7)?,
        diapason: row.get(8)?,
        comparable: row.get(9)?,
    })
}

fn tag(row: &Row<'_>) -> rusqlite::Result<(String, String, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn measurement(row: &Row<'_>) -> rusqlite::Result<MeasurementRow> {
    Ok(MeasurementRow {
        run: row.get(0)?,
        kind: row.get(1)?,
        name: row.get(2)?,
        indicator: row.get(3)?,
        statistic: row.get(4)?,
        unit: row.get(5)?,
        value: row.get(6)?,
        low: row.get(7)?,
        high: row.get(8)?,
        samples: row.get(9)?,
        verdict: row.get(10)?,
    })
}
