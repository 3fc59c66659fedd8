//! `--metrics` of the command line.

use std::net::SocketAddr;
use std::str::FromStr;

/// Protocol by which the figures are pushed every second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Prometheus' Pushgateway.
    Pushgateway,
    /// Prometheus' remote write, version 1.0.
    RemoteWrite,
    /// OpenTelemetry's protocol over HTTP.
    Otlp,
}

/// Destination of metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An address on which they are served, to be scraped.
    Listen(SocketAddr),
    /// A URL to which they are sent every second.
    Push(Protocol, String),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = "use `listen=127.0.0.1:9464`, `pushgateway=URL`, `prometheus-remote-write=URL` or `otlp=URL`";
        let push = |protocol, url: &str| Ok(Self::Push(protocol, url.to_owned()));
        // At the first sign only: the URL's query may have more of them.
        match text.split_once('=') {
            Some(("listen", address)) => {
                let address = address.parse();
                address
                    .map(Self::Listen)
                    .map_err(|_| format!("no address and port: {known}"))
            }
            Some(("pushgateway", url)) => push(Protocol::Pushgateway, url),
            Some(("prometheus-remote-write", url)) => push(Protocol::RemoteWrite, url),
            Some(("otlp", url)) => push(Protocol::Otlp, url),
            _ => Err(known.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_kind_and_a_place() {
        let address = "127.0.0.1:9464".parse().unwrap();
        assert_eq!("listen=127.0.0.1:9464".parse(), Ok(Target::Listen(address)));
        let url = "http://h:9091/base?a=b";
        for (kind, protocol) in [
            ("pushgateway", Protocol::Pushgateway),
            ("prometheus-remote-write", Protocol::RemoteWrite),
            ("otlp", Protocol::Otlp),
        ] {
            assert_eq!(
                format!("{kind}={url}").parse(),
                Ok(Target::Push(protocol, url.to_owned()))
            );
        }
        for wrong in ["listen", "listen=9464", "statsd=h", ""] {
            assert!(
                wrong.parse::<Target>().unwrap_err().contains("listen=127.0.0.1"),
                "{wrong}"
            );
        }
    }
}
