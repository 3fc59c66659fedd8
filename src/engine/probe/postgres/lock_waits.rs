//! Observes lock waits: the waiting and the blocking sessions.

use std::collections::HashMap;

use tokio_postgres::{Client, Error};

use super::masked::{cut, masked};
use super::snapshot::{LONGEST_TEXT, OWN};
use crate::evidence::postgres::LockWait;

/// Most distinct waits that are recorded.
const MOST_SEEN: usize = 10_000;
/// Most pairs of statements that an observation lists.
const MOST_PAIRS: usize = 20;

/// A statement as a session shows it: its query id, if the server computes one, and its masked text.
type ShownStatement = (Option<i64>, String);

/// One session waiting for one other.
#[derive(Debug, Clone, PartialEq)]
struct BlockedSession {
    waiting: ShownStatement,
    blocking: ShownStatement,
    state: String,
    lock: String,
    table: Option<String>,
    seconds: f64,
    transaction: f64,
}

impl BlockedSession {
    /// True if the blocker was ending its transaction or had ended it: its current statement is then not the one it
    /// held the lock for.
    fn at_blockers_end(&self) -> bool {
        let ends = |word: &str| ["commit", "end", "rollback", "abort"].contains(&word.to_lowercase().as_str());
        self.state == "idle" || self.blocking.1.split([' ', ';']).next().is_some_and(ends)
    }
}

/// Every observed wait, by waiting process, start of the wait and blocking process.
#[derive(Debug, Default)]
pub(super) struct LockWaits(HashMap<(i32, String, i32), BlockedSession>);

impl LockWaits {
    /// Notes the current waits. Call only while a session waits: the server locks its lock table for the answer.
    pub(super) async fn read(&mut self, client: &Client) -> Result<(), Error> {
        // A row lock is waited for as the lock of the holder's transaction. The table is then known from the tuple lock
        // of the first session in the queue.
        let query = format!(
            "SELECT {OWN} w.pid, coalesce(l.waitstart, w.query_start)::text, p.pid, w.query_id, w.query, b.query_id, b.query, \
             coalesce(b.state, 'prepared transaction'), concat_ws(' ', l.locktype, l.mode), \
             (SELECT t.relation::regclass::text FROM pg_locks t WHERE t.pid = w.pid AND t.relation IS NOT NULL \
              AND (t.locktype = 'tuple' OR NOT t.granted) LIMIT 1), \
             extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, w.query_start))::float8, \
             coalesce(extract(epoch FROM clock_timestamp() - b.xact_start), 0)::float8 \
             FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS p(pid) \
             LEFT JOIN pg_stat_activity b ON b.pid = p.pid LEFT JOIN pg_locks l ON l.pid = w.pid AND NOT l.granted \
             WHERE w.wait_event_type = 'Lock' AND w.pid <> pg_backend_pid()"
        );
        for row in client.query(&query, &[]).await? {
            // `waitstart` is NULL for a short time after a wait has begun (PostgreSQL's documentation of `pg_locks`).
            let key = (
                row.try_get(0)?,
                row.try_get::<_, Option<String>>(1)?.unwrap_or_default(),
                row.try_get(2)?,
            );
            let text = |column| Ok::<_, Error>(masked(row.try_get::<_, Option<&str>>(column)?.unwrap_or_default()));
            // `pg_blocking_pids` gives 0 for a prepared transaction, which no session has.
            let seen = BlockedSession {
                waiting: (row.try_get(3)?, text(4)?),
                blocking: (row.try_get(5)?, text(6)?),
                state: row.try_get(7)?,
                lock: row.try_get(8)?,
                table: row.try_get(9)?,
                seconds: row.try_get::<_, Option<f64>>(10)?.unwrap_or(0.0),
                transaction: row.try_get(11)?,
            };
            self.note(key, seen);
        }
        Ok(())
    }

    fn note(&mut self, key: (i32, String, i32), seen: BlockedSession) {
        if let Some(known) = self.0.get_mut(&key) {
            // The same wait seen again has only become longer.
            known.seconds = known.seconds.max(seen.seconds);
            known.transaction = known.transaction.max(seen.transaction);
            // A blocker is often seen as it commits: what it did before is what held the lock.
            if !seen.at_blockers_end() {
                known.state = seen.state;
                known.blocking = seen.blocking;
            }
            known.table = known.table.take().or(seen.table);
        } else if self.0.len() < MOST_SEEN {
            self.0.insert(key, seen);
        }
    }

    /// The query ids of all observed statements.
    pub(super) fn query_ids(&self) -> Vec<i64> {
        let ids = self.0.values().flat_map(|seen| [seen.waiting.0, seen.blocking.0]);
        ids.flatten().filter(|id| *id != 0).collect()
    }

