//! Effect of each action, and its undoing.

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use testcontainers::bollard::errors::Error as EngineFailure;
use testcontainers::bollard::models::ContainerUpdateBody;
use testcontainers::bollard::query_parameters::KillContainerOptionsBuilder;
use tokio_postgres::Client;

use super::network::Rule;
use super::replace::Replacement;
use super::settings::EventSettings;
use super::targets::Targets;
use super::{command, limit, network, replace, statement};
use crate::error::one_line;
use crate::evidence::StackAction;

/// Signal of an operator's `docker kill`.
const KILL: &str = "SIGKILL";
/// Longest time that a restart policy may take to start a container again.
const RESTARTED: Duration = Duration::from_secs(30);
/// Time between two looks at it.
const LOOK: Duration = Duration::from_millis(50);

/// A change that can be taken back.
pub(super) enum Undo {
    Start(String),
    Unpause(String),
    Limits(String, Box<ContainerUpdateBody>),
    Rules(Vec<Rule>),
    Transaction(Client),
    Replaced(Vec<Replacement>),
    Scale(u32),
    Folder(String, String),
}

impl Undo {
    /// Takes all back, latest first; the first failure is returned after everything was tried.
    pub(super) async fn all(undo: Vec<Self>, targets: &Targets, service: &str) -> Result<(), String> {
        let mut outcome = Ok(());
        for change in undo.into_iter().rev() {
            outcome = outcome.and(change.one(targets, service).await);
        }
        outcome
    }

    async fn one(self, targets: &Targets, service: &str) -> Result<(), String> {
        let engine = &targets.engine;
        match self {
            Self::Start(id) => tolerant(engine.start_container(&id, None).await),
            Self::Unpause(id) => tolerant(engine.unpause_container(&id).await),
            Self::Limits(id, body) => limit::update(engine, &id, *body).await,
            Self::Rules(rules) => network::undo(rules).await,
            Self::Transaction(client) => statement::roll_back(&client).await,
            Self::Replaced(made) => replace::roll_back(targets, service, made).await,
            Self::Scale(replicas) => replace::scale(targets, service, replicas).await,
            Self::Folder(id, folder) => command::empty(targets, &id, &folder).await,
        }
    }
}

/// Carries the action out; `undo` grows by each change that can be taken back, also where a later one fails.
pub(super) async fn act(targets: &Targets, event: &EventSettings, undo: &mut Vec<Undo>) -> Result<(), String> {
    let ids = targets.of(&event.service);
    let first = ids.first().cloned().unwrap_or_default();
    match event.action {
        StackAction::Exec => command::execute(&targets.engine, &first, &event.command).await,
        StackAction::Run => replace::run(targets, event).await,
        StackAction::Sql => {
            let sql = event.sql.as_deref().unwrap_or_default();
            let held = statement::execute(targets, sql, event.lasts.is_some()).await?;
            undo.extend(held.map(Undo::Transaction));
            Ok(())
        }
        StackAction::Scale => {
            undo.push(Undo::Scale(u32::try_from(ids.len()).unwrap_or(u32::MAX)));
            replace::scale(targets, &event.service, event.replicas.unwrap_or(1)).await
        }
        StackAction::Recreate => {
            let mut made = Vec::new();
            let outcome = replace::recreate(targets, event, &mut made).await;
            undo.push(Undo::Replaced(made));
            outcome
        }
        StackAction::Limit | StackAction::Network | StackAction::FillDisk => {
            for id in ids {
                constrain(targets, event, id, undo).await?;
            }
            Ok(())
        }
        _ => at_once(targets, event, ids, undo).await,
    }
}

