//! Changes of the stack file to Compose's configuration: services left out, images replaced.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::value::{entries, items, text};
use crate::evidence::Rewrite;
use crate::stack::file::ComposeSettings;
use crate::stack::{StackError, StackFile};

/// Sections of the configuration that services use by name.
const KINDS: [&str; 4] = ["networks", "volumes", "secrets", "configs"];

/// Applies the changes and returns them.
pub(super) fn adapt(
    file: &StackFile,
    compose: &ComposeSettings,
    configuration: &mut Value,
) -> Result<Vec<Rewrite>, StackError> {
    let contradiction = |problem: String| StackError::Contradiction {
        stack: file.name.clone(),
        problem: format!("[compose] leave-out: {problem}"),
    };
    let mut notes = Vec::new();
    for name in &compose.leave_out {
        if configuration["services"].get(name).is_none() {
            let problem = format!("the Compose files have no service `{name}`");
            return Err(contradiction(problem));
        }
        notes.push(Rewrite::LeftOut { service: name.clone() });
    }
    leave_out(&compose.leave_out, configuration);
    for name in &compose.leave_out {
        if let Some((dependent, how)) = dependent(configuration, name) {
            return Err(contradiction(format!(
                "service `{dependent}` {how} `{name}`: leave it out as well, or keep both"
            )));
        }
    }
    forget_dependencies(configuration, &compose.leave_out);
    notes.extend(replace_images(file, configuration));
    Ok(notes)
}

/// Removes those services, and the networks, volumes, secrets and configs that only they use.
pub(super) fn leave_out(names: &[String], configuration: &mut Value) {
    let before = KINDS.map(|kind| used(configuration, kind));
    if let Some(services) = configuration["services"].as_object_mut() {
        services.retain(|name, _| !names.contains(name));
    }
    for (kind, before) in KINDS.into_iter().zip(before) {
        let after = used(configuration, kind);
        if let Some(parts) = configuration.get_mut(kind).and_then(Value::as_object_mut) {
            parts.retain(|name, _| after.contains(name) || !before.contains(name));
        }
    }
}

/// A service that cannot run without that one, and the kind of dependency in words.
fn dependent(configuration: &Value, name: &str) -> Option<(String, &'static str)> {
    entries(configuration, "services").find_map(|(other, service)| {
        let needed = entries(service, "depends_on").find(|(on, _)| *on == name);
        let shared = ["network_mode", "pid", "ipc"]
            .iter()
            .any(|key| text(service, key).strip_prefix("service:") == Some(name));
        let volumes = items(service, "volumes_from").filter_map(Value::as_str);
        let mut volumes = volumes.map(|from| from.split(':').next().unwrap_or(from));
        let how = if needed.is_some_and(|(_, of)| of["required"] != false) {
            "depends on"
        } else if shared {
            "lives in the container of"
        } else if volumes.any(|from| from == name) {
            "uses the volumes of"
        } else {
            return None;
        };
        Some((other.clone(), how))
    })
}

/// Removes dependencies on services left out. Required ones were refused before.
fn forget_dependencies(configuration: &mut Value, left_out: &[String]) {
    let services = configuration["services"].as_object_mut();
    for service in services.into_iter().flat_map(serde_json::Map::values_mut) {
        if let Some(dependencies) = service.get_mut("depends_on").and_then(Value::as_object_mut) {
            dependencies.retain(|name, _| !left_out.contains(name));
        }
    }
}

/// Names of that section that services use.
fn used(configuration: &Value, kind: &str) -> BTreeSet<String> {
    let services = entries(configuration, "services");
    services
        .flat_map(|(_, service)| {
            let by_name = entries(service, kind).map(|(name, _)| name.clone());
            let by_source = items(service, kind).map(|item| match item.as_str() {
                Some(name) => name.to_owned(),
                None => text(item, "source").to_owned(),
            });
            by_name.chain(by_source).collect::<Vec<_>>()
        })
        .collect()
}

