//! Readiness of a container that an event started.

use std::time::Duration;

use testcontainers::bollard::models::HealthStatusEnum;

use super::command;
use super::targets::Targets;

/// Longest time that a container which an event starts may take to be ready.
const READY: Duration = Duration::from_secs(120);
/// Time between two looks at it.
const LOOK: Duration = Duration::from_millis(200);

/// Waits until a container runs and is healthy, where it has a health check. The check is made here as well: the engine makes its first
/// one after an interval that may be long.
pub(super) async fn ready(targets: &Targets, id: &str) -> Result<(), String> {
    let deadline = tokio::time::Instant::now() + READY;
    loop {
        let inspected = targets.inspect(id).await?;
        let state = inspected.state.unwrap_or_default();
        if state.running != Some(true) {
            return Err(format!("it ended with code {}", state.exit_code.unwrap_or(-1)));
        }
        let health = state.health.and_then(|health| health.status);
        let check = inspected.config.and_then(|config| config.healthcheck?.test);
        let check = check.as_deref().and_then(words);
        let healthy = match (health, check) {
            (Some(HealthStatusEnum::HEALTHY), _) | (_, None) => true,
            (_, Some(check)) => command::execute(&targets.engine, id, &check).await.is_ok(),
        };
        if healthy {
            return Ok(());
        }
        if tokio::time::Instant::now() >= deadline {
            return Err(format!("it was not healthy within {} s", READY.as_secs()));
        }
        tokio::select! {
            () = targets.stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// A health check as a command; `None` if there is no check.
fn words(test: &[String]) -> Option<Vec<String>> {
    match test.split_first()? {
        (kind, words) if kind == "CMD" => Some(words.to_vec()),
        (kind, words) if kind == "CMD-SHELL" => {
            let shell = ["sh", "-c"].map(str::to_owned).into_iter();
            Some(shell.chain(words.iter().cloned()).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_a_command_in_either_form() {
        let of = |test: &[&str]| words(&test.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["CMD", "pg_isready", "-q"]).unwrap(), ["pg_isready", "-q"]);
        assert_eq!(of(&["CMD-SHELL", "a | b"]).unwrap(), ["sh", "-c", "a | b"]);
        assert_eq!((of(&["NONE"]), of(&[])), (None, None));
    }
}
