//! Where the time went, and what is to blame for an objective that was missed.
//!
//! [`Budget`]s split requests into the parts of their way. [`RULES`] look at the facts of a run, each for one cause it can
//! prove, and name suspects; a suspect's weight says how much of the miss it explains and how sure that is. A run that
//! misses nothing has no suspects. The thresholds and weights are in `docs/attribution.md`, with how often they are right.

mod budget;
mod facts;
mod gather;
mod rules;
mod suspect;

pub use budget::{Budget, Part, Share};
pub use rules::RULES;
pub use suspect::{Suspect, Tier};

use serde::{Deserialize, Serialize};

use super::{Document, text};
use crate::evidence::Evidence;

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
    pub suspects: Vec<Suspect>,
}

/// Looks for what is to blame in a judged run.
pub(super) fn attribute(document: &Document, evidence: &Evidence) -> Attribution {
    let budgets = budget::all(evidence);
    let facts = gather::facts(document, evidence, budgets.first());
    let suspects = rules::suspects(&facts);
    Attribution {
        sentence: suspect::sentence(&facts, &suspects),
        next: suspects.first().map(|suspect| suspect.advice.clone()),
        budgets,
        suspects,
    }
}

/// A share in prose: whole percents from 10 % on.
pub(super) fn portion(share: f64) -> String {
    if (0.1..0.995).contains(&share) {
        format!("{:.0} %", share * 100.0)
    } else {
        text::share(share)
    }
}
