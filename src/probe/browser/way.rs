//! Which hosts the browser finds: the front door, and nobody else, whatever a page asks for.

use url::Url;

use crate::stack::Endpoints;

/// How the browser gets to the front door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// Chromium's `--host-resolver-rules`.
    pub(super) rules: String,
    /// Whether any certificate is taken: the harness itself has verified the front door's by the stack's own.
    pub(super) any_certificate: bool,
}

impl Way {
    pub(super) fn to(endpoints: &Endpoints) -> Self {
        let url = Url::parse(&endpoints.front_door).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let front_door = match endpoints.transport.resolve.get(host) {
            Some(address) => format!("MAP {host} {address}"),
            None => format!("EXCLUDE {host}"),
        };
        let tls = &endpoints.transport.tls;
        Self {
            rules: format!("{front_door}, MAP * ~NOTFOUND"),
            any_certificate: tls.insecure || tls.ca_file.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Transport;

    #[test]
    fn only_the_front_door_is_found() {
        let mut endpoints = Endpoints {
            front_door: "http://127.0.0.1:8080".to_owned(),
            transport: Transport::default(),
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: None,
            limiter: None,
        };
        let way = Way::to(&endpoints);
        assert_eq!(
            (way.rules.as_str(), way.any_certificate),
            ("EXCLUDE 127.0.0.1, MAP * ~NOTFOUND", false)
        );
        endpoints.front_door = "https://app.example:8443".to_owned();
        endpoints.transport.resolve = [("app.example".to_owned(), [127, 0, 0, 1].into())].into();
        endpoints.transport.tls.ca_file = Some("ca.pem".into());
        let way = Way::to(&endpoints);
        assert_eq!(
            (way.rules.as_str(), way.any_certificate),
            ("MAP app.example 127.0.0.1, MAP * ~NOTFOUND", true)
        );
    }
}
