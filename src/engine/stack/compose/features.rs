//! Features of a service that are refused in an isolated stack.

use serde_json::Value;

use super::keys::{self, Treatment};
use super::value::{entries, items, text};
use crate::stack::IsolationSettings;
use crate::stack::reach::OutsideResource;

/// A refused feature of a service: its key and its reach.
pub(super) type Feature = (String, OutsideResource);

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

/// The features by which that service would reach beyond its stack.
pub(super) fn refused(name: &str, service: &Value, allowed: &IsolationSettings) -> Vec<Feature> {
    let mut features = Vec::new();
    refused_keys("", keys::SERVICE, service, &mut features);
    for (path, table) in keys::NESTED {
        let part = path.split('.').fold(service, |part, key| &part[key]);
        refused_keys(&format!("{path}."), table, part, &mut features);
    }
    let is_privileged = |hook: &Value| hook["privileged"] == true;
    for (key, privileged) in [
        ("privileged", is_privileged(service)),
        ("build.privileged", is_privileged(&service["build"])),
        ("post_start", items(service, "post_start").any(is_privileged)),
        ("pre_stop", items(service, "pre_stop").any(is_privileged)),
    ] {
        if privileged {
            features.push((key.to_owned(), OutsideResource::Privileged));
        }
    }
    namespaces(service, &mut features);
    neighbours(service, &mut features);
    rights(service, allowed, &mut features);
    devices(service, allowed, &mut features);
    if !allowed.host_gateway.iter().any(|service| service == name) {
        let hosts = items(service, "extra_hosts").filter_map(Value::as_str);
        for entry in hosts.filter(|host| host.contains("host-gateway")) {
            let entry = entry.to_owned();
            features.push((format!("extra_hosts.{entry}"), OutsideResource::HostGateway { entry }));
        }
    }
    // A device may be given under two names.
    let mut distinct: Vec<Feature> = Vec::new();
    for feature in features {
        if !distinct.contains(&feature) {
            distinct.push(feature);
        }
    }
    distinct
}

/// Keys of that part that are always refused, or in no table.
fn refused_keys(prefix: &str, table: &[(&str, Treatment)], part: &Value, features: &mut Vec<Feature>) {
    for (key, value) in part.as_object().into_iter().flatten() {
        // Compose writes some keys without a value.
        // Refusing an empty value would refuse files that ask for nothing.
        let is_empty = value.is_null() || *value == false || value.as_array().is_some_and(Vec::is_empty);
        let reach = match keys::treatment(table, key) {
            None => OutsideResource::UnknownKey,
            Some(Treatment::Refused(why)) if !is_empty => OutsideResource::Key { why },
            Some(_) => continue,
        };
        features.push((format!("{prefix}{key}"), reach));
    }
}

/// Namespaces that are shared with the host or with a container outside the stack.
fn namespaces(service: &Value, features: &mut Vec<Feature>) {
    for key in ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"] {
        let mode = text(service, key);
        let inside = match key {
            "network_mode" => mode.is_empty() || mode == "none" || mode.starts_with("service:"),
            // The host's namespace, or that of a container outside of the stack.
            _ => mode != "host" && !mode.starts_with("container:"),
        };
        if !inside {
            let mode = mode.to_owned();
            features.push((key.to_owned(), OutsideResource::Namespace { mode }));
        }
    }
}

/// References to other stacks' containers, and addresses that another copy of this stack would have.
fn neighbours(service: &Value, features: &mut Vec<Feature>) {
    for to in items(service, "external_links").filter_map(Value::as_str) {
        let to = to.to_owned();
        features.push((format!("external_links.{to}"), OutsideResource::Link { to }));
    }
    for of in items(service, "volumes_from").filter_map(Value::as_str) {
        if of.starts_with("container:") {
            let of = of.to_owned();
            features.push((format!("volumes_from.{of}"), OutsideResource::ForeignVolumes { of }));
        }
    }
    for (network, of) in entries(service, "networks") {
        for address in ["ipv4_address", "ipv6_address", "link_local_ips"] {
            if of.get(address).is_some_and(|of| !of.is_null()) {
                let network = network.clone();
                features.push((
                    format!("networks.{network}.{address}"),
                    OutsideResource::FixedAddress { network },
                ));
            }
        }
    }
}

