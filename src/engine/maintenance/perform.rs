//! Carries planned events out, each at its time.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::act::{Undo, act};
use super::targets::Targets;
use super::{EventSettings, MaintenanceError, PlannedEvent};
use crate::evidence::{StackAction, StackEvent};
use crate::stack::RunningStack;
use crate::timer::RunClock;
use crate::wire::engine::EngineAddress;

/// Events of a run with the containers they act on.
#[derive(Debug)]
pub struct Maintenance {
    targets: Option<Targets>,
    events: Vec<PlannedEvent>,
}

impl Maintenance {
    /// Finds the containers of each event. `ports` are published ports that the run uses: an event that stops their container is
    /// refused where the engine chose the port, because it gives it another at its next start.
    pub async fn prepare(
        events: &[PlannedEvent],
        stack: &RunningStack,
        ports: &BTreeSet<u16>,
    ) -> Result<Self, MaintenanceError> {
        if events.is_empty() {
            return Ok(Self {
                targets: None,
                events: Vec::new(),
            });
        }
        // Only what this run brought up may be stopped: an attached system has other users.
        if stack.endpoints().containers.is_empty() {
            return Err(MaintenanceError::Attached);
        }
        let engine = EngineAddress::current()?.connect()?;
        let targets = Targets::new(engine, stack);
        // Everything is found before the load: a misspelt service must not cost a run.
        for event in events {
            check(&targets, &event.settings, ports).await?;
            // Remembered, so that a later look can be held against it.
            let _ = targets.moved(&event.settings.service).await;
        }
        Ok(Self {
            targets: Some(targets),
            events: events.to_vec(),
        })
    }

    /// Carries the events out. A stop ends the waiting: events that have not begun do not begin, and what has a `for` is undone at
    /// once.
    pub async fn perform(self, clock: RunClock, stop: CancellationToken) -> Vec<StackEvent> {
        let Some(mut targets) = self.targets else {
            return Vec::new();
        };
        targets.stop = stop;
        let events = self.events.iter();
        join_all(events.map(|event| carry_out(&targets, event, clock))).await
    }
}

/// Checks that the event can be carried out on this stack, by this host.
async fn check(targets: &Targets, event: &EventSettings, ports: &BTreeSet<u16>) -> Result<(), MaintenanceError> {
    let between = event.network.as_ref().and_then(|network| network.between.as_ref());
    for service in [Some(&event.service), between].into_iter().flatten() {
        if targets.of(service).is_empty() {
            return Err(MaintenanceError::Service {
                event: event.name.clone(),
                service: service.clone(),
                known: targets.services(),
            });
        }
    }
    let refuse = |problem: String| {
        Err(MaintenanceError::Impossible {
            event: event.name.clone(),
            problem,
        })
    };
    if let Some(problem) = lacking(event).await {
        return refuse(problem);
    }
    if event.action == StackAction::Sql && targets.database.is_none() {
        return refuse("the stack file names no `[database]`".to_owned());
    }
    if let Some(image) = &event.image
        && targets.engine.inspect_image(image).await.is_err()
    {
        return refuse(format!("the image {image} is not on this machine"));
    }
    if event.action.stops() {
        for id in targets.of(&event.service) {
            refuse_moving_ports(targets, &id, event, ports).await?;
        }
    }
    Ok(())
}

/// The reason why this host cannot carry the event out on any stack; `None` if it can. Nothing is changed by asking.
pub async fn lacking(event: &EventSettings) -> Option<String> {
    let signals = event.action == StackAction::Crash;
    if (signals || event.network.is_some()) && !rustix::process::geteuid().is_root() {
        return Some(format!(
            "`{}` enters a container from the host, which takes root",
            event.action
        ));
    }
    let problem = event.network.as_ref()?.lacking().await?;
    Some(format!("this host cannot do it: {problem}"))
}

async fn refuse_moving_ports(
    targets: &Targets,
    id: &str,
    event: &EventSettings,
    ports: &BTreeSet<u16>,
) -> Result<(), MaintenanceError> {
    let inspected = targets.engine.inspect_container(id, None).await;
    let inspected = inspected.map_err(|source| MaintenanceError::Inspect {
        service: event.service.clone(),
        source,
    })?;
    let asked = inspected
        .host_config
        .and_then(|host| host.port_bindings)
        .unwrap_or_default();
    let fixed: BTreeSet<u16> = asked
        .into_values()
        .flatten()
        .flatten()
        .filter_map(|binding| binding.host_port?.parse().ok())
        .collect();
    let bindings = inspected
        .network_settings
        .and_then(|network| network.ports)
        .unwrap_or_default();
    let published = bindings.into_values().flatten().flatten();
    let mut used = published
        .filter_map(|binding| binding.host_port?.parse().ok())
        .filter(|port| ports.contains(port));
    if used.any(|port| !fixed.contains(&port)) {
        return Err(MaintenanceError::Published {
            event: event.name.clone(),
            service: event.service.clone(),
        });
    }
    Ok(())
}

async fn carry_out(targets: &Targets, event: &PlannedEvent, clock: RunClock) -> StackEvent {
    let settings = &event.settings;
    let mut course = StackEvent {
        name: settings.name.clone(),
        service: settings.service.clone(),
        action: settings.action,
        planned: event.at.as_secs_f64(),
        begun: None,
        ended: None,
        failure: None,
        moved: None,
    };
    if !wait_until(clock, event.at, &targets.stop).await {
        return course;
    }
    course.begun = Some(clock.now().as_secs_f64());
    let mut undo = Vec::new();
    let mut outcome = act(targets, settings, &mut undo).await;
    if let Some(lasts) = settings.lasts {
        if outcome.is_ok() {
            wait_until(clock, event.at + lasts.get(), &targets.stop).await;
        }
        // Also after a failure: of several containers some may have been acted on.
        let undone = Undo::all(undo, targets, &settings.service).await;
        outcome = outcome.and(undone);
    }
    // Measured, not planned: an engine may take seconds to stop a container.
    course.ended = Some(clock.now().as_secs_f64());
    course.failure = outcome.err();
    course.moved = targets.moved(&settings.service).await;
    course
}

/// Waits until that time of the run; `false` if the run was stopped before.
async fn wait_until(clock: RunClock, at: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        // A stop at the same moment wins: nothing new is done to a stack that is about to be taken down.
        biased;
        () = stop.cancelled() => false,
        () = tokio::time::sleep_until(clock.at(at).into()) => true,
    }
}
