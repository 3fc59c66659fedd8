//! Every key of the Compose specification, by the part of a file that has it, with its treatment in an isolated stack.

/// Treatment of a key of a Compose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It stays as it is: it acts on the container only.
    Passed,
    /// Its value is replaced or left out.
    Rewritten,
    /// It passes or is refused by its value.
    Checked,
    /// It is refused for that reason.
    Refused(&'static str),
}

use Treatment::{Checked, Passed, Refused, Rewritten};

const ELSEWHERE: &str = "which starts something outside the engine";

/// Keys of a service.
pub(super) const SERVICE: &[(&str, Treatment)] = &[
    ("annotations", Passed),
    ("attach", Passed),
    ("blkio_config", Passed),
    ("build", Checked),
    ("cap_add", Checked),
    ("cap_drop", Passed),
    ("cgroup", Checked),
    (
        "cgroup_parent",
        Refused("which puts it into a control group of the host, beside others"),
    ),
    ("command", Rewritten),
    ("configs", Passed),
    ("container_name", Rewritten),
    ("cpu_count", Passed),
    ("cpu_percent", Passed),
    ("cpu_period", Passed),
    ("cpu_quota", Passed),
    ("cpu_rt_period", Passed),
    ("cpu_rt_runtime", Passed),
    ("cpu_shares", Passed),
    ("cpus", Rewritten),
    ("cpuset", Rewritten),
    // Windows only.
    ("credential_spec", Passed),
    ("depends_on", Rewritten),
    ("deploy", Checked),
    ("develop", Rewritten),
    ("device_cgroup_rules", Checked),
    ("devices", Checked),
    ("dns", Passed),
    ("dns_opt", Passed),
    ("dns_search", Passed),
    ("domainname", Passed),
    ("entrypoint", Passed),
    ("env_file", Rewritten),
    ("environment", Rewritten),
    ("expose", Passed),
    ("extends", Rewritten),
    ("external_links", Checked),
    ("extra_hosts", Checked),
    ("gpus", Checked),
    ("group_add", Passed),
    ("healthcheck", Passed),
    ("hostname", Passed),
    ("image", Rewritten),
    ("init", Passed),
    ("ipc", Checked),
    ("isolation", Passed),
    ("label_file", Rewritten),
    ("labels", Rewritten),
    ("links", Passed),
    ("logging", Rewritten),
    ("mac_address", Passed),
    ("mem_limit", Rewritten),
    ("mem_reservation", Passed),
    ("mem_swappiness", Passed),
    ("memswap_limit", Passed),
    ("models", Refused("whose server runs outside the stack")),
    ("network_mode", Checked),
    ("networks", Checked),
    ("oom_kill_disable", Passed),
    ("oom_score_adj", Passed),
    ("pid", Checked),
    ("pids_limit", Passed),
    ("platform", Passed),
    ("ports", Rewritten),
    ("post_start", Checked),
    ("pre_stop", Checked),
    ("privileged", Checked),
    ("profiles", Rewritten),
    ("provider", Refused(ELSEWHERE)),
    ("pull_policy", Rewritten),
    ("read_only", Passed),
    ("restart", Rewritten),
    ("runtime", Passed),
    ("scale", Rewritten),
    ("secrets", Passed),
    ("security_opt", Checked),
    ("shm_size", Passed),
    ("stdin_open", Passed),
    ("stop_grace_period", Passed),
    ("stop_signal", Passed),
    ("storage_opt", Passed),
    ("sysctls", Passed),
    ("tmpfs", Passed),
    ("tty", Passed),
    ("ulimits", Passed),
    (
        "use_api_socket",
        Refused("which gives it the engine's socket and your credentials"),
    ),
    ("user", Passed),
    ("userns_mode", Checked),
    ("uts", Checked),
    ("volumes", Checked),
    ("volumes_from", Checked),
    ("working_dir", Passed),
];

/// Keys of a network, a volume, a secret or a config.
pub(super) const PART: &[(&str, Treatment)] = &[
    ("attachable", Passed),
    ("content", Passed),
    ("driver", Checked),
    ("driver_opts", Checked),
    ("enable_ipv4", Passed),
    ("enable_ipv6", Rewritten),
    ("environment", Passed),
    ("external", Checked),
    ("file", Passed),
    ("internal", Passed),
    ("ipam", Rewritten),
    ("labels", Rewritten),
    ("name", Rewritten),
    ("template_driver", Passed),
];

/// Keys of `build`.
const BUILD: &[(&str, Treatment)] = &[
    ("additional_contexts", Passed),
    ("args", Passed),
    ("cache_from", Passed),
    ("cache_to", Rewritten),
    ("context", Passed),
    ("dockerfile", Passed),
    ("dockerfile_inline", Passed),
    ("entitlements", Refused("which lets its build act on the host")),
    ("extra_hosts", Passed),
    ("isolation", Passed),
    ("labels", Rewritten),
    ("network", Passed),
    ("no_cache", Passed),
    ("no_cache_filter", Passed),
    ("platforms", Passed),
    ("privileged", Checked),
    ("provenance", Passed),
    ("pull", Passed),
    ("sbom", Passed),
    ("secrets", Passed),
    ("shm_size", Passed),
    ("ssh", Passed),
    ("tags", Rewritten),
    ("target", Passed),
    ("ulimits", Passed),
];

