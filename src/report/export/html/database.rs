//! The database's part of the report: figures, statements with their plans, missing indexes, waits, tables.

use maud::{Markup, html};

use super::kit::{figures, head_row, label, prose, wide};
use super::{facts, table, words};
use crate::evidence::postgres::{PostgresObservation, ServerCounters, StatementObservation};
use crate::report::Database;
use crate::report::chart::Chart;
use crate::report::words::{database as sentences, labels, quoted};
use crate::slo::Label;
use crate::words::{Language, folded};

/// Most characters of a statement that are shown unfolded.
const LONGEST_BEGINNING: usize = 90;

pub(super) fn section(database: &Database, charts: &[Chart], language: Language) -> Markup {
    let observed = &database.observed;
    let unseen = observed.unseen.iter().map(|unseen| {
        let text = language.wording().hidden_data(unseen);
        vec![text.what, text.why, text.remedy]
    });
    let unseen: Vec<Vec<String>> = unseen.collect();
    html! {
        section #database-server {
            h2 { (label(labels::DATABASE, language)) }
            @if let Some(sentence) = sentences::headline(database, language) { p.opening { (prose(&sentence, language)) } }
            ul { @for finding in sentences::findings(database, language) { li { (prose(&finding, language)) } } }
            (figures(charts, &["database"]))
            (facts(language, &numbers(database, language)))
            @if !unseen.is_empty() {
                h3 { (label(labels::NOT_SHOWN, language)) }
                (words(language, language.label(labels::NOT_SHOWN), &labels::UNSEEN_COLUMNS.of(language), &unseen))
            }
            (statements(database, language))
            @if !observed.hints.is_empty() { (hints(database, language)) }
            @if !observed.lock_waits.is_empty() { (lock_waits(observed, language)) }
            @if !observed.tables.is_empty() { (tables(observed, language)) }
        }
    }
}

/// Percentiles by name, in one line.
fn quantiles(of: &[(String, f64)], language: Language) -> String {
    let told = of
        .iter()
        .map(|(name, value)| format!("{name} {}", language.time(*value)));
    told.collect::<Vec<_>>().join(", ")
}

