//! Attribution: the parts of the time of requests, and the possible causes of an objective that was missed.
//!
//! [`Budget`]s split the time of requests into parts. Each of the [`RULES`] examines the facts of a run for one cause and
//! names suspects; a suspect's weight says how much of the miss it explains and how sure that is. A run that misses nothing
//! has no suspects. The thresholds and weights are in `docs/attribution.md`, with their hit rate. Everything here is numbers
//! and names: the sentences are made in `words`.

mod budget;
mod facts;
mod gather;
mod rules;
mod suspect;
mod tier;

pub use budget::{Budget, BudgetPart, Share, SlowBudget};
pub use facts::{About, Answerer, Complaint, FailureKind, Failures, FullTableRead, LockWaits, Statements};
pub use gather::JudgedRun;
pub use rules::{RULES, Rule};
pub use suspect::{Suspect, SuspectFinding};
pub use tier::Tier;

use serde::{Deserialize, Serialize};

use crate::slo::{Judgement, VerdictWord};

/// Attribution of one judged run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cause {
    /// The first complaint; `None` if there is none.
    pub complaint: Option<Complaint>,
    /// All judged requests together, then each series, busiest first.
    pub budgets: Vec<Budget>,
    /// Suspects, heaviest first; empty if there is no complaint.
    pub suspects: Vec<Suspect>,
    /// Objectives that a run without a complaint leaves open.
    pub open: OpenObjectives,
}

/// Numbers of objectives that a run leaves open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OpenObjectives {
    /// Gating objectives that are not decided or not measured.
    pub gating: usize,
    /// Advisory ones.
    pub advisory: usize,
    /// True if the user stopped the run.
    pub interrupted: bool,
    /// True if the user stopped it before any request was judged.
    pub before_judging: bool,
}

impl OpenObjectives {
    fn new(judgement: &Judgement) -> Self {
        let open = |gate| {
            let verdicts = judgement
                .verdicts
                .iter()
                .filter(|verdict| verdict.objective.gate == gate);
            verdicts
                .filter(|verdict| verdict.word == VerdictWord::Inconclusive)
                .count()
        };
        Self {
            gating: open(true),
            advisory: open(false),
            interrupted: judgement.interrupted,
            before_judging: judgement.interrupted_before_judging(),
        }
    }
}

impl Cause {
    /// Finds the possible causes in a judged run.
    pub fn find(run: JudgedRun<'_>) -> Self {
        let budgets = budget::all(run.evidence);
        let facts = gather::facts(run, budgets.first());
        Self {
            open: OpenObjectives::new(run.judgement),
            suspects: rules::suspects(&facts),
            complaint: facts.complaints.into_iter().next(),
            budgets,
        }
    }
}
