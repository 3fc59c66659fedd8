//! Steps of a search for the highest rate, and what is concluded from them.

use serde::{Deserialize, Serialize};

/// Result of a step at its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepVerdict {
    /// Every gating objective is met.
    Met,
    /// One is missed.
    Missed,
    /// The samples do not decide: the step must be longer.
    Undecided,
    /// Something other than the system was the limit: the generator, the browser, a rate limiter.
    Limited,
}

/// Purpose of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To find a rate that breaks, or one that holds.
    Growth,
    /// To halve the bracket.
    Bisection,
    /// To decide a rate that was asked about.
    Expectation,
    /// To repeat both ends of the bracket: the lower one must hold again, for longer, and the upper one break again.
    Confirmation,
}

/// A step that was made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchStep {
    /// Arrivals per second.
    pub rate: f64,
    /// Its length, in plain steps.
    pub length: u32,
    /// Its purpose.
    pub purpose: Purpose,
    /// Its result.
    pub answer: StepVerdict,
    /// Rate at which the first resource is full, predicted from the service demands of the steps so far; `None` if no resource
    /// was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturates: Option<f64>,
}

/// Reason for which a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The ends are as close as asked for, or as close as the samples allow.
    Bracketed,
    /// Both ends are proven; closer ones would have taken more time than there was.
    TimeUp,
    /// The highest rate allowed holds.
    NotBroken,
    /// Not even the lowest rate of the search holds.
    NeverHeld,
    /// Something other than the system was the limit.
    Limited,
    /// No rate could be decided.
    Undecided,
}

/// Result of a search; rates are arrivals per second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchResult {
    /// The highest rate that was shown to hold, below every rate that was shown not to.
    pub holds: Option<f64>,
    /// The lowest rate that was shown not to hold.
    pub broken: Option<f64>,
    /// True if each end found was repeated by a confirmation step with the same result.
    pub confirmed: bool,
    /// Reason for which the search ended.
    pub end: End,
}

/// The next action.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NextStep {
    /// Make a step.
    Measure {
        /// Arrivals per second.
        rate: f64,
        /// Length, in plain steps.
        length: u32,
        /// Purpose of the step.
        purpose: Purpose,
    },
    /// The search is over.
    Done(SearchResult),
}

/// Steps to come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RemainingSteps {
    /// Number of steps.
    pub steps: u32,
    /// Their length together, in plain steps.
    pub length: u32,
}

impl RemainingSteps {
    /// One step of that length.
    pub fn step(length: u32) -> Self {
        Self { steps: 1, length }
    }

    /// Those steps and one more, of that length.
    #[must_use]
    pub fn and(self, length: u32) -> Self {
        Self {
            steps: self.steps + 1,
            length: self.length + length,
        }
    }
}
