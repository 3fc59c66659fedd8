//! Requests to the API of the Docker Engine.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::StreamExt;
use testcontainers::bollard::Docker;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::exec::{CreateExecOptions, StartExecResults};
use testcontainers::bollard::models::{ContainerInspectResponse, ContainerSummary, HealthStatusEnum, SystemInfo};
use testcontainers::bollard::query_parameters::{
    InspectContainerOptions, ListContainersOptions, ListImagesOptions, ListNetworksOptions, ListVolumesOptions,
    LogsOptionsBuilder, RemoveImageOptions, StartContainerOptions, StatsOptionsBuilder,
};

use super::command::{TAIL_LINES, tail};
use super::namespace::NAMESPACE;
use crate::stack::StackError;
use crate::wire::engine::EngineAddress;

/// Label by which Compose names the project of a container or image.
const PROJECT: &str = "com.docker.compose.project";
/// Prefix of the name of every image that is built for an isolated stack.
pub(super) const BUILT: &str = "diapason-built/";
/// Label of such an image with the project in the Compose files.
pub(super) const BUILT_FOR: &str = "io.diapason.built-for";

/// Label by which Compose names the service of a container.
pub(in crate::stack) const SERVICE: &str = "com.docker.compose.service";

/// Time-out of a health check that declares none: the engine's default.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(30);

/// A connection to the engine.
#[derive(Debug, Clone)]
pub(in crate::stack) struct Engine {
    docker: Docker,
}

/// Result of a command in a container.
#[derive(Debug)]
pub(super) struct CommandResult {
    pub(super) exit_code: i64,
    pub(super) output: String,
}

/// Result of a command in a container, with its two output streams apart.
#[derive(Debug)]
pub(in crate::stack) struct CommandOutput {
    pub(in crate::stack) exit_code: i64,
    /// Standard output.
    pub(in crate::stack) output: String,
    /// Standard error.
    pub(in crate::stack) errors: String,
}

/// An image that was built for isolated stacks.
#[derive(Debug, Clone, Default)]
pub(in crate::stack) struct BuiltImage {
    pub(in crate::stack) id: String,
    /// Its names under [`BUILT`]; empty if later builds took them over.
    pub(in crate::stack) names: Vec<String>,
    /// The project in the Compose files.
    pub(in crate::stack) project: String,
    /// Time of the last build, in seconds of the Unix epoch.
    pub(in crate::stack) built: i64,
    pub(in crate::stack) bytes: u64,
}

/// State of a container.
#[derive(Debug)]
pub(super) struct State {
    /// Exit code, out of memory or a restart, in words; `None` while it runs without a restart.
    pub(super) end: Option<String>,
    pub(super) ended_well: bool,
    pub(super) healthy: bool,
    /// Its health check as a command; `None` if it has no check.
    pub(super) check: Option<Vec<String>>,
    /// Time-out of a health check.
    pub(super) check_patience: Duration,
}

impl Engine {
    /// Connects to the engine that the `docker` command uses, and speaks the version the engine understands.
    pub(in crate::stack) async fn connect() -> Result<Self, StackError> {
        let unreachable = |source| StackError::EngineUnreachable {
            source: Box::new(source),
        };
        let docker = EngineAddress::current()?.connect()?;
        let docker = docker.negotiate_version().await.map_err(unreachable)?;
        Ok(Self { docker })
    }

    /// All containers of a namespace, or of every namespace if `None`.
    pub(in crate::stack) async fn containers(
        &self,
        namespace: Option<&str>,
    ) -> Result<Vec<ContainerSummary>, StackError> {
        let label = match namespace {
            Some(namespace) => format!("{NAMESPACE}={namespace}"),
            None => NAMESPACE.to_owned(),
        };
        let options = ListContainersOptions {
            all: true,
            filters: Some(HashMap::from([("label".to_owned(), vec![label])])),
            ..ListContainersOptions::default()
        };
        let containers = self.docker.list_containers(Some(options)).await;
        containers.map_err(failure("list containers"))
    }

