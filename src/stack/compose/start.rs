//! Starts the services wave by wave.

use std::collections::{BTreeMap, HashMap};
use std::mem::ManuallyDrop;
use std::time::Instant;

use futures_util::future::try_join_all;
use serde_json::Value;
use testcontainers::TestcontainersError;
use testcontainers::compose::{ComposeError, DockerCompose};

use super::engine::{Engine, SERVICE};
use super::health;
use super::namespace::Namespace;
use super::waves::Waves;
use crate::stack::{ContainerEndpoint, StackError, StackFile, Talk};

/// What starting needs.
#[derive(Debug)]
pub(super) struct Starting<'a> {
    pub(super) engine: &'a Engine,
    pub(super) namespace: &'a Namespace,
    pub(super) file: &'a StackFile,
    /// The rewritten configuration.
    pub(super) configuration: &'a Value,
    pub(super) environment: &'a BTreeMap<String, String>,
    pub(super) talk: &'a Talk,
}

impl Starting<'_> {
    /// Starts every wave and waits for each of its services; returns the containers that stay, and the seconds of each wave.
    pub(super) async fn all(
        &self,
        waves: &Waves,
        timings: &mut Vec<(String, f64)>,
    ) -> Result<Vec<ContainerEndpoint>, StackError> {
        let mut staying: Vec<ContainerEndpoint> = Vec::new();
        let mut names: Vec<&String> = Vec::new();
        for wave in &waves.waves {
            let start = Instant::now();
            let title = wave.join(", ");
            // Nobody has to listen.
            let _ = self.talk.send(format!("starting {title}"));
            names.extend(wave);
            self.compose_up(&names, &title).await?;
            let containers = self.containers().await?;
            let is_new = |container: &&ContainerEndpoint| wave.contains(&container.service);
            let new: Vec<_> = containers.into_iter().filter(|container| is_new(&container)).collect();
            tokio::select! {
                ready = try_join_all(new.iter().map(|container| self.wait(container, waves))) => { ready?; }
                died = health::watch(self.engine, &staying) => match died? {},
            }
            // A job that has ended must not be started again with the next wave.
            names.retain(|name| !waves.jobs.contains(*name));
            staying.extend(
                new.into_iter()
                    .filter(|container| !waves.jobs.contains(&container.service)),
            );
            timings.push((format!("start {title}"), start.elapsed().as_secs_f64()));
        }
        Ok(staying)
    }

    async fn wait(&self, container: &ContainerEndpoint, waves: &Waves) -> Result<(), StackError> {
        let settings = self.file.service.get(&container.service);
        let deadline = settings
            .and_then(|settings| settings.deadline)
            .unwrap_or(self.file.deadline);
        let is_job = waves.jobs.contains(&container.service);
        health::wait(self.engine, container, is_job, deadline, self.talk).await
    }

    /// `docker compose up` for those services.
    async fn compose_up(&self, services: &[&String], title: &str) -> Result<(), StackError> {
        let mut configuration = self.configuration.clone();
        if let Some(all) = configuration["services"].as_object_mut() {
            all.retain(|name, _| services.contains(&name));
        }
        let path = self.namespace.write("compose.json", &configuration.to_string())?;
        let compose = DockerCompose::with_local_client([path].as_slice())
            .with_project_name(&self.namespace.name)
            .with_wait(false)
            .with_env_vars(self.environment.clone().into_iter().collect::<HashMap<_, _>>());
        // Its own clean-up would take the earlier waves along, and it does not look whether anything is left.
        let mut compose = ManuallyDrop::new(compose);
        match compose.up().await {
            // Compose is through; then it looks for the containers, in a version of the API that older engines do not
            // speak. They are found below in the version that was negotiated.
            Ok(()) | Err(ComposeError::Testcontainers(TestcontainersError::Client(_))) => Ok(()),
            Err(source) => Err(StackError::Start {
                services: title.to_owned(),
                source: Box::new(source),
            }),
        }
    }

    async fn containers(&self) -> Result<Vec<ContainerEndpoint>, StackError> {
        let containers = self.engine.containers(Some(&self.namespace.name)).await?;
        Ok(containers
            .into_iter()
            .filter_map(|container| {
                Some(ContainerEndpoint {
                    service: container.labels?.remove(SERVICE)?,
                    id: container.id?,
                    image: container.image?,
                })
            })
            .collect())
    }
}
