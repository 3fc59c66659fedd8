//! Snapshots of `pg_stat_statements`, and the difference of two of them.

use std::collections::HashMap;

use tokio_postgres::{Client, Error};

use super::masked::cut;
use crate::evidence::postgres::StatementObservation;

/// Most statements that an observation lists.
const MOST_STATEMENTS: usize = 20;
/// Most characters of a statement's text that an observation keeps: an ORM names some hundred columns before FROM and WHERE.
pub(super) const LONGEST_TEXT: usize = 4_000;

/// Comment in each statement of the probe that may be counted with the application's statements.
pub(super) const OWN: &str = "/* diapason probe */";

/// Totals of one statement since the statistics began, all users and databases together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Totals {
    calls: i64,
    total_ms: f64,
    max_ms: f64,
    rows: i64,
    shared_hit: i64,
    shared_read: i64,
    temp_read: i64,
    temp_written: i64,
}

/// Statistics of all statements at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Snapshot {
    statements: HashMap<i64, Totals>,
    /// Number of evictions for lack of space, and start of the statistics.
    generation: (i64, String),
}

/// Cause of two snapshots being incomparable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SnapshotMismatch {
    /// Entries were evicted.
    #[error("pg_stat_statements evicted statements during the run; raise pg_stat_statements.max")]
    Evicted,
    /// The statistics were reset, or the server was restarted.
    #[error("the statistics of pg_stat_statements were reset during the run")]
    Reset,
}

/// One statement between two snapshots; query id 0 stands for statements whose id the role may not see.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StatementDelta {
    pub(super) query_id: i64,
    totals: Totals,
    max_in_window: bool,
}

/// Difference of two snapshots.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SnapshotDifference {
    /// By total time, longest first.
    pub(super) busiest: Vec<StatementDelta>,
    pub(super) executions: u64,
    pub(super) total_ms: f64,
}

impl Snapshot {
    /// `schema` is the quoted schema of the extension. `own` is true if the probe's own statements are counted as well:
    /// they are then left out, which requires reading all texts.
    pub(super) async fn take(client: &Client, schema: &str, own: bool) -> Result<Self, Error> {
        let info = format!("SELECT {OWN} dealloc, stats_reset::text FROM {schema}.pg_stat_statements_info");
        let info = client.query_one(&info, &[]).await?;
        let others = if own {
            format!("AND position('{OWN}' in query) = 0")
        } else {
            String::new()
        };
        // The server keeps the texts in a file of its own, which `showtext => false` leaves unread.
        let statements = format!(
            "SELECT {OWN} coalesce(queryid, 0), sum(calls)::bigint, sum(total_exec_time), max(max_exec_time), \
             sum(rows)::bigint, sum(shared_blks_hit)::bigint, sum(shared_blks_read)::bigint, \
             sum(temp_blks_read)::bigint, sum(temp_blks_written)::bigint \
             FROM {schema}.pg_stat_statements(showtext => {own}) WHERE toplevel {others} GROUP BY 1"
        );
        let mut statements_by_id = HashMap::new();
        for row in client.query(&statements, &[]).await? {
            let totals = Totals {
                calls: row.try_get(1)?,
                total_ms: row.try_get(2)?,
                max_ms: row.try_get(3)?,
                rows: row.try_get(4)?,
                shared_hit: row.try_get(5)?,
                shared_read: row.try_get(6)?,
                temp_read: row.try_get(7)?,
                temp_written: row.try_get(8)?,
            };
            statements_by_id.insert(row.try_get(0)?, totals);
        }
        Ok(Self {
            statements: statements_by_id,
            generation: (info.try_get(0)?, info.try_get(1)?),
        })
    }

    /// Growth since an earlier snapshot; `fresh_maxima` is true if the longest times were reset there.
    pub(super) fn since(&self, earlier: &Self, fresh_maxima: bool) -> Result<SnapshotDifference, SnapshotMismatch> {
        // Both ends must count from the same beginning, or differences are nonsense.
        if self.generation.1 != earlier.generation.1 {
            return Err(SnapshotMismatch::Reset);
        }
        if self.generation.0 != earlier.generation.0 {
            return Err(SnapshotMismatch::Evicted);
        }
        let mut activity = SnapshotDifference::default();
        for (query_id, now) in &self.statements {
            let before = earlier.statements.get(query_id).copied().unwrap_or_default();
            let totals = Totals {
                calls: now.calls - before.calls,
                total_ms: now.total_ms - before.total_ms,
                max_ms: now.max_ms,
                rows: now.rows - before.rows,
                shared_hit: now.shared_hit - before.shared_hit,
                shared_read: now.shared_read - before.shared_read,
                temp_read: now.temp_read - before.temp_read,
                temp_written: now.temp_written - before.temp_written,
            };
            if totals.calls > 0 {
                activity.executions += count(totals.calls);
                activity.total_ms += totals.total_ms;
                activity.busiest.push(StatementDelta {
                    query_id: *query_id,
                    totals,
                    // A maximum that did not grow may be older than the window.
                    max_in_window: fresh_maxima || now.max_ms > before.max_ms,
                });
            }
        }
        activity
            .busiest
            .sort_unstable_by(|a, b| b.totals.total_ms.total_cmp(&a.totals.total_ms));
        activity.busiest.truncate(MOST_STATEMENTS);
        Ok(activity)
    }
}