fn replace_images(file: &StackFile, configuration: &mut Value) -> Vec<Rewrite> {
    let mut notes = Vec::new();
    for (name, settings) in &file.service {
        let Some(image) = &settings.image else { continue };
        let service = configuration["services"].get_mut(name).and_then(Value::as_object_mut);
        // An unknown service is refused later, with all others.
        let Some(service) = service else { continue };
        let before = service.insert("image".to_owned(), json!(image.replace('$', "$$")));
        let built = service.remove("build").is_some();
        notes.push(Rewrite::Image {
            service: name.clone(),
            before: before.as_ref().and_then(Value::as_str).map(str::to_owned),
            built,
            after: image.clone(),
        });
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapted(keys: &str, mut configuration: Value) -> Result<(Vec<Rewrite>, Value), String> {
        let file = format!(
            "name = 's'\ndescription = 'd'\nentry = {{ service = 'web', port = 80 }}\n\
             [compose]\nfiles = ['c.yml']\n{keys}"
        );
        let file: StackFile = toml::from_str(&file).unwrap();
        let notes = adapt(&file, file.compose.as_ref().unwrap(), &mut configuration);
        notes
            .map(|notes| (notes, configuration))
            .map_err(|error| error.to_string())
    }

    fn with_certbot() -> Value {
        json!({
            "services": {
                "web": {
                    "volumes": [{ "type": "volume", "source": "certs" }],
                    "networks": { "default": null },
                    "depends_on": { "certbot": { "condition": "service_started", "required": false } },
                },
                "certbot": {
                    "volumes": [{ "type": "volume", "source": "certs" }, { "type": "volume", "source": "challenges" }],
                    "networks": { "default": null, "outside": null },
                    "secrets": [{ "source": "account" }],
                },
            },
            "networks": { "default": {}, "outside": { "external": true } },
            "volumes": { "certs": {}, "challenges": {}, "unused": {} },
            "secrets": { "account": {} },
        })
    }

    #[test]
    fn a_service_left_out_takes_what_only_it_used_along() {
        let (notes, configuration) = adapted("leave-out = ['certbot']", with_certbot()).unwrap();
        let service = "certbot".to_owned();
        assert_eq!(notes, [Rewrite::LeftOut { service }]);
        let names = |kind: &str| {
            entries(&configuration, kind)
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names("services"), ["web"]);
        assert_eq!(names("networks"), ["default"]);
        assert_eq!(names("volumes"), ["certs", "unused"]);
        assert!(names("secrets").is_empty());
        assert_eq!(configuration["services"]["web"]["depends_on"], json!({}));
    }

    #[test]
    fn a_service_that_another_needs_cannot_be_left_out() {
        for (web, how) in [
            (
                json!({ "depends_on": { "certbot": { "condition": "service_started" } } }),
                "depends on",
            ),
            (
                json!({ "network_mode": "service:certbot" }),
                "lives in the container of",
            ),
            (json!({ "volumes_from": ["certbot:ro"] }), "uses the volumes of"),
        ] {
            let configuration = json!({ "services": { "web": web, "certbot": {} } });
            let error = adapted("leave-out = ['certbot']", configuration).unwrap_err();
            let expected = format!("[compose] leave-out: service `web` {how} `certbot`");
            assert!(error.contains(&expected), "{error}");
        }
        let both = json!({ "services": { "a": { "network_mode": "service:b" }, "b": {}, "web": {} } });
        adapted("leave-out = ['b', 'a']", both).unwrap();
        let error = adapted("leave-out = ['certbo']", with_certbot()).unwrap_err();
        assert!(error.ends_with("the Compose files have no service `certbo`"), "{error}");
    }

    #[test]
    fn an_image_can_be_replaced_and_is_not_built_then() {
        let keys = "[service.web]\nimage = 'shop/web:2'";
        let built = json!({ "services": { "web": { "build": { "context": "." } } } });
        let (notes, configuration) = adapted(keys, built).unwrap();
        assert_eq!(configuration["services"]["web"], json!({ "image": "shop/web:2" }));
        assert_eq!(
            notes,
            [Rewrite::Image {
                service: "web".to_owned(),
                before: None,
                built: true,
                after: "shop/web:2".to_owned(),
            }]
        );
    }
}
