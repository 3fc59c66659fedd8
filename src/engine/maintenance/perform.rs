//! Carries planned events out, each at its time.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineFailure;
use testcontainers::bollard::exec::{CreateExecOptions, StartExecResults};
use testcontainers::bollard::query_parameters::KillContainerOptionsBuilder;
use tokio_util::sync::CancellationToken;

use super::{EventSettings, MaintenanceError, PlannedEvent};
use crate::error::one_line;
use crate::evidence::{StackAction, StackEvent};
use crate::stack::Endpoints;
use crate::timer::RunClock;
use crate::wire::engine::EngineAddress;

/// Last letters that are kept of what a command printed before it failed.
const MOST_OUTPUT: usize = 500;
/// Signal of an operator's `docker kill`.
const KILL: &str = "SIGKILL";

/// Events of a run with the containers they act on.
#[derive(Debug)]
pub struct Maintenance {
    engine: Option<Docker>,
    events: Vec<(PlannedEvent, Vec<String>)>,
}

impl Maintenance {
    /// Finds the containers of each event. `ports` are published ports that the run uses: an event that stops their container is
    /// refused, because the engine gives it other ports at its next start.
    pub async fn prepare(
        events: &[PlannedEvent],
        endpoints: &Endpoints,
        ports: &BTreeSet<u16>,
    ) -> Result<Self, MaintenanceError> {
        if events.is_empty() {
            return Ok(Self {
                engine: None,
                events: Vec::new(),
            });
        }
        // Only what this run brought up may be stopped: an attached system has other users.
        if endpoints.containers.is_empty() {
            return Err(MaintenanceError::Attached);
        }
        let engine = EngineAddress::current().and_then(EngineAddress::connect)?;
        let mut prepared = Vec::new();
        // All containers are found before the load: a misspelt service must not cost a run.
        for event in events {
            let settings = &event.settings;
            let containers = endpoints.containers.iter();
            let containers = containers.filter(|container| container.service == settings.service);
            let ids: Vec<String> = containers.map(|container| container.id.clone()).collect();
            if ids.is_empty() {
                let known: BTreeSet<String> = endpoints.containers.iter().map(|known| known.service.clone()).collect();
                return Err(MaintenanceError::Service {
                    event: settings.name.clone(),
                    service: settings.service.clone(),
                    known: known.into_iter().collect(),
                });
            }
            if settings.action.stops() {
                for id in &ids {
                    // Docker gives a port that it chose anew at each start: the run would go on asking the old one.
                    refuse_moving_ports(&engine, id, settings, ports).await?;
                }
            }
            prepared.push((event.clone(), ids));
        }
        Ok(Self {
            engine: Some(engine),
            events: prepared,
        })
    }

    /// Carries the events out. A stop ends the waiting: events that have not begun do not begin, and what has a `for` is undone at
    /// once.
    pub async fn perform(self, clock: RunClock, stop: CancellationToken) -> Vec<StackEvent> {
        let Some(engine) = &self.engine else {
            return Vec::new();
        };
        let events = self.events.iter();
        // At the same time, because each waits for its own instant: a slow one must not delay the next.
        join_all(events.map(|(event, ids)| carry_out(engine, event, ids, clock, &stop))).await
    }
}

async fn refuse_moving_ports(
    engine: &Docker,
    id: &str,
    event: &EventSettings,
    ports: &BTreeSet<u16>,
) -> Result<(), MaintenanceError> {
    let inspected = engine.inspect_container(id, None).await;
    let inspected = inspected.map_err(|source| MaintenanceError::Inspect {
        service: event.service.clone(),
        source,
    })?;
    let bindings = inspected
        .network_settings
        .and_then(|network| network.ports)
        .unwrap_or_default();
    let mut published = bindings.into_values().flatten().flatten();
    let used = |port: Option<String>| {
        port.and_then(|port| port.parse().ok())
            .is_some_and(|port| ports.contains(&port))
    };
    if published.any(|binding| used(binding.host_port)) {
        return Err(MaintenanceError::Published {
            event: event.name.clone(),
            service: event.service.clone(),
        });
    }
    Ok(())
}

