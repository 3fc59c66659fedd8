//! The sample's database: most of its time in one statement without an index, and a lock that was held.

use crate::evidence::postgres::{
    DatabasePoint, IndexHint, LockWait, PostgresObservation, ServerCounters, StatementObservation, StepObservation,
    TableActivity,
};

pub(super) fn observation() -> PostgresObservation {
    let rows = vec![("tasks".to_owned(), 50_018), ("projects".to_owned(), 2_003)];
    PostgresObservation {
        version: "18.1".to_owned(),
        limits: vec![50_000, 150_000],
        executions: 8_640,
        over: vec![3, 0],
        preparations_over: vec![1, 0],
        sampled: (1..=400_u64).map(|index| (index * 40, 20.0)).collect(),
        statements: vec![statement()],
        total_ms: 9_800.0,
        peak_connections: 11,
        max_connections: Some(100),
        rows_after: rows.clone(),
        rows_before: rows,
        rows_exact: true,
        sample_rate: Some(0.05),
        steps: vec![StepObservation {
            step: "bind".to_owned(),
            logged: 400,
            estimated: 8_000,
            over: vec![1, 0],
            percentiles: vec![("p50".to_owned(), 0.02), ("p95".to_owned(), 0.11)],
            max_ms: 52.0,
        }],
        points: (0..70).map(point).collect(),
        lock_waits: vec![LockWait {
            waiting: "UPDATE tasks SET status = $1 WHERE id = $2".to_owned(),
            blocking: "UPDATE projects SET name = $1 WHERE id = $2".to_owned(),
            blocker_state: "idle in transaction".to_owned(),
            lock: "transactionid ShareLock".to_owned(),
            table: Some("tasks".to_owned()),
            waits: 3,
            seconds: 2.4,
            longest: 1.1,
            blocker_transaction: 1.3,
        }],
        counters: Some(ServerCounters {
            commits: 8_700,
            rollbacks: 2,
            temp_files: 2,
            temp_bytes: 3 << 20,
            blocks_hit: 99_000,
            blocks_read: 1_000,
            checkpoints_timed: 1,
            wal_records: 700,
            wal_bytes: 90_000,
            ..ServerCounters::default()
        }),
        tables: vec![TableActivity {
            table: "tasks".to_owned(),
            live_rows: 50_018,
            seq_scans: 2_880,
            seq_rows: 2_880 * 50_018,
            index_scans: 600,
            updated: 120,
            ..TableActivity::default()
        }],
        hints: vec![IndexHint {
            table: "tasks".to_owned(),
            live_rows: 50_018,
            scans: 2_880,
            rows_per_scan: 50_018.0,
            filter: vec!["project_id".to_owned()],
            sort: Vec::new(),
            evidence: "Filter: (tasks.project_id = $1)".to_owned(),
            statements: vec!["-42".to_owned()],
            calls: 2_880,
            total_ms: 4_320.0,
        }],
        unseen: Vec::new(),
    }
}

fn statement() -> StatementObservation {
    StatementObservation {
        id: "-42".to_owned(),
        query: "SELECT * FROM tasks WHERE project_id = $1".to_owned(),
        calls: 2_880,
        total_ms: 4_320.0,
        mean_ms: 1.5,
        max_ms: 61.0,
        max_in_window: true,
        rows: 51_840,
        shared_hit: 90_000,
        shared_read: 120,
        over: vec![3, 0],
        logged: 150,
        percentiles: vec![("p50".to_owned(), 1.2), ("p95".to_owned(), 4.1)],
        plan: Some("Seq Scan on tasks  (cost=0.00..2188.22 rows=25)\n  Filter: (project_id = $1)".to_owned()),
        ..StatementObservation::default()
    }
}

fn point(second: u32) -> DatabasePoint {
    DatabasePoint {
        at: f64::from(second),
        connections: 10 + u32::from(second == 40),
        active: 2 + second % 3,
        idle_in_transaction: u32::from(second > 38 && second < 42),
        waits: (second > 38 && second < 42)
            .then(|| ("Lock".to_owned(), 1))
            .into_iter()
            .collect(),
        longest_transaction: 0.2,
        commits: 145.0,
        cache_hit: Some(0.99),
        ..DatabasePoint::default()
    }
}
