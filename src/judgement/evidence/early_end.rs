//! A run that ended before its time, and the objectives decided by then.

use serde::{Deserialize, Serialize};

/// Decision on one objective by an e-value during the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettledObjective {
    /// Name of the objective.
    pub objective: String,
    /// Met or missed, in the column that gates.
    pub decision: Decision,
    /// The e-value against the contrary.
    pub e_value: f64,
}

/// A run that ended before its time because enough objectives were decided, because nobody could log in, or because a feeder was exhausted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyEnd {
    /// Seconds since the run's zero.
    pub at: f64,
    /// The column that gated.
    pub accept: Accept,
    /// The objectives decided by then.
    pub settled: Vec<SettledObjective>,
    /// True if it ended because every log-in failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_log_in: bool,
    /// True if it ended because a feeder was exhausted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exhausted: bool,
    /// The error budget that a planned event used up, where that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burnt: Option<BurntBudget>,
}

/// An error budget that was used up: the objective allowed fewer failures over the whole plan than there were since the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurntBudget {
    /// Name of the event.
    pub event: String,
    /// Name of the objective.
    pub objective: String,
    /// Failures since the event began.
    pub failed: u64,
    /// Failures that the acceptable limit allows in all requests that the plan judges.
    pub allowed: u64,
}

impl EarlyEnd {
    /// The end of a run whose error budget a planned event used up, in seconds since its zero.
    pub fn burnt(at: f64, accept: Accept, budget: BurntBudget) -> Self {
        Self {
            burnt: Some(budget),
            exhausted: false,
            ..Self::exhausted(at, accept)
        }
    }

    /// The end of a run in which every log-in failed, in seconds since its zero.
    pub fn without_log_in(at: f64, accept: Accept) -> Self {
        Self {
            at,
            accept,
            settled: Vec::new(),
            no_log_in: true,
            exhausted: false,
            burnt: None,
        }
    }

    /// The end of a run in which a feeder was exhausted, in seconds since its zero.
    pub fn exhausted(at: f64, accept: Accept) -> Self {
        Self {
            at,
            accept,
            settled: Vec::new(),
            no_log_in: false,
            exhausted: true,
            burnt: None,
        }
    }

    /// The decision on that objective; `None` if it was not decided.
    pub fn of(&self, objective: &str) -> Option<&SettledObjective> {
        self.settled.iter().find(|settled| settled.objective == objective)
    }
}

/// The column that gates: with `Acceptable`, WARN passes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// The target must be met.
    #[default]
    Target,
    /// The acceptable limit suffices.
    Acceptable,
}

/// Result of a binomial test of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The share over the limit is below what is allowed, with confidence.
    Met,
    /// It is above what is allowed, with confidence.
    Missed,
    /// The samples do not decide it.
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
