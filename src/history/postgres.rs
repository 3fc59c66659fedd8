//! The index in a PostgreSQL database that a team shares.

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Transaction};

use super::sql::{self, MeasurementRow, RunRow};
use super::{HistoryEntry, HistoryError};
use crate::wire::TlsSettings;
use crate::wire::postgres::{OpenError, open};

/// Number of the advisory lock for creating tables: two processes that create the same table at once would fail.
// The letters `diapaso`: locks of this kind are shared by all programs of a database.
const TABLES_LOCK: i64 = 0x0064_6961_7061_736f;

pub(super) struct Postgres {
    shown: String,
    client: Client,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres")
            .field("url", &self.shown)
            .finish_non_exhaustive()
    }
}

impl Postgres {
    pub(super) async fn open(url: &str, shown: String) -> Result<Self, HistoryError> {
        let failed = |source| HistoryError::Postgres {
            url: shown.clone(),
            source,
        };
        let opened = open(url, &TlsSettings::default()).await;
        let mut client = opened.map_err(|error| match error {
            OpenError::Database(source) => failed(source),
            OpenError::Tls(source) => HistoryError::Tls {
                url: shown.clone(),
                source,
            },
        })?;
        let version = prepare(&mut client).await.map_err(failed)?;
        // A later version may have given columns another meaning.
        if version > sql::VERSION {
            return Err(HistoryError::Version {
                place: shown,
                found: version,
                known: sql::VERSION,
            });
        }
        Ok(Self { shown, client })
    }

    pub(super) async fn add(&mut self, entries: &[HistoryEntry]) -> Result<(), HistoryError> {
        let written = write(&mut self.client, entries).await;
        written.map_err(|source| self.failed(source))
    }

    pub(super) async fn remove(&mut self, entries: &[HistoryEntry]) -> Result<(), HistoryError> {
        let runs: Vec<&str> = entries.iter().map(|entry| entry.run.as_str()).collect();
        let removed = self
            .client
            .execute("DELETE FROM diapason_run WHERE run = ANY ($1)", &[&runs])
            .await;
        removed.map(|_| ()).map_err(|source| self.failed(source))
    }

    pub(super) async fn runs(&self, scenario: &str, since: i64) -> Result<Vec<HistoryEntry>, HistoryError> {
        let runs = self.read(sql::SELECT_RUNS, scenario, since, run).await?;
        let tags = self.read(sql::SELECT_TAGS, scenario, since, tag).await?;
        let measurements = self
            .read(sql::SELECT_MEASUREMENTS, scenario, since, measurement)
            .await?;
        sql::assemble(runs, tags, measurements).map_err(|what| HistoryError::Row {
            place: self.shown.clone(),
            what,
        })
    }

    async fn read<T>(
        &self,
        query: &str,
        scenario: &str,
        since: i64,
        each: fn(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, HistoryError> {
        let rows = self.client.query(query, &[&scenario, &since]).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        let read: Result<Vec<T>, Error> = rows.iter().map(each).collect();
        read.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: Error) -> HistoryError {
        HistoryError::Postgres {
            url: self.shown.clone(),
            source,
        }
    }
}

/// Creates the tables, and returns the version of the existing ones.
async fn prepare(client: &mut Client) -> Result<i64, Error> {
    let change = client.transaction().await?;
    change
        // `CREATE TABLE IF NOT EXISTS` of two sessions at the same time may fail in PostgreSQL.
        .execute("SELECT pg_advisory_xact_lock($1)", &[&TABLES_LOCK])
        .await?;
    for table in sql::TABLES {
        change.batch_execute(table).await?;
    }
    let found: Option<i64> = change.query_one(sql::READ_VERSION, &[]).await?.try_get(0)?;
    if found.is_none() {
        change.execute(sql::WRITE_VERSION, &[&sql::VERSION]).await?;
    }
    change.commit().await?;
    Ok(found.unwrap_or(sql::VERSION))
}

async fn write(client: &mut Client, entries: &[HistoryEntry]) -> Result<(), Error> {
    let change = client.transaction().await?;
    for entry in entries {
        write_one(&change, entry).await?;
    }
    change.commit().await
}

async fn write_one(change: &Transaction<'_>, entry: &HistoryEntry) -> Result<(), Error> {
    // A run that is indexed again replaces itself; its tags and measurements go by the cascade.
    change.execute(sql::DELETE, &[&entry.run]).await?;
    let row = RunRow::new(entry);
    let values: [&(dyn ToSql + Sync); 10] = [
        &row.run,
        &row.folder,
        &row.scenario,
        &row.started_micros,
        &row.load_seconds,
        &row.verdict,
        &row.exit_code,
        &row.stack,
        &row.diapason,
        &row.comparable,
    ];
    change.execute(sql::INSERT_RUN, &values).await?;
    for (name, value) in &entry.tags {
        change.execute(sql::INSERT_TAG, &[&entry.run, name, value]).await?;
    }
    let insert = change.prepare(sql::INSERT_MEASUREMENT).await?;
    for measured in &entry.measured {
        let row = MeasurementRow::new(&entry.run, measured);
        let values: [&(dyn ToSql + Sync); 11] = [
            &row.run,
            &row.kind,
            &row.name,
            &row.indicator,
            &row.statistic,
            &row.unit,
            &row.value,
            &row.low,
            &row.high,
            &row.samples,
            &row.verdict,
        ];
        change.execute(&insert, &values).await?;
    }
    Ok(())
}

fn run(row: &Row) -> Result<RunRow, Error> {
    Ok(RunRow {
        run: row.try_get(0)?,
        folder: row.try_get(1)?,
        scenario: row.try_get(2)?,
        started_micros: row.try_get(3)?,
        load_seconds: row.try_get(4)?,
        verdict: row.try_get(5)?,
        exit_code: row.try_get(6)?,
        stack: row.try_get(7)?,
        diapason: row.try_get(8)?,
        comparable: row.try_get(9)?,
    })
}

fn tag(row: &Row) -> Result<(String, String, String), Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

fn measurement(row: &Row) -> Result<MeasurementRow, Error> {
    Ok(MeasurementRow {
        run: row.try_get(0)?,
        kind: row.try_get(1)?,
        name: row.try_get(2)?,
        indicator: row.try_get(3)?,
        statistic: row.try_get(4)?,
        unit: row.try_get(5)?,
        value: row.try_get(6)?,
        low: row.try_get(7)?,
        high: row.try_get(8)?,
        samples: row.try_get(9)?,
        verdict: row.try_get(10)?,
    })
}
