//! What the load thread is given for each phase.

use std::time::Duration;

use super::Crowd;
use crate::schedule::Arrivals;

/// What each arrival of a phase does.
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
    /// When it begins, from the run's zero.
    pub start: Duration,
    /// Intended starts from its beginning; none in the closed model.
    pub arrivals: Arrivals,
    /// Its users, in the closed model.
    pub crowd: Option<Crowd>,
    /// What each arrival does.
    pub task: Task,
    /// Seed of the draws from the mix.
    pub seed: u64,
}
