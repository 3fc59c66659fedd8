//! Cumulative counters of the database and its server at one moment.

use tokio_postgres::{Client, Error, Row};

use super::snapshot::{OWN, count};
use crate::evidence::postgres::ServerCounters;

/// Counter columns of every reading of the sessions; see [`super::activity`].
pub(super) const COLUMNS: &str = "d.xact_commit, d.xact_rollback, d.deadlocks, d.temp_files, d.temp_bytes, d.blks_hit, \
                                  d.blks_read, w.wal_records, w.wal_fpi, w.wal_bytes::bigint";

/// Values of [`COLUMNS`], from one row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counters([u64; 10]);

impl Counters {
    /// Reads [`COLUMNS`], which begin at the index `first`.
    pub(super) fn from_row(row: &Row, first: usize) -> Result<Self, Error> {
        let mut counters = [0; 10];
        for (index, counter) in counters.iter_mut().enumerate() {
            *counter = count(row.try_get::<_, i64>(first + index)?);
        }
        Ok(Self(counters))
    }

    /// Growth since an earlier moment; a counter that was reset meanwhile counts from zero.
    pub(super) fn since(&self, earlier: &Self) -> ServerCounters {
        let mut grown = [0; 10];
        for (grown, (now, before)) in grown.iter_mut().zip(self.0.iter().zip(&earlier.0)) {
            // A counter that fell was reset in between: what it shows has grown since then.
            *grown = now.checked_sub(*before).unwrap_or(*now);
        }
        let [
            commits,
            rollbacks,
            deadlocks,
            temp_files,
            temp_bytes,
            blocks_hit,
            blocks_read,
            wal_records,
            wal_full_pages,
            wal_bytes,
        ] = grown;
        ServerCounters {
            commits,
            rollbacks,
            deadlocks,
            temp_files,
            temp_bytes,
            blocks_hit,
            blocks_read,
            wal_records,
            wal_full_pages,
            wal_bytes,
            ..ServerCounters::default()
        }
    }
}

/// Checkpoints since the statistics began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Checkpoints {
    timed: i64,
    requested: i64,
    write_ms: f64,
    sync_ms: f64,
}

impl Checkpoints {
    /// `number` is the server's version: from 17 on checkpoints have a view of their own.
    pub(super) async fn take(client: &Client, number: i32) -> Result<Self, Error> {
        let from = if number >= 170_000 {
            "num_timed, num_requested, write_time, sync_time FROM pg_stat_checkpointer"
        } else {
            "checkpoints_timed, checkpoints_req, checkpoint_write_time, checkpoint_sync_time FROM pg_stat_bgwriter"
        };
        let row = client.query_one(&format!("SELECT {OWN} {from}"), &[]).await?;
        Ok(Self {
            timed: row.try_get(0)?,
            requested: row.try_get(1)?,
            write_ms: row.try_get(2)?,
            sync_ms: row.try_get(3)?,
        })
    }

    /// Adds the growth since an earlier moment.
    pub(super) fn add_since(&self, earlier: &Self, counters: &mut ServerCounters) {
        counters.checkpoints_timed = count(self.timed - earlier.timed);
        counters.checkpoints_requested = count(self.requested - earlier.requested);
        // Statistics that were reset in between would give a negative time.
        counters.checkpoint_write_ms = (self.write_ms - earlier.write_ms).max(0.0);
        counters.checkpoint_sync_ms = (self.sync_ms - earlier.sync_ms).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_apart_and_survive_a_reset() {
        let before = Counters([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
        let after = Counters([11, 22, 33, 44, 55, 66, 77, 88, 99, 5]);
        let grown = after.since(&before);
        assert_eq!((grown.commits, grown.rollbacks, grown.deadlocks), (1, 2, 3));
        assert_eq!((grown.temp_files, grown.temp_bytes), (4, 5));
        assert_eq!((grown.blocks_hit, grown.blocks_read), (6, 7));
        assert_eq!((grown.wal_records, grown.wal_full_pages, grown.wal_bytes), (8, 9, 5));
        assert!((grown.cache_hit().unwrap() - 6.0 / 13.0).abs() < 1e-9);
        assert_eq!(ServerCounters::default().cache_hit(), None);
    }
}
