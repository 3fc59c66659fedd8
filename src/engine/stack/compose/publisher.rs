//! The service whose network a service uses: it is the one that can publish ports for both.

use serde_json::Value;

use super::value::{entries, text};

/// The service that publishes the ports of that service: itself, or the one that its `network_mode` names, and so on.
pub fn publisher<'a>(configuration: &'a Value, service: &'a str) -> &'a str {
    let services = &configuration["services"];
    let next = |service: &str| text(&services[service], "network_mode").strip_prefix("service:");
    // Compose refuses circles.
    std::iter::successors(Some(service), |service| next(service))
        .take(16)
        .last()
        .unwrap_or(service)
}

/// The services that use the same network as that one, itself first: whatever listens in one of them answers for all.
pub fn sharing<'a>(configuration: &'a Value, service: &'a str) -> Vec<&'a str> {
    let network = publisher(configuration, service);
    let names = entries(configuration, "services").map(|(name, _)| name.as_str());
    let others = names.filter(|name| *name != service && publisher(configuration, name) == network);
    std::iter::once(service).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ports_are_published_where_the_network_is() {
        let configuration = json!({ "services": {
            "web": { "network_mode": "service:vpn" }, "vpn": { "network_mode": "service:gate" }, "gate": {}, "db": {},
        } });
        assert_eq!(publisher(&configuration, "web"), "gate");
        assert_eq!(publisher(&configuration, "gate"), "gate");
        assert_eq!(sharing(&configuration, "vpn"), ["vpn", "web", "gate"]);
    }
}
