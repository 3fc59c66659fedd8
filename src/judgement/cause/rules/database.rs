//! Causes in the database and in the connections to it.

use super::rule::{Rule, suspect};
use crate::cause::budget::BudgetPart;
use crate::cause::facts::{Database, Facts};
use crate::cause::suspect::{Suspect, SuspectFinding};
use crate::cause::tier::Tier;
use crate::sizing::erlang_c;
use crate::slo::Topic;

/// Least lock waits of all sessions together that count, as a share of the time of all requests.
const LOCKED_SHARE: f64 = 0.05;
/// Least single lock wait that counts, in seconds.
// One long wait may miss a p99 although the sum of all waits is small.
const LOCKED_LONG: f64 = 0.5;
/// Least probability of waiting for a connection that counts.
// From one in two on, the typical request waits; below, only the unlucky do, and a tail has other causes more often.
const QUEUEING: f64 = 0.5;
/// Least share of the time of requests at which statements count as the cause.
const DATABASE_SHARE: f64 = 0.35;
/// Least share of the statements' time at which one statement counts as the cause.
const STATEMENT_SHARE: f64 = 0.3;

pub(super) const LOCKS: Rule = Rule {
    name: "lock-waits",
    describe: "sessions waited for locks for 5 % of the time of all requests, or one of them for half a second; weight 0.97",
    look: locks,
};

fn locks(facts: &Facts) -> Vec<Suspect> {
    let complain = facts.complain_of_waiting() || facts.complain(&[Topic::Statements]);
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
    // Nearly certain, because waits are observed one by one; the server names both sessions. Only a broken run
    // outranks it.
    vec![suspect(
        Tier::Database,
        None,
        0.97,
        SuspectFinding::Locks(waits.clone()),
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
    // A database without processor time holds connections longer: the pool is full because of that, and another rule
    // says so.
    let starved = facts.services.iter().any(|service| {
        let at_limit = service.cpu_limit.is_some_and(|limit| service.cpu >= 0.8 * limit);
        service.place() == Tier::Database && (at_limit || service.throttled >= 0.1)
    });
    if starved || !facts.complain_of_waiting() {
        return Vec::new();
    }
    let finding = SuspectFinding::PoolExhausted {
        connections: database.connections,
        busy,
        queueing,
        under_way: database.sessions_busy,
    };
    // From 0.71 at one in two to 0.92 at every request: below locks, because it is computed by a formula and not
    // observed; above a statement without a missing index that takes the same share, because requests wait for the
    // pool before any statement runs.
    vec![suspect(Tier::Application, None, 0.5 + 0.42 * queueing, finding)]
}

/// Probability that all connections are taken, by Erlang's C formula; `None` below [`QUEUEING`]. With few connections it is
/// high while they still have idle time; with many, nearly all have to be busy first.
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
    let share = facts.share(BudgetPart::Database);
    let behind_others = facts.complain(&[Topic::Requests, Topic::Pages]);
    let slow = behind_others && share >= DATABASE_SHARE && worst.share >= STATEMENT_SHARE;
    if !missed && !slow {
        return Vec::new();
    }
    // An objective on statements that is missed is proof; a share of the requests' time is not.
    let weight = if missed { 0.9 } else { 0.5 + 0.4 * share };
    // A missing index is a cause with a remedy, so it comes before a statement that is merely slow.
    let lacking = if worst.lacks.is_some() { 0.05 } else { 0.0 };
    let finding = SuspectFinding::SlowStatements {
        statements: worst.clone(),
        of_request: share,
    };
    vec![suspect(Tier::Database, None, weight + lacking, finding)]
}