fn rights(service: &Value, allowed: &IsolationSettings, features: &mut Vec<Feature>) {
    for capability in items(service, "cap_add").filter_map(Value::as_str) {
        let upper = capability.to_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        let named = allowed.capabilities.iter().any(|named| named.to_uppercase() == name);
        if !named && !HARMLESS.contains(&name) {
            let name = name.to_owned();
            features.push((format!("cap_add.{capability}"), OutsideResource::Capability { name }));
        }
    }
    for given in items(service, "security_opt").filter_map(Value::as_str) {
        let option = given.replace(':', "=");
        // Options that take a restriction away; those that add one are welcome.
        if option.ends_with("=unconfined") || option == "label=disable" {
            features.push((
                format!("security_opt.{given}"),
                OutsideResource::SecurityOption { option },
            ));
        }
    }
}

fn devices(service: &Value, allowed: &IsolationSettings, features: &mut Vec<Feature>) {
    for rule in items(service, "device_cgroup_rules").filter_map(Value::as_str) {
        let rule = rule.to_owned();
        features.push((
            format!("device_cgroup_rules.{rule}"),
            OutsideResource::DeviceRule { rule },
        ));
    }
    let is_allowed = |device: &str| allowed.devices.iter().any(|named| named == device);
    for device in items(service, "devices") {
        // A short form is `host:container:rights`; the form depends on the version of Compose.
        let path = match device.as_str() {
            Some(device) => device.split(':').next().unwrap_or(device),
            None => text(device, "source"),
        };
        if !is_allowed(path) {
            let path = path.to_owned();
            features.push((format!("devices.{path}"), OutsideResource::Device { path }));
        }
    }
    if is_allowed("gpu") {
        return;
    }
    let reserved = &service["deploy"]["resources"]["reservations"];
    if items(reserved, "devices").next().is_some() {
        let key = "deploy.resources.reservations.devices".to_owned();
        features.push((key, OutsideResource::DeviceCapability));
    }
    if !service["gpus"].is_null() {
        features.push(("gpus".to_owned(), OutsideResource::DeviceCapability));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stack::reach::{ComposePart, Refusal};

    /// The one refusal among those features.
    fn only(features: Vec<Feature>) -> Refusal {
        let [(key, reach)] = <[Feature; 1]>::try_from(features).unwrap();
        let part = ComposePart::Service("api".to_owned());
        Refusal { part, key, reach }
    }

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
            assert_eq!(refused("api", &service, &allowed()), []);
            let refusal = only(refused("api", &service, &IsolationSettings::default()));
            assert!(refusal.feature().contains(told), "{refusal}");
            assert!(refusal.grant().unwrap().starts_with("[isolation] "), "{refusal}");
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
            (
                json!({ "build": { "context": ".", "entitlements": ["security.insecure"] } }),
                "`build.entitlements`, which lets its build act on the host",
            ),
            (
                json!({ "deploy": { "resources": { "limits": { "teleport": 1 } } } }),
                "`deploy.resources.limits.teleport`, and nobody knows",
            ),
            (json!({ "use_api_socket": true }), "`use_api_socket`"),
        ] {
            let refusal = only(refused("api", &service, &allowed()));
            assert!(refusal.feature().contains(told), "{refusal}");
        }
    }

    #[test]
    fn each_key_that_asks_for_devices_is_told_once() {
        let service = json!({
            "devices": ["/dev/dri:/dev/dri", "/dev/dri:/dev/dri2"], "gpus": "all",
            "deploy": { "resources": { "reservations": { "devices": [{ "count": 1 }, { "count": 2 }] } } },
        });
        let features = refused("api", &service, &IsolationSettings::default()).into_iter();
        let told: Vec<String> = features.map(|feature| only(vec![feature]).to_string()).collect();
        let expected = [
            "service `api`: it uses the device /dev/dri of the host",
            "service `api`: it has `deploy.resources.reservations.devices`, which asks for devices of the host by their capability",
            "service `api`: it has `gpus`, which asks for devices of the host by their capability",
        ];
        assert_eq!(told, expected);
        let hook = json!({ "post_start": [{ "command": "x", "privileged": true }] });
        let told = only(refused("api", &hook, &IsolationSettings::default())).to_string();
        assert_eq!(told, "service `api`: it has `post_start`, which is privileged");
    }

    #[test]
    fn what_stays_inside_passes() {
        let service = json!({
            "cap_add": ["NET_BIND_SERVICE"], "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"],
            "oom_score_adj": 500, "oom_kill_disable": true, "credential_spec": { "file": "x" }, "privileged": false,
            "use_api_socket": false, "network_mode": "service:web", "ipc": "shareable", "extra_hosts": ["db=10.0.0.7"], "x-team": "shop",
            "networks": { "back": { "aliases": ["api"], "ipv4_address": null } },
        });
        assert_eq!(refused("api", &service, &IsolationSettings::default()), []);
    }
}
