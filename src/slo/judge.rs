//! From evidence and objectives to a judgement.

use serde::{Deserialize, Serialize};

use super::{Accept, Evidence, Objective, ValidityCheck, Verdict, Word};

/// What is concluded from a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The worst word of the gating objectives, or INVALID.
    pub overall: Word,
    /// Which column gates.
    pub accept: Accept,
    /// Every objective's verdict, in the scenario's order.
    pub verdicts: Vec<Verdict>,
    /// Every validity rule.
    pub validity: Vec<ValidityCheck>,
}

/// Judges the evidence against the objectives.
pub fn judge(_evidence: &Evidence, _objectives: &[Objective], _accept: Accept) -> Judgement {
    todo!()
}
