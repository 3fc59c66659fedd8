//! Input of the load thread for each phase.

use std::sync::Arc;
use std::time::Duration;

use super::{Crowd, RecordedSessions};
use crate::schedule::Arrivals;

/// Task of each arrival of a phase.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// The user logs in, once.
    LogIn,
    /// The user walks one journey of the mix, drawn by weight.
    Iterate(Vec<(String, f64)>),
    /// The user walks the recorded session with the number of the arrival.
    Walk(Arc<RecordedSessions>),
}

impl Task {
    /// Expected iterations of each journey for that number of arrivals; none for log-ins.
    pub fn iterations(&self, arrivals: f64) -> Vec<(&str, f64)> {
        match self {
            Self::LogIn => Vec::new(),
            Self::Iterate(mix) => {
                let weights: f64 = mix.iter().map(|(_, weight)| weight).sum();
                let drawn = mix.iter().filter(|(_, weight)| *weight > 0.0);
                drawn
                    .map(|(name, weight)| (name.as_str(), arrivals * weight / weights))
                    .collect()
            }
            Self::Walk(recorded) => {
                let share = arrivals / recorded.sessions.len().max(1) as f64;
                let counts = recorded.counts().into_iter().map(|count| count as f64 * share);
                recorded.journeys.iter().map(String::as_str).zip(counts).collect()
            }
        }
    }
}

/// One phase, ready to be applied.
#[derive(Debug, Clone)]
pub struct PhaseJob {
    /// Its name.
    pub name: String,
    /// Start, from the run's zero.
    pub start: Duration,
    /// Intended starts, from the start of the phase; empty in the closed model.
    pub arrivals: Arrivals,
    /// Its users in the closed model; `None` in the open model.
    pub crowd: Option<Crowd>,
    /// Task of each arrival.
    pub task: Task,
    /// Seed of the draws from the mix.
    pub seed: u64,
}
