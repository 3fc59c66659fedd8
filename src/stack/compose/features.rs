//! Features of a service that are refused in an isolated stack.

use serde_json::Value;

use super::reason::{OWN, Reason, UNPRIVILEGED};
use super::value::{entries, items, text};
use crate::stack::IsolationSettings;

const NAMED: &str = "take it out in an override file listed in `[compose] files`, or accept it by naming it in `[isolation]` \
                     of the stack file: `devices`, `capabilities` or `host-gateway`";
const FIXED: &str = "another copy of the stack has that address: use the service's name instead";

/// Known keys of a service: each is harmless, or checked below. An unknown key is refused, because it might reach beyond the
/// stack.
const KNOWN: &[&str] = &[
    "annotations",
    "attach",
    "blkio_config",
    "build",
    "cap_add",
    "cap_drop",
    "cgroup",
    "command",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "depends_on",
    "deploy",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "labels",
    "links",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "network_mode",
    "networks",
    "pid",
    "pids_limit",
    "platform",
    "ports",
    "post_start",
    "pre_stop",
    "privileged",
    "profiles",
    "pull_policy",
    "read_only",
    "restart",
    "runtime",
    "scale",
    "secrets",
    "security_opt",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "user",
    "userns_mode",
    "uts",
    "volumes",
    "volumes_from",
    "working_dir",
];

/// Capabilities that act on the container's own processes, files and network only.
const HARMLESS: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "SYS_NICE",
    "SYS_PTRACE",
];

/// Refuses the first feature by which that service would reach beyond its stack.
pub(super) fn check(name: &str, service: &Value, allowed: &IsolationSettings) -> Result<(), Reason> {
    let keys = service.as_object().into_iter().flat_map(serde_json::Map::keys);
    for key in keys {
        if !KNOWN.contains(&key.as_str()) && !key.starts_with("x-") {
            return Err((
                format!("it has `{key}`, and nobody knows what that reaches"),
                UNPRIVILEGED,
            ));
        }
    }
    let hooks = items(service, "post_start").chain(items(service, "pre_stop"));
    if service["privileged"] == true
        || service["build"]["privileged"] == true
        || hooks.into_iter().any(|hook| hook["privileged"] == true)
    {
        return Err(("it is privileged".to_owned(), UNPRIVILEGED));
    }
    check_namespaces(service)?;
    check_neighbours(service)?;
    check_rights(service, allowed)?;
    check_devices(service, allowed)?;
    let gateway = |host: &&Value| host.as_str().is_some_and(|host| host.contains("host-gateway"));
    let is_allowed = allowed.host_gateway.iter().any(|service| service == name);
    match items(service, "extra_hosts").find(gateway) {
        Some(host) if !is_allowed => Err((format!("it reaches the host as {host}"), NAMED)),
        _ => Ok(()),
    }
}

/// Refuses namespaces that are shared with the host or with a container outside the stack.
fn check_namespaces(service: &Value) -> Result<(), Reason> {
    for key in ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"] {
        let mode = text(service, key);
        let inside = match key {
            "network_mode" => mode.is_empty() || mode == "none" || mode.starts_with("service:"),
            _ => mode != "host" && !mode.starts_with("container:"),
        };
        if !inside {
            return Err((format!("it has `{key}: {mode}`"), UNPRIVILEGED));
        }
    }
    Ok(())
}

/// Refuses references to other stacks' containers, and addresses that another copy of this stack would have.
fn check_neighbours(service: &Value) -> Result<(), Reason> {
    if let Some(other) = items(service, "external_links").next() {
        return Err((format!("it links to {other}, outside the stack"), OWN));
    }
    let from_outside = |source: &&Value| source.as_str().is_some_and(|source| source.starts_with("container:"));
    if let Some(source) = items(service, "volumes_from").find(from_outside) {
        return Err((format!("it uses the volumes of {source}, outside the stack"), OWN));
    }
    let addresses = ["ipv4_address", "ipv6_address", "link_local_ips"];
    let fixed = |of: &Value| addresses.iter().any(|key| of.get(key).is_some_and(|of| !of.is_null()));
    match entries(service, "networks").find(|(_, of)| fixed(of)) {
        Some((network, _)) => Err((format!("it has a fixed address in network `{network}`"), FIXED)),
        None => Ok(()),
    }
}

fn check_rights(service: &Value, allowed: &IsolationSettings) -> Result<(), Reason> {
    for capability in items(service, "cap_add").filter_map(Value::as_str) {
        let upper = capability.to_uppercase();
        let short = upper.strip_prefix("CAP_").unwrap_or(&upper);
        let named = allowed.capabilities.iter().any(|named| named.to_uppercase() == short);
        if !named && !HARMLESS.contains(&short) {
            return Err((format!("it has the capability {short}"), NAMED));
        }
    }
    for option in items(service, "security_opt").filter_map(Value::as_str) {
        let option = option.replace(':', "=");
        if option.ends_with("=unconfined") || option == "label=disable" {
            return Err((format!("it has the security option `{option}`"), UNPRIVILEGED));
        }
    }
    Ok(())
}

