//! Sentences on the database.

use super::{Language, quoted};
use crate::evidence::postgres::{IndexHint, LockWait};
use crate::report::Database;
use crate::words::folded;

/// Least seconds of waiting for a lock that are worth a sentence.
const LONG_WAIT: f64 = 0.5;
/// Share of `max_connections` from which on connections are too many.
const NEARLY_ALL: f64 = 0.9;
/// Least share of the database's time for which a missing index is worth a sentence of the summary.
const MUCH: f64 = 0.1;
/// Most characters of a statement inside a sentence.
const LONGEST_QUOTE: usize = 80;

/// Executions and the statement with the largest share of their time, in one sentence; `None` without an execution.
pub(in crate::report) fn headline(database: &Database, language: Language) -> Option<String> {
    let observed = &database.observed;
    if observed.executions == 0 {
        return None;
    }
    let mut sentence = format!(
        "{} ({}/s)",
        match language {
            Language::English => language.plural(observed.executions, "statement execution", ""),
            Language::French => format!("{} SQL", language.plural(observed.executions, "", "requête")),
        },
        language.digits(database.per_second)
    );
    if let Some((_, p95)) = database.percentiles.iter().find(|(name, _)| name == "p95") {
        sentence = format!("{sentence}, p95 {}", language.time(*p95));
    }
    if let Some(busiest) = observed.statements.first() {
        let (share, query) = (language.share(database.share(busiest.total_ms)), quote(&busiest.query));
        let calls = language.plural(busiest.calls, "call", "appel");
        let mean = language.time(busiest.mean_ms);
        sentence = match language {
            Language::English => format!("{sentence}; {share} of their time in {query} ({calls}, mean {mean})"),
            Language::French => {
                format!("{sentence} ; {share} de leur temps passé dans {query} ({calls}, moyenne {mean})")
            }
        };
    }
    Some(sentence + ".")
}

/// Problems, in sentences: waits for locks, missing indexes, too many connections, deadlocks, temporary files.
pub(in crate::report) fn findings(database: &Database, language: Language) -> Vec<String> {
    let observed = &database.observed;
    let waits = observed.lock_waits.iter().filter(|wait| wait.seconds >= LONG_WAIT);
    let mut findings: Vec<String> = waits.map(|wait| lock_wait(wait, language)).collect();
    let hints = observed
        .hints
        .iter()
        .filter(|hint| database.share(hint.total_ms) >= MUCH);
    findings.extend(hints.map(|found| hint(database, found, language)));
    if let Some(most) = observed.max_connections
        && f64::from(observed.peak_connections) >= NEARLY_ALL * f64::from(most)
    {
        let peak = observed.peak_connections;
        findings.push(match language {
            Language::English => format!("{peak} of {most} connections (max_connections) were in use."),
            Language::French => format!("{peak} connexions sur {most} (max_connections) étaient occupées."),
        });
    }
    if let Some(counters) = &observed.counters {
        if counters.deadlocks > 0 {
            findings.push(match language {
                Language::English => format!(
                    "{} in the database.",
                    language.plural(counters.deadlocks, "deadlock", "")
                ),
                Language::French => format!(
                    "{} dans la base de données.",
                    language.plural(counters.deadlocks, "", "interblocage")
                ),
            });
        }
        if counters.temp_files > 0 {
            let files = language.plural(counters.temp_files, "temporary file", "fichier temporaire");
            let bytes = language.memory(counters.temp_bytes as f64);
            findings.push(match language {
                Language::English => format!("Sorts or hashes did not fit into work_mem: {files} ({bytes})."),
                Language::French => {
                    format!("Des tris ou des hachages n’ont pas tenu dans work_mem : {files} ({bytes}).")
                }
            });
        }
    }
    findings
}

/// A missing index in a sentence.
pub(in crate::report) fn hint(database: &Database, hint: &IndexHint, language: Language) -> String {
    let why = match (hint.filter.is_empty(), hint.sort.is_empty()) {
        (false, true) => language.say("filter by", "filtrent sur"),
        (true, _) => language.say("want the first rows by", "veulent les premières lignes selon"),
        (false, false) => language.say("filter and sort by", "filtrent et trient sur"),
    };
    let columns = columns(hint);
    let examples = hint.statements.iter().filter_map(|id| database.statement(id));
    let example = examples
        .map(|statement| format!(" ({})", quote(&statement.query)))
        .next()
        .unwrap_or_default();
    let table = &hint.table;
    let rows = language.count(whole(hint.rows_per_scan));
    let share = language.share(database.share(hint.total_ms));
    match language {
        Language::English => format!(
            "{table} is read from end to end ({rows} rows a scan, {}) by statements that {why} {columns} and take {share} of the \
             database's time{example}: an index on {table} ({columns}) could serve them.",
            language.plural(hint.scans, "scan", ""),
        ),
        Language::French => format!(
            "{table} est lue en entier ({rows} lignes par lecture, {}) par des requêtes SQL qui {why} {columns} et prennent {share} \
             du temps de la base de données{example} : un index sur {table} ({columns}) pourrait les servir.",
            language.plural(hint.scans, "", "lecture"),
        ),
    }
}