    /// Name and state of each container of a namespace, by name.
    pub(in crate::stack) async fn named(&self, namespace: &str) -> Result<Vec<(String, String)>, StackError> {
        let containers = self.containers(Some(namespace)).await?.into_iter();
        let mut named: Vec<_> = containers
            .filter_map(|container| {
                let name = container.names?.into_iter().next()?;
                Some((
                    name.trim_start_matches('/').to_owned(),
                    container.status.unwrap_or_default(),
                ))
            })
            .collect();
        named.sort();
        Ok(named)
    }

    /// All running containers of this engine, including those of others.
    pub(in crate::stack) async fn all_containers(&self) -> Result<Vec<ContainerSummary>, StackError> {
        let containers = self.docker.list_containers(None::<ListContainersOptions>).await;
        containers.map_err(failure("list containers"))
    }

    /// The labels of all networks and volumes of namespaces: a stack without containers is found by these only.
    pub(in crate::stack) async fn parts(&self) -> Result<Vec<HashMap<String, String>>, StackError> {
        let filters = Some(HashMap::from([("label".to_owned(), vec![NAMESPACE.to_owned()])]));
        let options = ListNetworksOptions {
            filters: filters.clone(),
        };
        let networks = self.docker.list_networks(Some(options)).await;
        let networks = networks.map_err(failure("list networks"))?;
        let volumes = self.docker.list_volumes(Some(ListVolumesOptions { filters })).await;
        let volumes = volumes.map_err(failure("list volumes"))?.volumes.unwrap_or_default();
        let labels = networks.into_iter().filter_map(|network| network.labels);
        let labels = labels.chain(volumes.into_iter().map(|volume| volume.labels));
        Ok(labels.filter(|labels| labels.contains_key(NAMESPACE)).collect())
    }

    /// Service, image and image id of each container of a namespace.
    pub(super) async fn images(&self, namespace: &str) -> Result<Vec<(String, String, String)>, StackError> {
        let containers = self.containers(Some(namespace)).await?;
        let mut images: Vec<_> = containers
            .into_iter()
            .filter_map(|container| {
                Some((
                    container.labels?.remove(SERVICE)?,
                    container.image?,
                    container.image_id?,
                ))
            })
            .collect();
        images.sort();
        Ok(images)
    }

    /// State of that container.
    pub(super) async fn state(&self, id: &str) -> Result<State, StackError> {
        let inspected = self.inspect(id).await?;
        let state = inspected.state.unwrap_or_default();
        let exit_code = state.exit_code.unwrap_or_default();
        let running = state.running == Some(true);
        let end = if state.oom_killed == Some(true) {
            Some("out of memory".to_owned())
        } else if inspected.restart_count.unwrap_or_default() > 0 {
            Some("it was restarted".to_owned())
        } else {
            (!running).then(|| format!("exit code {exit_code}"))
        };
        let health = inspected
            .config
            .and_then(|config| config.healthcheck)
            .unwrap_or_default();
        let patience = health.timeout.and_then(|nanoseconds| u64::try_from(nanoseconds).ok());
        Ok(State {
            ended_well: end.is_some() && !running && exit_code == 0,
            end,
            healthy: state.health.and_then(|health| health.status) == Some(HealthStatusEnum::HEALTHY),
            check: health.test.as_deref().and_then(check_command),
            check_patience: patience
                .filter(|time| *time > 0)
                .map_or(DEFAULT_PATIENCE, Duration::from_nanos),
        })
    }

    /// The host's port that is published for a container's port.
    pub(super) async fn host_port(&self, id: &str, port: u16) -> Result<Option<u16>, StackError> {
        let settings = self.inspect(id).await?.network_settings.unwrap_or_default();
        let mut ports = settings.ports.unwrap_or_default();
        let bindings = ports.remove(&format!("{port}/tcp")).flatten().unwrap_or_default();
        Ok(bindings.into_iter().find_map(|binding| binding.host_port?.parse().ok()))
    }

