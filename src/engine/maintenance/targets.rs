//! Services of the running stack with their current containers, which events may replace.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use testcontainers::bollard::Docker;
use testcontainers::bollard::models::ContainerInspectResponse;
use tokio_util::sync::CancellationToken;

use crate::error::one_line;
use crate::evidence::AddressChange;
use crate::stack::RunningStack;
use crate::wire::TlsSettings;

/// Targets of events: containers that the run brought up or that an event made in their place, and no others.
#[derive(Debug)]
pub(super) struct Targets {
    pub(super) engine: Docker,
    containers: Mutex<BTreeMap<String, Vec<String>>>,
    /// Addresses of services when they were looked at last.
    seen: Mutex<BTreeMap<String, Vec<String>>>,
    /// Restart policy of each service in the Compose files.
    policies: BTreeMap<String, String>,
    /// Connection string of the database, and the settings of its TLS; `None` if the stack file names none.
    pub(super) database: Option<(String, TlsSettings)>,
    pub(super) stop: CancellationToken,
}

impl Targets {
    pub(super) fn new(engine: Docker, stack: &RunningStack) -> Self {
        let endpoints = stack.endpoints();
        let mut containers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for container in &endpoints.containers {
            let of_service = containers.entry(container.service.clone()).or_default();
            of_service.push(container.id.clone());
        }
        let declared = stack.declared().iter();
        let database = endpoints.database.as_ref();
        Self {
            engine,
            containers: Mutex::new(containers),
            seen: Mutex::default(),
            policies: declared
                .map(|service| (service.service.clone(), service.restart.clone()))
                .collect(),
            database: database.map(|database| (database.dsn.clone(), endpoints.transport.tls.clone())),
            stop: CancellationToken::new(),
        }
    }

    /// Names of all services.
    pub(super) fn services(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Current containers of a service.
    pub(super) fn of(&self, service: &str) -> Vec<String> {
        self.lock().get(service).cloned().unwrap_or_default()
    }

    /// Sets the current containers of a service.
    pub(super) fn set(&self, service: &str, ids: Vec<String>) {
        self.lock().insert(service.to_owned(), ids);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The restart policy that a service has in the Compose files: `no`, `always`, `unless-stopped`, `on-failure:5`.
    pub(super) fn policy(&self, service: &str) -> &str {
        self.policies
            .get(service)
            .map(String::as_str)
            .filter(|policy| !policy.is_empty())
            .unwrap_or("no")
    }

    pub(super) async fn inspect(&self, id: &str) -> Result<ContainerInspectResponse, String> {
        let inspected = self.engine.inspect_container(id, None).await;
        inspected.map_err(|error| one_line(&error))
    }

    /// Process id of the container's first process on this machine; `None` if it does not run.
    pub(super) async fn pid(&self, id: &str) -> Result<Option<i64>, String> {
        let state = self.inspect(id).await?.state.unwrap_or_default();
        Ok(state.pid.filter(|pid| *pid > 1 && state.running == Some(true)))
    }

    /// Addresses of a service's containers in the stack's networks.
    pub(super) async fn addresses(&self, service: &str) -> Result<Vec<String>, String> {
        let mut addresses = Vec::new();
        for id in self.of(service) {
            let network = self.inspect(&id).await?.network_settings.unwrap_or_default();
            let networks = network.networks.unwrap_or_default().into_values();
            addresses.extend(
                networks
                    .filter_map(|endpoint| endpoint.ip_address)
                    .filter(|address| !address.is_empty()),
            );
        }
        addresses.sort();
        Ok(addresses)
    }

    /// The addresses that a service had when it was looked at last, and those that it has now, if both are known and differ.
    pub(super) async fn moved(&self, service: &str) -> Option<AddressChange> {
        let after = self.addresses(service).await.ok().filter(|after| !after.is_empty())?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.insert(service.to_owned(), after.clone())?;
        (before != after).then_some(AddressChange { before, after })
    }
}
