//! French.

mod advice;
mod cause;
mod compared;
mod correction;
mod failed;
mod finding;
mod incident;
mod observed;
mod plan;
mod replay;
mod request_events;
mod rewrite;
mod size_change;
mod text;
mod unmeasured;
mod validity;
mod verdict;

pub(super) use text::{directed, list, plural, statistic, typeset, written};

use compared::{change, exclusion_reason, remark};
use correction::correction;
use incident::{container_incident, incident};
use observed::{hidden_data, limitation, proxy_log_gap};
use plan::{amount, conditions, judged, load};
use replay::{left_out, spacing};
use rewrite::rewrite;
use size_change::size_change;
use unmeasured::unmeasured;
use verdict::{note, reason};

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

/// French sentences.
pub(super) struct French;

impl Wording for French {
    fn rule(&self, rule: &Rule) -> String {
        validity::rule(rule)
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
        verdict::word(word)
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
        failed::outcome(outcome)
    }

    fn answer(&self, status: Option<u16>, outcome: Outcome) -> String {
        failed::answer(status, outcome)
    }

    fn example(&self, example: &Example) -> String {
        failed::example(example)
    }

    fn count_of(&self, count: u64, requests: u64) -> String {
        failed::count_of(count, requests)
    }

    fn request_events(&self, events: &[RequestEvent]) -> Vec<String> {
        request_events::sentences(events)
    }

    fn expired_sessions(&self, expired: u64, requests: u64) -> String {
        request_events::expired(expired, requests)
    }
}