    /// Starts a container that has ended.
    pub(super) async fn start(&self, id: &str) -> Result<(), StackError> {
        let started = self.docker.start_container(id, None::<StartContainerOptions>).await;
        started.map_err(failure("start a container again"))
    }

    /// Runs a command in a container, without a terminal.
    pub(super) async fn execute(&self, id: &str, command: &[String]) -> Result<CommandResult, StackError> {
        self.execute_with(id, command, &BTreeMap::new()).await
    }

    /// Runs a command in a container, with environment in addition to the container's own.
    pub(super) async fn execute_with(
        &self,
        id: &str,
        command: &[String],
        environment: &BTreeMap<String, String>,
    ) -> Result<CommandResult, StackError> {
        let said = self.run_in(id, command, environment).await?;
        Ok(CommandResult {
            exit_code: said.exit_code,
            output: tail(&format!("{}{}", said.output, said.errors)),
        })
    }

    /// Runs a command in a container, without a terminal, and keeps the two streams apart.
    pub(in crate::stack) async fn output<S: AsRef<str>>(
        &self,
        id: &str,
        command: &[S],
    ) -> Result<CommandOutput, StackError> {
        self.run_in(id, command, &BTreeMap::new()).await
    }

    async fn run_in<S: AsRef<str>>(
        &self,
        id: &str,
        command: &[S],
        environment: &BTreeMap<String, String>,
    ) -> Result<CommandOutput, StackError> {
        let doing = "run a command in a container";
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.iter().map(|word| word.as_ref().to_owned()).collect()),
            env: Some(
                environment
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect(),
            ),
            ..CreateExecOptions::default()
        };
        let execution = self.docker.create_exec(id, options).await.map_err(failure(doing))?;
        let (mut said, mut complained) = (Vec::new(), Vec::new());
        if let StartExecResults::Attached { mut output, .. } = self
            .docker
            .start_exec(&execution.id, None)
            .await
            .map_err(failure(doing))?
        {
            while let Some(part) = output.next().await {
                match part.map_err(failure(doing))? {
                    LogOutput::StdErr { message } => complained.extend_from_slice(&message),
                    other => said.extend_from_slice(&other.into_bytes()),
                }
            }
        }
        let inspected = self.docker.inspect_exec(&execution.id).await.map_err(failure(doing))?;
        Ok(CommandOutput {
            exit_code: inspected.exit_code.unwrap_or(-1),
            output: String::from_utf8_lossy(&said).into_owned(),
            errors: String::from_utf8_lossy(&complained).into_owned(),
        })
    }

    /// The end of a container's log.
    pub(super) async fn log_tail(&self, id: &str) -> String {
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .tail(&TAIL_LINES.to_string())
            .build();
        let parts: Vec<_> = self.docker.logs(id, Some(options)).collect().await;
        let text: String = parts.into_iter().flatten().map(|part| part.to_string()).collect();
        tail(&text)
    }

    /// All images that were built for isolated stacks.
    pub(in crate::stack) async fn built_images(&self) -> Result<Vec<BuiltImage>, StackError> {
        let mut images: BTreeMap<String, BuiltImage> = BTreeMap::new();
        for (kind, value) in [("reference", format!("{BUILT}*")), ("label", BUILT_FOR.to_owned())] {
            let options = ListImagesOptions {
                filters: Some(HashMap::from([(kind.to_owned(), vec![value])])),
                ..ListImagesOptions::default()
            };
            let listed = self.docker.list_images(Some(options)).await;
            for image in listed.map_err(failure("list images"))? {
                let label = |key: &str| image.labels.get(key).cloned();
                images.entry(image.id.clone()).or_insert_with(|| BuiltImage {
                    project: label(BUILT_FOR).or_else(|| label(PROJECT)).unwrap_or_default(),
                    names: image
                        .repo_tags
                        .iter()
                        .filter(|name| name.starts_with(BUILT))
                        .cloned()
                        .collect(),
                    built: image.created,
                    bytes: u64::try_from(image.size).unwrap_or(0),
                    id: image.id,
                });
            }
        }
        let mut images: Vec<_> = images.into_values().collect();
        for image in &mut images {
            // A build that changes nothing gives an image its name again, and no new date.
            let inspected = self.docker.inspect_image(&image.id).await.ok();
            let tagged = inspected.and_then(|image| image.metadata?.last_tag_time);
            if let Some(tagged) = tagged {
                image.built = image.built.max(tagged.unix_timestamp());
            }
        }
        Ok(images)
    }

    /// Takes a name from an image, or removes it by its id. False if it is in use.
    pub(in crate::stack) async fn remove_image(&self, reference: &str) -> bool {
        let removed = self
            .docker
            .remove_image(reference, None::<RemoveImageOptions>, None)
            .await;
        removed.is_ok()
    }

    /// The command of an image; `None` if the image is not present.
    pub(super) async fn image_command(&self, image: &str) -> Result<Option<Vec<String>>, StackError> {
        match self.docker.inspect_image(image).await {
            Ok(image) => Ok(Some(image.config.and_then(|config| config.cmd).unwrap_or_default())),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(failure(&format!("look at image {image}"))(error)),
        }
    }

    /// Bytes of memory that a container uses, as `docker stats` counts them.
    pub(in crate::stack) async fn memory(&self, id: &str) -> Option<u64> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let mut stats = std::pin::pin!(self.docker.stats(id, Some(options)));
        let memory = stats.next().await?.ok()?.memory_stats?;
        let given_up = memory.stats.as_ref().and_then(|stats| {
            let inactive = stats.get("inactive_file").or_else(|| stats.get("total_inactive_file"));
            inactive.copied()
        });
        Some(memory.usage?.saturating_sub(given_up.unwrap_or_default()))
    }

    /// Command lines of the processes in a container.
    pub(in crate::stack) async fn processes(&self, id: &str) -> Result<Vec<String>, StackError> {
        let listed = self.docker.top_processes(id, None).await;
        let listed = listed.map_err(failure("list processes"))?;
        // The command is the last column of `ps -ef`.
        let rows = listed.processes.unwrap_or_default().into_iter();
        Ok(rows.filter_map(|mut row| row.pop()).collect())
    }

    /// Information about the engine and its machine.
    pub(in crate::stack) async fn info(&self) -> Result<SystemInfo, StackError> {
        self.docker.info().await.map_err(failure("say what it is"))
    }

    pub(in crate::stack) async fn inspect(&self, id: &str) -> Result<ContainerInspectResponse, StackError> {
        let inspected = self.docker.inspect_container(id, None::<InspectContainerOptions>).await;
        inspected.map_err(failure("look at a container"))
    }
}

/// A health check as a command to run with `exec`.
fn check_command(test: &[String]) -> Option<Vec<String>> {
    match test {
        [kind, command] if kind == "CMD-SHELL" => Some(vec!["/bin/sh".to_owned(), "-c".to_owned(), command.clone()]),
        [kind, command @ ..] if kind == "CMD" && !command.is_empty() => Some(command.to_vec()),
        _ => None,
    }
}

fn failure(doing: &str) -> impl Fn(Error) -> StackError + use<'_> {
    move |source| StackError::Engine {
        doing: doing.to_owned(),
        source: Box::new(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_health_check_is_a_command() {
        let words = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(check_command(&words("CMD|nginx|-t")), Some(words("nginx|-t")));
        assert_eq!(
            check_command(&words("CMD-SHELL|a && b")),
            Some(words("/bin/sh|-c|a && b"))
        );
        assert_eq!(check_command(&words("NONE")), None);
        assert_eq!(check_command(&[]), None);
    }
}