async fn carry_out(
    engine: &Docker,
    event: &PlannedEvent,
    ids: &[String],
    clock: RunClock,
    stop: &CancellationToken,
) -> StackEvent {
    let settings = &event.settings;
    let mut course = StackEvent {
        name: settings.name.clone(),
        service: settings.service.clone(),
        action: settings.action,
        planned: event.at.as_secs_f64(),
        begun: None,
        ended: None,
        failure: None,
    };
    if !wait_until(clock, event.at, stop).await {
        return course;
    }
    course.begun = Some(clock.now().as_secs_f64());
    let mut outcome = act(engine, settings, ids).await;
    if let Some(lasts) = settings.lasts {
        if outcome.is_ok() {
            wait_until(clock, event.at + lasts.get(), stop).await;
        }
        // Also after a failure: of several containers some may have been acted on.
        let undone = undo(engine, settings.action, ids).await;
        outcome = outcome.and(undone);
    }
    // Measured, not planned: an engine may take seconds to stop a container.
    course.ended = Some(clock.now().as_secs_f64());
    course.failure = outcome.err();
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

async fn act(engine: &Docker, event: &EventSettings, ids: &[String]) -> Result<(), String> {
    if event.action == StackAction::Exec {
        // `prepare` has found at least one container.
        let first = ids.first().map(String::as_str).unwrap_or_default();
        return execute(engine, first, &event.command).await;
    }
    let results = ids.iter().map(|id| async move {
        match event.action {
            StackAction::Restart => engine.restart_container(id, None).await,
            StackAction::Stop => engine.stop_container(id, None).await,
            StackAction::Start => engine.start_container(id, None).await,
            StackAction::Pause => engine.pause_container(id).await,
            StackAction::Kill => {
                let signal = event.signal.as_deref().unwrap_or(KILL);
                let options = KillContainerOptionsBuilder::new().signal(signal).build();
                engine.kill_container(id, Some(options)).await
            }
            StackAction::Exec => Ok(()),
        }
    });
    first_failure(join_all(results).await)
}

async fn undo(engine: &Docker, action: StackAction, ids: &[String]) -> Result<(), String> {
    let results = ids.iter().map(|id| async move {
        match action {
            StackAction::Pause => engine.unpause_container(id).await,
            StackAction::Stop | StackAction::Kill => engine.start_container(id, None).await,
            StackAction::Restart | StackAction::Start | StackAction::Exec => Ok(()),
        }
    });
    first_failure(join_all(results).await)
}

/// The first failure of several calls; a container that is in the wanted state already is none.
fn first_failure(results: Vec<Result<(), EngineFailure>>) -> Result<(), String> {
    let failed = results.into_iter().filter_map(Result::err);
    let mut failed =
        failed.filter(|error| !matches!(error, EngineFailure::DockerResponseServerError { status_code: 304, .. }));
    failed.next().map_or(Ok(()), |error| Err(one_line(&error)))
}

/// Runs the command in the container; a failure holds the end of what it printed.
async fn execute(engine: &Docker, id: &str, command: &[String]) -> Result<(), String> {
    let (code, output) = run(engine, id, command).await.map_err(|error| one_line(&error))?;
    if code == 0 {
        return Ok(());
    }
    // Programs print the cause of their failure last.
    let skipped = output.chars().count().saturating_sub(MOST_OUTPUT);
    let end: String = output.chars().skip(skipped).collect();
    Err(format!("exit code {code}: {}", end.trim()))
}

async fn run(engine: &Docker, id: &str, command: &[String]) -> Result<(i64, String), EngineFailure> {
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.to_vec()),
        ..CreateExecOptions::default()
    };
    let execution = engine.create_exec(id, options).await?;
    let mut output = String::new();
    if let StartExecResults::Attached { output: mut parts, .. } = engine.start_exec(&execution.id, None).await? {
        while let Some(part) = parts.next().await {
            output.push_str(&part?.to_string());
        }
    }
    let inspected = engine.inspect_exec(&execution.id).await?;
    Ok((inspected.exit_code.unwrap_or(-1), output))
}
