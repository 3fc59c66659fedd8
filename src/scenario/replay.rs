//! A record that is replayed in place of a scenario's phases.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::evidence::{Executor, ReplayPlan};
use crate::journey::{Journeys, WrittenJourney};
use crate::schedule::Arrivals;
use crate::workload::{PhaseJob, RecordedSessions, Task};

/// A record, ready to be replayed.
#[derive(Debug, Clone)]
pub struct ReplayLoad {
    /// Journeys beside those of the scenario's folder.
    pub journeys: Vec<WrittenJourney>,
    /// The sessions, with the journeys that stand for their requests.
    pub recorded: Arc<RecordedSessions>,
    /// Start of each session from the start of the phase, ascending.
    pub starts: Vec<Duration>,
    /// Most sessions under way at once, if the system is as fast as in the record.
    pub users_needed: u64,
    /// Facts of the record; the series are found when the journeys are compiled.
    pub plan: ReplayPlan,
}

impl ReplayLoad {
    /// The journeys that are walked, each once.
    pub(super) fn journey_names(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self.recorded.journeys.iter().collect();
        names.into_iter().cloned().collect()
    }

    /// The phase that begins then.
    pub(super) fn job(&self, start: Duration, seed: u64) -> PhaseJob {
        PhaseJob {
            name: self.plan.phase.clone(),
            start,
            // The starts are computed before the run: fitted ones are drawn from the seed, recorded ones stretched by
            // the speed.
            arrivals: Arrivals::at(self.starts.clone()),
            // Sessions start when the record says so, and not when a user is free.
            crowd: None,
            task: Task::Walk(Arc::clone(&self.recorded)),
            seed,
        }
    }

    /// The executor as evidence.
    pub(super) fn planned(&self) -> Executor {
        Executor::Replay {
            sessions: self.starts.len() as u64,
            requests: self.plan.requests,
            starts: self.plan.starts,
            speed: self.plan.speed,
        }
    }

    /// The facts, with the series of each kind.
    pub(super) fn facts(&self, journeys: &Journeys) -> ReplayPlan {
        let mut plan = self.plan.clone();
        for kind in &mut plan.kinds {
            let journey = journeys.get(&kind.journey);
            let first = journey.and_then(|journey| journey.requests().iter().map(|(id, _)| usize::from(id.0)).min());
            let series = first.and_then(|first| journeys.series().get(first));
            kind.series = series.map_or_else(String::new, |series| series.name.clone());
        }
        plan
    }
}
