//! Where the time went, and what is to blame for an objective that was missed.
//!
//! [`Budget`]s split requests into the parts of their way. [`RULES`] look at the facts of a run, each for one cause it can
//! prove, and name suspects; a suspect's weight says how much of the miss it explains and how sure that is. A run that
//! misses nothing has no suspects. The thresholds and weights are in `docs/attribution.md`, with how often they are right.
//! Everything here is numbers and names: the sentences are made in `words`.

mod budget;
mod facts;
mod gather;
mod rules;
mod suspect;
mod tier;

pub use budget::{Budget, Part, Share};
pub use facts::{About, Complaint, Failures, Lack, LockWaits, Statements};
pub use gather::JudgedRun;
pub use rules::{RULES, Rule};
pub use suspect::{Finding, Suspect};
pub use tier::Tier;

use serde::{Deserialize, Serialize};

/// The answer to "where did the time go?".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cause {
    /// What is complained of first; nothing where every objective is met.
    pub complaint: Option<Complaint>,
    /// All judged requests together, then each series, busiest first.
    pub budgets: Vec<Budget>,
    /// Heaviest first; none where nothing is complained of.
    pub suspects: Vec<Suspect>,
}

impl Cause {
    /// Looks for what is to blame in a judged run.
    pub fn find(run: JudgedRun<'_>) -> Self {
        let budgets = budget::all(run.evidence);
        let facts = gather::facts(run, budgets.first());
        Self {
            suspects: rules::suspects(&facts),
            complaint: facts.complaints.into_iter().next(),
            budgets,
        }
    }
}
