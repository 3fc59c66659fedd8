//! The last check before anything starts: refuses whatever the rewriting missed.

use serde_json::Value;

use super::free_port::PORTS;
use super::mounts::{Host, real, source};
use super::value::{entries, items, text};
use super::wanted::RewriteInputs;
use crate::stack::StackError;

/// Refuses a rewritten configuration in which a name, a port or a mount is not the namespace's own.
pub(super) fn verify(configuration: &Value, wanted: &RewriteInputs<'_>) -> Result<(), StackError> {
    let namespace = wanted.namespace;
    let host = Host::from_file(wanted.file);
    let refuse = |place: String, feature: &str| {
        Err(StackError::NotRewritten {
            place,
            problem: feature.to_owned(),
        })
    };
    if text(configuration, "name") != namespace {
        return refuse("the project".to_owned(), "its name was not rewritten");
    }
    for (name, service) in entries(configuration, "services") {
        let container = text(service, "container_name");
        if !container.is_empty() && !container.starts_with(namespace) {
            return refuse(format!("service `{name}`"), "its container's name was not rewritten");
        }
        let ours = |port: &Value| {
            let chosen = text(port, "published").parse().is_ok_and(|port| PORTS.contains(&port));
            port.get("published").is_none() || wanted.fixed_ports && chosen
        };
        let fixed = |port: &Value| text(port, "host_ip") != "127.0.0.1" || !ours(port);
        if items(service, "ports").any(fixed) {
            return refuse(format!("service `{name}`"), "it publishes a port of its own choice");
        }
        if text(service, "restart") != "no" {
            return refuse(format!("service `{name}`"), "it would be restarted");
        }
        let undeclared = |kind: &str, key: &str| configuration[kind].get(key).is_none();
        let stranger = entries(service, "networks").any(|(network, _)| undeclared("networks", network));
        let is_open = |mount: &Value| match text(mount, "type") {
            "volume" => !text(mount, "source").is_empty() && undeclared("volumes", text(mount, "source")),
            "bind" => {
                let path = source(mount);
                let ours = wanted.copies.iter().any(|(_, copy)| path.starts_with(copy));
                !ours && (host.copies(&real(&path)) || host.reach(mount).is_some())
            }
            _ => false,
        };
        if stranger || items(service, "volumes").any(is_open) {
            return refuse(format!("service `{name}`"), "it uses a network or data of others");
        }
        if !is_labelled(service, namespace) {
            return refuse(format!("service `{name}`"), "it is not labelled");
        }
    }
    for kind in ["networks", "volumes"] {
        for (name, part) in entries(configuration, kind) {
            if part["external"] == true || !text(part, "name").starts_with(namespace) || !is_labelled(part, namespace) {
                return refuse(format!("{kind} `{name}`"), "its name was not rewritten");
            }
        }
    }
    Ok(())
}

fn is_labelled(part: &Value, namespace: &str) -> bool {
    part["labels"][super::namespace::NAMESPACE] == namespace
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::stack::StackFile;

    fn verify(configuration: &Value) -> Result<(), StackError> {
        let wanted = RewriteInputs {
            fixed_ports: false,
            file: &StackFile::attached("http://127.0.0.1"),
            namespace: "diapason-1",
            labels: &BTreeMap::new(),
            image_commands: &BTreeMap::new(),
            preloaded: &BTreeMap::new(),
            replaced: None,
            copies: &[("/srv/up".into(), "/tmp/diapason-1/copy-0".into())],
            made_up: &BTreeMap::new(),
        };
        super::verify(configuration, &wanted)
    }

    #[test]
    fn a_name_or_port_that_is_not_our_own_is_refused() {
        let labels = json!({ "io.diapason.namespace": "diapason-1" });
        let good = json!({
            "name": "diapason-1",
            "services": { "api": {
                "container_name": "diapason-1-api",
                "ports": [{ "host_ip": "127.0.0.1", "target": 80 }],
                "restart": "no",
                "networks": { "back": null },
                "volumes": [
                    { "type": "volume", "source": "data", "target": "/d" },
                    { "type": "bind", "source": "/tmp/diapason-1/copy-0/x", "target": "/x" },
                ],
                "labels": labels,
            } },
            "networks": { "back": { "name": "diapason-1_back", "labels": labels } },
            "volumes": { "data": { "name": "diapason-1_data", "labels": labels } },
        });
        verify(&good).unwrap();
        for (pointer, value) in [
            ("/name", json!("production")),
            ("/services/api/container_name", json!("api-prod")),
            ("/services/api/ports/0/host_ip", json!("0.0.0.0")),
            (
                "/services/api/ports/0",
                json!({ "host_ip": "127.0.0.1", "target": 80, "published": "80" }),
            ),
            ("/services/api/labels", json!({})),
            ("/services/api/restart", json!("always")),
            ("/services/api/networks", json!({ "other": null })),
            ("/services/api/volumes/0/source", json!("production-data")),
            ("/services/api/volumes/1/source", json!("/srv/up")),
            ("/networks/back/external", json!(true)),
            ("/volumes/data/name", json!("data-prod")),
            ("/volumes/data/labels", json!({})),
        ] {
            let mut bad = good.clone();
            match bad.pointer_mut(pointer) {
                Some(place) => *place = value,
                None => bad["networks"]["back"]["external"] = value,
            }
            assert!(verify(&bad).is_err(), "{pointer}");
        }
    }
}