/// Measurements that the server did not offer, in sentences.
pub(in crate::report) fn not_offered(database: &Database, language: Language) -> Vec<String> {
    let unseen = database.observed.unseen.iter();
    unseen
        .map(|unseen| {
            let text = language.wording().hidden_data(unseen);
            let (what, why, remedy) = (text.what, text.why, text.remedy);
            match language {
                Language::English => format!("Database: {what} ({why}). To see it: {remedy}."),
                Language::French => format!("Base de données : {what} ({why}). Pour y remédier : {remedy}."),
            }
        })
        .collect()
}

fn columns(hint: &IndexHint) -> String {
    let named = |column: String| {
        let plain = column
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if plain { column } else { format!("\"{column}\"") }
    };
    hint.columns().into_iter().map(named).collect::<Vec<_>>().join(", ")
}

fn lock_wait(wait: &LockWait, language: Language) -> String {
    let (waiting, blocking) = (quote(&wait.waiting), quote(&wait.blocking));
    let (all, longest) = (language.time(wait.seconds * 1e3), language.time(wait.longest * 1e3));
    let state = quoted(&wait.blocker_state);
    let on = |word: &str| {
        wait.table
            .as_ref()
            .map_or_else(String::new, |table| format!(" {word} {table}"))
    };
    match language {
        Language::English => format!(
            "{waiting} waited {all} for a lock{} ({}, longest {longest}) held by a session ({state}) after {blocking}.",
            on("on"),
            language.plural(wait.waits, "time", ""),
        ),
        Language::French => format!(
            "{waiting} a attendu {all} un verrou{} ({} fois, {longest} au plus) tenu par une session ({state}) après {blocking}.",
            on("sur"),
            language.count(wait.waits),
        ),
    }
}

/// A statement on one line, shortened.
fn quote(statement: &str) -> String {
    quoted(&folded(statement, LONGEST_QUOTE))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive mean of counts"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::words::unmarked;

    fn findings(database: &Database) -> Vec<String> {
        let found = super::findings(database, Language::English);
        found.iter().map(|text| unmarked(text)).collect()
    }

    #[test]
    fn the_headline_names_what_took_the_time() {
        let database = sample::document().database.unwrap();
        let told = |language| unmarked(&headline(&database, language).unwrap());
        assert_eq!(
            told(Language::English),
            "8,640 statement executions (144/s), p95 15.2 ms; 44.08 % of their time in SELECT * FROM tasks WHERE project_id \
             = $1 (2,880 calls, mean 1.50 ms)."
        );
        assert_eq!(
            told(Language::French),
            "8\u{202f}640 requêtes SQL (144/s), p95 15,2 ms ; 44,08 % de leur temps passé dans SELECT * FROM tasks WHERE \
             project_id = $1 (2\u{202f}880 appels, moyenne 1,50 ms)."
        );
        let mut none = database.clone();
        none.observed.executions = 0;
        assert_eq!(headline(&none, Language::English), None);
    }

    #[test]
    fn what_should_not_be_becomes_a_sentence_each() {
        let mut database = sample::document().database.unwrap();
        assert_eq!(
            findings(&database),
            [
                "UPDATE tasks SET status = $1 WHERE id = $2 waited 2,400 ms for a lock on tasks (3 times, longest 1,100 ms) \
                 held by a session (idle in transaction) after UPDATE projects SET name = $1 WHERE id = $2.",
                "tasks is read from end to end (50,018 rows a scan, 2,880 scans) by statements that filter by project_id and \
                 take 44.08 % of the database's time (SELECT * FROM tasks WHERE project_id = $1): an index on tasks \
                 (project_id) could serve them.",
                "Sorts or hashes did not fit into work_mem: 2 temporary files (3.00 MiB).",
            ]
        );
        database.observed.peak_connections = 95;
        database.observed.hints.clear();
        database.observed.lock_waits.clear();
        let counters = database.observed.counters.as_mut().unwrap();
        (counters.deadlocks, counters.temp_files) = (1, 0);
        assert_eq!(
            findings(&database),
            [
                "95 of 100 connections (max_connections) were in use.",
                "1 deadlock in the database."
            ]
        );
    }

    #[test]
    fn names_that_need_quotes_get_them() {
        let database = sample::document().database.unwrap();
        let mut found = database.observed.hints[0].clone();
        found.filter = Vec::new();
        found.sort = vec!["createdAt".to_owned()];
        let sentence = hint(&database, &found, Language::English);
        assert!(
            sentence.contains("want the first rows by \"createdAt\" and"),
            "{sentence}"
        );
        assert!(sentence.contains("an index on tasks (\"createdAt\")"), "{sentence}");
    }
}
