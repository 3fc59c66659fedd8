//! Restricts the hosts that the browser reaches to the front door and the calibration page, whatever a page asks for.

use std::net::IpAddr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::{Engine, pin};
use crate::probe::ProbeError;
use crate::stack::Endpoints;

/// Host name of the calibration page: one that can never exist elsewhere (RFC 6761).
pub(super) const CALIBRATION_HOST: &str = "calibration.invalid";

/// The browser's route to the front door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// Host of the front door.
    host: String,
    /// Its address; `None` if it is to be looked up.
    pub(super) address: Option<IpAddr>,
    /// Port of the calibration page on loopback.
    pub(super) calibration_port: Option<u16>,
    /// Certificates accepted in addition to those of authorities that the browser knows.
    pub(super) trust: Trust,
}

/// Certificates that a browser accepts in addition to those of authorities that it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// No other certificates.
    Known,
    /// Those of the key with that pin, which the harness has verified.
    Pinned(String),
    /// All certificates.
    Anyone,
}

impl Route {
    /// The route for that browser. Connects if a certificate has to be pinned.
    pub(super) async fn to(endpoints: &Endpoints, engine: Engine) -> Result<Self, ProbeError> {
        let tls = &endpoints.transport.tls;
        let own_certificates = tls.ca_file.is_some() && endpoints.front_door.starts_with("https:");
        let trust = match engine {
            _ if tls.insecure => Trust::Anyone,
            _ if !own_certificates => Trust::Known,
            Engine::Chromium => Trust::Pinned(pin::pin(endpoints).await?),
            // Firefox accepts neither a key nor an authority here; the harness itself has verified the certificate at the start.
            Engine::Firefox => Trust::Anyone,
        };
        Ok(Self::trusting(endpoints, trust))
    }

    fn trusting(endpoints: &Endpoints, trust: Trust) -> Self {
        let url = Url::parse(&endpoints.front_door).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
        Self {
            address: endpoints.transport.resolve.get(&host).copied(),
            host,
            calibration_port: None,
            trust,
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
        // Every other name resolves to nothing: a page under test must not put load on systems of others.
        format!("{front_door}, {own}MAP * ~NOTFOUND")
    }

    /// Firefox's automatic proxy configuration: other hosts go to a port on which nothing listens.
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
            trust: Trust::Known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Transport;

    #[tokio::test]
    async fn only_the_front_door_and_the_own_page_are_found() {
        let mut endpoints = Endpoints {
            front_door: "http://127.0.0.1:8080".to_owned(),
            transport: Transport::default(),
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: None,
            limiter: None,
        };
        let mut way = Route::to(&endpoints, Engine::Chromium).await.unwrap();
        assert_eq!(
            (way.resolver_rules().as_str(), &way.trust),
            ("EXCLUDE 127.0.0.1, MAP * ~NOTFOUND", &Trust::Known)
        );
        way.calibration_port = Some(4_000);
        assert_eq!(
            way.resolver_rules(),
            "EXCLUDE 127.0.0.1, MAP calibration.invalid 127.0.0.1:4000, MAP * ~NOTFOUND"
        );
        endpoints.front_door = "https://app.example:8443".to_owned();
        endpoints.transport.resolve = [("app.example".to_owned(), [127, 0, 0, 1].into())].into();
        endpoints.transport.tls.ca_file = Some("ca.pem".into());
        let way = Route::to(&endpoints, Engine::Firefox).await.unwrap();
        assert_eq!(
            (way.resolver_rules().as_str(), &way.trust),
            ("MAP app.example 127.0.0.1, MAP * ~NOTFOUND", &Trust::Anyone)
        );
        // For Chromium the key has to be fetched, and the authority's file does not exist.
        let unread = Route::to(&endpoints, Engine::Chromium).await.unwrap_err();
        assert!(unread.to_string().contains("ca.pem"), "{unread}");
        endpoints.transport.tls.insecure = true;
        let insecure = Route::to(&endpoints, Engine::Chromium).await.unwrap();
        assert_eq!(insecure.trust, Trust::Anyone);
        assert!(way.proxy_script().contains("app%2Eexample"));
    }
}
