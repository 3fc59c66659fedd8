//! A run that ended before its time, and what was decided by then.

use serde::{Deserialize, Serialize};

/// What an e-value decided while the run went on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// Name of the objective.
    pub objective: String,
    /// Met or missed, in the column that gates.
    pub decision: Decision,
    /// The e-value against the contrary.
    pub e_value: f64,
}

/// A run that ended before its time because enough was known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// Seconds since the run's zero.
    pub at: f64,
    /// Which column gated.
    pub accept: Accept,
    /// What was decided by then.
    pub settled: Vec<Settled>,
}

impl Ended {
    /// What was decided of that objective, if anything.
    pub fn of(&self, objective: &str) -> Option<&Settled> {
        self.settled.iter().find(|settled| settled.objective == objective)
    }
}

/// Which column gates: with `Acceptable`, WARN passes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// The target must be met.
    #[default]
    Target,
    /// The acceptable limit suffices.
    Acceptable,
}

/// What a binomial test of a count says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The share over the limit is below what is allowed, with confidence.
    Met,
    /// It is above, with confidence.
    Missed,
    /// The samples cannot tell.
    Undecided,
}

impl Decision {
    /// The word in a sentence: `met`, `missed`, `undecided`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
        }
    }
}
