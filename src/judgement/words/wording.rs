//! The sentences that every language has.

use crate::evidence::{Incident, PhasePlan};
use crate::slo::{ContainerIncident, Facts, Note, Rule, Unmeasured, Verdict};

/// Sentences in one language. [`Language::wording`](super::Language::wording) selects it.
pub trait Wording: Sync {
    /// Name of a validity rule: `send lag`.
    fn rule(&self, rule: &Rule) -> String;

    /// Measured value of a validity rule: `p99 0.42 ms`.
    fn measured(&self, facts: &Facts) -> String;

    /// Threshold that the measured value of a rule is compared with: `at most 10 ms`.
    fn threshold(&self, facts: &Facts) -> String;

    /// Remedy if a rule does not hold.
    fn hint(&self, facts: &Facts) -> String;

    /// A broken rule: `send lag p99 12.00 ms (at most 10 ms)`.
    fn breach(&self, facts: &Facts) -> String;

    /// Incident of a container, without its name: `exited with code 137 at 31.2 s`.
    fn incident(&self, incident: &Incident) -> String;

    /// Incident of a container: `api exited with code 137 at 31.2 s`.
    fn container_incident(&self, incident: &ContainerIncident) -> String;

    /// Cause of a missing measurement: `no judged request belongs to it`.
    fn unmeasured(&self, cause: &Unmeasured) -> String;

    /// Reason for the word of a verdict, as clauses joined by semicolons: `target met: 31 of 2640 over 100ms (1.17 %, 5 %
    /// allowed)`.
    fn reason(&self, verdict: &Verdict) -> String;

    /// Remark on a measurement: `12 requests left out: rate-limited`.
    fn note(&self, note: &Note) -> String;

    /// Size of the load of a phase: `780 arrivals`, or `closed model: 50 users`.
    fn amount(&self, phase: &PhasePlan) -> String;

    /// The judged part of a phase: its samples, only its page loads, or nothing.
    fn judged(&self, phase: &PhasePlan) -> &'static str;
}
