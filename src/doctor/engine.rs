//! The container engine, Compose, and what else runs there.

use std::process::Stdio;

use super::Finding;
use crate::error::{Hint, chain};
use crate::stack::{self, Onlooker, StackError};
use crate::wire::engine::{EngineAddress, docker};

/// Oldest version of Compose whose output is understood.
const OLDEST_COMPOSE: u32 = 2;

/// Looks at the engine and at Compose.
pub(super) async fn engine() -> Vec<Finding> {
    vec![reached().await, compose()]
}

async fn reached() -> Finding {
    const NAME: &str = "engine";
    let failed = |error: &(dyn Hint + 'static)| {
        let causes: Vec<String> = chain(error).map(ToString::to_string).collect();
        let remedy = error.hint().unwrap_or_default();
        Finding::missing(
            NAME,
            causes.join(": "),
            format!("{remedy}; only `--target URL` works without an engine"),
        )
    };
    let address = match EngineAddress::current().and_then(|address| address.check_here().map(|()| address)) {
        Ok(address) => address,
        Err(error) => return failed(&error),
    };
    let asked = async {
        let engine = address.connect()?;
        let version = engine.version().await;
        version.map_err(|source| StackError::EngineUnreachable {
            source: Box::new(source),
        })
    };
    match asked.await {
        Ok(version) => Finding::ok(
            NAME,
            format!("{} at {}", version.version.unwrap_or_default(), address.host),
        ),
        Err(error) => failed(&error),
    }
}

fn compose() -> Finding {
    const NAME: &str = "compose";
    const REMEDY: &str = "install the Compose v2 plugin: `diapason setup docker` does";
    let output = docker()
        .args(["compose", "version", "--short"])
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => version(String::from_utf8_lossy(&output.stdout).trim()),
        Ok(output) => Finding::missing(NAME, String::from_utf8_lossy(&output.stderr).trim().to_owned(), REMEDY),
        Err(error) => Finding::missing(NAME, format!("`docker` cannot be started: {error}"), REMEDY),
    }
}

fn version(said: &str) -> Finding {
    const NAME: &str = "compose";
    let major = said
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|number| number.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_COMPOSE => Finding::ok(NAME, said),
        _ => Finding::missing(
            NAME,
            format!("version {said}"),
            "install Compose 2 or later: `diapason setup docker` does",
        ),
    }
}

/// Looks at what runs on the engine beside a run.
pub(super) async fn beside() -> Vec<Finding> {
    let Ok(own) = stack::list_running().await else {
        // The engine's finding says why.
        return Vec::new();
    };
    let idle = own.iter().filter(|stack| stack.owner.is_none()).count();
    let running = own.len() - idle;
    let kept = if idle > 0 {
        let found = format!("{idle} kept or left by earlier runs, {running} of running ones");
        Finding::warn(
            "stacks",
            found,
            "`diapason stack ps` lists them, `diapason stack down --all` removes them",
        )
    } else {
        Finding::ok("stacks", format!("{running} of running commands"))
    };
    let mut findings = vec![kept];
    if let Ok(onlooker) = Onlooker::connect().await
        && let Ok(projects) = onlooker.others().await
    {
        findings.push(foreign(&projects));
    }
    findings
}

fn foreign(projects: &[String]) -> Finding {
    const NAME: &str = "other containers";
    if projects.is_empty() {
        return Finding::ok(NAME, "none runs");
    }
    Finding::warn(
        NAME,
        format!("of {}", projects.join(", ")),
        "they share this machine with the measurement, and would suffer from the load if they are production",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Word;
    use super::*;

    #[test]
    fn compose_must_be_of_the_second_version_or_later() {
        for (said, word) in [
            ("2.40.3", Word::Ok),
            ("v2.17.2", Word::Ok),
            ("5.0.1", Word::Ok),
            ("1.29.2", Word::Missing),
            ("", Word::Missing),
        ] {
            assert_eq!(version(said).word, word, "{said}");
        }
        assert_eq!(foreign(&[]).word, Word::Ok);
        assert!(foreign(&["shop".to_owned()]).found.ends_with("shop"));
    }
}
