//! What may be to blame, and the one sentence that says so.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::portion;
use crate::report::text;

/// Where on the way of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Diapason itself.
    Generator,
    /// The machine all of it runs on.
    Host,
    /// What takes requests in for the others.
    Proxy,
    /// What answers the API's requests and renders pages.
    Application,
    /// PostgreSQL.
    Database,
    /// Redis and its like.
    Store,
}

impl Tier {
    /// The name used in sentences and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generator => "load generator",
            Self::Host => "host",
            Self::Proxy => "proxy",
            Self::Application => "application",
            Self::Database => "database",
            Self::Store => "store",
        }
    }
}

/// Something that may be to blame, with what speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspect {
    /// Name of the rule that found it.
    pub rule: String,
    /// Where it is.
    pub tier: Tier,
    /// The service, where it is known which.
    pub service: Option<String>,
    /// From 0 to 1: how much it explains and how sure that is. An order, not a probability.
    pub weight: f64,
    /// What happens, as a clause: `PostgreSQL spends 82 % of its time in …`.
    pub clause: String,
    /// Numbers that speak for it.
    pub evidence: Vec<String>,
    /// What to try next.
    pub advice: String,
}

/// One sentence for the whole run.
pub(super) fn sentence(facts: &Facts, suspects: &[Suspect]) -> String {
    let Some(complaint) = facts.complaints.first() else {
        return match facts.busiest_part() {
            Some((part, share, mean)) => format!(
                "Every objective is met; of {} that a request takes on average, {} is in the {part}.",
                text::millis(mean),
                portion(share)
            ),
            None => "Every objective is met.".to_owned(),
        };
    };
    match suspects.first() {
        Some(suspect) => format!("{}: {}.", complaint.words, suspect.clause),
        None => format!("{}, and nothing that was measured explains it.", complaint.words),
    }
}
