//! Finds missing indexes: large tables that are scanned sequentially by statements whose plans want few of the rows.

use super::plan::Scan;
use crate::evidence::postgres::{IndexHint, StatementObservation, TableActivity};

/// Fewest rows read per scan for which a hint is given.
const MANY_ROWS: f64 = 5_000.0;
/// Largest share of a table's rows for which an index is assumed to be quicker.
const FEW: f64 = 0.2;
/// Most hints of one run.
const MOST_HINTS: usize = 10;

/// Hints, sorted by the total time of the statements that show them, longest first.
pub(super) fn hints(tables: &[TableActivity], plans: &[(&StatementObservation, Vec<Scan>)]) -> Vec<IndexHint> {
    let mut hints: Vec<IndexHint> = Vec::new();
    for (statement, scans) in plans {
        for scan in scans {
            let Some(table) = tables
                .iter()
                .find(|table| table.table == scan.table && is_read_through(table))
            else {
                continue;
            };
            // An index on a condition that most rows pass would not be used: reading the table in order is faster.
            let selective = !scan.filter.is_empty() && scan.rows <= FEW * table.live_rows as f64;
            let filter: &[String] = if selective { &scan.filter } else { &[] };
            if filter.is_empty() && scan.sort.is_empty() {
                continue;
            }
            let same =
                |hint: &&mut IndexHint| hint.table == scan.table && hint.filter == filter && hint.sort == scan.sort;
            if let Some(hint) = hints.iter_mut().find(same) {
                add(hint, statement);
            } else {
                let mut hint = IndexHint {
                    table: table.table.clone(),
                    live_rows: table.live_rows,
                    scans: table.seq_scans,
                    rows_per_scan: table.seq_rows as f64 / table.seq_scans as f64,
                    filter: filter.to_vec(),
                    sort: scan.sort.clone(),
                    evidence: scan.evidence.clone(),
                    statements: Vec::new(),
                    calls: 0,
                    total_ms: 0.0,
                };
                add(&mut hint, statement);
                hints.push(hint);
            }
        }
    }
    hints.sort_by(|a, b| b.total_ms.total_cmp(&a.total_ms));
    hints.truncate(MOST_HINTS);
    hints
}

fn is_read_through(table: &TableActivity) -> bool {
    table.seq_scans > 0 && table.seq_rows as f64 / table.seq_scans as f64 >= MANY_ROWS
}

fn add(hint: &mut IndexHint, statement: &StatementObservation) {
    // One statement may scan a table twice.
    if !hint.statements.contains(&statement.id) {
        hint.statements.push(statement.id.clone());
        hint.calls += statement.calls;
        hint.total_ms += statement.total_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, seq_scans: u64, seq_rows: u64, live_rows: u64) -> TableActivity {
        TableActivity {
            table: name.to_owned(),
            seq_scans,
            seq_rows,
            live_rows,
            ..TableActivity::default()
        }
    }

    fn statement(id: &str, total_ms: f64) -> StatementObservation {
        StatementObservation {
            id: id.to_owned(),
            calls: 10,
            total_ms,
            ..StatementObservation::default()
        }
    }

    fn scan(table: &str, rows: f64, filter: &[&str], sort: &[&str]) -> Scan {
        let owned = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
        Scan {
            table: table.to_owned(),
            rows,
            filter: owned(filter),
            sort: owned(sort),
            evidence: format!("Filter: {filter:?}"),
        }
    }

    #[test]
    fn statements_that_want_the_same_index_make_one_hint() {
        let tables = [table("tasks", 20, 1_000_000, 50_000), table("users", 20, 10_000, 500)];
        let (first, second) = (statement("1", 100.0), statement("2", 300.0));
        let wanted = scan("tasks", 25.0, &["projectId"], &[]);
        let plans = [
            (
                &first,
                vec![wanted.clone(), wanted.clone(), scan("users", 1.0, &["login"], &[])],
            ),
            (&second, vec![wanted, scan("tasks", 50_000.0, &[], &["createdAt"])]),
        ];
        let found = hints(&tables, &plans);
        assert_eq!(found.len(), 2, "users are few: {found:?}");
        assert_eq!(found[0].columns(), ["projectId"]);
        assert_eq!((found[0].calls, found[0].total_ms), (20, 400.0));
        assert_eq!((found[0].rows_per_scan, found[0].scans), (50_000.0, 20));
        assert_eq!(found[1].columns(), ["createdAt"]);
    }

    #[test]
    fn what_an_index_would_not_help_is_no_hint() {
        let tables = [table("tasks", 20, 1_000_000, 50_000), table("unread", 0, 0, 50_000)];
        let busy = statement("1", 100.0);
        let plans = [(
            &busy,
            vec![
                scan("tasks", 25_000.0, &["status"], &[]),
                scan("tasks", 50_000.0, &[], &[]),
                scan("unread", 1.0, &["x"], &[]),
            ],
        )];
        assert!(hints(&tables, &plans).is_empty());
    }
}
