//! Where the time went, and what is to blame, as it is told.

use serde::{Deserialize, Serialize};

use crate::cause::{Budget, Cause, Suspect, Tier};
use crate::words::en;

/// The answer to "where did the time go?".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Attribution {
    /// The whole run in one sentence.
    pub sentence: String,
    /// What to try next, where something is to blame.
    pub next: Option<String>,
    /// All judged requests together, then each series, busiest first.
    pub budgets: Vec<Budget>,
    /// Heaviest first; none where every objective is met.
    pub suspects: Vec<SuspectRow>,
}

/// Something that may be to blame, with what speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspectRow {
    /// Name of the rule that found it.
    pub rule: String,
    /// Where it is.
    pub tier: Tier,
    /// The service, where it is known which.
    pub service: Option<String>,
    /// From 0 to 1: how much it explains and how sure that is. An order, not a probability.
    pub weight: f64,
    /// What happens, as a clause.
    pub clause: String,
    /// Numbers that speak for it.
    pub evidence: Vec<String>,
    /// What to try next.
    pub advice: String,
}

impl Attribution {
    pub(super) fn new(cause: Cause) -> Self {
        let suspects: Vec<SuspectRow> = cause.suspects.iter().map(SuspectRow::new).collect();
        Self {
            sentence: en::cause::sentence(&cause),
            next: suspects.first().map(|suspect| suspect.advice.clone()),
            suspects,
            budgets: cause.budgets,
        }
    }
}

impl SuspectRow {
    fn new(suspect: &Suspect) -> Self {
        Self {
            rule: suspect.rule.clone(),
            tier: suspect.tier,
            service: suspect.service.clone(),
            weight: suspect.weight,
            clause: en::cause::clause(suspect),
            evidence: en::cause::evidence(&suspect.finding),
            advice: en::cause::advice(&suspect.finding),
        }
    }
}
