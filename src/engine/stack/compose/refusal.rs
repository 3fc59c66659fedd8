//! Refuses features of a Compose file that would reach beyond the isolated stack, into the host or into another stack.

use serde_json::Value;

use super::mounts::Host;
use super::value::{entries, items, text};
use super::{features, keys};
use crate::stack::reach::{ComposePart, OutsideResource, Refusal};
use crate::stack::{StackError, StackFile};

/// Refuses all such features that the stack file does not allow.
pub(super) fn check(configuration: &Value, file: &StackFile) -> Result<(), StackError> {
    let refusals = all(configuration, file);
    if !refusals.is_empty() {
        return Err(StackError::Refused { refusals });
    }
    check_names(configuration, file)
}

/// Refuses names under `[isolation]` that the Compose files do not have.
pub(super) fn check_names(configuration: &Value, file: &StackFile) -> Result<(), StackError> {
    let settings = &file.isolation;
    for (setting, kinds, names) in [
        ("fresh-networks", &["networks"][..], &settings.fresh_networks),
        ("fresh-volumes", &["volumes"], &settings.fresh_volumes),
        ("made-up", &["secrets", "configs"], &settings.made_up),
    ] {
        let unknown = |name: &&String| {
            kinds
                .iter()
                .all(|kind| configuration[kind].get(name.as_str()).is_none())
        };
        if let Some(name) = names.iter().find(unknown) {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.trim_end_matches('s')).collect();
            return Err(StackError::Contradiction {
                stack: file.name.clone(),
                problem: format!(
                    "[isolation] {setting}: the Compose files have no {} `{name}`",
                    kinds.join(" or ")
                ),
            });
        }
    }
    Ok(())
}

/// All such features that the stack file does not allow, in the order of the file.
pub(super) fn all(configuration: &Value, file: &StackFile) -> Vec<Refusal> {
    let host = Host::from_file(file);
    let mut refusals = Vec::new();
    for (name, service) in entries(configuration, "services") {
        let mounts = items(service, "volumes").filter_map(|mount| {
            let reach = host.reach(mount)?;
            Some((format!("volumes.{}", text(mount, "target")), reach))
        });
        let features = features::refused(name, service, &file.isolation).into_iter();
        refusals.extend(features.chain(mounts).map(|(key, reach)| Refusal {
            part: ComposePart::Service(name.clone()),
            key,
            reach,
        }));
    }
    let settings = &file.isolation;
    for (kind, part, anew) in [
        (
            "networks",
            ComposePart::Network as fn(String) -> ComposePart,
            &settings.fresh_networks,
        ),
        ("volumes", ComposePart::Volume, &settings.fresh_volumes),
        ("secrets", ComposePart::Secret, &settings.made_up),
        ("configs", ComposePart::Config, &settings.made_up),
    ] {
        for (name, fields) in entries(configuration, kind).filter(|(name, _)| !anew.contains(name)) {
            let reaches = of_part(kind, fields).into_iter();
            refusals.extend(reaches.map(|(key, reach)| Refusal {
                part: part(name.clone()),
                key,
                reach,
            }));
        }
    }
    refusals
}

/// The way in which a network, volume, secret or config reaches something outside, with its key.
fn of_part(kind: &str, part: &Value) -> Option<(String, OutsideResource)> {
    let found = |key: &str, reach: OutsideResource| Some((key.to_owned(), reach));
    // Something external is shared with whoever else uses it, production above all.
    if part["external"] == true {
        let name = text(part, "name").to_owned();
        return found("external", OutsideResource::External { name });
    }
    let options = &part["driver_opts"];
    let device = text(options, "device");
    let driver = text(part, "driver");
    let known: &[&str] = match kind {
        // A local volume with a device is a bind mount under another name.
        "volumes" if !device.is_empty() && text(options, "type") != "tmpfs" => {
            let device = device.to_owned();
            return found("driver_opts.device", OutsideResource::StoredIn { device });
        }
        "volumes" => &["", "local"],
        "networks" => &["", "default", "bridge"],
        _ => &[""],
    };
    if !known.contains(&driver) {
        let name = driver.to_owned();
        return found("driver", OutsideResource::Driver { name });
    }
    let mut keys = part.as_object().into_iter().flat_map(serde_json::Map::keys);
    let unknown = keys.find(|key| keys::treatment(keys::PART, key).is_none())?;
    found(unknown, OutsideResource::UnknownKey)
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
    fn all_refusals_are_told_at_once() {
        let error = check(&json!({
            "services": {
                "api": { "privileged": true, "network_mode": "host" },
                "web": { "teleport": 1 },
            },
            "volumes": { "data": { "external": true, "name": "prod" } },
        }))
        .unwrap_err();
        let expected = "refused to run 4 features of the Compose files:\n\
            \u{20} service `api`: it is privileged\n\
            \u{20} service `api`: it has `network_mode: host`\n\
            \u{20} service `web`: it has `teleport`, and nobody knows what that reaches\n\
            \u{20} volume `data`: it is external, named `prod`";
        assert_eq!(error.to_string(), expected);
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
