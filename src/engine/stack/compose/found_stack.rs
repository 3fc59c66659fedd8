//! A stack that `stack up` or `--keep-stack` left running, found again.

use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use serde_json::Value;

use super::bring_up::{check_services, front_door};
use super::certificate::CERTIFICATE;
use super::containers::host_port;
use super::engine::{Engine, SERVICE};
use super::namespace::{SCRATCH, STACK};
use super::publisher::publisher;
use super::{configuration, variables};
use crate::secrets::Secrets;
use crate::stack::file::{ComposeSettings, EntrySettings};
use crate::stack::{ClientAddresses, ContainerEndpoint, Endpoints, StackError, StackFile, StackSettings};
use crate::wire::engine::EngineAddress;

/// Addresses of a stack that stands.
#[derive(Debug)]
pub(in crate::stack) struct FoundStack {
    pub(in crate::stack) endpoints: Endpoints,
    /// Compose's configuration before it was rewritten.
    pub(in crate::stack) original: Value,
    pub(in crate::stack) secrets: Secrets,
}

/// Finds its front door. Nothing is started, seeded or waited for, and its database is not looked for.
pub(in crate::stack) async fn find_running(
    file: &StackFile,
    compose: &ComposeSettings,
    entry: &EntrySettings,
    settings: &StackSettings,
    namespace: &str,
) -> Result<FoundStack, StackError> {
    EngineAddress::current()?.check_here()?;
    let engine = Engine::connect().await?;
    let (containers, labelled) = found(&engine, namespace).await?;
    if let Some(other) = labelled.stack.filter(|name| *name != file.name) {
        return Err(StackError::Contradiction {
            stack: file.name.clone(),
            problem: format!("{namespace} is a stack of `{other}`"),
        });
    }
    let secrets = RwLock::new(Secrets::default());
    let environment = configuration::environment(compose, settings);
    configuration::learn(file, compose, &environment, &secrets);
    let (original, gaps) = configuration::read(file, compose, &environment).await?;
    check_services(file, &original)?;
    let variables = variables::variables(file, compose, &gaps.fill(&environment), &original).await?;
    let mut secrets = secrets.into_inner().unwrap_or_else(PoisonError::into_inner);
    secrets.learn_configuration(&original, |name| variables::variable(name, &variables));
    let door = publisher(&original, &entry.service);
    let port = host_port(&engine, &containers, door, entry.port).await?;
    let (front_door, mut transport) = front_door(file, entry, &original, port);
    if entry.certificate.is_some() {
        transport.tls.ca_file = labelled.scratch.map(|scratch| scratch.join(CERTIFICATE));
    }
    let policy = file.address_policy(settings);
    let endpoints = Endpoints {
        front_door,
        transport,
        ready_path: file.ready.path.clone(),
        containers,
        database: None,
        client_addresses: file.client_header(policy).map(|header| ClientAddresses { header }),
        limiter: file.limiter.clone(),
    };
    Ok(FoundStack {
        endpoints,
        original,
        secrets,
    })
}

/// Labels that all containers of a stack have.
#[derive(Default)]
struct StackLabels {
    stack: Option<String>,
    scratch: Option<PathBuf>,
}

async fn found(engine: &Engine, namespace: &str) -> Result<(Vec<ContainerEndpoint>, StackLabels), StackError> {
    let mut labelled = StackLabels::default();
    let mut containers = Vec::new();
    for container in engine.containers(Some(namespace)).await? {
        let mut labels = container.labels.unwrap_or_default();
        labelled.stack = labels.remove(STACK).or(labelled.stack);
        labelled.scratch = labels.remove(SCRATCH).map(PathBuf::from).or(labelled.scratch);
        if let (Some(service), Some(id), Some(image)) = (labels.remove(SERVICE), container.id, container.image) {
            containers.push(ContainerEndpoint { service, id, image });
        }
    }
    if containers.is_empty() {
        return Err(StackError::NoSuchStack {
            namespace: namespace.to_owned(),
        });
    }
    Ok((containers, labelled))
}
