//! Failed requests.

use super::rule::{Rule, suspect};
use crate::cause::facts::Facts;
use crate::cause::suspect::{Finding, Suspect};
use crate::cause::tier::Tier;
use crate::slo::Topic;

pub(super) const ERRORS: Rule = Rule {
    name: "errors",
    describe: "the error objective is missed; answers of 500 to 599 point at the application (weight 0.75), other failures at the proxy or the network (0.45)",
    look: errors,
};

fn errors(facts: &Facts) -> Vec<Suspect> {
    let failures = &facts.failures;
    if failures.errors == 0 || !facts.complain(&[Topic::Failures]) {
        return Vec::new();
    }
    let finding = failures.clone();
    if failures.server_errors * 2 >= failures.errors {
        return vec![suspect(Tier::Application, None, 0.75, Finding::ServerErrors(finding))];
    }
    vec![suspect(Tier::Proxy, None, 0.45, Finding::OtherErrors(finding))]
}
