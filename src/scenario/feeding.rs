//! Use of feeders as planned: rows against the iterations that take them.

use std::path::PathBuf;

use crate::journey::{FeederJourneys, FeederOrder, Journey, Journeys};
use crate::workload::PhaseJob;

/// Use of one feeder.
#[derive(Debug, Clone, PartialEq)]
pub struct FeederUse {
    /// Its file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: usize,
    /// Order in which users take them.
    pub order: FeederOrder,
    /// Names of the journeys that take them.
    pub journeys: Vec<String>,
    /// Expected number of rows taken; `None` if it is known only after the run, as in the closed model.
    pub taken: Option<f64>,
    /// Number of users.
    pub users: u32,
}

impl FeederUse {
    /// True if each row serves once and fewer are there than will be taken.
    pub fn is_exhausted(&self) -> bool {
        self.order == FeederOrder::Unique && self.taken.is_some_and(|taken| taken > self.rows as f64)
    }

    /// True if users share rows because there are more of them.
    pub fn is_shared(&self) -> bool {
        self.order == FeederOrder::ByUser && self.users as usize > self.rows
    }
}

/// Use of every feeder by `users` users in these phases.
pub(super) fn uses(journeys: &Journeys, phases: &[PhaseJob], users: u32) -> Vec<FeederUse> {
    let feedings = journeys.feedings().into_iter();
    feedings.map(|feeding| used(&feeding, phases, users)).collect()
}

fn used(feeding: &FeederJourneys<'_>, phases: &[PhaseJob], users: u32) -> FeederUse {
    let taken = feeding.journeys.iter().map(|journey| taken_by(journey, phases, users));
    FeederUse {
        path: feeding.feeder.path().to_owned(),
        rows: feeding.feeder.count(),
        order: feeding.feeder.order(),
        journeys: feeding
            .journeys
            .iter()
            .map(|journey| journey.name().to_owned())
            .collect(),
        taken: taken.sum(),
        users,
    }
}

/// Rows that a journey takes: one for each user at the log-in, else one for each iteration.
fn taken_by(journey: &Journey, phases: &[PhaseJob], users: u32) -> Option<f64> {
    if journey.logs_in() {
        return Some(f64::from(users));
    }
    let taken = phases.iter().map(|phase| {
        let iterations = phase.task.iterations(phase.arrivals.expected());
        let own = iterations.iter().find(|(name, _)| *name == journey.name());
        match (phase.crowd.is_some(), own) {
            (_, None) => Some(0.0),
            (true, Some(_)) => None,
            (false, Some((_, iterations))) => Some(*iterations),
        }
    });
    // One phase of an unknown number makes the whole unknown: the sum of options is `None` then.
    taken.sum()
}
