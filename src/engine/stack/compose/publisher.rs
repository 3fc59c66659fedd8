//! The service whose network a service uses: it is the one that can publish ports for both.

use serde_json::Value;

use super::value::text;

/// The service that publishes the ports of that service: itself, or the one that its `network_mode` names, and so on.
pub(super) fn publisher<'a>(configuration: &'a Value, service: &'a str) -> &'a str {
    let services = &configuration["services"];
    let next = |service: &str| text(&services[service], "network_mode").strip_prefix("service:");
    // Compose refuses circles.
    std::iter::successors(Some(service), |service| next(service))
        .take(16)
        .last()
        .unwrap_or(service)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ports_are_published_where_the_network_is() {
        let configuration = json!({ "services": {
            "web": { "network_mode": "service:vpn" }, "vpn": { "network_mode": "service:gate" }, "gate": {},
        } });
        assert_eq!(publisher(&configuration, "web"), "gate");
        assert_eq!(publisher(&configuration, "gate"), "gate");
    }
}
