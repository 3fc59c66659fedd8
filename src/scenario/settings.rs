//! The `[capacity]` table of a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::journey::Think;
use crate::units::{Rate, Ratio, Span};

/// The `[capacity]` table of a scenario: settings of the search. Each step is the scenario itself at another rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CapacitySettings {
    /// The first rate, in journeys per second.
    pub from: Rate,
    /// The highest rate to try.
    pub max_rate: Rate,
    /// Factor by which the rate grows until a step fails; above 1.
    pub growth: f64,
    /// Largest distance between the two ends of the bracket, as a ratio.
    pub precision: Ratio,
    /// Largest multiple of its written length to which an undecided step may be extended.
    pub longest: u32,
    /// Longest time of the search.
    pub at_most_time: Span,
    /// Longest time for the system to come to rest between two steps.
    pub rest: Span,
    /// Time for which a user's session serves later steps; then the user logs in anew.
    pub keep_sessions: Span,
    /// Think time of a user of the closed model between two journeys; none by default.
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