impl StatementDelta {
    /// The statement's figures and its text.
    pub(super) fn observation(&self, text: Option<&str>) -> StatementObservation {
        let totals = &self.totals;
        // The server shows other users' statements to superusers only, and gives them no id.
        let text = match (self.query_id, text) {
            (0, _) => "statements of other users",
            (_, text) => text.unwrap_or_default(),
        };
        StatementObservation {
            id: self.query_id.to_string(),
            query: cut(text, LONGEST_TEXT),
            calls: count(totals.calls),
            total_ms: totals.total_ms,
            mean_ms: totals.total_ms / totals.calls as f64,
            max_ms: totals.max_ms,
            max_in_window: self.max_in_window,
            rows: count(totals.rows),
            shared_hit: count(totals.shared_hit),
            shared_read: count(totals.shared_read),
            temp_read: count(totals.temp_read),
            temp_written: count(totals.temp_written),
            ..StatementObservation::default()
        }
    }
}

/// Full normalised text of each statement that the server knows; the flag is true if it belongs to the current database.
pub(super) async fn texts(
    client: &Client,
    schema: &str,
    query_ids: &[i64],
) -> Result<HashMap<i64, (String, bool)>, Error> {
    let query = format!(
        "SELECT {OWN} DISTINCT ON (queryid) queryid, query, dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         FROM {schema}.pg_stat_statements WHERE queryid = ANY($1) AND query IS NOT NULL ORDER BY 1, 3 DESC"
    );
    // Of a statement of several databases the entry of this one comes first, because only that can be planned here.
    let rows = client.query(&query, &[&query_ids]).await?;
    let text = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)));
    rows.iter().map(text).collect()
}

pub(super) fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(generation: (i64, &str), statements: &[(i64, i64, f64)]) -> Snapshot {
        let totals = |calls, total_ms| Totals {
            calls,
            total_ms,
            max_ms: total_ms,
            ..Totals::default()
        };
        Snapshot {
            statements: statements
                .iter()
                .map(|(id, calls, ms)| (*id, totals(*calls, *ms)))
                .collect(),
            generation: (generation.0, generation.1.to_owned()),
        }
    }

    #[test]
    fn the_difference_counts_new_and_grown_statements() {
        let before = snapshot((0, "t"), &[(1, 10, 100.0), (2, 5, 50.0), (4, 9, 9.0)]);
        let after = snapshot((0, "t"), &[(1, 13, 130.0), (2, 5, 50.0), (3, 2, 80.0)]);
        let activity = after.since(&before, false).unwrap();
        assert_eq!((activity.executions, activity.total_ms), (5, 110.0));
        let ids: Vec<i64> = activity.busiest.iter().map(|busy| busy.query_id).collect();
        assert_eq!(ids, [3, 1], "by time spent, the idle one left out");
    }

    #[test]
    fn a_maximum_is_the_windows_own_where_it_grew_or_began_anew() {
        let mut after = snapshot((0, "t"), &[(1, 13, 100.0)]);
        let before = snapshot((0, "t"), &[(1, 10, 100.0)]);
        let own = |after: &Snapshot, fresh| after.since(&before, fresh).unwrap().busiest[0].max_in_window;
        assert_eq!([own(&after, false), own(&after, true)], [false, true]);
        after.statements.get_mut(&1).unwrap().max_ms = 101.0;
        assert!(own(&after, false));
    }

    #[test]
    fn only_the_busiest_are_listed_but_all_are_counted() {
        let many: Vec<(i64, i64, f64)> = (1..=50).map(|id| (id, 1, id as f64)).collect();
        let activity = snapshot((0, "t"), &many)
            .since(&snapshot((0, "t"), &[]), false)
            .unwrap();
        assert_eq!((activity.executions, activity.busiest.len()), (50, MOST_STATEMENTS));
        let busiest = activity.busiest[0].observation(Some(&"é".repeat(LONGEST_TEXT + 1)));
        assert!((busiest.total_ms - 50.0).abs() < 1e-9);
        assert_eq!(busiest.query.chars().count(), LONGEST_TEXT);
    }

    #[test]
    fn lost_statistics_are_an_error() {
        let before = snapshot((3, "t"), &[]);
        assert_eq!(
            snapshot((4, "t"), &[]).since(&before, false),
            Err(SnapshotMismatch::Evicted)
        );
        assert_eq!(
            snapshot((0, "u"), &[]).since(&before, false),
            Err(SnapshotMismatch::Reset)
        );
    }
}
