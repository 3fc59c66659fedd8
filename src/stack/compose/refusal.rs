//! What a Compose file may not ask for in an isolated stack: whatever would reach beyond it, into the host or into
//! another stack.

use serde_json::{Map, Value};

use crate::stack::StackError;

const UNPRIVILEGED: &str =
    "an isolated stack must not reach the host: take it out in an override file listed in `[compose] files`";
const OWN: &str =
    "an isolated stack makes its own: declare it without `external` in an override file listed in `[compose] files`";
const READ_ONLY: &str = "mount it `:ro`, or use a named volume, in an override file listed in `[compose] files`";

/// Refuses the first such thing.
pub(super) fn check(configuration: &Value) -> Result<(), StackError> {
    for (name, service) in entries(configuration, "services") {
        check_service(name, service).map_err(|reason| refusal(&format!("service `{name}`"), reason))?;
    }
    for kind in ["networks", "volumes", "secrets", "configs"] {
        for (name, part) in entries(configuration, kind) {
            let place = format!("{} `{name}`", kind.trim_end_matches('s'));
            check_part(kind, part).map_err(|reason| refusal(&place, reason))?;
        }
    }
    Ok(())
}

/// The entries of a mapping of the file; none where it is absent.
pub(super) fn entries<'a>(parent: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    parent
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

/// The items of a sequence of the file; none where it is absent.
pub(super) fn items<'a>(parent: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    parent.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The text at a key, empty where there is none.
pub(super) fn text<'a>(parent: &'a Value, key: &str) -> &'a str {
    parent.get(key).and_then(Value::as_str).unwrap_or_default()
}

type Reason = (String, &'static str);

fn refusal(place: &str, (feature, hint): Reason) -> StackError {
    StackError::Refused {
        place: place.to_owned(),
        feature,
        hint,
    }
}

fn check_service(name: &str, service: &Value) -> Result<(), Reason> {
    if service["privileged"] == true {
        return Err(("it is privileged".to_owned(), UNPRIVILEGED));
    }
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
    if let Some(other) = items(service, "external_links").next() {
        return Err((format!("it links to {other}, outside the stack"), OWN));
    }
    let from_outside = |source: &&Value| source.as_str().is_some_and(|source| source.starts_with("container:"));
    if let Some(source) = items(service, "volumes_from").find(from_outside) {
        return Err((format!("it uses the volumes of {source}, outside the stack"), OWN));
    }
    if let Some((network, _)) = entries(service, "networks").find(|(_, of)| of.get("ipv4_address").is_some()) {
        let hint = "another copy of the stack has that address: use the service's name instead";
        return Err((format!("it has a fixed address in network `{network}`"), hint));
    }
    items(service, "volumes").try_for_each(|mount| check_mount(name, mount))
}

fn check_mount(service: &str, mount: &Value) -> Result<(), Reason> {
    let source = text(mount, "source");
    match text(mount, "type") {
        "bind" if source.ends_with("docker.sock") || text(mount, "target").ends_with("docker.sock") => {
            Err(("it mounts the engine's socket".to_owned(), UNPRIVILEGED))
        }
        "bind" if mount["read_only"] != true => Err((format!("it may write to {source} on the host"), READ_ONLY)),
        "bind" | "volume" | "tmpfs" => Ok(()),
        other => Err((format!("`{service}` has a mount of type `{other}`"), UNPRIVILEGED)),
    }
}

fn check_part(kind: &str, part: &Value) -> Result<(), Reason> {
    if part["external"] == true {
        return Err((format!("it is external, named `{}`", text(part, "name")), OWN));
    }
    let options = &part["driver_opts"];
    let device = text(options, "device");
    match (kind, text(part, "driver")) {
        ("volumes", _) if !device.is_empty() && text(options, "type") != "tmpfs" => {
            Err((format!("it is stored in `{device}`"), READ_ONLY))
        }
        ("volumes", driver) if !["", "local"].contains(&driver) => Err((format!("its driver is `{driver}`"), OWN)),
        ("networks", driver) if !["", "default", "bridge"].contains(&driver) => {
            Err((format!("its driver is `{driver}`"), UNPRIVILEGED))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_reaches_beyond_the_stack_is_refused() {
        let socket = json!([{ "type": "bind", "source": "/var/run/docker.sock", "target": "/s", "read_only": true }]);
        for (service, expected) in [
            (json!({ "privileged": true }), "privileged"),
            (json!({ "network_mode": "host" }), "network_mode: host"),
            (json!({ "network_mode": "bridge" }), "network_mode: bridge"),
            (json!({ "pid": "host" }), "pid: host"),
            (json!({ "external_links": ["production-db"] }), "production-db"),
            (
                json!({ "volumes_from": ["container:production"] }),
                "container:production",
            ),
            (
                json!({ "networks": { "back": { "ipv4_address": "172.30.0.2" } } }),
                "fixed address",
            ),
            (json!({ "volumes": socket }), "socket"),
            (
                json!({ "volumes": [{ "type": "bind", "source": "/srv/data", "target": "/d" }] }),
                "/srv/data",
            ),
        ] {
            let error = check(&json!({ "services": { "api": service } }))
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("refused to run service `api`: "), "{error}");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn parts_that_belong_to_others_are_refused() {
        for (configuration, expected) in [
            (
                json!({ "volumes": { "data": { "external": true, "name": "prod" } } }),
                "volume `data`: it is external",
            ),
            (
                json!({ "networks": { "back": { "external": true } } }),
                "network `back`: it is external",
            ),
            (
                json!({ "networks": { "lan": { "driver": "macvlan" } } }),
                "driver is `macvlan`",
            ),
            (
                json!({ "volumes": { "data": { "driver_opts": { "type": "none", "o": "bind", "device": "/srv" } } } }),
                "stored in `/srv`",
            ),
        ] {
            let error = check(&configuration).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn an_ordinary_file_passes() {
        check(&json!({
            "services": { "api": { "network_mode": "service:web", "volumes": [
                { "type": "bind", "source": "/etc/app", "target": "/etc/app", "read_only": true },
                { "type": "volume", "source": "data", "target": "/data" },
            ] } },
            "networks": { "back": { "driver": "bridge" } },
            "volumes": { "data": {}, "ram": { "driver_opts": { "type": "tmpfs", "device": "tmpfs" } } },
        }))
        .unwrap();
    }
}