fn check_devices(service: &Value, allowed: &IsolationSettings) -> Result<(), Reason> {
    if let Some(rule) = items(service, "device_cgroup_rules").next() {
        return Err((format!("it may use devices by the rule {rule}"), UNPRIVILEGED));
    }
    let is_allowed = |device: &str| allowed.devices.iter().any(|named| named == device);
    for device in items(service, "devices") {
        // A short form is `host:container:rights`; the form depends on the version of Compose.
        let path = match device.as_str() {
            Some(device) => device.split(':').next().unwrap_or(device),
            None => text(device, "source"),
        };
        if !is_allowed(path) {
            return Err((format!("it uses the device {path} of the host"), NAMED));
        }
    }
    let reserved = &service["deploy"]["resources"]["reservations"];
    let asks = items(reserved, "devices").next().is_some() || !service["gpus"].is_null();
    if asks && !is_allowed("gpu") {
        return Err(("it asks for devices of the host by their capability".to_owned(), NAMED));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allowed() -> IsolationSettings {
        IsolationSettings {
            devices: vec!["/dev/fuse".to_owned(), "gpu".to_owned()],
            capabilities: vec!["SYS_ADMIN".to_owned()],
            host_gateway: vec!["api".to_owned()],
            ..IsolationSettings::default()
        }
    }

    #[test]
    fn some_things_pass_where_the_stack_file_names_them_and_nowhere_else() {
        for (service, told) in [
            (json!({ "devices": ["/dev/fuse:/dev/fuse:rwm"] }), "device /dev/fuse"),
            (
                json!({ "devices": [{ "source": "/dev/fuse", "target": "/dev/fuse" }] }),
                "device /dev/fuse",
            ),
            (
                json!({ "deploy": { "resources": { "reservations": { "devices": [{ "capabilities": ["gpu"] }] } } } }),
                "by their capability",
            ),
            (json!({ "cap_add": ["CAP_SYS_ADMIN"] }), "capability SYS_ADMIN"),
            (
                json!({ "extra_hosts": ["host.docker.internal=host-gateway"] }),
                "host-gateway",
            ),
        ] {
            check("api", &service, &allowed()).unwrap();
            let (feature, hint) = check("api", &service, &IsolationSettings::default()).unwrap_err();
            assert!(feature.contains(told), "{feature}");
            assert!(hint.contains("[isolation]"), "{hint}");
        }
    }

    #[test]
    fn some_things_pass_nowhere() {
        for (service, told) in [
            (json!({ "privileged": true }), "privileged"),
            (
                json!({ "post_start": [{ "command": "x", "privileged": true }] }),
                "privileged",
            ),
            (json!({ "network_mode": "host" }), "network_mode: host"),
            (json!({ "network_mode": "bridge" }), "network_mode: bridge"),
            (json!({ "network_mode": "container:db" }), "network_mode: container:db"),
            (json!({ "pid": "host" }), "pid: host"),
            (json!({ "ipc": "container:db" }), "ipc: container:db"),
            (json!({ "userns_mode": "host" }), "userns_mode: host"),
            (json!({ "external_links": ["production-db"] }), "production-db"),
            (
                json!({ "volumes_from": ["container:production"] }),
                "container:production",
            ),
            (
                json!({ "networks": { "back": { "ipv4_address": "172.30.0.2" } } }),
                "fixed address",
            ),
            (
                json!({ "networks": { "back": { "ipv6_address": "fd00::2" } } }),
                "fixed address",
            ),
            (json!({ "devices": ["/dev/sda:/dev/sda"] }), "/dev/sda"),
            (json!({ "device_cgroup_rules": ["c 1:3 mr"] }), "c 1:3 mr"),
            (json!({ "cap_add": ["ALL"] }), "capability ALL"),
            (json!({ "cap_add": ["SYS_TIME"] }), "capability SYS_TIME"),
            (
                json!({ "security_opt": ["apparmor:unconfined"] }),
                "apparmor=unconfined",
            ),
            (json!({ "cgroup_parent": "/system.slice" }), "cgroup_parent"),
            (json!({ "provider": { "type": "cloud" } }), "`provider`"),
            (json!({ "use_api_socket": true }), "`use_api_socket`"),
        ] {
            let (feature, _) = check("api", &service, &allowed()).unwrap_err();
            assert!(feature.contains(told), "{feature}");
        }
    }

    #[test]
    fn what_stays_inside_passes() {
        let service = json!({
            "cap_add": ["NET_BIND_SERVICE"], "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"],
            "network_mode": "service:web", "ipc": "shareable", "extra_hosts": ["db=10.0.0.7"], "x-team": "shop",
            "networks": { "back": { "aliases": ["api"], "ipv4_address": null } },
        });
        check("api", &service, &IsolationSettings::default()).unwrap();
    }
}
