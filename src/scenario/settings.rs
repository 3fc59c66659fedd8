//! The `[capacity]` table of a scenario.

use serde::{Deserialize, Serialize};

use crate::journey::Think;
use crate::units::{Rate, Ratio, Span};

/// The `[capacity]` table of a scenario: how the search goes. Each step is the scenario itself at another rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CapacitySettings {
    /// The first rate, in journeys per second.
    pub from: Rate,
    /// The highest rate to try.
    pub max_rate: Rate,
    /// By how much the rate grows until something breaks; above 1.
    pub growth: f64,
    /// How far apart the two ends of the bracket may be.
    pub precision: Ratio,
    /// How many times as long as written an undecided step may become.
    pub longest: u32,
    /// How long the search may take.
    pub at_most_time: Span,
    /// How long the system may take to come to rest between two steps.
    pub rest: Span,
    /// How long a user's session serves the steps after it; then it logs in anew.
    pub keep_sessions: Span,
    /// How long a user of the closed model waits between two journeys; not at all where not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub think: Option<Think>,
    /// Journeys that a user makes in a day, for the figure of users per day.
    pub journeys_per_day: f64,
    /// The share of a day's journeys that falls into its busiest hour.
    pub peak_hour: Ratio,
}

impl Default for CapacitySettings {
    fn default() -> Self {
        Self {
            from: Rate::whole(5),
            max_rate: Rate::whole(1_000),
            growth: 2.0,
            precision: Ratio::percent(10),
            longest: 4,
            at_most_time: Span::from_millis(3_600_000),
            rest: Span::from_millis(30_000),
            keep_sessions: Span::from_millis(600_000),
            think: None,
            journeys_per_day: 10.0,
            peak_hour: Ratio::percent(15),
        }
    }
}
