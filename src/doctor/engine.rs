//! The container engine, Compose, and what else runs there.

use std::path::Path;
use std::process::Stdio;

use super::Finding;
use crate::error::{Hint, chain};
use crate::stack::{self, Inspector, StackError};
use crate::wire::engine::{ControlGroups, EngineAddress, docker};

/// Oldest version of Compose whose output is understood.
// Version 1 was another program (`docker-compose`), with other options and no `config --format json`.
const OLDEST_COMPOSE: u32 = 2;

/// Programs that Podman needs for parts of stacks: that part, and the places of the programs, each of which suffices.
const PODMANS: [(&str, &[&[&str]]); 2] = [
    (
        "names between services (netavark with aardvark-dns, or CNI's dnsname)",
        &[
            &["/usr/lib/podman/netavark", "/usr/lib/podman/aardvark-dns"],
            &["/usr/libexec/podman/netavark", "/usr/libexec/podman/aardvark-dns"],
            &["/usr/lib/cni/bridge", "/usr/lib/cni/dnsname"],
            &["/opt/cni/bin/bridge", "/opt/cni/bin/dnsname"],
        ],
    ),
    (
        "`init: true` (catatonit)",
        &[
            &["/usr/bin/catatonit"],
            &["/usr/libexec/podman/catatonit"],
            &["/usr/lib/podman/catatonit"],
        ],
    ),
];

/// Looks at the engine and at Compose.
pub(super) async fn engine() -> Vec<Finding> {
    let (engine, components) = reached().await;
    // Podman answers Docker's API, so only the names of its components tell it from Docker.
    let podman = podman(&components, |path| Path::new(path).exists());
    let host = match Inspector::connect().await {
        Ok(inspector) => inspector.host().await.ok(),
        // The engine's finding says why.
        Err(_) => None,
    };
    let groups = host.and_then(|host| limits(host.groups?));
    let engine = std::iter::once(engine).chain(podman).chain(groups);
    engine.chain([compose()]).collect()
}

/// Finding on the functions that an engine with that use of control groups lacks; `None` if it lacks none.
fn limits(groups: ControlGroups) -> Option<Finding> {
    let lacks = [
        (groups.cpu_limits, "CPU limits have no effect"),
        (groups.memory_limits, "memory limits have no effect"),
        (groups.per_container, "what each container uses is not measured"),
    ];
    let lacks: Vec<&str> = lacks
        .iter()
        .filter(|(works, _)| !works)
        .map(|(_, told)| *told)
        .collect();
    (!lacks.is_empty()).then(|| {
        Finding::warn(
            "control groups",
            lacks.join(", "),
            "boot with version 2 of control groups and delegate the controllers to the engine's user, or use an engine that runs as root",
        )
    })
}

/// Functions that lack where Podman answers instead of Docker, by the engine's (name, version) pairs; `None` for any other engine.
/// `exists` is true of a file that is there.
fn podman(components: &[(String, String)], exists: impl Fn(&str) -> bool) -> Option<Finding> {
    const NAME: &str = "podman";
    let (name, version) = components.iter().find(|(name, _)| name.contains("Podman"))?;
    let found = format!("{name} {version} speaks Docker's API");
    let missing = PODMANS.iter().filter(|(_, ways)| {
        let works = |way: &&[&str]| way.iter().all(|path| exists(path));
        !ways.iter().any(works)
    });
    let missing: Vec<&str> = missing.map(|(part, _)| *part).collect();
    Some(if missing.is_empty() {
        Finding::warn(
            NAME,
            found,
            "`build` needs the image moby/buildkit there; docs/isolation.md names the rest",
        )
    } else {
        Finding::warn(
            NAME,
            found,
            format!("install what it needs for {}", missing.join(" and for ")),
        )
    })
}

/// The engine, and the names and versions of its components.
async fn reached() -> (Finding, Vec<(String, String)>) {
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
        // Without an address there is nobody to ask, and its own error names the remedy.
        Err(error) => return (failed(&error), Vec::new()),
    };
    let asked = async {
        let engine = address.connect()?;
        let version = engine.version().await;
        version.map_err(|source| StackError::EngineUnreachable {
            source: Box::new(source),
        })
    };
    match asked.await {
        Ok(version) => {
            let found = format!("{} at {}", version.version.as_deref().unwrap_or_default(), address.host);
            let components = version.components.into_iter().flatten();
            let components = components.map(|component| (component.name, component.version));
            (Finding::ok(NAME, found), components.collect())
        }
        Err(error) => (failed(&error), Vec::new()),
    }
}

fn compose() -> Finding {
    const NAME: &str = "compose";
    const REMEDY: &str = "install the Compose v2 plugin: `diapason setup docker` does";
    let output = docker()
        // Through `docker`, as runs call it: Compose is looked for where `docker` looks for its plugins.
        .args(["compose", "version", "--short"])
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => version(String::from_utf8_lossy(&output.stdout).trim()),
        Ok(output) => Finding::missing(NAME, String::from_utf8_lossy(&output.stderr).trim().to_owned(), REMEDY),
        Err(error) => Finding::missing(NAME, format!("`docker` cannot be started: {error}"), REMEDY),
    }
}

fn version(stated: &str) -> Finding {
    const NAME: &str = "compose";
    let major = stated
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|number| number.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_COMPOSE => Finding::ok(NAME, stated),
        _ => Finding::missing(
            NAME,
            format!("version {stated}"),
            "install Compose 2 or later: `diapason setup docker` does",
        ),
    }
}

/// Looks at what runs on the engine beside a run.
pub(super) async fn other_stacks() -> Vec<Finding> {
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
    if let Ok(onlooker) = Inspector::connect().await
        && let Ok(projects) = onlooker.other_systems().await
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
    use super::super::CheckStatus;
    use super::*;

    #[test]
    fn podman_is_named_with_what_it_lacks() {
        let version = |name: &str| [(name.to_owned(), "4.3.1".to_owned())];
        assert_eq!(podman(&version("Engine"), |_| false), None);
        let all = podman(&version("Podman Engine"), |_| true).unwrap();
        assert_eq!(
            (all.word, all.found.as_str()),
            (CheckStatus::Warn, "Podman Engine 4.3.1 speaks Docker's API")
        );
        // CNI without its plugin for names.
        let some = podman(&version("Podman Engine"), |path| {
            path.ends_with("bridge") || path.ends_with("catatonit")
        });
        let remedy = some.and_then(|finding| finding.remedy).unwrap();
        assert!(
            remedy.contains("aardvark-dns") && !remedy.contains("catatonit"),
            "{remedy}"
        );
    }

    #[test]
    fn a_rootless_engine_is_told_with_what_it_lacks() {
        let all = ControlGroups {
            per_container: true,
            cpu_limits: true,
            memory_limits: true,
        };
        assert_eq!(limits(all), None);
        let some = ControlGroups {
            per_container: false,
            cpu_limits: false,
            ..all
        };
        assert_eq!(
            limits(some).unwrap().found,
            "CPU limits have no effect, what each container uses is not measured"
        );
    }

    #[test]
    fn compose_must_be_of_the_second_version_or_later() {
        for (said, word) in [
            ("2.40.3", CheckStatus::Ok),
            ("v2.17.2", CheckStatus::Ok),
            ("5.0.1", CheckStatus::Ok),
            ("1.29.2", CheckStatus::Missing),
            ("", CheckStatus::Missing),
        ] {
            assert_eq!(version(said).word, word, "{said}");
        }
        assert_eq!(foreign(&[]).word, CheckStatus::Ok);
        assert!(foreign(&["shop".to_owned()]).found.ends_with("shop"));
    }
}
