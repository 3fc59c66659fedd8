//! The table of checks. Each check reads the facts and returns its findings.

mod exposure;
mod front_door;
mod limits;
mod resources;
mod secrets;
mod services;

use super::finding::{Finding, Group};
use super::subject::Subject;

/// One check.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its group.
    pub group: Group,
    /// Its name.
    pub name: &'static str,
    /// Computes the findings; empty if there is nothing to check.
    pub examine: fn(&Subject) -> Vec<Finding>,
}

const fn check(group: Group, name: &'static str, examine: fn(&Subject) -> Vec<Finding>) -> Check {
    Check { group, name, examine }
}

/// Every check, in the order in which findings are shown.
pub static CHECKS: &[Check] = &[
    check(Group::Health, "services", services::services),
    check(Group::Health, "front door", front_door::answers),
    check(Group::Health, "tiers", front_door::tiers),
    check(Group::Health, "database", services::database),
    check(Group::Health, "limits", resources::limits),
    check(Group::Health, "hardware", resources::hardware),
    check(Group::Health, "disk", resources::disk),
    check(Group::Limits, "proxy", limits::forecasts),
    check(Group::Limits, "probe", limits::probed),
    check(Group::Production, "default log-in", exposure::refused),
    check(Group::Production, "documentation", exposure::closed),
    check(Group::Production, "CORS", exposure::cross_origin),
    check(Group::Production, "TLS", front_door::tls),
    check(Group::Production, "rate limiting", limits::on),
    check(Group::Production, "secrets", secrets::secrets),
    check(Group::Production, "published ports", exposure::ports),
    check(Group::Production, "backups", services::backups),
    check(Group::Production, "images", services::images),
];

#[cfg(test)]
pub(super) mod fixture {
    use super::*;
    use crate::live::finding::Word;
    use crate::live::subject::{Answer, Probed};

    /// A system of which nothing is known except that it answers.
    pub(in crate::live) fn subject() -> Subject {
        Subject {
            front_door: "http://127.0.0.1:8080".to_owned(),
            isolated: false,
            entry: Some("nginx".to_owned()),
            production: crate::stack::ProductionSettings::default(),
            overridden: std::collections::BTreeSet::new(),
            services: Err("no engine".to_owned()),
            declared: Vec::new(),
            host: None,
            disk: None,
            door: answer(200, &[]),
            tiers: Vec::new(),
            database: Err("no database".to_owned()),
            refused: Vec::new(),
            closed: Vec::new(),
            foreign: answer(200, &[]),
            certificate: None,
            redirect: None,
            proxy: Err("no Nginx".to_owned()),
            probed: Ok(Probed::default()),
            offer: crate::live::Offer::default(),
            addresses: 1,
            keeps_limits: false,
            newest_backup: None,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands for one that may not have come")]
    pub(in crate::live) fn answer(status: u16, headers: &[(&str, &str)]) -> Result<Answer, String> {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ok(Answer {
            status,
            headers: headers.collect(),
        })
    }

    pub(in crate::live) fn words(findings: &[Finding]) -> Vec<Word> {
        findings.iter().map(|finding| finding.word).collect()
    }

    #[test]
    fn of_a_system_that_cannot_be_seen_nothing_good_is_said() {
        let mut blind = subject();
        blind.door = Err("refused".to_owned());
        blind.foreign = Err("refused".to_owned());
        blind.probed = Err("refused".to_owned());
        for check in CHECKS {
            for finding in (check.examine)(&blind) {
                assert_ne!(finding.word, Word::Pass, "{}: {}", check.name, finding.evidence);
                assert!(!finding.evidence.is_empty());
            }
        }
    }

    #[test]
    fn names_are_unique() {
        for (index, check) in CHECKS.iter().enumerate() {
            assert!(
                CHECKS[..index].iter().all(|other| other.name != check.name),
                "{}",
                check.name
            );
        }
    }
}