/// Counts over each limit, in one line.
fn counts(observed: &PostgresObservation, over: &[u64], language: Language) -> String {
    let limits = observed.limits.iter().map(|limit| language.time(*limit as f64 / 1e3));
    let counts = limits.zip(over);
    counts
        .map(|(limit, over)| {
            let share = language.share(*over as f64 / observed.executions.max(1) as f64);
            format!(
                "{} {} {limit} ({share})",
                language.count(*over),
                language.label(labels::OVER_LIMIT)
            )
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn numbers(database: &Database, language: Language) -> Vec<(Label, String)> {
    let observed = &database.observed;
    let executions = format!(
        "{} ({}/s)",
        language.count(observed.executions),
        language.digits(database.per_second)
    );
    let mut numbers = vec![
        (
            crate::report::words::label("PostgreSQL", "PostgreSQL"),
            quoted(&observed.version),
        ),
        (labels::EXECUTIONS, executions),
    ];
    if !observed.over.is_empty() {
        numbers.push((labels::EXACT_OVER, counts(observed, &observed.over, language)));
        let sampled = observed.sample_rate.map_or_else(String::new, |rate| {
            format!(" ({} {})", language.share(rate), language.label(labels::LOGGED))
        });
        numbers.push((labels::SAMPLED, quantiles(&database.percentiles, language) + &sampled));
    }
    for step in &observed.steps {
        let name = if step.step == "parse" {
            labels::PARSE_STEPS
        } else {
            labels::BIND_STEPS
        };
        let parts = [
            format!("{} {}", language.label(labels::ABOUT), language.count(step.estimated)),
            step_counts(observed, &step.over, language),
            quantiles(&step.percentiles, language),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        numbers.push((name, parts.join(language.say("; ", " ; "))));
    }
    // Observations made before steps were kept apart have their sum alone.
    if observed.steps.is_empty() && !observed.preparations_over.is_empty() {
        let told = step_counts(observed, &observed.preparations_over, language);
        numbers.push((labels::EXACT_STEPS, told));
    }
    numbers.push((labels::STATEMENT_TIME, language.time(observed.total_ms)));
    let most = observed.max_connections.map_or_else(String::new, |most| {
        format!(" {} {most} (max_connections)", language.say("of", "sur"))
    });
    numbers.push((labels::PEAK_CONNECTIONS, format!("{}{most}", observed.peak_connections)));
    numbers.extend(observed.counters.iter().flat_map(|seen| counters(seen, language)));
    numbers.push((labels::ROWS, rows(observed, language)));
    numbers
}

/// Counts of steps over each limit, which are no share of the executions.
fn step_counts(observed: &PostgresObservation, over: &[u64], language: Language) -> String {
    let limits = observed.limits.iter().map(|limit| language.time(*limit as f64 / 1e3));
    let counts = limits.zip(over);
    counts
        .map(|(limit, over)| {
            format!(
                "{} {} {limit}",
                language.count(*over),
                language.label(labels::OVER_LIMIT)
            )
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn counters(seen: &ServerCounters, language: Language) -> Vec<(Label, String)> {
    let count = |value: u64| language.count(value);
    let (commits, rollbacks) = (count(seen.commits), count(seen.rollbacks));
    let deadlocks = language.plural(seen.deadlocks, "deadlock", "interblocage");
    let (due, requested) = (count(seen.checkpoints_timed), count(seen.checkpoints_requested));
    let (writing, syncing) = (
        language.time(seen.checkpoint_write_ms),
        language.time(seen.checkpoint_sync_ms),
    );
    let (bytes, pages) = (language.memory(seen.wal_bytes as f64), count(seen.wal_full_pages));
    let records = language.plural(seen.wal_records, "record", "enregistrement");
    let (transactions, checkpoints, log) = match language {
        Language::English => (
            format!("{commits} committed, {rollbacks} rolled back, {deadlocks}"),
            format!("{due} due, {requested} requested; writing {writing}, syncing {syncing}"),
            format!("{bytes} in {records}, {pages} full pages"),
        ),
        Language::French => (
            format!("{commits} validées, {rollbacks} annulées, {deadlocks}"),
            format!("{due} à échéance, {requested} à la demande ; écriture {writing}, synchronisation {syncing}"),
            format!("{bytes} en {records}, {pages} pages entières"),
        ),
    };
    let temporary = format!(
        "{} ({})",
        count(seen.temp_files),
        language.memory(seen.temp_bytes as f64)
    );
    vec![
        (labels::SERVER_TRANSACTIONS, transactions),
        (
            labels::CACHE_HITS,
            seen.cache_hit()
                .map_or_else(|| "–".to_owned(), |share| language.share(share)),
        ),
        (labels::TEMPORARY, temporary),
        (labels::CHECKPOINTS, checkpoints),
        (labels::WRITE_AHEAD, log),
    ]
}

/// `tasks 50,018, users 517 → 530`.
fn rows(observed: &PostgresObservation, language: Language) -> String {
    let after = |table: &str| {
        observed
            .rows_after
            .iter()
            .find(|(name, _)| name == table)
            .map(|(_, rows)| *rows)
    };
    let rows = observed.rows_before.iter().map(|(table, before)| {
        let name = quoted(table);
        match after(table) {
            Some(after) if after != *before => {
                format!("{name} {} → {}", language.count(*before), language.count(after))
            }
            _ => format!("{name} {}", language.count(*before)),
        }
    });
    // Counting a large table takes a scan of it, so that the planner's estimate may stand instead.
    let kind = if observed.rows_exact {
        String::new()
    } else {
        format!(" {}", language.label(labels::ESTIMATES))
    };
    rows.collect::<Vec<_>>().join(", ") + &kind
}

fn statements(database: &Database, language: Language) -> Markup {
    let limits = database.observed.limits.iter();
    let over = limits.map(|limit| {
        format!(
            "{} {}",
            language.label(labels::OVER),
            language.time(*limit as f64 / 1e3)
        )
    });
    let mut header: Vec<String> = labels::STATEMENT_COLUMNS.of(language).map(str::to_owned).to_vec();
    header.extend(over);
    header.extend(labels::BUFFER_COLUMNS.of(language).map(str::to_owned));
    html! {
        h3 { (label(labels::STATEMENTS, language)) }
        (wide(language, language.label(labels::STATEMENTS), &html! {
            table.statements data-sortable {
                (head_row(language, &header))
                tbody { @for statement in &database.observed.statements {
                    tr {
                        th scope="row" { (query(statement)) }
                        @for cell in cells(database, statement, language) { td.number { (prose(&cell, language)) } }
                    }
                } }
            }
        }))
        p.note { (label(labels::STATEMENTS_NOTE, language)) }
        (plans(database, language))
    }
}

fn cells(database: &Database, statement: &StatementObservation, language: Language) -> Vec<String> {
    let percentile = |name| language.optional(statement.percentile(name));
    let dash = || "–".to_owned();
    let buffers = statement.shared_hit + statement.shared_read;
    // Before PostgreSQL 17 the extension cannot reset its maxima alone: the greatest time may be from before the load.
    let mark = if statement.max_in_window { "" } else { "*" };
    let mut cells = vec![
        language.share(database.share(statement.total_ms)),
        language.time(statement.total_ms),
        language.count(statement.calls),
        language.time(statement.mean_ms),
        percentile("p50"),
        percentile("p95"),
        percentile("p99"),
        format!("{}{mark}", language.time(statement.max_ms)),
    ];
    let limits = database.observed.limits.iter().enumerate();
    cells.extend(limits.map(|(index, _)| {
        let over = statement.over.get(index);
        over.map_or_else(dash, |over| language.count(*over))
    }));
    cells.extend([
        language.count(statement.rows),
        // A statement that reads no table has no share of hits.
        if buffers == 0 {
            dash()
        } else {
            language.share(statement.shared_hit as f64 / buffers as f64)
        },
        language.count(statement.shared_read),
        language.count(statement.temp_read + statement.temp_written),
    ]);
    cells
}

/// The statement, folded after its beginning.
fn query(statement: &StatementObservation) -> Markup {
    let query = one_line(&statement.query);
    let beginning = beginning(&statement.query);
    html! {
        @if beginning == query { code translate="no" { (query) } } @else {
            details.query { summary { code translate="no" { (beginning) } } code translate="no" { (query) } }
        }
    }
}

fn one_line(query: &str) -> String {
    // Frameworks indent their statements over many lines.
    query.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn beginning(query: &str) -> String {
    folded(query, LONGEST_BEGINNING)
}

/// Plans of the busiest statements, folded, or the cause for which there is none.
fn plans(database: &Database, language: Language) -> Markup {
    let statements = &database.observed.statements;
    let share = |statement: &StatementObservation| language.share(database.share(statement.total_ms));
    html! {
        @if statements.iter().any(|statement| statement.plan.is_some() || statement.no_plan.is_some()) {
            h3 { (label(labels::PLANS, language)) }
            @for statement in statements {
                @match (&statement.plan, &statement.no_plan) {
                    (Some(plan), _) => details.query {
                        summary { (prose(&share(statement), language)) " " code translate="no" { (beginning(&statement.query)) } }
                        pre translate="no" tabindex="0" { (plan) }
                    },
                    (None, Some(why)) => p.note {
                        (prose(&share(statement), language)) " " code translate="no" { (beginning(&statement.query)) }
                        (prose(language.say(": ", " : "), language)) (label(labels::NO_PLAN, language)) " " (prose(&quoted(why), language))
                    },
                    (None, None) => {}
                }
            }
            p.note { (label(labels::PLANS_NOTE, language)) }
        }
    }
}

fn hints(database: &Database, language: Language) -> Markup {
    let rows = database.observed.hints.iter();
    let rows = rows.map(|hint| vec![sentences::hint(database, hint, language), quoted(&hint.evidence)]);
    let rows: Vec<Vec<String>> = rows.collect();
    html! {
        h3 { (label(labels::INDEXES, language)) }
        (words(language, language.label(labels::INDEXES), &labels::INDEX_COLUMNS.of(language), &rows))
        p.note { (label(labels::INDEXES_NOTE, language)) }
    }
}

fn lock_waits(observed: &PostgresObservation, language: Language) -> Markup {
    let rows = observed.lock_waits.iter().map(|wait| {
        vec![
            quoted(&wait.waiting),
            format!("{} ({})", quoted(&wait.blocking), quoted(&wait.blocker_state)),
            wait.table
                .as_ref()
                .map_or_else(|| "–".to_owned(), |table| quoted(table)),
            quoted(&wait.lock),
            language.count(wait.waits),
            language.time(wait.seconds * 1e3),
            language.time(wait.longest * 1e3),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    html! {
        h3 { (label(labels::LOCKS, language)) }
        (words(language, language.label(labels::LOCKS), &labels::LOCK_COLUMNS.of(language), &rows))
        p.note { (label(labels::LOCKS_NOTE, language)) }
    }
}

fn tables(observed: &PostgresObservation, language: Language) -> Markup {
    let rows = observed.tables.iter().map(|table| {
        vec![
            quoted(&table.table),
            language.count(table.live_rows),
            language.count(table.seq_scans),
            language.count(table.seq_rows),
            language.count(table.index_scans),
            language.count(table.inserted),
            language.count(table.updated),
            language.count(table.deleted),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    html! {
        details {
            summary { (label(labels::TABLES, language)) }
            (table(language, language.label(labels::TABLES), &labels::TABLE_COLUMNS.of(language), &rows))
        }
    }
}
