//! Which hosts the browser finds: the front door and the harness's own page, and nobody else, whatever a page asks for.

use std::net::IpAddr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::stack::Endpoints;

/// Where the harness's own page is found: a name that can never be anybody's (RFC 6761).
pub(super) const CALIBRATION_HOST: &str = "calibration.invalid";

/// How the browser gets to the front door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// Host of the front door.
    host: String,
    /// Its address, where it is not to be looked up.
    pub(super) address: Option<IpAddr>,
    /// Port of the harness's own page on loopback.
    pub(super) calibration_port: Option<u16>,
    /// Whether any certificate is taken: the harness itself has verified the front door's by the stack's own.
    pub(super) any_certificate: bool,
}

impl Way {
    pub(super) fn to(endpoints: &Endpoints) -> Self {
        let url = Url::parse(&endpoints.front_door).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
        let tls = &endpoints.transport.tls;
        Self {
            address: endpoints.transport.resolve.get(&host).copied(),
            host,
            calibration_port: None,
            any_certificate: tls.insecure || tls.ca_file.is_some(),
        }
    }

    /// Chromium's `--host-resolver-rules`.
    pub(super) fn resolver_rules(&self) -> String {
        let host = &self.host;
        let front_door = match self.address {
            Some(address) => format!("MAP {host} {address}"),
            None => format!("EXCLUDE {host}"),
        };
        let own = self
            .calibration_port
            .map(|port| format!("MAP {CALIBRATION_HOST} 127.0.0.1:{port}, "))
            .unwrap_or_default();
        format!("{front_door}, {own}MAP * ~NOTFOUND")
    }

    /// Firefox's automatic proxy configuration: what is not wanted goes to a port where nobody answers.
    pub(super) fn proxy_script(&self) -> String {
        let script = format!(
            "function FindProxyForURL(url, host) {{ return host === '{}' || host === '127.0.0.1' ? 'DIRECT' : 'PROXY 127.0.0.1:9'; }}",
            self.host
        );
        let script = utf8_percent_encode(&script, NON_ALPHANUMERIC);
        format!("data:application/x-ns-proxy-autoconfig,{script}")
    }

    #[cfg(test)]
    pub(super) fn example() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            address: None,
            calibration_port: None,
            any_certificate: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Transport;

    #[test]
    fn only_the_front_door_and_the_own_page_are_found() {
        let mut endpoints = Endpoints {
            front_door: "http://127.0.0.1:8080".to_owned(),
            transport: Transport::default(),
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: None,
            limiter: None,
        };
        let mut way = Way::to(&endpoints);
        assert_eq!(
            (way.resolver_rules().as_str(), way.any_certificate),
            ("EXCLUDE 127.0.0.1, MAP * ~NOTFOUND", false)
        );
        way.calibration_port = Some(4_000);
        assert_eq!(
            way.resolver_rules(),
            "EXCLUDE 127.0.0.1, MAP calibration.invalid 127.0.0.1:4000, MAP * ~NOTFOUND"
        );
        endpoints.front_door = "https://app.example:8443".to_owned();
        endpoints.transport.resolve = [("app.example".to_owned(), [127, 0, 0, 1].into())].into();
        endpoints.transport.tls.ca_file = Some("ca.pem".into());
        let way = Way::to(&endpoints);
        assert_eq!(
            (way.resolver_rules().as_str(), way.any_certificate),
            ("MAP app.example 127.0.0.1, MAP * ~NOTFOUND", true)
        );
        assert!(way.proxy_script().contains("app%2Eexample"));
    }
}
