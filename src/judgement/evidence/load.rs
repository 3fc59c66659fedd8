//! Descriptions of planned load.

use serde::{Deserialize, Serialize};

use super::ReplayStarts;
use crate::units::{Rate, Span};

/// Load of a phase, as planned. Files of earlier versions held it as a sentence
/// ([`Self::Verbatim`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PlannedLoad {
    /// The load runs for the whole length of its phase.
    Whole(Executor),
    /// The load runs until every gating objective is decided.
    UntilDecided {
        /// The executor.
        executor: Executor,
        /// Longest time.
        at_most: Span,
    },
    /// Users log in, one after another.
    LogIn {
        /// Number of users.
        users: u32,
        /// Time between two of them.
        every: Span,
    },
    /// A sentence of an earlier version.
    Verbatim(String),
}

/// An executor with its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Executor {
    /// Arrivals at a constant rate.
    ConstantArrivalRate {
        /// The rate.
        rate: Rate,
        /// True for a Poisson process, false for even spacing.
        poisson: bool,
    },
    /// Arrivals at a rate that changes in straight lines.
    RampingArrivalRate {
        /// The first rate.
        from: Rate,
        /// Rate at the end of each stage, with the length of the stage.
        stages: Vec<(Rate, Span)>,
        /// True for a Poisson process, false for even spacing.
        poisson: bool,
    },
    /// Arrivals at a rate that changes in equal steps.
    SteppedArrivalRate {
        /// Rate of the first step.
        from: Rate,
        /// Rate of the last step.
        to: Rate,
        /// Number of steps.
        steps: u32,
        /// True for a Poisson process, false for even spacing.
        poisson: bool,
    },
    /// A constant number of users.
    ConstantUsers {
        /// Number of users.
        users: u32,
        /// Time between the beginnings of two users; `None` if all begin at once.
        hatch_every: Option<Span>,
        /// Think time, from shortest to longest; `None` if the journeys' own applies.
        think: Option<(Span, Span)>,
    },
    /// A number of users that changes in straight lines.
    RampingUsers {
        /// Users at the end of each stage, with the length of the stage.
        stages: Vec<(u32, Span)>,
        /// Think time, from shortest to longest; `None` if the journeys' own applies.
        think: Option<(Span, Span)>,
    },
    /// Recorded sessions or requests at instants of their own.
    Replay {
        /// Number of sessions, or of single requests.
        sessions: u64,
        /// Number of requests in them.
        requests: u64,
        /// Rule by which they start.
        starts: ReplayStarts,
        /// Factor by which time runs faster than in the record.
        speed: f64,
    },
}

impl Executor {
    /// The name in scenario files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConstantArrivalRate { .. } => "constant-arrival-rate",
            Self::RampingArrivalRate { .. } => "ramping-arrival-rate",
            Self::SteppedArrivalRate { .. } => "stepped-arrival-rate",
            Self::ConstantUsers { .. } => "constant-users",
            Self::RampingUsers { .. } => "ramping-users",
            Self::Replay { .. } => "replay",
        }
    }
}
