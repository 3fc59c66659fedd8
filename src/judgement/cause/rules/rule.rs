//! The form of a rule.

use crate::cause::facts::Facts;
use crate::cause::suspect::{Suspect, SuspectFinding};
use crate::cause::tier::Tier;
use crate::slo::Topic;

/// A rule: its name, its description and its function.
#[derive(Debug)]
pub struct Rule {
    /// The name used in reports.
    pub name: &'static str,
    /// One sentence with its thresholds and its weight.
    pub describe: &'static str,
    pub(super) look: fn(&Facts) -> Vec<Suspect>,
}

/// Topics of objectives about durations.
pub(super) const SLOWNESS: &[Topic] = &[Topic::Requests, Topic::Statements, Topic::Pages];
/// Topics that a lack of resources can affect.
pub(super) const ANYTHING: &[Topic] = &[
    Topic::Requests,
    Topic::Statements,
    Topic::Pages,
    Topic::Failures,
    Topic::Validity,
];

/// A suspect whose rule is filled in by [`suspects`](super::suspects).
pub(super) fn suspect(tier: Tier, service: Option<&str>, weight: f64, finding: SuspectFinding) -> Suspect {
    Suspect {
        rule: String::new(),
        tier,
        service: service.map(str::to_owned),
        weight: weight.clamp(0.0, 1.0),
        finding,
    }
}
