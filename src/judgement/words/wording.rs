//! The sentences that every language has.

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

    /// Requests of the browser's pages that the limiter refused, by path, beside the rule on refused requests; `None` for none.
    fn browser_refused(&self, facts: &Facts) -> Option<String>;

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

    /// Answer of a run in which no objective gates.
    fn nothing_gates(&self) -> &'static str;

    /// Remark on a measurement: `12 requests left out: rate-limited`.
    fn note(&self, note: &Note) -> String;

    /// Reason not to compare a run: `send lag p99 12 ms; threshold: at most 10 ms`.
    fn exclusion_reason(&self, cause: &ExclusionReason) -> String;

    /// Remark on a difference between runs: `falls among failed samples now`.
    fn remark(&self, difference: &Remark) -> String;

    /// Conclusion on a difference between runs: `regressed`.
    fn change(&self, change: Change) -> &'static str;

    /// Correction of what was recorded: `the plan is cut to the 31.2 s that were carried out`.
    fn correction(&self, made: &Correction) -> String;

    /// Reason for which lines of a log are left out: `a bot`.
    fn left_out(&self, reason: &LeftOutReason) -> String;

    /// Spacing of arrivals, as tested: `as of independent users`.
    fn spacing(&self, found: FoundSpacing) -> &'static str;

    /// Size of the load of a phase: `780 arrivals`, or `closed model: 50 users`.
    fn amount(&self, phase: &PhasePlan) -> String;

    /// The judged part of a phase: its samples, only its page loads, or nothing.
    fn judged(&self, phase: &PhasePlan) -> &'static str;

    /// The load of a phase: `constant-arrival-rate 20/s, evenly spaced`.
    fn load(&self, load: &PlannedLoad) -> String;

    /// The conditions under which pages are loaded.
    fn conditions(&self, conditions: &Conditions) -> String;

    /// A change to Compose's configuration: `restart policy of api → none`.
    fn rewrite(&self, change: &Rewrite) -> String;

    /// The observation behind a finding of an examination: `api: runs, healthy`.
    fn finding(&self, fact: &FindingFact) -> String;

    /// A change to the size of the stack: `cpus limit of api: 2 → 0.5`.
    fn size_change(&self, change: &SizeChange) -> String;

    /// Something that the database server did not show.
    fn hidden_data(&self, unseen: &HiddenData) -> HiddenDataText;

    /// Reason why parts of the time of requests are missing or less precise.
    fn proxy_log_gap(&self, coarse: &ProxyLogGap) -> String;

    /// Limitation of page loads in a browser, as a sentence.
    fn limitation(&self, found: &Limitation) -> String;

    /// Word of a verdict: `PASS`.
    fn word(&self, word: VerdictWord) -> &'static str;

    /// Name of a tier that requests pass: `load generator`.
    fn tier(&self, tier: Tier) -> &'static str;

    /// Name of a part of the time of a request: `network and the proxy's queue`.
    fn part(&self, part: BudgetPart) -> &'static str;

    /// The whole run in one sentence: its complaint with the suspected cause, or where a mean request spends its time.
    fn cause(&self, cause: &Cause) -> String;

    /// Finding of a suspect, as a clause.
    fn clause(&self, suspect: &Suspect) -> String;

    /// Numbers that support a finding.
    fn evidence(&self, finding: &SuspectFinding) -> Vec<String>;

    /// Suggested next step after a finding.
    fn advice(&self, finding: &SuspectFinding) -> String;

    /// Outcome of a request: `client-error`.
    fn outcome(&self, outcome: Outcome) -> &'static str;

    /// Answer to a failed request: `400 (client-error)`.
    fn answer(&self, status: Option<u16>, outcome: Outcome) -> String;

    /// Example of a failed request: `PATCH /api/tasks/{{id}} at 12.3 s: {"message":"…"}`.
    fn example(&self, example: &Example) -> String;

    /// Count of requests with its share of the series: `512 of 5,120 (10 %)`.
    fn count_of(&self, count: u64, requests: u64) -> String;

    /// One sentence for each kind of event of requests that came, with the series.
    fn request_events(&self, events: &[RequestEvent]) -> Vec<String>;

    /// Requests that were refused because the session had expired, of all.
    fn expired_sessions(&self, expired: u64, requests: u64) -> String;
}

/// Something that the database server did not show, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenDataText {
    /// The hidden data: `statements of other users`.
    pub what: String,
    /// The cause: `role app is not a member of pg_read_all_stats`.
    pub why: String,
    /// The change that would make it visible.
    pub remedy: String,
}
