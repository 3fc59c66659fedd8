//! Seeds that run before or while a service starts, and the services that they use: those must run by then.

use crate::stack::{Condition, SeedSettings, StackError, StackFile};

/// Service that an early seed belongs to, each service that the seed uses, and the seed. A service that a seed runs beside may be
/// the one that it uses.
pub(super) fn uses(file: &StackFile) -> impl Iterator<Item = (&str, &str, &SeedSettings)> {
    let early = file
        .seed
        .iter()
        .filter_map(|seed| Some((seed.before.as_ref().or(seed.during.as_ref())?.as_str(), seed)));
    early.flat_map(move |(service, seed)| {
        let used = used(file, seed).into_iter();
        let beside = move |used: &&str| seed.before.is_some() || *used != service;
        used.filter(beside).map(move |used| (service, used, seed))
    })
}

/// Services that must run for that seed: the database, and those in which it runs commands.
fn used<'a>(file: &'a StackFile, seed: &'a SeedSettings) -> Vec<&'a str> {
    let conditions: Vec<&Condition> = seed.once.iter().chain(&seed.done).collect();
    let asks = conditions.iter().any(|condition| condition.sql.is_some());
    let needs_database = seed.sql.is_some() || !seed.verify.is_empty() || asks;
    let database = file.database.as_ref().filter(|_| needs_database);
    let commands = seed.exec.as_ref().map(|exec| &exec.service);
    let of_conditions = conditions.iter().filter_map(|condition| condition.exec.as_ref());
    database
        .map(|database| &database.service)
        .into_iter()
        .chain(commands)
        .chain(of_conditions.map(|exec| &exec.service))
        .map(String::as_str)
        .collect()
}

/// The error for a seed that uses a service which cannot start before the seed's own.
pub(super) fn impossible(file: &StackFile, seed: &SeedSettings, service: &str, used: &str) -> StackError {
    let key = if seed.before.is_some() { "before" } else { "during" };
    let reason = if service == used {
        "which does not run yet".to_owned()
    } else {
        format!("which starts only after `{service}`")
    };
    let advice = if service == used {
        format!("say `during = \"{service}\"`, or neither: then it runs once every service is ready")
    } else {
        format!(
            "say neither `before` nor `during`: then it runs once every service is ready; or name a service that starts after `{used}`"
        )
    };
    StackError::Contradiction {
        stack: file.name.clone(),
        problem: format!(
            "{key} = \"{service}\": seed `{}` uses service `{used}`, {reason}: {advice}",
            seed.name
        ),
    }
}
