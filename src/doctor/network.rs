//! Ports of this machine, proxies and the registry.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Finding;

/// Ports below which a run whose connections are not kept uses them up: each rests for a minute.
const FEW_PORTS: u32 = 10_000;
/// The registry that images are pulled from where none is named.
const REGISTRY: &str = "registry-1.docker.io:443";
/// Time in which it must take a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at the network of this machine.
pub(super) async fn network() -> Vec<Finding> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let proxy = proxy(variable);
    // Bound rather than counted: what the kernel gives is the only proof that one is free.
    let mut findings = vec![ports(&range, TcpListener::bind(("127.0.0.1", 0)).is_ok())];
    // Behind a proxy, the registry is the engine's matter.
    let through_proxy = proxy.is_some();
    findings.extend(proxy);
    if !through_proxy {
        findings.push(registry().await);
    }
    findings
}

fn ports(range: &str, free: bool) -> Finding {
    const NAME: &str = "ports";
    if !free {
        return Finding::missing(
            NAME,
            "none is free on 127.0.0.1",
            "end what uses them up; the front door of a stack is published on one",
        );
    }
    let bounds: Vec<u32> = range
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect();
    let [low, high] = bounds[..] else {
        return Finding::ok(NAME, "free on 127.0.0.1");
    };
    // Both bounds are part of the range.
    let count = (high + 1).saturating_sub(low);
    let found = format!("{count} for outgoing connections");
    if count < FEW_PORTS {
        Finding::warn(
            NAME,
            found,
            "connections that are not kept use them up: `sysctl net.ipv4.ip_local_port_range=\"10240 65535\"`",
        )
    } else {
        Finding::ok(NAME, found)
    }
}

/// A proxy that the environment names; `None` if there is none. The harness itself never uses it.
fn proxy(variable: impl Fn(&str) -> Option<String>) -> Option<Finding> {
    const NAME: &str = "proxy";
    // Libraries read either spelling.
    let either = |name: &str| variable(name).or_else(|| variable(&name.to_lowercase()));
    let named = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]
        .into_iter()
        .find(|name| either(name).is_some())?;
    let excepted = either("NO_PROXY").unwrap_or_default();
    let excepts = |host: &str| {
        excepted
            .split(',')
            .any(|part| part.trim() == host || part.trim() == "*")
    };
    // The value may hold a password.
    let found = format!("{named} is set; the load goes past it");
    Some(if excepts("127.0.0.1") || excepts("localhost") {
        Finding::ok(NAME, found)
    } else {
        Finding::warn(
            NAME,
            found,
            "set NO_PROXY=localhost,127.0.0.1, so that seeds and health checks on this machine reach the stack",
        )
    })
}

async fn registry() -> Finding {
    const NAME: &str = "registry";
    let reached = timeout(PATIENCE, TcpStream::connect(REGISTRY)).await;
    if matches!(reached, Ok(Ok(_))) {
        Finding::ok(NAME, format!("{REGISTRY} can be reached"))
    } else {
        Finding::warn(
            NAME,
            format!("{REGISTRY} cannot be reached"),
            "images must be here already, or come from a mirror (`registry-mirrors` of the engine); `diapason setup images` makes the \
             reference stack's base images without it",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::CheckStatus;
    use super::*;

    #[test]
    fn ports_are_counted_and_must_be_free() {
        for (range, free, word) in [
            ("32768\t60999\n", true, CheckStatus::Ok),
            ("50000\t50999\n", true, CheckStatus::Warn),
            ("", true, CheckStatus::Ok),
            ("32768\t60999\n", false, CheckStatus::Missing),
        ] {
            assert_eq!(ports(range, free).word, word, "{range:?}");
        }
    }

    #[test]
    fn a_proxy_must_not_stand_before_this_machine() {
        let found = |variables: &[(&str, &str)]| {
            proxy(|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let secret = ("https_proxy", "http://me:hush@proxy.example:3128");
        assert_eq!(found(&[]), None);
        let warned = found(&[secret]).unwrap();
        assert_eq!(warned.word, CheckStatus::Warn);
        assert!(!warned.found.contains("hush"), "{warned:?}");
        assert_eq!(
            found(&[secret, ("NO_PROXY", "a.example, 127.0.0.1")]).unwrap().word,
            CheckStatus::Ok
        );
        assert_eq!(
            found(&[secret, ("NO_PROXY", "a.example")]).unwrap().word,
            CheckStatus::Warn
        );
    }
}
