//! What the database tells.

use super::{Rule, suspect};
use crate::report::attribution::budget::Part;
use crate::report::attribution::facts::{Database, Facts, Topic};
use crate::report::attribution::suspect::Suspect;
use crate::report::attribution::{Tier, portion};
use crate::report::text;
use crate::sizing::erlang_c;

/// Waits of all sessions together that are felt, as a share of the time of all requests.
const LOCKED_SHARE: f64 = 0.05;
/// One wait that is felt by whoever waits, in seconds.
const LOCKED_LONG: f64 = 0.5;
/// Share of those who want a connection and have to wait for it, from which on that is felt.
const QUEUEING: f64 = 0.5;
/// From here on statements are where the time goes.
const DATABASE_SHARE: f64 = 0.35;
/// From here on one statement is where the statements' time goes.
const STATEMENT_SHARE: f64 = 0.3;

pub(super) const LOCKS: Rule = Rule {
    name: "lock-waits",
    describe: "sessions waited for locks for 5 % of the time of all requests, or one of them for half a second; weight 0.97",
    look: locks,
};

fn locks(facts: &Facts) -> Vec<Suspect> {
    let complain = facts.complain(&[Topic::Requests, Topic::Statements, Topic::Pages, Topic::Failures]);
    let waits = facts
        .database
        .as_ref()
        .and_then(|database| database.lock_waits.as_ref());
    let Some(waits) = waits.filter(|_| complain) else {
        return Vec::new();
    };
    if waits.seconds < LOCKED_SHARE * facts.request_seconds && waits.longest < LOCKED_LONG {
        return Vec::new();
    }
    let table = waits
        .table
        .as_ref()
        .map_or_else(String::new, |table| format!(" on {table}"));
    vec![suspect(
        Tier::Database,
        None,
        0.97,
        format!(
            "statements wait for a lock{table}: `{}` waited up to {:.1} s for a session that is {} after `{}`",
            short(&waits.waiting),
            waits.longest,
            waits.blocker_state,
            short(&waits.blocking)
        ),
        vec![format!(
            "{:.1} s of waiting for locks, the longest {:.1} s",
            waits.seconds, waits.longest
        )],
        "Make the transaction that holds the lock shorter: no outside calls and no user's pauses inside it.",
    )]
}

pub(super) const POOL: Rule = Rule {
    name: "connection-pool",
    describe: "half of those who want a connection to the database would find all of them taken, by Erlang's C formula, while the database has time left; weight 0.5 + 0.42 × that share",
    look: pool,
};

fn pool(facts: &Facts) -> Vec<Suspect> {
    let Some(database) = &facts.database else {
        return Vec::new();
    };
    let (Some(busy), Some(queueing)) = (database.connections_busy, queueing(database)) else {
        return Vec::new();
    };
    let starved = facts.services.iter().any(|service| {
        let at_limit = service.cpu_limit.is_some_and(|limit| service.cpu >= 0.8 * limit);
        service.place() == Tier::Database && (at_limit || service.throttled >= 0.1)
    });
    if starved || !facts.complain(&[Topic::Requests, Topic::Pages, Topic::Failures]) {
        return Vec::new();
    }
    let connections = text::plural(u64::from(database.connections), "connection");
    vec![suspect(
        Tier::Application,
        None,
        0.5 + 0.42 * queueing,
        format!(
            "requests queue for a database connection: the application has {connections}, busy {} of the time",
            portion(busy)
        ),
        vec![
            format!(
                "{connections}, {} busy: {} of those who want one have to wait (Erlang C)",
                portion(busy),
                portion(queueing)
            ),
            format!("{:.2} statements under way on average", database.sessions_busy),
        ],
        "Enlarge the application's connection pool, or hold each connection for a shorter time.",
    )]
}

/// Share of those who want a connection and find all of them taken, where it is felt. Of few connections it is high while they still
/// have time; of many they all have to be busy first.
pub(super) fn queueing(database: &Database) -> Option<f64> {
    let share = erlang_c(database.connections, database.connections_busy?);
    (share >= QUEUEING).then_some(share)
}

pub(super) const STATEMENT: Rule = Rule {
    name: "slow-statement",
    describe: "statements miss their objective, or take 35 % of the time of requests, and one of them, or all that read the same large table from end to end, take 30 % of it; weight 0.9 for the first, else 0.5 + 0.4 × the share; 0.05 more where a large table is read so",
    look: statement,
};

fn statement(facts: &Facts) -> Vec<Suspect> {
    let Some(worst) = facts.database.as_ref().and_then(|database| database.worst.as_ref()) else {
        return Vec::new();
    };
    let missed = facts.complain(&[Topic::Statements]);
    let share = facts.share(Part::Database);
    let behind_others = facts.complain(&[Topic::Requests, Topic::Pages]);
    let slow = behind_others && share >= DATABASE_SHARE && worst.share >= STATEMENT_SHARE;
    if !missed && !slow {
        return Vec::new();
    }
    let mut weight = if missed { 0.9 } else { 0.5 + 0.4 * share };
    let of_time = portion(worst.share);
    let text = short(&worst.heaviest);
    let mean = text::millis(worst.mean_ms);
    let mut clause = format!("{of_time} of the time in PostgreSQL goes to `{text}` ({mean} a call)");
    let mut advice = "Look at its plan in the report: what does it read, wait for, or compute?".to_owned();
    let calls = text::count(worst.calls);
    let mut evidence = vec![format!("{calls} calls, mean {mean}, {of_time} of all statement time")];
    if share > 0.0 {
        evidence.push(format!("statements take {} of a request (estimated)", portion(share)));
    }
    if let Some(lack) = &worst.lacks {
        weight += 0.05;
        let (table, rows) = (&lack.table, text::count(lack.rows));
        clause = match worst.number {
            1 => format!("{clause}, which reads all {rows} rows of {table}"),
            number => format!(
                "{of_time} of the time in PostgreSQL goes to {number} statements ({mean} a call) that read all {rows} rows of \
                 {table}, `{text}` among them"
            ),
        };
        advice = match (lack.columns.as_slice(), worst.number) {
            ([], 1) => format!("Give {table} an index that serves this statement."),
            ([], _) => format!("Give {table} an index that serves these statements."),
            (columns, _) => format!(
                "Try an index: CREATE INDEX ON {table} (\"{}\");",
                columns.join("\", \"")
            ),
        };
        evidence.push(format!("sequential scans of {table}, {rows} rows"));
    }
    vec![suspect(Tier::Database, None, weight, clause, evidence, &advice)]
}

/// One line of at most 90 characters.
fn short(statement: &str) -> String {
    let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(89) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
