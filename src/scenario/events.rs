//! Events of a scenario at their times in the plan.

use crate::evidence::LoadPlan;
use crate::maintenance::{EventSettings, PlannedEvent};

/// The events at their times. One whose phase the plan does not have is left out: a replay has a phase of its own.
pub(super) fn planned_events(events: &[EventSettings], load: &LoadPlan) -> Vec<PlannedEvent> {
    let planned = events.iter().filter_map(|event| {
        let phase = match &event.phase {
            Some(name) => load.phases.iter().find(|phase| phase.name == *name),
            None => load.phases.iter().find(|phase| phase.judged),
        };
        Some(PlannedEvent {
            settings: event.clone(),
            at: phase?.window.start + event.at.get(),
        })
    });
    planned.collect()
}
