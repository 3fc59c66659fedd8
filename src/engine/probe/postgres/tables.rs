//! Reads and writes of tables between two moments, and their numbers of rows.

use std::collections::HashMap;

use tokio_postgres::{Client, Error};

use super::snapshot::{OWN, count};
use crate::evidence::postgres::TableActivity;

/// Most tables that an observation lists.
const MOST_TABLES: usize = 20;
/// Largest estimate of rows up to which a table is counted row by row.
const MOST_ROWS: u64 = 2_000_000;

/// Counters of all tables at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tables(HashMap<u32, TableActivity>);

impl Tables {
    pub(super) async fn take(client: &Client) -> Result<Self, Error> {
        let query = format!(
            "SELECT {OWN} relid, CASE schemaname WHEN 'public' THEN relname::text ELSE schemaname || '.' || relname END, \
             n_live_tup, coalesce(seq_scan, 0), coalesce(seq_tup_read, 0), coalesce(idx_scan, 0), n_tup_ins, n_tup_upd, \
             n_tup_del FROM pg_stat_user_tables"
        );
        let rows = client.query(&query, &[]).await?;
        let table = |row: tokio_postgres::Row| {
            let number = |column: usize| row.try_get(column).map(count);
            let activity = TableActivity {
                table: row.try_get(1)?,
                live_rows: number(2)?,
                seq_scans: number(3)?,
                seq_rows: number(4)?,
                index_scans: number(5)?,
                inserted: number(6)?,
                updated: number(7)?,
                deleted: number(8)?,
            };
            Ok((row.try_get(0)?, activity))
        };
        Ok(Self(rows.into_iter().map(table).collect::<Result<_, Error>>()?))
    }

    /// Growth of each table's counters since an earlier moment, most rows read sequentially first; idle tables are left out.
    pub(super) fn since(&self, earlier: &Self) -> Vec<TableActivity> {
        let unknown = TableActivity::default();
        let change = |(id, now): (&u32, &TableActivity)| {
            // Tables are followed by their object id: a name may change, and a table created meanwhile starts from
            // zero.
            let before = earlier.0.get(id).unwrap_or(&unknown);
            let grown = |counter: fn(&TableActivity) -> u64| counter(now).saturating_sub(counter(before));
            TableActivity {
                table: now.table.clone(),
                live_rows: now.live_rows,
                seq_scans: grown(|table| table.seq_scans),
                seq_rows: grown(|table| table.seq_rows),
                index_scans: grown(|table| table.index_scans),
                inserted: grown(|table| table.inserted),
                updated: grown(|table| table.updated),
                deleted: grown(|table| table.deleted),
            }
        };
        let busy = |table: &TableActivity| {
            table.seq_scans + table.index_scans + table.inserted + table.updated + table.deleted > 0
        };
        let mut changes: Vec<TableActivity> = self.0.iter().map(change).filter(busy).collect();
        changes.sort_by(|a, b| (b.seq_rows, &a.table).cmp(&(a.seq_rows, &b.table)));
        changes.truncate(MOST_TABLES);
        changes
    }

    /// Live rows of the largest tables, as estimated by the server.
    fn largest(&self) -> Vec<(String, u64)> {
        let mut tables: Vec<(String, u64)> = self
            .0
            .values()
            .map(|table| (table.table.clone(), table.live_rows))
            .collect();
        tables.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        tables.truncate(MOST_TABLES);
        tables
    }
}

/// Rows of the largest tables, or of `these`. Rows are counted one by one if `exact`, except for tables so large that
/// counting would be a load of its own; else the server's estimates are used.
pub(super) async fn rows(
    client: &Client,
    exact: bool,
    these: Option<&[(String, u64)]>,
) -> Result<Vec<(String, u64)>, Error> {
    let tables = Tables::take(client).await?;
    let mut rows = tables.largest();
    if let Some(these) = these {
        let estimates: HashMap<&str, u64> = tables
            .0
            .values()
            .map(|table| (table.table.as_str(), table.live_rows))
            .collect();
        rows = these
            .iter()
            .filter_map(|(table, _)| Some((table.clone(), *estimates.get(table.as_str())?)))
            .collect();
    }
    if exact {
        // Counting reads the whole table: larger ones keep the estimate of the statistics.
        for (table, rows) in rows.iter_mut().filter(|(_, rows)| *rows <= MOST_ROWS) {
            let parts: Vec<&str> = match table.split_once('.') {
                Some((schema, name)) => vec![schema, name],
                None => vec!["public", table],
            };
            let quoted: Vec<String> = parts
                .iter()
                .map(|part| format!("\"{}\"", part.replace('"', "\"\"")))
                .collect();
            // A table that was dropped meanwhile keeps its estimate.
            if let Ok(row) = client
                .query_one(&format!("SELECT count(*) FROM {}", quoted.join(".")), &[])
                .await
            {
                *rows = count(row.get(0));
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(tables: &[(u32, &str, u64, u64)]) -> Tables {
        let table = |(id, name, seq_scans, seq_rows): &(u32, &str, u64, u64)| {
            let activity = TableActivity {
                table: (*name).to_owned(),
                seq_scans: *seq_scans,
                seq_rows: *seq_rows,
                live_rows: u64::from(*id),
                ..TableActivity::default()
            };
            (*id, activity)
        };
        Tables(tables.iter().map(table).collect())
    }

    #[test]
    fn what_was_read_between_two_moments_most_first() {
        let before = tables(&[(1, "users", 5, 50), (2, "tasks", 1, 100), (3, "idle", 9, 9)]);
        let after = tables(&[
            (1, "users", 6, 60),
            (2, "tasks", 3, 300),
            (3, "idle", 9, 9),
            (4, "new", 1, 10),
        ]);
        let found = after.since(&before);
        let found: Vec<(&str, u64, u64)> = found
            .iter()
            .map(|table| (table.table.as_str(), table.seq_scans, table.seq_rows))
            .collect();
        assert_eq!(found, [("tasks", 2, 200), ("new", 1, 10), ("users", 1, 10)]);
    }

    #[test]
    fn the_largest_come_first() {
        let tables = tables(&[(1, "users", 0, 0), (9, "tasks", 0, 0)]);
        assert_eq!(tables.largest(), [("tasks".to_owned(), 9), ("users".to_owned(), 1)]);
    }
}
