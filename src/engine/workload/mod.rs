//! Application of load: executors turn settings into arrivals, and a thread of its own turns arrivals into iterations.

mod attack;
mod closed;
mod constant_arrival_rate;
mod constant_users;
mod crew;
mod crowd;
mod descriptors;
mod driver;
mod endings;
mod engine;
mod error;
mod job;
mod no_log_in;
mod pacer;
mod priority;
mod ramping_arrival_rate;
mod ramping_users;
mod recorded_sessions;
mod session_replay;
mod set_up;
mod shared;
mod shifts;
mod stepped_arrival_rate;
#[cfg(test)]
mod tests;

pub use constant_arrival_rate::ConstantArrivalRate;
pub use constant_users::ConstantUsers;
pub use crowd::Crowd;
pub use descriptors::{descriptors_allowed, descriptors_needed};
pub use endings::TEAR_DOWN_PHASE;
pub use engine::{LoadJob, LoadThread, start};
pub use error::WorkloadError;
pub use job::{PhaseJob, Task};
pub use no_log_in::NoLogIn;
pub use ramping_arrival_rate::{RampingArrivalRate, Stage};
pub use ramping_users::{RampingUsers, UserStage};
pub use recorded_sessions::{RecordedSessions, SessionRequest};
pub use set_up::{SET_UP_PHASE, SetUp, SetUpJob, log_in, set_up};
pub use stepped_arrival_rate::SteppedArrivalRate;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Executor;
use crate::schedule::{Arrivals, Profile, Spacing};
use crate::units::{Rate, Span};

/// An executor and its settings; named as in k6.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "executor", rename_all = "kebab-case")]
pub enum Workload {
    /// Iterations start at a constant rate, whatever the system under test does.
    ConstantArrivalRate(ConstantArrivalRate),
    /// Iterations start at a rate that runs in straight lines from stage to stage.
    RampingArrivalRate(RampingArrivalRate),
    /// Iterations start at a rate that goes up or down in equal steps.
    SteppedArrivalRate(SteppedArrivalRate),
    /// A fixed number of users, each going on once it has its answers.
    ConstantUsers(ConstantUsers),
    /// A number of users that runs in straight lines from stage to stage.
    RampingUsers(RampingUsers),
}

/// Name and one sentence of every executor.
pub const EXECUTORS: &[(&str, &str)] = &[
    (constant_arrival_rate::NAME, constant_arrival_rate::DESCRIPTION),
    (ramping_arrival_rate::NAME, ramping_arrival_rate::DESCRIPTION),
    (stepped_arrival_rate::NAME, stepped_arrival_rate::DESCRIPTION),
    (constant_users::NAME, constant_users::DESCRIPTION),
    (ramping_users::NAME, ramping_users::DESCRIPTION),
];

impl Workload {
    /// Length from its own settings; `None` if the phase sets it.
    pub fn length(&self) -> Option<Span> {
        match self {
            Self::RampingArrivalRate(settings) => Some(settings.length()),
            Self::RampingUsers(settings) => Some(settings.length()),
            Self::ConstantArrivalRate(_) | Self::SteppedArrivalRate(_) | Self::ConstantUsers(_) => None,
        }
    }

    /// The users of a phase of that length in the closed model; `None` in the open model.
    pub fn crowd(&self, length: Duration) -> Option<Crowd> {
        match self {
            Self::ConstantUsers(settings) => Some(settings.crowd(length)),
            Self::RampingUsers(settings) => Some(settings.crowd()),
            Self::ConstantArrivalRate(_) | Self::RampingArrivalRate(_) | Self::SteppedArrivalRate(_) => None,
        }
    }

    /// Time until the last user of a closed phase has begun; zero without `hatch-every`.
    pub fn hatching(&self) -> Duration {
        match self {
            Self::ConstantUsers(settings) => settings.hatching(),
            _ => Duration::ZERO,
        }
    }

    /// Intended starts over a phase of that length; empty in the closed model, which has no schedule.
    pub fn arrivals(&self, length: Duration, seed: u64) -> Arrivals {
        let (profile, spacing) = match self {
            Self::ConstantArrivalRate(settings) => settings.schedule(length),
            Self::RampingArrivalRate(settings) => settings.schedule(),
            Self::SteppedArrivalRate(settings) => settings.schedule(length),
            Self::ConstantUsers(_) | Self::RampingUsers(_) => (Profile::new(Vec::new()), Spacing::Uniform),
        };
        Arrivals::new(profile, spacing, seed)
    }

    /// The executor as evidence.
    pub fn planned(&self) -> Executor {
        match self {
            Self::ConstantArrivalRate(settings) => settings.planned(),
            Self::RampingArrivalRate(settings) => settings.planned(),
            Self::SteppedArrivalRate(settings) => settings.planned(),
            Self::ConstantUsers(settings) => settings.planned(),
            Self::RampingUsers(settings) => settings.planned(),
        }
    }
}

const fn default_log_in_rate() -> Span {
    Span::from_millis(100)
}

/// The virtual users of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Users {
    /// Number of users. They are made before the load starts, and closed phases take theirs from them. An arrival that finds all
    /// of them busy is dropped.
    pub count: u32,
    /// Time between two log-ins. Before the first phase, users log in one by one, because logging in is expensive by design.
    #[serde(default = "default_log_in_rate")]
    pub log_in_every: Span,
    /// Longest time that iterations under way at the end may take to finish.
    #[serde(default = "default_graceful_stop")]
    pub graceful_stop: Span,
    /// Name of a journey that each user walks once after its log-in, before the load. Every step of it has to succeed; values that
    /// it extracts can be used in all journeys of the mix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// Name of a journey that each user walks once after the load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teardown: Option<String>,
    /// Longest time that removals (`cleanup`), tear-downs and log-outs may take after the load, together; 10 s at most if the run
    /// was interrupted.
    #[serde(default = "default_teardown")]
    pub teardown_at_most: Span,
}

const fn default_teardown() -> Span {
    Span::from_millis(60_000)
}

const fn default_graceful_stop() -> Span {
    Span::from_millis(10_000)
}

impl Users {
    /// Log-ins per second.
    pub fn log_in_rate(&self) -> Option<Rate> {
        Rate::per_second(1.0 / self.log_in_every.get().as_secs_f64()).ok()
    }
}
