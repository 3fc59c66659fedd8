//! The rules, one file per kind of cause. A rule gives at most one suspect for each service or tier that it looks at.

mod application;
mod database;
mod failures;
mod resources;
mod rule;
mod surroundings;

#[cfg(test)]
mod tests;

pub use rule::Rule;

use super::facts::Facts;
use super::suspect::Suspect;

/// Every rule, in the order of the documentation.
pub static RULES: &[Rule] = &[
    surroundings::GENERATOR,
    surroundings::HOST,
    resources::MEMORY,
    resources::THROTTLED,
    resources::SATURATED,
    database::LOCKS,
    database::POOL,
    database::STATEMENT,
    application::SLOW,
    application::PROXY,
    application::PAGES,
    failures::LOG_INS,
    failures::LIMITER,
    failures::ERRORS,
];

/// Applies every rule; suspects, heaviest first. Empty if there are no complaints.
pub(super) fn suspects(facts: &Facts) -> Vec<Suspect> {
    if facts.complaints.is_empty() {
        return Vec::new();
    }
    let mut suspects: Vec<Suspect> = RULES
        .iter()
        .flat_map(|rule| {
            let found = (rule.look)(facts);
            found.into_iter().map(|suspect| Suspect {
                rule: rule.name.to_owned(),
                ..suspect
            })
        })
        .collect();
    suspects.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    suspects
}
