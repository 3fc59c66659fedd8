//! Reads the state of containers and of their engine for an examination; changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde_json::Value;
use testcontainers::bollard::models::{ContainerInspectResponse, HealthStatusEnum, SystemInfo};
use url::Url;

use super::compose::{Engine, NAMESPACE, SERVICE};
use super::{ContainerEndpoint, StackError};
use crate::wire::engine::ControlGroups;

/// Label by which Compose names the project of a container.
pub(super) const PROJECT: &str = "com.docker.compose.project";

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// Address of the host it is bound to; empty for all addresses.
    pub address: String,
    /// Port of the host.
    pub port: String,
    /// Port inside the container.
    pub inside: u16,
}

/// Declaration of a service. The values of its environment are never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DeclaredService {
    /// The service.
    pub service: String,
    /// Its image; empty if it is built without a name.
    pub image: String,
    /// True if it is built from the Compose file, or if Compose built it on this engine.
    pub built: bool,
    /// Its published ports.
    pub published: Vec<PublishedPort>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Its restart policy as Compose writes it, `on-failure:5`; empty if it has none.
    pub restart: String,
}

impl fmt::Debug for DeclaredService {
    /// Without the environment: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeclaredService")
            .field("service", &self.service)
            .field("image", &self.image)
            .field("published", &self.published)
            .finish_non_exhaustive()
    }
}

/// Current state of a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContainerState {
    /// The service.
    pub service: String,
    /// Configuration it was created with.
    pub declared: DeclaredService,
    /// True if it runs.
    pub running: bool,
    /// Exit code of its last exit.
    pub exit_code: i64,
    /// Status of its health check; `None` if it has no check.
    pub health: Option<String>,
    /// Number of restarts by the engine.
    pub restarts: i64,
    /// Limit in cores; `None` if there is none.
    pub cpu_limit: Option<f64>,
    /// Limit in bytes; `None` if there is none.
    pub memory_limit: Option<u64>,
    /// Bytes in use, without reclaimable page cache; `None` if it does not run or the engine does not report it.
    pub memory: Option<u64>,
    /// Its addresses in the stack's networks.
    pub addresses: Vec<IpAddr>,
}

/// The machine the engine runs on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngineHost {
    /// Cores.
    pub cpus: f64,
    /// Bytes of memory.
    pub memory: u64,
    /// Folder of images and volumes.
    pub folder: PathBuf,
    /// The engine's version.
    pub version: String,
    /// The engine's use of control groups; `None` if it was not asked.
    pub groups: Option<ControlGroups>,
}

impl From<SystemInfo> for EngineHost {
    fn from(info: SystemInfo) -> Self {
        let memory = info.mem_total.and_then(|bytes| u64::try_from(bytes).ok());
        let groups = Some(ControlGroups::from(&info));
        Self {
            groups,
            cpus: info.ncpu.unwrap_or_default() as f64,
            memory: memory.unwrap_or_default(),
            folder: info.docker_root_dir.unwrap_or_default().into(),
            version: info.server_version.unwrap_or_default(),
        }
    }
}

/// Inspects containers during one examination.
#[derive(Debug)]
pub struct Inspector {
    engine: Engine,
    groups: ControlGroups,
}

impl Inspector {
    /// Connects to the engine.
    pub async fn connect() -> Result<Self, StackError> {
        let engine = Engine::connect().await?;
        let groups = ControlGroups::from(&engine.info().await?);
        Ok(Self { engine, groups })
    }

    /// The machine the engine runs on.
    pub async fn host(&self) -> Result<EngineHost, StackError> {
        Ok(self.engine.info().await?.into())
    }

    /// The containers of the Compose project that publishes that front door on this machine; empty if there is no such project.
    pub async fn project_of(&self, front_door: &str) -> Result<Vec<ContainerEndpoint>, StackError> {
        let port = Url::parse(front_door).ok().and_then(|url| url.port_or_known_default());
        let containers = self.engine.all_containers().await?;
        let publishes = |container: &&_| published(container, port);
        // Whatever publishes the front door's port belongs to the system; its project tells the rest.
        let found = containers.iter().find(publishes).and_then(|one| one.labels.as_ref());
        let Some(project) = found.and_then(|labels| labels.get(NAMESPACE).or_else(|| labels.get(PROJECT)).cloned())
        else {
            return Ok(Vec::new());
        };
        let of_project = containers.into_iter().filter_map(|container| {
            let labels = container.labels?;
            let own = labels.get(NAMESPACE).or_else(|| labels.get(PROJECT))?;
            (*own == project).then_some(())?;
            Some(ContainerEndpoint {
                service: labels.get(SERVICE)?.clone(),
                id: container.id?,
                image: container.image?,
            })
        });
        Ok(of_project.collect())
    }

