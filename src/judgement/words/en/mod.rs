//! English.

pub mod advice;
pub mod cause;
pub mod failed;
pub mod finding;
pub mod request_events;
pub mod text;
pub mod validity;

mod compared;
mod correction;
mod incident;
mod observed;
mod plan;
mod replay;
mod rewrite;
mod size_change;
mod unmeasured;
mod verdict;

use compared::change;
pub use compared::{exclusion_reason, remark};
pub use correction::correction;
pub use incident::{container_incident, incident};
pub use observed::{hidden_data, limitation, proxy_log_gap};
pub use plan::{amount, conditions, judged, load};
pub use replay::{left_out, spacing};
pub use rewrite::rewrite;
pub use size_change::size_change;
pub use unmeasured::unmeasured;
pub use verdict::{note, reason};

use super::Wording;
use super::wording::HiddenDataText;
use crate::cause::{BudgetPart, Cause, Suspect, SuspectFinding, Tier};
use crate::evidence::browser::Conditions;
use crate::evidence::postgres::HiddenData;
use crate::evidence::proxy::ProxyLogGap;
use crate::evidence::{
    Correction, FindingFact, FoundSpacing, Incident, LeftOutReason, Limitation, PhasePlan, PlannedLoad, RequestEvent,
    Rewrite, SizeChange,
};
use crate::record::{Example, Outcome};
use crate::slo::{
    Change, ContainerIncident, ExclusionReason, Facts, Note, Remark, Rule, Unmeasured, Verdict, VerdictWord,
};

/// English sentences.
pub(super) struct English;

impl Wording for English {
    fn rule(&self, rule: &Rule) -> String {
        rule.to_string()
    }

    fn measured(&self, facts: &Facts) -> String {
        validity::measured(facts)
    }

    fn threshold(&self, facts: &Facts) -> String {
        validity::threshold(facts)
    }

    fn hint(&self, facts: &Facts) -> String {
        validity::hint(facts)
    }

    fn browser_refused(&self, facts: &Facts) -> Option<String> {
        validity::browser_refused(facts)
    }

    fn breach(&self, facts: &Facts) -> String {
        validity::breach(facts)
    }

    fn incident(&self, what: &Incident) -> String {
        incident(what)
    }

    fn container_incident(&self, incident: &ContainerIncident) -> String {
        container_incident(incident)
    }

    fn unmeasured(&self, cause: &Unmeasured) -> String {
        unmeasured(cause)
    }

    fn reason(&self, verdict: &Verdict) -> String {
        reason(verdict)
    }

    fn nothing_gates(&self) -> &'static str {
        verdict::NOTHING_GATES
    }

    fn note(&self, remark: &Note) -> String {
        note(remark)
    }

    fn exclusion_reason(&self, cause: &ExclusionReason) -> String {
        exclusion_reason(cause)
    }

    fn remark(&self, difference: &Remark) -> String {
        remark(difference)
    }

    fn change(&self, found: Change) -> &'static str {
        change(found)
    }

    fn correction(&self, made: &Correction) -> String {
        correction(made)
    }

    fn left_out(&self, reason: &LeftOutReason) -> String {
        left_out(reason)
    }

    fn spacing(&self, found: FoundSpacing) -> &'static str {
        spacing(found)
    }

    fn amount(&self, phase: &PhasePlan) -> String {
        amount(phase)
    }

    fn judged(&self, phase: &PhasePlan) -> &'static str {
        judged(phase)
    }

    fn load(&self, planned: &PlannedLoad) -> String {
        load(planned)
    }

    fn conditions(&self, all: &Conditions) -> String {
        conditions(all)
    }

    fn rewrite(&self, change: &Rewrite) -> String {
        rewrite(change)
    }

    fn finding(&self, fact: &FindingFact) -> String {
        finding::finding(fact)
    }

    fn size_change(&self, change: &SizeChange) -> String {
        size_change(change)
    }

    fn hidden_data(&self, hidden: &HiddenData) -> HiddenDataText {
        hidden_data(hidden)
    }

    fn proxy_log_gap(&self, reason: &ProxyLogGap) -> String {
        proxy_log_gap(reason)
    }

    fn limitation(&self, found: &Limitation) -> String {
        limitation(found)
    }

    fn word(&self, word: VerdictWord) -> &'static str {
        word.name()
    }

    fn tier(&self, tier: Tier) -> &'static str {
        cause::tier(tier)
    }

    fn part(&self, part: BudgetPart) -> &'static str {
        cause::part(part)
    }

    fn cause(&self, found: &Cause) -> String {
        cause::sentence(found)
    }

    fn clause(&self, suspect: &Suspect) -> String {
        cause::clause(suspect)
    }

    fn evidence(&self, finding: &SuspectFinding) -> Vec<String> {
        cause::evidence(finding)
    }

    fn advice(&self, finding: &SuspectFinding) -> String {
        advice::advice(finding)
    }

    fn outcome(&self, outcome: Outcome) -> &'static str {
        outcome.name()
    }

    fn answer(&self, status: Option<u16>, outcome: Outcome) -> String {
        failed::answer(status, outcome)
    }

    fn example(&self, example: &Example) -> String {
        failed::example(example)
    }

    fn count_of(&self, count: u64, requests: u64) -> String {
        failed::count(count, requests)
    }

    fn request_events(&self, events: &[RequestEvent]) -> Vec<String> {
        request_events::sentences(events)
    }

    fn expired_sessions(&self, expired: u64, requests: u64) -> String {
        request_events::expired(expired, requests)
    }
}
