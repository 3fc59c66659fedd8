//! Input of the load thread for each phase.

use std::time::Duration;

use super::Crowd;
use crate::schedule::Arrivals;

/// Task of each arrival of a phase.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// The user logs in, once.
    LogIn,
    /// The user walks one journey of the mix, drawn by weight.
    Iterate(Vec<(String, f64)>),
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