    /// Names of what runs beside the stacks of Diapason: Compose projects, and containers of none.
    pub async fn other_systems(&self) -> Result<Vec<String>, StackError> {
        let mut names = BTreeSet::new();
        for container in self.engine.all_containers().await? {
            let labels = container.labels.unwrap_or_default();
            // Stacks of this program are listed elsewhere, with their owners.
            if labels.contains_key(NAMESPACE) {
                continue;
            }
            let own = container.names.and_then(|names| names.into_iter().next());
            let own = own.map(|name| name.trim_start_matches('/').to_owned());
            names.extend(labels.get(PROJECT).cloned().or(own));
        }
        Ok(names.into_iter().collect())
    }

    /// Current state of the container.
    pub async fn inspect(&self, container: &ContainerEndpoint) -> Result<ContainerState, StackError> {
        let seen = self.engine.inspect(&container.id).await?;
        let running = seen.state.as_ref().and_then(|state| state.running) == Some(true);
        // Without groups of its own, a container's statistics are those of the engine's user.
        let memory = if running && self.groups.per_container {
            self.engine.memory(&container.id).await
        } else {
            None
        };
        let built = match &seen.image {
            Some(image) => self.engine.is_built(image).await,
            None => false,
        };
        let mut state = inspected(&container.service, seen);
        state.declared.built = built;
        Ok(ContainerState { memory, ..state })
    }

    /// Command lines of the container's processes.
    pub async fn processes(&self, container: &ContainerEndpoint) -> Result<Vec<String>, StackError> {
        self.engine.processes(&container.id).await
    }

    /// Standard output of a command in a container; the exit code and standard error if it failed.
    pub async fn output(&self, container: &ContainerEndpoint, command: &[&str]) -> Result<String, (i64, String)> {
        match self.engine.output(&container.id, command).await {
            Ok(said) if said.exit_code == 0 => Ok(said.output),
            Ok(said) => Err((said.exit_code, said.errors)),
            Err(error) => Err((-1, error.to_string())),
        }
    }
}

fn published(container: &testcontainers::bollard::models::ContainerSummary, port: Option<u16>) -> bool {
    let mut ports = container.ports.iter().flatten();
    ports.any(|own| own.public_port.is_some() && own.public_port == port)
}

fn inspected(service: &str, seen: ContainerInspectResponse) -> ContainerState {
    let state = seen.state.unwrap_or_default();
    let config = seen.config.unwrap_or_default();
    let host = seen.host_config.unwrap_or_default();
    let network = seen.network_settings.unwrap_or_default();
    let health = state.health.and_then(|health| health.status);
    // Docker says `none` for a container without a check.
    let named = health.filter(|status| !matches!(status, HealthStatusEnum::EMPTY | HealthStatusEnum::NONE));
    let pairs = config.env.iter().flatten().filter_map(|pair| pair.split_once('='));
    let addresses = network.networks.iter().flat_map(|networks| networks.values());
    let ports = network.ports.unwrap_or_default();
    let mut published: Vec<PublishedPort> = ports
        .iter()
        .filter_map(|(inside, bindings)| Some((inside.split('/').next()?.parse().ok()?, bindings.as_ref()?)))
        .flat_map(|(inside, bindings)| bindings.iter().map(move |binding| (inside, binding)))
        .map(|(inside, binding)| PublishedPort {
            address: binding.host_ip.clone().unwrap_or_default(),
            port: binding.host_port.clone().unwrap_or_default(),
            inside,
        })
        .collect();
    published.sort_by(|one, other| (one.inside, &one.address).cmp(&(other.inside, &other.address)));
    ContainerState {
        service: service.to_owned(),
        declared: DeclaredService {
            service: service.to_owned(),
            image: config.image.unwrap_or_default(),
            built: false,
            published,
            environment: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            restart: String::new(),
        },
        running: state.running == Some(true),
        exit_code: state.exit_code.unwrap_or_default(),
        health: named.map(|status| status.to_string()),
        restarts: seen.restart_count.unwrap_or_default(),
        cpu_limit: host
            .nano_cpus
            // Docker reports 0 where there is no limit.
            .filter(|nanos| *nanos > 0)
            .map(|nanos| nanos as f64 / 1e9),
        memory_limit: host
            .memory
            .and_then(|bytes| u64::try_from(bytes).ok())
            .filter(|bytes| *bytes > 0),
        memory: None,
        addresses: addresses
            .filter_map(|endpoint| endpoint.ip_address.as_ref()?.parse().ok())
            .collect(),
    }
}

