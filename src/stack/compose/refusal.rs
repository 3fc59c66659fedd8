//! Refuses features of a Compose file that would reach beyond the isolated stack, into the host or into another stack.

use serde_json::Value;

use super::features;
use super::mounts::Host;
use super::reason::{OWN, Reason, UNPRIVILEGED};
use super::value::{entries, items, text};
use crate::stack::{StackError, StackFile};

const FRESH: &str = "an isolated stack makes its own: name it in `[isolation] fresh-networks` of the stack file, and it gets a \
                     new one in its place";
const STORED: &str = "use a named volume without `driver_opts` in an override file listed in `[compose] files`";

/// Refuses the first such thing that the stack file does not allow.
pub(super) fn check(configuration: &Value, file: &StackFile) -> Result<(), StackError> {
    let host = Host::of(file);
    for (name, service) in entries(configuration, "services") {
        let checked = features::check(name, service, &file.isolation)
            .and_then(|()| items(service, "volumes").try_for_each(|mount| host.check(mount)));
        checked.map_err(|reason| refusal(&format!("service `{name}`"), reason))?;
    }
    for kind in ["networks", "volumes", "secrets", "configs"] {
        for (name, part) in entries(configuration, kind) {
            let is_fresh = kind == "networks" && file.isolation.fresh_networks.contains(name);
            let place = format!("{} `{name}`", kind.trim_end_matches('s'));
            check_part(kind, part, is_fresh).map_err(|reason| refusal(&place, reason))?;
        }
    }
    let unknown = |name: &&String| configuration["networks"].get(name.as_str()).is_none();
    match file.isolation.fresh_networks.iter().find(unknown) {
        Some(name) => Err(StackError::Contradiction {
            stack: file.name.clone(),
            problem: format!("[isolation] fresh-networks: the Compose files have no network `{name}`"),
        }),
        None => Ok(()),
    }
}

fn refusal(place: &str, (feature, hint): Reason) -> StackError {
    StackError::Refused {
        place: place.to_owned(),
        feature,
        hint,
    }
}

fn check_part(kind: &str, part: &Value, is_fresh: bool) -> Result<(), Reason> {
    if part["external"] == true && !is_fresh {
        let hint = if kind == "networks" { FRESH } else { OWN };
        return Err((format!("it is external, named `{}`", text(part, "name")), hint));
    }
    let options = &part["driver_opts"];
    let device = text(options, "device");
    match (kind, text(part, "driver")) {
        ("volumes", _) if !device.is_empty() && text(options, "type") != "tmpfs" => {
            Err((format!("it is stored in `{device}`"), STORED))
        }
        ("volumes", driver) if !["", "local"].contains(&driver) => Err((format!("its driver is `{driver}`"), STORED)),
        ("networks", driver) if !["", "default", "bridge"].contains(&driver) => {
            Err((format!("its driver is `{driver}`"), UNPRIVILEGED))
        }
        ("secrets" | "configs", driver) if !driver.is_empty() => Err((format!("its driver is `{driver}`"), OWN)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(configuration: &Value) -> Result<(), StackError> {
        super::check(configuration, &StackFile::attached("http://127.0.0.1"))
    }

    #[test]
    fn a_refusal_names_its_place() {
        let mount = json!({ "type": "bind", "source": "/srv/data", "target": "/d" });
        for (service, expected) in [
            (json!({ "privileged": true }), "it is privileged"),
            (json!({ "volumes": [mount] }), "it may write to /srv/data on the host"),
        ] {
            let error = check(&json!({ "services": { "api": service } })).unwrap_err();
            assert_eq!(error.to_string(), format!("refused to run service `api`: {expected}"));
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
    fn an_external_network_may_be_replaced_by_a_new_one() {
        let mut file = StackFile::attached("http://127.0.0.1");
        file.isolation.fresh_networks = vec!["front".to_owned()];
        super::check(
            &json!({ "networks": { "front": { "external": true, "name": "traefik" } } }),
            &file,
        )
        .unwrap();
        let error = super::check(&json!({ "networks": { "back": {} } }), &file).unwrap_err();
        assert!(error.to_string().ends_with("have no network `front`"), "{error}");
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
