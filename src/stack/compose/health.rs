//! Waits until services are ready, and detects services that die.
//!
//! The harness runs the health checks itself, with a pause of 250 ms in between. The engine would run them at the interval
//! of the Compose file, which is chosen for years of operation.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::engine::{Engine, State};
use crate::stack::{ContainerEndpoint, ServiceState, StackError, Talk};
use crate::units::Span;

const PAUSE: Duration = Duration::from_millis(250);
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// Pause before a restart: a service that ends at once would otherwise keep the machine busy.
const RESTART_PAUSE: Duration = Duration::from_secs(1);
const LINE_EVERY: Duration = Duration::from_secs(2);

/// The state that a service must reach, and the limits of the wait.
#[derive(Debug)]
pub(super) struct Expected {
    /// If `None`: healthy, or running for a service without a health check.
    pub(super) state: Option<ServiceState>,
    /// Number of times it is started again if it ends before that.
    pub(super) restarts: u32,
    pub(super) deadline: Span,
}

/// Waits until that service is in the expected state.
pub(super) async fn wait(
    engine: &Engine,
    container: &ContainerEndpoint,
    expected: &Expected,
    talk: &Talk,
) -> Result<(), StackError> {
    let is_job = expected.state == Some(ServiceState::ExitedWell);
    let deadline = expected.deadline;
    let mut restarts = expected.restarts;
    let start = Instant::now();
    let mut next_line = LINE_EVERY;
    loop {
        let state = engine.state(&container.id).await?;
        if is_job && state.ended_well {
            return Ok(());
        }
        if restarts > 0 && state.end.is_some() {
            restarts -= 1;
            talk.say(format!("{} ended: starting it again", container.service));
            sleep(RESTART_PAUSE).await;
            engine.start(&container.id).await?;
            continue;
        }
        let problem = match expected.state {
            _ if state.end.is_some() => {
                check_alive(engine, container, &state).await?;
                None
            }
            Some(ServiceState::ExitedWell) => Some("it has not ended yet".to_owned()),
            Some(ServiceState::Running) => None,
            Some(ServiceState::Healthy) if state.check.is_none() && !state.healthy => {
                return Err(StackError::Contradiction {
                    stack: format!("service `{}`", container.service),
                    problem: "it is to be healthy, but has no health check".to_owned(),
                });
            }
            _ => match problem(engine, container, &state).await {
                // It ended during the check; the next round detects that.
                Err(StackError::ServiceDied { .. }) if restarts > 0 => continue,
                other => other?,
            },
        };
        let Some(problem) = problem else { return Ok(()) };
        let elapsed = start.elapsed();
        if elapsed >= deadline.get() {
            let log = engine.log_tail(&container.id).await;
            return Err(StackError::DeadlinePassed {
                what: format!("service `{}`", container.service),
                deadline,
                last: format!("{problem}; the end of its log:\n{log}"),
            });
        }
        if elapsed >= next_line {
            next_line = elapsed + LINE_EVERY;
            talk.say(format!(
                "waiting for {}, {} s: {problem}",
                container.service,
                elapsed.as_secs()
            ));
        }
        sleep(PAUSE).await;
    }
}

/// Returns only an error, once one of those services dies.
pub(super) async fn watch(engine: &Engine, containers: &[ContainerEndpoint]) -> Result<Infallible, StackError> {
    loop {
        sleep(WATCH_EVERY).await;
        for container in containers {
            let state = engine.state(&container.id).await?;
            check_alive(engine, container, &state).await?;
        }
    }
}

/// The reason it is not healthy yet, in words; `None` if it is healthy or has no health check.
async fn problem(engine: &Engine, container: &ContainerEndpoint, state: &State) -> Result<Option<String>, StackError> {
    let Some(check) = state.check.as_ref().filter(|_| !state.healthy) else {
        return Ok(None);
    };
    match timeout(state.check_patience, engine.execute(&container.id, check)).await {
        Ok(Ok(executed)) if executed.exit_code == 0 => Ok(None),
        Ok(Ok(executed)) => Ok(Some(format!(
            "its health check fails with exit code {}",
            executed.exit_code
        ))),
        Ok(Err(error)) => {
            // A container that ended meanwhile runs no command; then its end is reported instead.
            let state = engine.state(&container.id).await?;
            check_alive(engine, container, &state).await?;
            Err(error)
        }
        Err(_) => Ok(Some("its health check does not end".to_owned())),
    }
}

/// An error with the end of its log if it has ended or was restarted.
pub(super) async fn check_alive(
    engine: &Engine,
    container: &ContainerEndpoint,
    state: &State,
) -> Result<(), StackError> {
    let Some(how) = state.end.clone() else {
        return Ok(());
    };
    Err(StackError::ServiceDied {
        service: container.service.clone(),
        how,
        log: engine.log_tail(&container.id).await,
    })
}