    /// Waits grouped by pair of statements, longest total first; `texts` has the normalised text of query ids.
    pub(super) fn pairs(&self, texts: &HashMap<i64, (String, bool)>) -> Vec<LockWait> {
        let text = |(id, shown): &ShownStatement| {
            let normalised = id.and_then(|id| texts.get(&id));
            let text = normalised.map_or_else(|| shown.clone(), |(text, _)| text.clone());
            cut(&text, LONGEST_TEXT)
        };
        let mut pairs: Vec<LockWait> = Vec::new();
        for seen in self.0.values() {
            let (waiting, blocking) = (text(&seen.waiting), text(&seen.blocking));
            let same = |pair: &&mut LockWait| {
                pair.waiting == waiting
                    && pair.blocking == blocking
                    && pair.blocker_state == seen.state
                    && pair.table == seen.table
                    && pair.lock == seen.lock
            };
            if let Some(pair) = pairs.iter_mut().find(same) {
                pair.waits += 1;
                pair.seconds += seen.seconds;
                pair.longest = pair.longest.max(seen.seconds);
                pair.blocker_transaction = pair.blocker_transaction.max(seen.transaction);
            } else {
                pairs.push(LockWait {
                    waiting,
                    blocking,
                    blocker_state: seen.state.clone(),
                    lock: seen.lock.clone(),
                    table: seen.table.clone(),
                    waits: 1,
                    seconds: seen.seconds,
                    longest: seen.seconds,
                    blocker_transaction: seen.transaction,
                });
            }
        }
        pairs.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        pairs.truncate(MOST_PAIRS);
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(waiting: i64, seconds: f64, table: Option<&str>) -> BlockedSession {
        BlockedSession {
            waiting: (Some(waiting), "update t set a = ?".to_owned()),
            blocking: (None, "lock table t".to_owned()),
            state: "idle in transaction".to_owned(),
            lock: "transactionid ShareLock".to_owned(),
            table: table.map(str::to_owned),
            seconds,
            transaction: seconds + 1.0,
        }
    }

    #[test]
    fn a_wait_seen_twice_is_one_and_waits_of_one_kind_are_summed() {
        let mut waits = LockWaits::default();
        let key = |pid: i32| (pid, "start".to_owned(), 9);
        waits.note(key(1), seen(7, 0.5, None));
        waits.note(key(1), seen(7, 2.5, Some("t")));
        waits.note(key(2), seen(7, 4.0, Some("t")));
        waits.note(key(3), seen(8, 1.0, Some("t")));
        let texts = HashMap::from([(7, ("UPDATE t SET a = $1".to_owned(), true))]);
        let pairs = waits.pairs(&texts);
        assert_eq!(pairs.len(), 2);
        assert_eq!(pairs[0].waiting, "UPDATE t SET a = $1");
        assert_eq!(pairs[0].blocking, "lock table t");
        assert_eq!((pairs[0].waits, pairs[0].table.as_deref()), (2, Some("t")));
        assert!((pairs[0].seconds - 6.5).abs() < 1e-9 && (pairs[0].longest - 4.0).abs() < 1e-9);
        assert!((pairs[0].blocker_transaction - 5.0).abs() < 1e-9);
        assert_eq!(pairs[1].waiting, "update t set a = ?", "no normalised text");
        let mut ids = waits.query_ids();
        ids.sort_unstable();
        assert_eq!(ids, [7, 7, 8]);
    }

    #[test]
    fn a_blocker_seen_while_it_commits_is_told_by_what_it_did_before() {
        let mut waits = LockWaits::default();
        let key = (1, "start".to_owned(), 9);
        let blocked_by = |blocking: &str, state: &str, seconds| BlockedSession {
            blocking: (None, blocking.to_owned()),
            state: state.to_owned(),
            ..seen(7, seconds, None)
        };
        waits.note(key.clone(), seen(7, 0.5, None));
        waits.note(key.clone(), blocked_by("update t set b = ?", "active", 1.0));
        waits.note(key.clone(), blocked_by("COMMIT", "active", 1.5));
        waits.note(key.clone(), blocked_by("commit;", "active", 2.0));
        waits.note(key, blocked_by("select ?", "idle", 2.5));
        let pairs = waits.pairs(&HashMap::new());
        assert_eq!(pairs[0].blocking, "update t set b = ?");
        assert_eq!((pairs[0].blocker_state.as_str(), pairs[0].longest), ("active", 2.5));

        let key = (2, "start".to_owned(), 9);
        waits.note(key, blocked_by("COMMIT", "active", 3.0));
        assert_eq!(waits.pairs(&HashMap::new())[0].blocking, "COMMIT", "all that was seen");
    }
}