/// The declarations of the Compose files, before they are rewritten for an isolated copy.
pub(super) fn declared(configuration: &Value) -> Vec<DeclaredService> {
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let services = configuration["services"].as_object().into_iter().flatten();
    let declared = services.map(|(name, service)| DeclaredService {
        service: name.clone(),
        image: text(service, "image"),
        built: service.get("build").is_some_and(|build| !build.is_null()),
        published: service["ports"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|port| PublishedPort {
                address: text(port, "host_ip"),
                port: text(port, "published"),
                inside: port["target"]
                    .as_u64()
                    .and_then(|port| u16::try_from(port).ok())
                    .unwrap_or_default(),
            })
            .collect(),
        restart: policy(service),
        environment: service["environment"]
            .as_object()
            .into_iter()
            .flatten()
            // Compose doubles `$` in its output.
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().replace("$$", "$")))
            .collect(),
    });
    declared.collect()
}

/// The restart policy of a service, as Compose derives it: that of `deploy` takes precedence.
fn policy(service: &Value) -> String {
    let of_deploy = &service["deploy"]["restart_policy"];
    let condition = of_deploy["condition"].as_str();
    match condition {
        // `any` is the default.
        None if of_deploy.is_object() => "always".to_owned(),
        Some("any") => "always".to_owned(),
        Some("on-failure") => match of_deploy["max_attempts"].as_u64() {
            Some(most) => format!("on-failure:{most}"),
            None => "on-failure".to_owned(),
        },
        Some(_) => "no".to_owned(),
        None => service["restart"].as_str().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_compose_declares_is_read() {
        let all = declared(&json!({ "services": {
            "api": { "image": "shop/api:1.2", "build": { "context": "." }, "environment": { "KEY": "a$$b", "EMPTY": null } },
            "db": { "image": "postgres", "ports": [{ "published": "5432", "target": 5432, "host_ip": "0.0.0.0" }] },
        } }));
        assert_eq!((all[0].image.as_str(), all[0].built), ("shop/api:1.2", true));
        assert_eq!(
            (all[0].environment["KEY"].as_str(), all[0].environment["EMPTY"].as_str()),
            ("a$b", "")
        );
        assert_eq!(
            (all[1].published[0].port.as_str(), all[1].published[0].inside),
            ("5432", 5432)
        );
        assert!(!format!("{:?}", all[0]).contains("a$b"));
    }

    #[test]
    fn a_container_is_read_as_it_is() {
        let seen: ContainerInspectResponse = serde_json::from_value(json!({
            "RestartCount": 2,
            "State": { "Running": true, "ExitCode": 0, "Health": { "Status": "healthy" } },
            "Config": { "Image": "nginx:1.27", "Env": ["A=b=c", "PATH=/bin"] },
            "HostConfig": { "NanoCpus": 500_000_000, "Memory": 268_435_456 },
            "NetworkSettings": {
                "Ports": { "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }], "443/tcp": null },
                "Networks": { "shop": { "IPAddress": "172.18.0.4" } },
            },
        }))
        .unwrap();
        let container = inspected("nginx", seen);
        assert!(container.running);
        assert_eq!(
            (container.cpu_limit, container.memory_limit),
            (Some(0.5), Some(256 << 20))
        );
        assert_eq!((container.health.as_deref(), container.restarts), (Some("healthy"), 2));
        assert_eq!(container.addresses, [IpAddr::from([172, 18, 0, 4])]);
        assert_eq!(container.declared.environment["A"], "b=c");
        let published = &container.declared.published;
        assert_eq!(
            (published.len(), published[0].port.as_str(), published[0].inside),
            (1, "8080", 80)
        );
    }
}
