//! The table of checks. Each check reads the facts and returns its findings.

mod exposure;
mod front_door;
mod limits;
mod resources;
mod secrets;
mod services;

use super::finding::Finding;
use super::subject::Subject;
use crate::evidence::FindingGroup as CheckGroup;

/// One check.
#[derive(Debug, Clone, Copy)]
pub struct LiveCheck {
    /// Its group.
    pub group: CheckGroup,
    /// Its name.
    pub name: &'static str,
    /// Computes the findings; empty if there is nothing to check.
    pub examine: fn(&Subject) -> Vec<Finding>,
}

const fn check(group: CheckGroup, name: &'static str, examine: fn(&Subject) -> Vec<Finding>) -> LiveCheck {
    LiveCheck { group, name, examine }
}

/// Every check, in the order in which findings are shown.
pub static CHECKS: &[LiveCheck] = &[
    check(CheckGroup::Health, "services", services::services),
    check(CheckGroup::Health, "front door", front_door::answers),
    check(CheckGroup::Health, "tiers", front_door::tiers),
    check(CheckGroup::Health, "database", services::database),
    check(CheckGroup::Health, "limits", resources::limits),
    check(CheckGroup::Health, "hardware", resources::hardware),
    check(CheckGroup::Health, "disk", resources::disk),
    check(CheckGroup::Limits, "proxy", limits::forecasts),
    check(CheckGroup::Limits, "probe", limits::probed),
    check(CheckGroup::Production, "default log-in", exposure::refused),
    check(CheckGroup::Production, "documentation", exposure::closed),
    check(CheckGroup::Production, "CORS", exposure::cross_origin),
    check(CheckGroup::Production, "TLS", front_door::tls),
    check(CheckGroup::Production, "rate limiting", limits::on),
    check(CheckGroup::Production, "secrets", secrets::secrets),
    check(CheckGroup::Production, "published ports", exposure::ports),
    check(CheckGroup::Production, "backups", services::backups),
    check(CheckGroup::Production, "images", services::images),
];

#[cfg(test)]
pub(super) mod fixture {
    use super::*;
    use crate::evidence::FindingVerdict;
    use crate::live::subject::{Answer, AnswerResult, SequentialProbe};

    /// A system of which nothing is known except that it answers.
    pub(in crate::live) fn subject() -> Subject {
        Subject {
            front_door: "http://127.0.0.1:8080".to_owned(),
            isolated: false,
            entry: Some("nginx".to_owned()),
            production: crate::stack::ProductionSettings::default(),
            overridden: std::collections::BTreeSet::new(),
            services: Err("no engine".to_owned().into()),
            declared: Vec::new(),
            host: None,
            disk: None,
            door: answer(200, &[]),
            tiers: Vec::new(),
            database: Err("no database".to_owned().into()),
            refused: Vec::new(),
            closed: Vec::new(),
            foreign: answer(200, &[]),
            certificate: None,
            redirect: None,
            proxy: Err("no Nginx".to_owned().into()),
            probed: Ok(SequentialProbe::default()),
            offer: crate::live::Offer::default(),
            addresses: 1,
            keeps_limits: false,
            newest_backup: None,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands for one that may not have come")]
    pub(in crate::live) fn answer(status: u16, headers: &[(&str, &str)]) -> AnswerResult {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ok(Answer {
            status,
            headers: headers.collect(),
        })
    }

    pub(in crate::live) fn words(findings: &[Finding]) -> Vec<FindingVerdict> {
        findings.iter().map(|finding| finding.word).collect()
    }

    #[test]
    fn of_a_system_that_cannot_be_seen_nothing_good_is_said() {
        let mut blind = subject();
        blind.door = Err("refused".to_owned().into());
        blind.foreign = Err("refused".to_owned().into());
        blind.probed = Err("refused".to_owned().into());
        for check in CHECKS {
            for finding in (check.examine)(&blind) {
                assert_ne!(finding.word, FindingVerdict::Pass, "{}: {finding:?}", check.name);
            }
        }
    }

    #[test]
    fn each_check_sees_a_point_of_a_checklist_and_no_other_is_named_there() {
        let named = crate::report::checklist_checks();
        for check in CHECKS {
            assert!(named.contains(&check.name), "{} is on no checklist", check.name);
        }
        for name in named {
            assert!(
                CHECKS.iter().any(|check| check.name == name),
                "there is no check {name}"
            );
        }
    }

    #[test]
    fn each_check_has_a_name_in_french() {
        let known = crate::report::named_checks();
        for check in CHECKS {
            assert!(known.contains(&check.name), "{} has no French name", check.name);
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
