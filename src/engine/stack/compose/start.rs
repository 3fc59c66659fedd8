//! Starts containers with Compose, and finds them again.

use std::collections::{BTreeMap, HashMap};
use std::mem::ManuallyDrop;

use serde_json::{Value, json};
use testcontainers::TestcontainersError;
use testcontainers::compose::{ComposeError, DockerCompose};

use super::engine::{Engine, SERVICE};
use super::health::{self, Restarts, ServiceGoal};
use super::namespace::{ENTRY_PORT, ENTRY_SCHEME, Namespace};
use crate::stack::{ContainerEndpoint, ProgressSender, RunSettings, ServiceState, StackError, StackFile};
use crate::units::Span;
use crate::wire::engine::EngineAddress;

/// Inputs of starting a stack.
#[derive(Debug)]
pub(super) struct StartContext<'a> {
    pub(super) engine: &'a Engine,
    pub(super) namespace: &'a Namespace,
    pub(super) file: &'a StackFile,
    /// The rewritten configuration.
    pub(super) configuration: &'a Value,
    /// Values of `${NAME}` in the stack file, which Compose is given too.
    pub(super) variables: &'a BTreeMap<String, String>,
    /// Times that a service which ends may still be started again.
    pub(super) restarts: Restarts,
    pub(super) talk: &'a ProgressSender,
}

impl StartContext<'_> {
    /// Runs a container of its own, made from a service, to its end; returns the end of its log.
    pub(super) async fn run_once(
        &self,
        seed: &str,
        run: &RunSettings,
        present: &[ContainerEndpoint],
        deadline: Span,
    ) -> Result<String, StackError> {
        let name = once_name(&run.service, seed);
        let mut configuration = self.configuration.clone();
        let service = once(&self.configuration["services"][&run.service], run);
        if let Some(services) = configuration["services"].as_object_mut() {
            services.insert(name.clone(), service);
        }
        // A service named to Compose would be started again if it has ended.
        let mut names: Vec<&String> = Vec::new();
        for container in present {
            if self.engine.state(&container.id).await?.end.is_none() {
                names.push(&container.service);
            }
        }
        names.push(&name);
        self.compose_up(configuration, &names, &name).await?;
        let expected = ServiceGoal {
            state: Some(ServiceState::ExitedWell),
            may_end: false,
            deadline,
        };
        let mut log = String::new();
        for container in self
            .containers()
            .await?
            .iter()
            .filter(|container| container.service == name)
        {
            health::wait(self.engine, container, &expected, &self.restarts, self.talk).await?;
            log = self.engine.log_tail(&container.id).await;
        }
        Ok(log)
    }

    /// `docker compose up` for those services.
    pub(super) async fn compose_up(
        &self,
        mut configuration: Value,
        services: &[&String],
        title: &str,
    ) -> Result<(), StackError> {
        if let Some(all) = configuration["services"].as_object_mut() {
            all.retain(|name, _| services.contains(&name));
        }
        let path = self.namespace.write("compose.json", &configuration.to_string())?;
        let engine = EngineAddress::current()?.environment();
        let engine = engine.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let compose = DockerCompose::with_local_client([path.clone()].as_slice())
            .with_project_name(&self.namespace.name)
            .with_wait(false)
            // A secret may be taken from the environment.
            .with_env_vars(
                self.variables
                    .clone()
                    .into_iter()
                    .chain(engine)
                    .collect::<HashMap<_, _>>(),
            );
        // Compose's own clean-up would remove the earlier waves too, and it does not verify that nothing is left.
        let mut compose = ManuallyDrop::new(compose);
        let outcome = compose.up().await;
        // The file contains passwords, and running containers do not need it.
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StackError::Scratch { path, source });
            }
            _ => {}
        }
        match outcome {
            // Compose has finished when Testcontainers looks for the containers, in a version of the API that older engines
            // do not support. They are found below in the version that was negotiated.
            Ok(()) | Err(ComposeError::Testcontainers(TestcontainersError::Client(_))) => Ok(()),
            Err(source) => Err(StackError::Start {
                services: title.to_owned(),
                source: Box::new(source),
            }),
        }
    }

    pub(super) async fn containers(&self) -> Result<Vec<ContainerEndpoint>, StackError> {
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

/// The name of the container of a seed that runs on its own, in characters that Compose allows.
fn once_name(service: &str, seed: &str) -> String {
    let allowed = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    format!("{service}-once-{}", seed.chars().map(allowed).collect::<String>())
}

/// The service as a container that runs one command and ends.
fn once(service: &Value, run: &RunSettings) -> Value {
    let escaped = |words: &[String]| {
        words
            .iter()
            .map(|word| json!(word.replace('$', "$$")))
            .collect::<Vec<_>>()
    };
    let mut fields = service.as_object().cloned().unwrap_or_default();
    for key in ["container_name", "ports", "healthcheck", "scale"] {
        fields.remove(key);
    }
    if let Some(deploy) = fields.get_mut("deploy").and_then(Value::as_object_mut) {
        deploy.remove("replicas");
        deploy.remove("mode");
    }
    if let Some(labels) = fields.get_mut("labels").and_then(Value::as_object_mut) {
        labels.remove(ENTRY_PORT);
        labels.remove(ENTRY_SCHEME);
    }
    if !run.entrypoint.is_empty() {
        fields.insert("entrypoint".to_owned(), json!(escaped(&run.entrypoint)));
        // The service's command belongs to the service's own entrypoint.
        fields.remove("command");
    }
    if !run.command.is_empty() {
        fields.insert("command".to_owned(), json!(escaped(&run.command)));
    }
    let environment = fields.get("environment").and_then(Value::as_object).cloned();
    let mut environment = environment.unwrap_or_default();
    let given = run.environment.iter();
    environment.extend(given.map(|(name, value)| (name.clone(), json!(value.replace('$', "$$")))));
    fields.insert("environment".to_owned(), Value::Object(environment));
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_of_its_own_has_none_of_the_names_and_ports_of_its_service() {
        let service = json!({
            "image": "api", "container_name": "x-api", "ports": [{ "target": 80 }], "healthcheck": {},
            "command": ["serve"], "environment": { "A": "1", "B": "2" }, "restart": "no",
            "labels": { "a": "b", ENTRY_PORT: "80", ENTRY_SCHEME: "http" },
            "deploy": { "replicas": 3, "resources": {} },
            "networks": { "default": null },
        });
        let run = RunSettings {
            service: "api".to_owned(),
            entrypoint: vec!["sh".to_owned(), "-c".to_owned()],
            command: vec!["echo $B".to_owned()],
            environment: [("B".to_owned(), "3".to_owned())].into(),
        };
        let expected = json!({
            "image": "api", "entrypoint": ["sh", "-c"], "command": ["echo $$B"],
            "environment": { "A": "1", "B": "3" }, "restart": "no", "labels": { "a": "b" },
            "deploy": { "resources": {} }, "networks": { "default": null },
        });
        assert_eq!(once(&service, &run), expected);
        assert_eq!(once_name("api", "Rôle 2"), "api-once-r-le-2");
    }
}
