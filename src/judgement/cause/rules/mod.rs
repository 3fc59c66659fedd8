//! One file per kind of cause. A rule gives at most one suspect for each place it looks at, and only with numbers to show.

mod application;
mod database;
mod failures;
mod resources;
mod surroundings;

#[cfg(test)]
mod tests;

use super::suspect::{Finding, Suspect};
use super::tier::Tier;
use crate::cause::facts::{Facts, Topic};

/// A rule: what it looks for, and how.
#[derive(Debug)]
pub struct Rule {
    /// The name used in reports.
    pub name: &'static str,
    /// One sentence with its thresholds and its weight.
    pub describe: &'static str,
    look: fn(&Facts) -> Vec<Suspect>,
}

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
    failures::ERRORS,
];

/// What is slow where requests or pages take too long.
const SLOWNESS: &[Topic] = &[Topic::Requests, Topic::Statements, Topic::Pages];
/// Everything that a lack of resources can lead to.
const ANYTHING: &[Topic] = &[
    Topic::Requests,
    Topic::Statements,
    Topic::Pages,
    Topic::Failures,
    Topic::Validity,
];

/// Asks every rule; heaviest first. Nobody is suspected where nothing complains.
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

/// A suspect whose rule is filled in by [`suspects`].
fn suspect(tier: Tier, service: Option<&str>, weight: f64, finding: Finding) -> Suspect {
    Suspect {
        rule: String::new(),
        tier,
        service: service.map(str::to_owned),
        weight: weight.clamp(0.0, 1.0),
        finding,
    }
}