/// Takes something from one container that runs on.
async fn constrain(targets: &Targets, event: &EventSettings, id: String, undo: &mut Vec<Undo>) -> Result<(), String> {
    if let Some(settings) = &event.network {
        let peers = match &settings.between {
            Some(service) => targets.addresses(service).await?,
            None => Vec::new(),
        };
        let pid = own_pid(targets, &id).await?;
        let mut rules = Vec::new();
        let outcome = network::make(settings, pid, &peers, &mut rules).await;
        undo.push(Undo::Rules(rules));
        return outcome;
    }
    if let Some(folder) = &event.folder {
        undo.push(Undo::Folder(id.clone(), folder.clone()));
        return command::fill(targets, &id, folder).await;
    }
    let (limited, restored) = limit::limits(targets, &id, event).await?;
    undo.push(Undo::Limits(id.clone(), Box::new(restored)));
    limit::update(&targets.engine, &id, limited).await
}

/// Acts on all containers at the same time.
async fn at_once(
    targets: &Targets,
    event: &EventSettings,
    ids: Vec<String>,
    undo: &mut Vec<Undo>,
) -> Result<(), String> {
    let starts = [StackAction::Stop, StackAction::Kill, StackAction::Crash].contains(&event.action);
    for id in &ids {
        if starts {
            undo.push(Undo::Start(id.clone()));
        } else if event.action == StackAction::Pause {
            undo.push(Undo::Unpause(id.clone()));
        }
    }
    let engine = &targets.engine;
    let results = ids.iter().map(|id| async move {
        match event.action {
            StackAction::Restart => tolerant(engine.restart_container(id, None).await),
            StackAction::Stop => tolerant(engine.stop_container(id, None).await),
            StackAction::Start => tolerant(engine.start_container(id, None).await),
            StackAction::Pause => tolerant(engine.pause_container(id).await),
            StackAction::Crash => crash(targets, &event.service, id).await,
            _ => {
                let signal = event.signal.as_deref().unwrap_or(KILL);
                let options = KillContainerOptionsBuilder::new().signal(signal).build();
                tolerant(engine.kill_container(id, Some(options)).await)
            }
        }
    });
    join_all(results)
        .await
        .into_iter()
        .find(Result::is_err)
        .unwrap_or(Ok(()))
}

/// Kills the first process behind the engine's back, with the service's own restart policy in force, and waits until the policy has
/// started it again. Without a policy it stays down.
async fn crash(targets: &Targets, service: &str, id: &str) -> Result<(), String> {
    let policy = targets.policy(service);
    let pid = own_pid(targets, id).await?;
    limit::update(&targets.engine, id, limit::policy(policy)).await?;
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let killed = raw.ok_or_else(|| format!("{pid} is no process id")).and_then(|pid| {
        let killed = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        killed.map_err(|error| format!("failed to kill its first process: {error}"))
    });
    let outcome = match killed {
        Ok(()) if policy != "no" => restarted(targets, id, pid).await,
        other => other,
    };
    // A later death that no event caused must be seen.
    outcome.and(limit::update(&targets.engine, id, limit::policy("no")).await)
}

async fn restarted(targets: &Targets, id: &str, before: i64) -> Result<(), String> {
    let deadline = tokio::time::Instant::now() + RESTARTED;
    while targets.pid(id).await?.is_none_or(|pid| pid == before) {
        if tokio::time::Instant::now() >= deadline {
            return Err(format!(
                "its restart policy did not start it within {} s",
                RESTARTED.as_secs()
            ));
        }
        tokio::select! {
            () = targets.stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    Ok(())
}

/// Process id of the first process of that container, verified to be in its control group on this machine.
async fn own_pid(targets: &Targets, id: &str) -> Result<i64, String> {
    let pid = targets.pid(id).await?.ok_or("its container does not run")?;
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    // The number could be that of a process of somebody else where the engine is in a machine of its own.
    if groups.contains(id) {
        Ok(pid)
    } else {
        Err(format!(
            "process {pid} is not visible as the container's on this machine"
        ))
    }
}

/// A container that is in the wanted state already is no failure.
fn tolerant(result: Result<(), EngineFailure>) -> Result<(), String> {
    match result {
        Ok(()) | Err(EngineFailure::DockerResponseServerError { status_code: 304, .. }) => Ok(()),
        Err(error) => Err(one_line(&error)),
    }
}
