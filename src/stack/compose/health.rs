//! Waits until services are ready, and notices the one that dies.
//!
//! The health check is run by the harness itself, twice a second and only now: the engine would run it at the interval
//! that the Compose file chose for years of operation.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::engine::{Engine, State};
use crate::stack::{ContainerEndpoint, ServiceState, StackError, Talk};
use crate::units::Span;

const PAUSE: Duration = Duration::from_millis(250);
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// As engines do at first: a service that ends at once would otherwise keep the machine busy.
const RESTART_PAUSE: Duration = Duration::from_secs(1);
const LINE_EVERY: Duration = Duration::from_secs(2);

/// What a service is waited for to reach.
#[derive(Debug)]
pub(super) struct Expected {
    /// Where nothing is said, running is enough for a service without a health check.
    pub(super) state: Option<ServiceState>,
    /// How often it is started again where it ends before.
    pub(super) restarts: u32,
    pub(super) deadline: Span,
}

/// Waits until that service is as expected.
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
                // It ended under the check: the next round sees that.
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

/// Ends only when one of those services dies.
pub(super) async fn watch(engine: &Engine, containers: &[ContainerEndpoint]) -> Result<Infallible, StackError> {
    loop {
        sleep(WATCH_EVERY).await;
        for container in containers {
            let state = engine.state(&container.id).await?;
            check_alive(engine, container, &state).await?;
        }
    }
}

/// Why it is not healthy yet.
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
            // A container that ended meanwhile runs no command; then its end is the news.
            let state = engine.state(&container.id).await?;
            check_alive(engine, container, &state).await?;
            Err(error)
        }
        Err(_) => Ok(Some("its health check does not end".to_owned())),
    }
}

/// An error with the end of its log where it has ended.
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
