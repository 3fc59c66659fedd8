//! `pg_stat_statements` at one moment; what happened between two of them.

use std::collections::HashMap;

use tokio_postgres::{Client, Error};

use super::StatementObservation;

/// Most statements that an observation lists.
const MOST_STATEMENTS: usize = 20;

/// User, database and query id.
type Key = (u32, u32, i64);

/// Totals of one statement since the statistics began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Totals {
    calls: i64,
    total_ms: f64,
    max_ms: f64,
    rows: i64,
    shared_hit: i64,
    shared_read: i64,
}

/// All statements at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Snapshot {
    statements: HashMap<Key, Totals>,
    /// Times that statements were evicted for want of room, and when the statistics began.
    generation: (i64, String),
}

/// Why two snapshots cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Incomparable {
    /// Entries were lost.
    #[error("pg_stat_statements evicted statements during the run; raise pg_stat_statements.max")]
    Evicted,
    /// Somebody reset the statistics, or the server started anew.
    #[error("the statistics of pg_stat_statements were reset during the run")]
    Reset,
}

/// What happened between two snapshots.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Activity {
    /// By total time, longest first.
    busiest: Vec<(Key, Totals)>,
    pub(super) executions: u64,
    pub(super) total_ms: f64,
}

impl Snapshot {
    pub(super) async fn take(client: &Client) -> Result<Self, Error> {
        let info = client
            .query_one("SELECT dealloc, stats_reset::text FROM pg_stat_statements_info", &[])
            .await?;
        let rows = client
            .query(
                "SELECT userid, dbid, queryid, calls, total_exec_time, max_exec_time, rows, shared_blks_hit, shared_blks_read \
                 FROM pg_stat_statements(showtext => false) WHERE toplevel AND queryid IS NOT NULL",
                &[],
            )
            .await?;
        let mut statements = HashMap::with_capacity(rows.len());
        for row in rows {
            let totals = Totals {
                calls: row.try_get(3)?,
                total_ms: row.try_get(4)?,
                max_ms: row.try_get(5)?,
                rows: row.try_get(6)?,
                shared_hit: row.try_get(7)?,
                shared_read: row.try_get(8)?,
            };
            statements.insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?), totals);
        }
        Ok(Self {
            statements,
            generation: (info.try_get(0)?, info.try_get(1)?),
        })
    }

    /// What happened since an earlier snapshot.
    pub(super) fn since(&self, earlier: &Self) -> Result<Activity, Incomparable> {
        if self.generation.1 != earlier.generation.1 {
            return Err(Incomparable::Reset);
        }
        if self.generation.0 != earlier.generation.0 {
            return Err(Incomparable::Evicted);
        }
        let mut activity = Activity::default();
        for (key, now) in &self.statements {
            let before = earlier.statements.get(key).copied().unwrap_or_default();
            let change = Totals {
                calls: now.calls - before.calls,
                total_ms: now.total_ms - before.total_ms,
                max_ms: now.max_ms,
                rows: now.rows - before.rows,
                shared_hit: now.shared_hit - before.shared_hit,
                shared_read: now.shared_read - before.shared_read,
            };
            if change.calls > 0 {
                activity.executions += count(change.calls);
                activity.total_ms += change.total_ms;
                activity.busiest.push((*key, change));
            }
        }
        activity
            .busiest
            .sort_unstable_by(|(_, a), (_, b)| b.total_ms.total_cmp(&a.total_ms));
        activity.busiest.truncate(MOST_STATEMENTS);
        Ok(activity)
    }
}

impl Activity {
    /// The busiest statements with their texts.
    pub(super) async fn statements(&self, client: &Client) -> Result<Vec<StatementObservation>, Error> {
        let ids: Vec<i64> = self.busiest.iter().map(|((_, _, id), _)| *id).collect();
        let rows = client
            .query(
                "SELECT DISTINCT ON (queryid) queryid, left(query, 500) FROM pg_stat_statements WHERE queryid = ANY($1)",
                &[&ids],
            )
            .await?;
        let mut texts: HashMap<i64, String> = HashMap::new();
        for row in rows {
            texts.insert(row.try_get(0)?, row.try_get(1)?);
        }
        let observation = |((_, _, id), totals): &(Key, Totals)| StatementObservation {
            query: texts.get(id).cloned().unwrap_or_default(),
            calls: count(totals.calls),
            total_ms: totals.total_ms,
            mean_ms: totals.total_ms / totals.calls as f64,
            max_ms: totals.max_ms,
            rows: count(totals.rows),
            shared_hit: count(totals.shared_hit),
            shared_read: count(totals.shared_read),
        };
        Ok(self.busiest.iter().map(observation).collect())
    }
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(generation: (i64, &str), statements: &[(i64, i64, f64)]) -> Snapshot {
        let totals = |calls, total_ms| Totals {
            calls,
            total_ms,
            ..Totals::default()
        };
        Snapshot {
            statements: statements
                .iter()
                .map(|(id, calls, ms)| ((10, 5, *id), totals(*calls, *ms)))
                .collect(),
            generation: (generation.0, generation.1.to_owned()),
        }
    }

    #[test]
    fn the_difference_counts_new_and_grown_statements() {
        let before = snapshot((0, "t"), &[(1, 10, 100.0), (2, 5, 50.0), (4, 9, 9.0)]);
        let after = snapshot((0, "t"), &[(1, 13, 130.0), (2, 5, 50.0), (3, 2, 80.0)]);
        let activity = after.since(&before).unwrap();
        assert_eq!((activity.executions, activity.total_ms), (5, 110.0));
        let ids: Vec<i64> = activity.busiest.iter().map(|((_, _, id), _)| *id).collect();
        assert_eq!(ids, [3, 1], "by time spent, the idle one left out");
    }

    #[test]
    fn only_the_busiest_are_listed_but_all_are_counted() {
        let many: Vec<(i64, i64, f64)> = (1..=50).map(|id| (id, 1, id as f64)).collect();
        let activity = snapshot((0, "t"), &many).since(&snapshot((0, "t"), &[])).unwrap();
        assert_eq!((activity.executions, activity.busiest.len()), (50, MOST_STATEMENTS));
        assert!((activity.busiest[0].1.total_ms - 50.0).abs() < 1e-9);
    }

    #[test]
    fn lost_statistics_are_an_error() {
        let before = snapshot((3, "t"), &[]);
        assert_eq!(snapshot((4, "t"), &[]).since(&before), Err(Incomparable::Evicted));
        assert_eq!(snapshot((0, "u"), &[]).since(&before), Err(Incomparable::Reset));
    }
}
