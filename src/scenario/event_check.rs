//! Checks of planned events, and of what is held on them.

use super::Scenario;
use super::check::{Checked, Checker};
use crate::journey::Journeys;
use crate::maintenance::{ConsistencySettings, EventSettings, PlannedEvent};
use crate::slo::Objective;

impl Checker {
    /// Checks that the events on which objectives are held are the scenario's.
    pub(super) fn during(&self, scenario: &Scenario) -> Checked {
        let known: Vec<&str> = scenario.event.iter().map(|event| event.name.as_str()).collect();
        for objective in &scenario.objective {
            let Some(event) = objective.during.as_deref().filter(|event| !known.contains(event)) else {
                continue;
            };
            return self.refuse(
                format!("objective `{}`", objective.name),
                format!("there is no event `{event}`"),
                match known.as_slice() {
                    [] => "this scenario has no `[[event]]`".to_owned(),
                    known => format!("`during` is one of {}", known.join(", ")),
                },
            );
        }
        Ok(())
    }

    /// Checks that every event has a place in the plan: the scenario's own phases are no part of a replay.
    pub(super) fn planned(&self, events: &[EventSettings], planned: &[PlannedEvent]) -> Checked {
        let has_place = |event: &EventSettings| planned.iter().any(|planned| planned.settings.name == event.name);
        match events.iter().find(|event| !has_place(event)) {
            None => Ok(()),
            Some(event) => self.refuse(
                format!("event `{}`", event.name),
                "its phase is no part of this plan: a replay has one phase of its own",
                "leave `phase` out, so that the event counts from the start of the replay",
            ),
        }
    }

    pub(super) fn events(&self, scenario: &Scenario) -> Checked {
        let mut seen: Vec<&str> = Vec::new();
        for event in &scenario.event {
            let at = format!("event `{}`", event.name);
            if let Some((problem, hint)) = event.problem() {
                return self.refuse(at, problem, hint);
            }
            if seen.contains(&event.name.as_str()) {
                return self.refuse(at, "the name is taken", "name each event differently");
            }
            let phase = match &event.phase {
                Some(name) => scenario.phase.iter().find(|phase| phase.name == *name),
                None => scenario.phase.iter().find(|phase| phase.judged),
            };
            let Some(phase) = phase else {
                let known: Vec<&str> = scenario.phase.iter().map(|phase| phase.name.as_str()).collect();
                return self.refuse(
                    at,
                    "there is no such phase",
                    format!(
                        "`phase` is one of {}; left out, it is the first judged one",
                        known.join(", ")
                    ),
                );
            };
            if event.at.get() >= phase.length().get() {
                return self.refuse(
                    at,
                    format!(
                        "it would begin at {} of phase `{}`, which lasts {}",
                        event.at,
                        phase.name,
                        phase.length()
                    ),
                    "give it a time within the phase",
                );
            }
            seen.push(&event.name);
        }
        Ok(())
    }

    /// Checks that a run which an event may end has an error budget.
    pub(super) fn budget(&self, events: &[PlannedEvent], has_budget: bool) -> Checked {
        match events
            .iter()
            .find(|event| event.settings.abort_when_burnt && !has_budget)
        {
            None => Ok(()),
            Some(event) => self.refuse(
                format!("event `{}`", event.settings.name),
                "there is no error budget that it could use up",
                "have a gating objective on `error-rate` without `during`, over requests of the open model",
            ),
        }
    }

    /// Checks that every comparison is about a step that tells what it writes, and that an objective on lost writes has one.
    pub(super) fn consistency(
        &self,
        comparisons: &[ConsistencySettings],
        objectives: &[Objective],
        journeys: &Journeys,
        has_database: bool,
    ) -> Checked {
        for comparison in comparisons {
            let at = format!("consistency `{}`", comparison.name);
            if !has_database {
                let hint = "name it in the stack file: `[database]` with `service`";
                return self.refuse(at, "the stack file names no database to ask", hint);
            }
            match journeys.written(&comparison.of) {
                Some(true) => {}
                Some(false) => {
                    let hint = "give the step `writes = \"{{id}}\"`, an identity that it extracts, and no `cleanup`";
                    return self.refuse(
                        at,
                        format!("step `{}` does not tell what it writes and leaves", comparison.of),
                        hint,
                    );
                }
                None => {
                    let hint = "`of` is `journey.step`, as `diapason check` lists them";
                    return self.refuse(at, format!("there is no step `{}`", comparison.of), hint);
                }
            }
        }
        match objectives.iter().find(|objective| objective.indicator == "lost") {
            Some(objective) if comparisons.is_empty() => self.refuse(
                format!("objective `{}`", objective.name),
                "nothing is compared that could be lost",
                "add `[[consistency]]` with `name`, `of` and `sql`",
            ),
            _ => Ok(()),
        }
    }
}
