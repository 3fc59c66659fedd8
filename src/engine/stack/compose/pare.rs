//! Takes out of Compose's configuration the features that the stack file does without: single keys, files of the host,
//! volumes that exist elsewhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::value::text;
use crate::evidence::Rewrite;
use crate::stack::{StackError, StackFile};

/// Applies `without`, `empty` and `fresh-volumes`, and returns the changes.
pub(super) fn pare(file: &StackFile, configuration: &mut Value) -> Result<Vec<Rewrite>, StackError> {
    let mut notes = Vec::new();
    // One volume for each path of the host: services may share it.
    let mut emptied: BTreeMap<String, String> = BTreeMap::new();
    for (name, settings) in &file.service {
        let Some(service) = configuration["services"].get_mut(name) else {
            // An unknown service is refused later, with all others.
            continue;
        };
        let contradiction = |setting: &str, key: &str| StackError::Contradiction {
            stack: file.name.clone(),
            problem: format!("[service.{name}] {setting}: the service has no `{key}` in the Compose files"),
        };
        for key in &settings.without {
            if !remove(service, key) {
                return Err(contradiction("without", key));
            }
            notes.push(Rewrite::Without {
                service: name.clone(),
                key: key.clone(),
            });
        }
        for target in &settings.empty {
            let mounts = service["volumes"].as_array_mut().into_iter().flatten();
            let Some(mount) = mounts.into_iter().find(|mount| text(mount, "target") == target) else {
                return Err(contradiction("empty", target));
            };
            let source = text(mount, "source").to_owned();
            let count = emptied.len();
            let volume = emptied
                .entry(source.clone())
                .or_insert_with(|| format!("empty-{count}"));
            *mount = json!({ "type": "volume", "source": volume, "target": target });
            notes.push(Rewrite::Emptied {
                service: name.clone(),
                target: target.clone(),
                source,
            });
        }
        if text(service, "network_mode").is_empty() && service["networks"].is_null() {
            // Compose would make this network itself, without the labels by which it is found and removed.
            service["networks"] = json!({ "default": null });
            let default = &mut configuration["networks"]["default"];
            if default.is_null() {
                *default = json!({});
            }
        }
    }
    for volume in emptied.into_values() {
        configuration["volumes"][volume] = json!({});
    }
    for name in &file.isolation.fresh_volumes {
        if let Some(volume) = configuration["volumes"].get_mut(name) {
            notes.push(Rewrite::FreshVolume {
                volume: name.clone(),
                before: text(volume, "name").to_owned(),
            });
            *volume = json!({});
        }
    }
    Ok(notes)
}

/// Removes the value at a path with dots; in a list, the item of that name. False if there is none.
fn remove(value: &mut Value, path: &str) -> bool {
    match value {
        Value::Array(list) => {
            let before = list.len();
            list.retain(|item| !is_called(item, path));
            list.len() < before
        }
        Value::Object(fields) => {
            if fields.remove(path).is_some() {
                return true;
            }
            // Names may contain dots, too.
            let mut splits = path.match_indices('.').map(|(at, _)| (&path[..at], &path[at + 1..]));
            splits.any(|(key, rest)| fields.get_mut(key).is_some_and(|inside| remove(inside, rest)))
        }
        _ => false,
    }
}

/// True if an item of a list is that text, begins with it and a colon, or has it as target, source or path.
fn is_called(item: &Value, name: &str) -> bool {
    match item.as_str() {
        Some(item) => item == name || item.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')),
        None => ["target", "source", "path"].iter().any(|key| text(item, key) == name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pared(keys: &str, configuration: &mut Value) -> Result<Vec<Rewrite>, String> {
        let file = format!(
            "name = 's'\ndescription = 'd'\nentry = {{ service = 'web', port = 80 }}\n\
             [compose]\nfiles = ['c.yml']\n{keys}"
        );
        let file: StackFile = toml::from_str(&file).unwrap();
        pare(&file, configuration).map_err(|error| error.to_string())
    }

    #[test]
    fn single_keys_and_items_are_taken_out() {
        let mut configuration = json!({ "services": { "web": {
            "privileged": true, "network_mode": "host", "cap_add": ["NET_ADMIN", "SYS_ADMIN"],
            "extra_hosts": ["host.docker.internal=host-gateway", "db=10.0.0.7"],
            "devices": [{ "source": "/dev/fuse", "target": "/dev/fuse" }, "/dev/kvm:/dev/kvm"],
            "volumes": [{ "type": "bind", "source": "/run/x", "target": "/var/run/docker.sock" }, { "target": "/data" }],
        } } });
        let keys = "[service.web]\nwithout = ['privileged', 'network_mode', 'cap_add.SYS_ADMIN', \
            'extra_hosts.host.docker.internal=host-gateway', 'devices./dev/fuse', 'devices./dev/kvm', \
            'volumes./var/run/docker.sock']";
        let notes = pared(keys, &mut configuration).unwrap();
        let left_out = Rewrite::Without {
            service: "web".to_owned(),
            key: "cap_add.SYS_ADMIN".to_owned(),
        };
        assert_eq!(notes[2], left_out);
        let expected = json!({
            "cap_add": ["NET_ADMIN"], "extra_hosts": ["db=10.0.0.7"], "devices": [], "volumes": [{ "target": "/data" }],
            "networks": { "default": null },
        });
        assert_eq!(configuration["services"]["web"], expected);
        assert_eq!(configuration["networks"], json!({ "default": {} }));
        let error = pared("[service.web]\nwithout = ['privilged']", &mut configuration).unwrap_err();
        assert!(
            error.ends_with("[service.web] without: the service has no `privilged` in the Compose files"),
            "{error}"
        );
    }

    #[test]
    fn an_address_in_a_network_with_dots_is_taken_out() {
        let mut service = json!({ "networks": { "a.b": { "ipv4_address": "10.0.0.2", "aliases": ["x"] } } });
        assert!(remove(&mut service, "networks.a.b.ipv4_address"));
        assert_eq!(service["networks"]["a.b"], json!({ "aliases": ["x"] }));
    }

    #[test]
    fn services_share_the_empty_volume_in_place_of_one_folder() {
        let mount = |target: &str| json!([{ "type": "bind", "source": "/srv/data", "target": target }]);
        let mut configuration = json!({
            "services": { "db": { "volumes": mount("/var/lib/mysql") }, "web": { "volumes": mount("/data") } },
            "volumes": { "old": { "external": true, "name": "prod" } },
        });
        let keys = "[service.db]\nempty = ['/var/lib/mysql']\n[service.web]\nempty = ['/data']\n\
            [isolation]\nfresh-volumes = ['old']";
        let notes = pared(keys, &mut configuration).unwrap();
        let fresh = Rewrite::FreshVolume {
            volume: "old".to_owned(),
            before: "prod".to_owned(),
        };
        assert_eq!(notes[2], fresh);
        let services = &configuration["services"];
        assert_eq!(
            services["db"]["volumes"][0]["source"],
            services["web"]["volumes"][0]["source"]
        );
        assert_eq!(configuration["volumes"], json!({ "old": {}, "empty-0": {} }));
    }
}