/// Keys of `healthcheck`.
const HEALTHCHECK: &[(&str, Treatment)] = &[
    ("disable", Passed),
    ("interval", Passed),
    ("retries", Passed),
    ("start_interval", Passed),
    ("start_period", Passed),
    ("test", Passed),
    ("timeout", Passed),
];

/// Keys of `deploy`.
const DEPLOY: &[(&str, Treatment)] = &[
    // A swarm's.
    ("endpoint_mode", Passed),
    ("labels", Passed),
    ("mode", Passed),
    ("placement", Passed),
    ("replicas", Rewritten),
    ("resources", Checked),
    ("restart_policy", Rewritten),
    ("rollback_config", Passed),
    ("update_config", Passed),
];

/// Keys of `deploy.resources.limits`.
const LIMITS: &[(&str, Treatment)] = &[("cpus", Rewritten), ("memory", Rewritten), ("pids", Passed)];

/// Keys of `deploy.resources.reservations`.
const RESERVATIONS: &[(&str, Treatment)] = &[
    ("cpus", Passed),
    ("devices", Checked),
    ("generic_resources", Passed),
    ("memory", Passed),
];

/// Keys of `deploy.restart_policy`.
const RESTART_POLICY: &[(&str, Treatment)] = &[
    ("condition", Rewritten),
    ("delay", Rewritten),
    ("max_attempts", Rewritten),
    ("window", Rewritten),
];

/// Mappings in a service with keys of their own, by their path.
pub(super) const NESTED: &[(&str, &[(&str, Treatment)])] = &[
    ("build", BUILD),
    ("healthcheck", HEALTHCHECK),
    ("deploy", DEPLOY),
    ("deploy.resources", &[("limits", Checked), ("reservations", Checked)]),
    ("deploy.resources.limits", LIMITS),
    ("deploy.resources.reservations", RESERVATIONS),
    ("deploy.restart_policy", RESTART_POLICY),
];

/// The treatment of a key in that table; `None` if it is in none: it might reach anything. Extensions (`x-…`) pass.
pub(super) fn treatment(table: &[(&str, Treatment)], key: &str) -> Option<Treatment> {
    if key.starts_with("x-") {
        return Some(Passed);
    }
    table
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, treatment)| *treatment)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use serde_json::Value;

    use super::*;

    /// The JSON schema of the specification that the installed Compose carries in its program file; `None` without Compose.
    fn schema() -> Option<Value> {
        let format = "{{range .ClientInfo.Plugins}}{{if eq .Name \"compose\"}}{{.Path}}{{end}}{{end}}";
        let said = Command::new("docker")
            .args(["info", "--format", format])
            .output()
            .ok()?;
        let program = std::fs::read(String::from_utf8_lossy(&said.stdout).trim()).ok()?;
        let marker = b"compose_spec.json\"";
        let mut places =
            (0..program.len().saturating_sub(marker.len())).filter(|at| program[*at..].starts_with(marker));
        places.find_map(|at| {
            let from = program[..at].iter().rposition(|byte| *byte == b'{')?;
            serde_json::Deserializer::from_slice(&program[from..])
                .into_iter::<Value>()
                .next()?
                .ok()
        })
    }

    #[test]
    fn every_key_of_the_installed_specification_has_a_treatment() {
        let Some(schema) = schema() else {
            // Machines without Compose bring no stack up either.
            return;
        };
        for (kind, table) in [
            ("service", SERVICE),
            ("network", PART),
            ("volume", PART),
            ("secret", PART),
            ("config", PART),
        ] {
            let properties = schema["definitions"][kind]["properties"].as_object().unwrap();
            assert!(properties.len() > 3, "{kind}");
            for key in properties.keys() {
                assert!(treatment(table, key).is_some(), "{kind}: {key}");
            }
        }
        let definitions = &schema["definitions"];
        let builds = definitions["service"]["properties"]["build"]["oneOf"]
            .as_array()
            .unwrap();
        let build = builds.iter().find(|form| form["type"] == "object").unwrap();
        let within = |part: &'static str| &definitions["deployment"]["properties"][part];
        for (path, table) in NESTED {
            let part = match *path {
                "build" => build,
                "healthcheck" => &definitions["healthcheck"],
                "deploy" => &definitions["deployment"],
                "deploy.resources" => within("resources"),
                "deploy.resources.limits" => &within("resources")["properties"]["limits"],
                "deploy.resources.reservations" => &within("resources")["properties"]["reservations"],
                _ => within("restart_policy"),
            };
            let properties = part["properties"].as_object().unwrap();
            assert!(properties.len() > 1, "{path}");
            for key in properties.keys() {
                assert!(treatment(table, key).is_some(), "{path}: {key}");
            }
        }
    }

    #[test]
    fn keys_are_named_once() {
        let nested = NESTED.iter().map(|(_, table)| *table);
        for table in [SERVICE, PART].into_iter().chain(nested) {
            let names: BTreeSet<&str> = table.iter().map(|(key, _)| *key).collect();
            assert_eq!(names.len(), table.len());
        }
        assert_eq!(treatment(SERVICE, "x-team"), Some(Passed));
        assert_eq!(treatment(SERVICE, "teleport"), None);
    }
}
