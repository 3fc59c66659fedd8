//! Waits until services are ready, and detects services that die.
//!
//! The harness runs the health checks itself, with a pause of 250 ms in between. The engine would run them at the interval
//! of the Compose file, which is chosen for years of operation.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::engine::{Engine, State};
use super::value::{entries, text};
use crate::stack::wait_lines::WaitLines;
use crate::stack::{Awaited, ContainerEndpoint, ProgressSender, ServiceState, StackError, StackFile, causes};
use crate::units::Span;

// Short against the start of any service, and long against the cost of a command in a container.
const PAUSE: Duration = Duration::from_millis(250);
// Slower than the wait for readiness: it goes on beside seeds, which it should not disturb.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// Lines of its log that are told when a service is started again.
const SHOWN: usize = 5;
/// Pause before a restart: a service that ends at once would otherwise keep the machine busy.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// The state that a service must reach, and the limits of the wait.
#[derive(Debug)]
pub(super) struct ServiceGoal {
    /// If `None`: healthy, or running for a service without a health check.
    pub(super) state: Option<ServiceState>,
    /// True if it may be a job: to end with exit code 0 is fine.
    pub(super) may_end: bool,
    pub(super) deadline: Span,
}

/// Most restarts that a restart policy is taken for: production restarts a service until its database answers.
const RESTARTS: u32 = 10;

/// Times that services which end may still be started again while the stack comes up.
#[derive(Debug, Default)]
pub(super) struct Restarts(Mutex<BTreeMap<String, (u32, u32)>>);

impl Restarts {
    /// As the stack file says; otherwise as the restart policy in the Compose file says, but at most ten times.
    pub(super) fn from_files(configuration: &Value, file: &StackFile) -> Self {
        let services = entries(configuration, "services").map(|(name, service)| {
            let said = file.service.get(name).and_then(|settings| settings.restarts);
            let times = said.unwrap_or_else(|| policy(service));
            (name.clone(), (0, times))
        });
        Self(Mutex::new(services.collect()))
    }

    /// Counts one more restart of that service; its number and the greatest, or `None` if none is left.
    fn take(&self, service: &str) -> Option<(u32, u32)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, most) = all.get_mut(service)?;
        if made >= most {
            return None;
        }
        *made += 1;
        Some((*made, *most))
    }
}

/// Restarts that the restart policy of a service is taken for.
fn policy(service: &Value) -> u32 {
    let (policy, most) = match text(service, "restart").split_once(':') {
        Some((policy, most)) => (policy, most.parse().ok()),
        None => (text(service, "restart"), None),
    };
    let of_deploy = &service["deploy"]["restart_policy"];
    let most = most.or(of_deploy["max_attempts"].as_u64());
    // Without a condition, a policy under `deploy` is for any end.
    let condition = of_deploy["condition"]
        .as_str()
        .or(of_deploy.is_object().then_some("any"));
    match condition.unwrap_or(policy) {
        "always" | "unless-stopped" | "on-failure" | "any" => most
            .filter(|most| *most > 0)
            .and_then(|most| u32::try_from(most).ok())
            .map_or(RESTARTS, |most| most.min(RESTARTS)),
        _ => 0,
    }
}

/// Waits until that service is in the expected state.
pub(super) async fn wait(
    engine: &Engine,
    container: &ContainerEndpoint,
    expected: &ServiceGoal,
    restarts: &Restarts,
    talk: &ProgressSender,
) -> Result<(), StackError> {
    let is_job = expected.state == Some(ServiceState::ExitedWell);
    let deadline = expected.deadline;
    let start = Instant::now();
    let mut lines = WaitLines::new(container.service.clone());
    loop {
        let state = engine.state(&container.id).await?;
        if is_job && state.ended_well {
            return Ok(());
        }
        if expected.may_end && state.ended_well {
            talk.say(format!(
                "{} ended with exit code 0: a job that is done",
                container.service
            ));
            return Ok(());
        }
        if restart(engine, container, &state, restarts, talk).await? {
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
                // At once and not after the deadline: no wait makes a check appear.
                return Err(StackError::Contradiction {
                    stack: format!("service `{}`", container.service),
                    problem: "it is to be healthy, but has no health check".to_owned(),
                });
            }
            _ => match problem(engine, container, &state).await {
                // It ended during the check; the next round detects that.
                Err(died @ StackError::ServiceDied { .. }) => {
                    let state = engine.state(&container.id).await?;
                    if state.end.is_none() || !restart(engine, container, &state, restarts, talk).await? {
                        return Err(died);
                    }
                    continue;
                }
                other => other?,
            },
        };
        let Some(problem) = problem else { return Ok(()) };
        let elapsed = start.elapsed();
        if elapsed >= deadline.get() {
            let log = engine.log_tail(&container.id).await;
            return Err(StackError::DeadlinePassed {
                what: Awaited::Service(container.service.clone()),
                deadline,
                last: format!("{problem}; the end of its log:\n{log}"),
            });
        }
        if let Some(line) = lines.line(&problem, elapsed) {
            talk.say(line);
        }
        sleep(PAUSE).await;
    }
}

