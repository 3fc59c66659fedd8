//! The last look before anything starts: whatever the rewriting missed is refused.

use serde_json::Value;

use super::refusal::{entries, items, text};
use crate::stack::StackError;

/// Refuses a rewritten configuration in which a name or a port is not the namespace's own.
pub(super) fn verify(configuration: &Value, namespace: &str) -> Result<(), StackError> {
    let refuse = |place: String, feature: &str| {
        Err(StackError::Refused {
            place,
            feature: feature.to_owned(),
            hint: "this is a fault of diapason: please report it with the Compose file",
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
        let fixed = |port: &Value| text(port, "host_ip") != "127.0.0.1" || port.get("published").is_some();
        if items(service, "ports").any(fixed) {
            return refuse(format!("service `{name}`"), "it publishes a port of its own choice");
        }
        if !is_labelled(service, namespace) {
            return refuse(format!("service `{name}`"), "it is not labelled");
        }
    }
    for kind in ["networks", "volumes"] {
        for (name, part) in entries(configuration, kind) {
            if !text(part, "name").starts_with(namespace) || !is_labelled(part, namespace) {
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
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_or_port_that_is_not_our_own_is_refused() {
        let labels = json!({ "io.diapason.namespace": "diapason-1" });
        let good = json!({
            "name": "diapason-1",
            "services": { "api": {
                "container_name": "diapason-1-api",
                "ports": [{ "host_ip": "127.0.0.1", "target": 80 }],
                "labels": labels,
            } },
            "volumes": { "data": { "name": "diapason-1_data", "labels": labels } },
        });
        verify(&good, "diapason-1").unwrap();
        for (pointer, value) in [
            ("/name", json!("production")),
            ("/services/api/container_name", json!("api-prod")),
            ("/services/api/ports/0/host_ip", json!("0.0.0.0")),
            (
                "/services/api/ports/0",
                json!({ "host_ip": "127.0.0.1", "target": 80, "published": "80" }),
            ),
            ("/services/api/labels", json!({})),
            ("/volumes/data/name", json!("data-prod")),
            ("/volumes/data/labels", json!({})),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            assert!(verify(&bad, "diapason-1").is_err(), "{pointer}");
        }
    }
}
