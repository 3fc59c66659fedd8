//! Guards against loading foreign systems: allowed are stacks of a run, this machine, and hosts that the user lists as own.

use std::net::IpAddr;

use testcontainers::bollard::models::ContainerSummary;
use url::{Host, Url};

use super::compose::{Engine, NAMESPACE};
use super::inspect::PROJECT;
use super::{StackError, StackFile, StackSettings};
use crate::wire::Transport;

/// Refuses a front door that is neither on this machine nor on a host that the user lists. Sends no request.
pub fn check_host(url: &str, file: &StackFile, settings: &StackSettings) -> Result<(), StackError> {
    if is_socket(url) {
        return Ok(());
    }
    // A URL without a host that can be read is refused.
    let host = host_of(url).ok_or_else(|| StackError::NotOwned { host: url.to_owned() })?;
    let listed = settings
        .own_hosts
        .iter()
        .chain(&settings.allowed_hosts)
        .chain(&file.allowed_hosts);
    if is_local(&host, &file.front_door) || listed.into_iter().any(|name| *name == host) {
        return Ok(());
    }
    Err(StackError::NotOwned { host })
}

/// Refuses the published port of a Compose project not started by Diapason on this engine: it looks like production. Only
/// `--i-own` allows it. If no engine answers, there is no such project.
pub(super) async fn check_production(url: &str, file: &StackFile, settings: &StackSettings) -> Result<(), StackError> {
    let Some(host) = host_of(url) else { return Ok(()) };
    if settings.own_hosts.contains(&host) || !is_local(&host, &file.front_door) {
        return Ok(());
    }
    let Some(port) = port_of(url) else { return Ok(()) };
    let Ok(engine) = Engine::connect().await else {
        return Ok(());
    };
    let containers = engine.all_containers().await?;
    match containers.iter().find_map(|container| production(container, port)) {
        Some((project, container)) => Err(StackError::LooksLikeProduction {
            url: url.to_owned(),
            project,
            container,
            host,
        }),
        None => Ok(()),
    }
}

/// Project and name of a container that publishes that port and was not started by Diapason.
fn production(container: &ContainerSummary, port: u16) -> Option<(String, String)> {
    let labels = container.labels.as_ref()?;
    let project = labels.get(PROJECT).filter(|_| !labels.contains_key(NAMESPACE))?;
    let publishes = container
        .ports
        .iter()
        .flatten()
        .any(|own| own.public_port == Some(port));
    let names = container.names.iter().flatten();
    let name = names.map(|name| name.trim_start_matches('/')).next();
    publishes.then(|| (project.clone(), name.unwrap_or("?").to_owned()))
}

/// True if that host is this machine, by its name, its address, or the address that the stack file resolves it to.
fn is_local(host: &str, transport: &Transport) -> bool {
    if let Some(address) = transport.resolve.get(host) {
        return address.is_loopback();
    }
    let address = host.parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// True if the URL names a Unix socket, which is always on this machine.
fn is_socket(url: &str) -> bool {
    url.starts_with("unix://") || url.starts_with("http+unix://")
}

/// The host of an http(s) URL, without brackets; `None` for a Unix socket or any other text.
fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(match url.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

fn port_of(url: &str) -> Option<u16> {
    Url::parse(url).ok()?.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use testcontainers::bollard::models::PortSummary;

    use super::*;

    fn refused(url: &str, file: &StackFile, settings: &StackSettings) -> bool {
        check_host(url, file, settings).is_err()
    }

    #[test]
    fn only_this_machine_and_listed_hosts_are_loaded() {
        let mut file = StackFile::attached("http://127.0.0.1");
        let mut settings = StackSettings::default();
        for url in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "https://localhost:8443",
            "http://[::1]:80",
            "unix:///run/app.sock",
            "http+unix://%2Frun%2Fapp.sock",
        ] {
            assert!(!refused(url, &file, &settings), "{url}");
        }
        for url in [
            "http://192.0.2.1",
            "https://app.example",
            "http://10.0.0.1",
            "http://127.0.0.1.example",
            "http://0.0.0.0",
            "",
            "app.example:80",
            "http://",
            "http://[::1",
            "ftp://127.0.0.1",
            "http:// 127.0.0.1",
        ] {
            assert!(refused(url, &file, &settings), "{url}");
        }
        settings.own_hosts = vec!["app.example".to_owned()];
        settings.allowed_hosts = vec!["192.0.2.1".to_owned()];
        file.allowed_hosts = vec!["10.0.0.1".to_owned()];
        for url in ["https://APP.example:444", "http://192.0.2.1", "http://10.0.0.1"] {
            assert!(!refused(url, &file, &settings), "{url}");
        }
        assert!(refused("https://www.app.example", &file, &settings));
    }

    #[test]
    fn a_name_is_where_the_stack_file_says() {
        let mut file = StackFile::attached("http://127.0.0.1");
        let settings = StackSettings::default();
        file.front_door.resolve = [("app.example".to_owned(), IpAddr::from([127, 0, 0, 1]))].into();
        assert!(!refused("https://app.example", &file, &settings));
        file.front_door.resolve = [("localhost".to_owned(), IpAddr::from([192, 0, 2, 1]))].into();
        assert!(refused("https://localhost", &file, &settings));
    }

    #[test]
    fn the_published_port_of_a_project_of_its_own_is_told() {
        let container = |labels: &[(&str, &str)]| ContainerSummary {
            names: Some(vec!["/shop-nginx-prod".to_owned()]),
            labels: Some(
                labels
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect::<HashMap<_, _>>(),
            ),
            ports: Some(vec![PortSummary {
                private_port: 80,
                public_port: Some(8080),
                ..PortSummary::default()
            }]),
            ..ContainerSummary::default()
        };
        let shop = container(&[(PROJECT, "shop")]);
        assert_eq!(
            production(&shop, 8080),
            Some(("shop".to_owned(), "shop-nginx-prod".to_owned()))
        );
        assert_eq!(production(&shop, 80), None);
        let ours = container(&[(PROJECT, "diapason-1"), (NAMESPACE, "diapason-1")]);
        assert_eq!(production(&ours, 8080), None);
        assert_eq!(production(&container(&[]), 8080), None);
    }
}