/// Starts a container that has ended again, if it may be; false if it runs or no restart is left.
async fn restart(
    engine: &Engine,
    container: &ContainerEndpoint,
    state: &State,
    restarts: &Restarts,
    talk: &ProgressSender,
) -> Result<bool, StackError> {
    let Some(how) = &state.end else {
        return Ok(false);
    };
    // Some ends come again at every start, such as a wrong password: restarts would only hide them.
    let log = engine.log_tail(&container.id).await;
    if causes::is_permanent(&log) {
        return Ok(false);
    }
    // Bounded by the policy of the file: beyond it production would give up as well.
    let Some((number, most)) = restarts.take(&container.service) else {
        return Ok(false);
    };
    // The log of the first end is told at once; those that follow are mostly the same.
    let shown = if number == 1 { last_lines(&log) } else { String::new() };
    talk.say(format!(
        "{} ended ({how}): starting it again, as production would ({number} of {most}){shown}",
        container.service
    ));
    // A service that dies of another one's absence needs that one to have moved on.
    sleep(RESTART_PAUSE).await;
    engine.start(&container.id).await?;
    Ok(true)
}

/// The end of a log as the end of a message; empty if there is none.
fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(SHOWN)..];
    if last.is_empty() {
        String::new()
    } else {
        format!("; the end of its log:\n{}", last.join("\n"))
    }
}

/// Ends of services that are fine while the stack comes up.
#[derive(Debug)]
pub(super) struct AllowedEnds<'a> {
    /// Services that may be jobs.
    pub(super) may_end: &'a BTreeSet<String>,
    pub(super) restarts: &'a Restarts,
}

/// Returns only an error, once one of those services dies for good. The list is asked for at each look: services join it when
/// they are ready.
pub(super) async fn watch(
    engine: &Engine,
    watched: impl Fn() -> Vec<ContainerEndpoint>,
    patience: &AllowedEnds<'_>,
    talk: &ProgressSender,
) -> Result<Infallible, StackError> {
    loop {
        sleep(WATCH_EVERY).await;
        for container in watched() {
            let state = engine.state(&container.id).await?;
            let is_done = state.ended_well && patience.may_end.contains(&container.service);
            if !is_done && !restart(engine, &container, &state, patience.restarts, talk).await? {
                check_alive(engine, &container, &state).await?;
            }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_restart_policy_stands_for_a_few_restarts() {
        for (service, expected) in [
            (json!({}), 0),
            (json!({ "restart": "no" }), 0),
            (json!({ "restart": "always" }), 10),
            (json!({ "restart": "unless-stopped" }), 10),
            (json!({ "restart": "on-failure:3" }), 3),
            (json!({ "restart": "on-failure:30" }), 10),
            (
                json!({ "deploy": { "restart_policy": { "condition": "on-failure", "max_attempts": 2 } } }),
                2,
            ),
            (json!({ "deploy": { "restart_policy": { "delay": "5s" } } }), 10),
            (
                json!({ "restart": "always", "deploy": { "restart_policy": { "condition": "none" } } }),
                0,
            ),
        ] {
            assert_eq!(policy(&service), expected, "{service}");
        }
    }

    #[test]
    fn the_end_of_a_log_is_short() {
        let log = (1..=9).map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n");
        assert_eq!(
            last_lines(&log),
            "; the end of its log:\n  | 5\n  | 6\n  | 7\n  | 8\n  | 9"
        );
        assert_eq!(last_lines("\n"), "");
    }

    #[test]
    fn what_the_stack_file_says_goes_before_the_policy() {
        let text = "name = 's'\ndescription = 'd'\n[service.api]\nrestarts = 1\n[service.web]\nrestarts = 0";
        let file: StackFile = toml::from_str(text).unwrap();
        let always = json!({ "restart": "always" });
        let configuration = json!({ "services": { "api": always, "web": always, "db": always } });
        let restarts = Restarts::from_files(&configuration, &file);
        assert_eq!((restarts.take("api"), restarts.take("api")), (Some((1, 1)), None));
        assert_eq!(restarts.take("web"), None);
        assert_eq!(restarts.take("db"), Some((1, 10)));
    }
}
