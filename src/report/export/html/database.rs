//! The database's part of the report: figures, statements with their plans, missing indexes, waits, tables.

use maud::{Markup, html};

use super::{facts, table, words};
use crate::evidence::postgres::{PostgresObservation, ServerCounters, StatementObservation};
use crate::report::Database;
use crate::words::en::{self, text};
use crate::words::folded;

/// Most characters of a statement that are shown unfolded.
const LONGEST_BEGINNING: usize = 90;

pub(super) fn section(database: &Database) -> Markup {
    let observed = &database.observed;
    html! {
        section {
            h2 { "Database" }
            ul { @for finding in database.findings() { li { strong { (finding) } } } }
            (facts(&figures(database)))
            @if !observed.unseen.is_empty() {
                h3 { "Not shown by the server" }
                (words(&["What", "Why", "To see it"], &observed.unseen.iter().map(|unseen| {
                    let text = en::unseen(unseen);
                    vec![text.what, text.why, text.remedy]
                }).collect::<Vec<_>>()))
            }
            (statements(database))
            @if !observed.hints.is_empty() { (hints(database)) }
            @if !observed.lock_waits.is_empty() { (lock_waits(observed)) }
            @if !observed.tables.is_empty() { (tables(observed)) }
        }
    }
}

fn figures(database: &Database) -> Vec<(&'static str, String)> {
    let observed = &database.observed;
    let share = |over: u64| text::share(over as f64 / observed.executions.max(1) as f64);
    let limits = || observed.limits.iter().map(|limit| text::millis(*limit as f64 / 1e3));
    let counts = |over: &[u64]| {
        let counts = limits().zip(over.to_vec());
        counts
            .map(|(limit, over)| format!("{} over {limit}", text::count(over)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let over = limits().zip(&observed.over);
    let over = over.map(|(limit, over)| format!("{} over {limit} ({})", text::count(*over), share(*over)));
    let quantiles = |of: &[(String, f64)]| {
        let quantiles = of
            .iter()
            .map(|(name, value)| format!("{name} {}", text::millis(*value)));
        quantiles.collect::<Vec<_>>().join(", ")
    };
    let executions = format!(
        "{} ({}/s)",
        text::count(observed.executions),
        text::digits(database.per_second)
    );
    let mut figures = vec![("PostgreSQL", observed.version.clone()), ("Executions", executions)];
    if !observed.over.is_empty() {
        figures.push(("Over limits, exact", over.collect::<Vec<_>>().join(", ")));
        let sampled = observed
            .sample_rate
            .map_or_else(String::new, |rate| format!(" ({} logged)", text::share(rate)));
        figures.push(("Percentiles, sampled", quantiles(&database.percentiles) + &sampled));
    }
    for step in &observed.steps {
        let name = if step.step == "parse" {
            "Parse steps"
        } else {
            "Bind and plan steps"
        };
        let times = quantiles(&step.percentiles);
        let about = text::count(step.estimated);
        figures.push((
            name,
            format!("about {about}; {}; {times}", counts(&step.over))
                .trim_end_matches("; ")
                .to_owned(),
        ));
    }
    if observed.steps.is_empty() && !observed.preparations_over.is_empty() {
        figures.push(("Parse and bind steps, exact", counts(&observed.preparations_over)));
    }
    figures.push(("Time in all statements", text::millis(observed.total_ms)));
    let most = observed
        .max_connections
        .map_or_else(String::new, |most| format!(" of {most} (max_connections)"));
    figures.push(("Peak connections", format!("{}{most}", observed.peak_connections)));
    figures.extend(observed.counters.iter().flat_map(counters));
    figures.push(("Rows", rows(observed)));
    figures
}

fn counters(counters: &ServerCounters) -> Vec<(&'static str, String)> {
    let count = text::count;
    vec![
        (
            "Transactions",
            format!(
                "{} committed, {} rolled back, {}",
                count(counters.commits),
                count(counters.rollbacks),
                text::plural(counters.deadlocks, "deadlock")
            ),
        ),
        (
            "Buffers found in the cache",
            counters.cache_hit().map_or_else(|| "–".to_owned(), text::share),
        ),
        (
            "Temporary files",
            format!(
                "{} ({})",
                count(counters.temp_files),
                text::bytes(counters.temp_bytes as f64)
            ),
        ),
        (
            "Checkpoints",
            format!(
                "{} due, {} requested; writing {}, syncing {}",
                count(counters.checkpoints_timed),
                count(counters.checkpoints_requested),
                text::millis(counters.checkpoint_write_ms),
                text::millis(counters.checkpoint_sync_ms)
            ),
        ),
        (
            "Write-ahead log",
            format!(
                "{} in {}, {} full pages",
                text::bytes(counters.wal_bytes as f64),
                text::plural(counters.wal_records, "record"),
                count(counters.wal_full_pages)
            ),
        ),
    ]
}

/// `tasks 50,018, users 517 → 530`.
fn rows(observed: &PostgresObservation) -> String {
    let after = |table: &str| {
        observed
            .rows_after
            .iter()
            .find(|(name, _)| name == table)
            .map(|(_, rows)| *rows)
    };
    let rows = observed.rows_before.iter().map(|(table, before)| match after(table) {
        Some(after) if after != *before => format!("{table} {} → {}", text::count(*before), text::count(after)),
        _ => format!("{table} {}", text::count(*before)),
    });
    let kind = if observed.rows_exact {
        ""
    } else {
        " (estimates of the server)"
    };
    rows.collect::<Vec<_>>().join(", ") + kind
}

fn statements(database: &Database) -> Markup {
    let over: Vec<String> = database
        .observed
        .limits
        .iter()
        .map(|limit| format!("Over {}", text::millis(*limit as f64 / 1e3)))
        .collect();
    let columns = ["Share", "Total", "Calls", "Mean", "p50", "p95", "p99", "Longest"];
    let rest = ["Rows", "Cache hits", "Read", "Temporary"];
    html! {
        h3 { "Statements by their share of the database's time" }
        div.wide {
            table.statements {
                thead { tr { th { "Statement" }
                    @for head in columns { th { (head) } }
                    @for head in &over { th { (head) } }
                    @for head in rest { th { (head) } }
                } }
                tbody { @for statement in &database.observed.statements {
                    tr {
                        td { (query(statement)) }
                        @for cell in cells(database, statement) { td.number { (cell) } }
                    }
                } }
            }
        }
        p.note { "Judged window. Percentiles come from the log and are left out where it holds too few lines of a statement; a "
            "longest marked with * is that since the server's statistics began. Read and Temporary count buffers." }
        (plans(database))
    }
}

fn cells(database: &Database, statement: &StatementObservation) -> Vec<String> {
    let percentile = |name| text::optional(statement.percentile(name));
    let buffers = statement.shared_hit + statement.shared_read;
    let mark = if statement.max_in_window { "" } else { "*" };
    let mut cells = vec![
        text::share(database.share(statement.total_ms)),
        text::millis(statement.total_ms),
        text::count(statement.calls),
        text::millis(statement.mean_ms),
        percentile("p50"),
        percentile("p95"),
        percentile("p99"),
        format!("{}{mark}", text::millis(statement.max_ms)),
    ];
    let limits = database.observed.limits.iter().enumerate();
    cells.extend(limits.map(|(index, _)| {
        statement
            .over
            .get(index)
            .map_or_else(|| "–".to_owned(), |over| text::count(*over))
    }));
    cells.extend([
        text::count(statement.rows),
        if buffers == 0 {
            "–".to_owned()
        } else {
            text::share(statement.shared_hit as f64 / buffers as f64)
        },
        text::count(statement.shared_read),
        text::count(statement.temp_read + statement.temp_written),
    ]);
    cells
}

/// The statement, folded after its beginning.
fn query(statement: &StatementObservation) -> Markup {
    let query = one_line(&statement.query);
    let beginning = beginning(&statement.query);
    html! {
        @if beginning == query { code { (query) } } @else {
            details.query { summary { code { (beginning) } } code { (query) } }
        }
    }
}

fn one_line(query: &str) -> String {
    query.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn beginning(query: &str) -> String {
    folded(query, LONGEST_BEGINNING)
}

/// Plans of the busiest statements, folded, or the cause for which there is none.
fn plans(database: &Database) -> Markup {
    let statements = &database.observed.statements;
    html! {
        @if statements.iter().any(|statement| statement.plan.is_some() || statement.no_plan.is_some()) {
            h3 { "Their plans" }
            @for statement in statements {
                @let share = text::share(database.share(statement.total_ms));
                @match (&statement.plan, &statement.no_plan) {
                    (Some(plan), _) => details.query {
                        summary { (share) " " code { (beginning(&statement.query)) } }
                        pre { (plan) }
                    },
                    (None, Some(why)) => p.note { (share) " " code { (beginning(&statement.query)) } ": no plan, " (why) },
                    (None, None) => {}
                }
            }
            p.note { "Made for unknown parameters and without executing anything: the server may plan otherwise for known ones." }
        }
    }
}

fn hints(database: &Database) -> Markup {
    html! {
        h3 { "Missing indexes" }
        (words(&["What was seen", "The plan's words"], &database.observed.hints.iter().map(|hint| {
            vec![database.hint(hint), hint.evidence.clone()]
        }).collect::<Vec<_>>()))
        p.note { "Tables that were read from end to end in the judged window, by statements whose plan keeps few of the rows. An "
            "index also has to be written: measure with it before keeping it." }
    }
}

fn lock_waits(observed: &PostgresObservation) -> Markup {
    let rows = observed.lock_waits.iter().map(|wait| {
        vec![
            wait.waiting.clone(),
            format!("{} ({})", wait.blocking, wait.blocker_state),
            wait.table.clone().unwrap_or_else(|| "–".to_owned()),
            wait.lock.clone(),
            text::count(wait.waits),
            text::millis(wait.seconds * 1e3),
            text::millis(wait.longest * 1e3),
        ]
    });
    let header = [
        "Waiting",
        "Held by the session of",
        "Table",
        "Lock",
        "Waits",
        "In all",
        "Longest",
    ];
    html! {
        h3 { "Waits for locks" }
        (words(&header, &rows.collect::<Vec<_>>()))
        p.note { "Looked at twice a second: shorter waits may be missed, and each is known up to half a second." }
    }
}

fn tables(observed: &PostgresObservation) -> Markup {
    let rows = observed.tables.iter().map(|table| {
        vec![
            table.table.clone(),
            text::count(table.live_rows),
            text::count(table.seq_scans),
            text::count(table.seq_rows),
            text::count(table.index_scans),
            text::count(table.inserted),
            text::count(table.updated),
            text::count(table.deleted),
        ]
    });
    let header = [
        "Table",
        "Live rows",
        "Sequential scans",
        "Rows read by them",
        "Index scans",
        "Inserted",
        "Updated",
        "Deleted",
    ];
    html! {
        details { summary { "Tables" } (table(&header, &rows.collect::<Vec<_>>())) }
    }
}
