//! Split of the time and suspected causes: facts, with their English sentences for readers of the file.

use serde::{Deserialize, Serialize};

use crate::cause::{Budget, Cause, Complaint, OpenObjectives, Suspect, SuspectFinding, Tier};
use crate::words::en;

/// Attribution of the run's time to its parts, with the suspected causes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Attribution {
    /// The whole run in one sentence.
    pub sentence: String,
    /// Advice on the heaviest suspect; `None` without a suspect.
    pub next: Option<String>,
    /// The first objective or rule that does not hold; `None` if all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint: Option<Complaint>,
    /// Objectives that a run without a complaint leaves open.
    pub open: OpenObjectives,
    /// Time budgets: all judged requests together, then each series, busiest first.
    pub budgets: Vec<Budget>,
    /// Suspects, heaviest first; none if every objective is met.
    pub suspects: Vec<SuspectRow>,
}

/// A suspected cause with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspectRow {
    /// Name of the rule that found it.
    pub rule: String,
    /// Tier of the suspect.
    pub tier: Tier,
    /// The service; `None` if it is not known.
    pub service: Option<String>,
    /// Rank from 0 to 1, by how much it explains and how sure that is; not a probability.
    pub weight: f64,
    /// The suspicion, as a clause.
    pub clause: String,
    /// Numbers that support it.
    pub evidence: Vec<String>,
    /// Change to try next.
    pub advice: String,
    /// The finding with its numbers; `None` in documents made before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<SuspectFinding>,
}

impl Attribution {
    pub(super) fn new(cause: Cause) -> Self {
        let suspects: Vec<SuspectRow> = cause.suspects.iter().map(SuspectRow::new).collect();
        Self {
            sentence: en::cause::sentence(&cause),
            next: suspects.first().map(|suspect| suspect.advice.clone()),
            suspects,
            complaint: cause.complaint,
            open: cause.open,
            budgets: cause.budgets,
        }
    }

    /// The facts that its sentences are made of.
    pub fn cause(&self) -> Cause {
        Cause {
            complaint: self.complaint.clone(),
            budgets: self.budgets.clone(),
            suspects: self.suspects.iter().filter_map(SuspectRow::suspect).collect(),
            open: self.open,
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
            advice: en::advice::advice(&suspect.finding),
            finding: Some(suspect.finding.clone()),
        }
    }

    fn suspect(&self) -> Option<Suspect> {
        Some(Suspect {
            rule: self.rule.clone(),
            tier: self.tier,
            service: self.service.clone(),
            weight: self.weight,
            finding: self.finding.clone()?,
        })
    }
}
