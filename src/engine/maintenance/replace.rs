//! Containers made after the pattern of one that runs: a new one in its place, one more, or one that runs a command and ends.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use testcontainers::bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointSettings, NetworkConnectRequest,
};
use testcontainers::bollard::query_parameters::{
    CreateContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
};

use futures_util::StreamExt;

use super::ready::ready;
use super::settings::EventSettings;
use super::targets::Targets;
use crate::error::one_line;

/// Lines of a one-shot container's log that are kept where it fails.
const TAIL: &str = "5";

/// Differences from the pattern.
#[derive(Debug, Default)]
struct Differences<'a> {
    image: Option<&'a str>,
    environment: BTreeMap<&'a str, &'a str>,
    /// Command of a container that serves nobody: without ports, names of the service and a health check.
    command: Option<&'a [String]>,
}

impl<'a> Differences<'a> {
    fn new(event: &'a EventSettings) -> Self {
        let environment = event.environment.iter();
        Self {
            image: event.image.as_deref(),
            environment: environment
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            command: (!event.command.is_empty()).then_some(event.command.as_slice()),
        }
    }
}

/// Makes a container after the pattern of `id`, and does not start it.
async fn create(targets: &Targets, id: &str, name: &str, differences: &Differences<'_>) -> Result<String, String> {
    let pattern = targets.inspect(id).await?;
    let (body, networks) = body(&pattern, differences)?;
    let options = CreateContainerOptionsBuilder::new().name(name).build();
    let created = targets.engine.create_container(Some(options), body).await;
    let created = created.map_err(|error| one_line(&error))?.id;
    // Engines before version 25 take one network when a container is made.
    for (network, endpoint) in networks {
        let request = NetworkConnectRequest {
            container: created.clone(),
            endpoint_config: Some(endpoint),
        };
        let connected = targets.engine.connect_network(&network, request).await;
        connected.map_err(|error| one_line(&error))?;
    }
    Ok(created)
}

/// The request for a container after that pattern, and the networks to connect it to afterwards.
fn body(
    pattern: &ContainerInspectResponse,
    differences: &Differences<'_>,
) -> Result<(ContainerCreateBody, Vec<(String, EndpointSettings)>), String> {
    let broken = |error: serde_json::Error| format!("its configuration is not understood: {error}");
    let mut body = serde_json::to_value(&pattern.config).map_err(broken)?;
    let mut host = serde_json::to_value(&pattern.host_config).map_err(broken)?;
    if host["NetworkMode"]
        .as_str()
        .is_some_and(|mode| mode.starts_with("container:"))
    {
        return Err("it shares the network of another container".to_owned());
    }
    if let Some(id) = &pattern.id {
        // Volumes without a name belong to the data of the service, which a new container keeps.
        host["VolumesFrom"] = json!([id]);
    }
    if let Some(image) = differences.image {
        body["Image"] = json!(image);
    }
    let alone = differences.command.is_some();
    let environment = body["Env"].as_array().cloned().unwrap_or_default();
    let replaced = |pair: &Value| {
        let name = pair.as_str().and_then(|pair| pair.split_once('='));
        name.is_some_and(|(name, _)| differences.environment.contains_key(name))
    };
    let kept = environment.into_iter().filter(|pair| !replaced(pair));
    let given = differences
        .environment
        .iter()
        .map(|(name, value)| json!(format!("{name}={value}")));
    body["Env"] = kept.chain(given).collect();
    if let Some(command) = differences.command {
        body["Cmd"] = json!(command);
        body["Entrypoint"] = json!([]);
        body["Healthcheck"] = json!({ "Test": ["NONE"] });
        host["PortBindings"] = json!({});
    }
    // The engine would name it as the pattern, which a proxy may have learnt.
    if let Some(fields) = body.as_object_mut() {
        fields.remove("Hostname");
    }
    let id = pattern.id.as_deref().unwrap_or_default();
    let networks = pattern
        .network_settings
        .as_ref()
        .and_then(|network| network.networks.clone())
        .unwrap_or_default();
    let mut endpoints: BTreeMap<String, EndpointSettings> = networks
        .into_iter()
        .map(|(name, endpoint)| {
            let aliases = endpoint.aliases.unwrap_or_default().into_iter();
            let aliases: Vec<String> = aliases
                .filter(|alias| !alone && !id.starts_with(alias.as_str()))
                .collect();
            let endpoint = EndpointSettings {
                aliases: Some(aliases),
                ..EndpointSettings::default()
            };
            (name, endpoint)
        })
        .collect();
    let first = host["NetworkMode"].as_str().map(str::to_owned);
    let first = first
        .filter(|name| endpoints.contains_key(name))
        .or_else(|| endpoints.keys().next().cloned());
    if let Some(name) = first {
        let endpoint = endpoints.remove(&name).unwrap_or_default();
        let only = HashMap::from([(name.clone(), endpoint)]);
        host["NetworkMode"] = json!(name);
        body["NetworkingConfig"] = json!({ "EndpointsConfig": only });
    }
    body["HostConfig"] = host;
    let body = serde_json::from_value(body).map_err(broken)?;
    Ok((body, endpoints.into_iter().collect()))
}

/// A container that took the place of another.
#[derive(Debug)]
pub(super) struct Replacement {
    pub(super) before: String,
    pub(super) after: String,
}

/// Replaces each container of the service by one of the event's image and environment, one after the other: the old one is stopped
/// before the new one starts, because both may publish the same port, and the next is touched once the new one is ready.
pub(super) async fn recreate(
    targets: &Targets,
    event: &EventSettings,
    made: &mut Vec<Replacement>,
) -> Result<(), String> {
    let differences = Differences::new(event);
    for id in targets.of(&event.service) {
        let name = derived_name(targets, &id).await?;
        let after = create(targets, &id, &name, &differences).await?;
        replace(targets, &event.service, &id, &after).await?;
        made.push(Replacement { before: id, after });
    }
    Ok(())
}

/// Puts the old containers back in the place of the new ones, latest first.
pub(super) async fn roll_back(targets: &Targets, service: &str, made: Vec<Replacement>) -> Result<(), String> {
    for Replacement { before, after } in made.into_iter().rev() {
        replace(targets, service, &after, &before).await?;
    }
    Ok(())
}

/// The old container stays, stopped, until the stack is taken down: its log may explain what happened.
async fn replace(targets: &Targets, service: &str, before: &str, after: &str) -> Result<(), String> {
    let stopped = targets.engine.stop_container(before, None).await;
    stopped.map_err(|error| one_line(&error))?;
    let started = targets.engine.start_container(after, None).await;
    started.map_err(|error| one_line(&error))?;
    let ids = targets.of(service).into_iter();
    let ids = ids.map(|id| if id == before { after.to_owned() } else { id });
    targets.set(service, ids.collect());
    ready(targets, after).await
}

/// Starts containers after the pattern of the first, or stops the last ones, until there are that many.
pub(super) async fn scale(targets: &Targets, service: &str, replicas: u32) -> Result<(), String> {
    let wanted = usize::try_from(replicas).unwrap_or(usize::MAX);
    let mut ids = targets.of(service);
    let pattern = ids.first().cloned().ok_or("the service has no container")?;
    while ids.len() > wanted {
        let Some(last) = ids.pop() else { break };
        targets.set(service, ids.clone());
        let stopped = targets.engine.stop_container(&last, None).await;
        stopped.map_err(|error| one_line(&error))?;
    }
    while ids.len() < wanted {
        let name = derived_name(targets, &pattern).await?;
        let id = create(targets, &pattern, &name, &Differences::default()).await?;
        let started = targets.engine.start_container(&id, None).await;
        started.map_err(|error| one_line(&error))?;
        ids.push(id.clone());
        targets.set(service, ids.clone());
        ready(targets, &id).await?;
    }
    Ok(())
}

/// Runs the event's command in a container of its own, and removes it.
pub(super) async fn run(targets: &Targets, event: &EventSettings) -> Result<(), String> {
    let pattern = targets
        .of(&event.service)
        .into_iter()
        .next()
        .ok_or("the service has no container")?;
    let name = derived_name(targets, &pattern).await?;
    let id = create(targets, &pattern, &name, &Differences::new(event)).await?;
    let outcome = tokio::select! {
        outcome = run_to_end(targets, &id) => outcome,
        () = targets.stop.cancelled() => Err("the run ended before it".to_owned()),
    };
    let options = RemoveContainerOptionsBuilder::new().force(true).build();
    let removed = targets.engine.remove_container(&id, Some(options)).await;
    outcome.and(removed.map_err(|error| one_line(&error)))
}

async fn run_to_end(targets: &Targets, id: &str) -> Result<(), String> {
    let engine = &targets.engine;
    engine
        .start_container(id, None)
        .await
        .map_err(|error| one_line(&error))?;
    // An end with another code than 0 is reported as an error too: the state tells both apart. The stream is read once, since it
    // reports such an end for ever.
    let _ = engine.wait_container(id, None).next().await;
    let state = targets.inspect(id).await?.state.unwrap_or_default();
    if state.exit_code == Some(0) {
        return Ok(());
    }
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(TAIL).build();
    let mut log = String::new();
    let mut lines = engine.logs(id, Some(options));
    while let Some(Ok(line)) = lines.next().await {
        log.push_str(&line.to_string());
    }
    Err(format!("exit code {}: {}", state.exit_code.unwrap_or(-1), log.trim()))
}

/// A name that no container has: that of the pattern with a number.
async fn derived_name(targets: &Targets, pattern: &str) -> Result<String, String> {
    let name = targets.inspect(pattern).await?.name.unwrap_or_default();
    let name = name.trim_start_matches('/');
    let base = name.split_once("-event-").map_or(name, |(base, _)| base);
    for number in 1_u32.. {
        let derived = format!("{base}-event-{number}");
        if targets.inspect(&derived).await.is_err() {
            return Ok(derived);
        }
    }
    Err("no name is free".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern() -> ContainerInspectResponse {
        serde_json::from_value(json!({
            "Id": "abcdef0123456789", "Name": "/diapason-1-api-1",
            "Config": { "Hostname": "abcdef012345", "Image": "api:1", "Env": ["A=1", "B=2"], "Cmd": ["serve"],
                        "Labels": { "io.diapason.namespace": "diapason-1" } },
            "HostConfig": { "NetworkMode": "diapason-1_inside", "PortBindings": { "80/tcp": [{ "HostPort": "1" }] } },
            "NetworkSettings": { "Networks": {
                "diapason-1_inside": { "Aliases": ["api", "abcdef012345"], "IPAddress": "172.18.0.2" },
                "diapason-1_data": { "Aliases": ["api"] } } }
        }))
        .unwrap()
    }

    #[test]
    fn a_new_container_differs_in_nothing_else() {
        let differences = Differences {
            image: Some("api:2"),
            environment: BTreeMap::from([("B", "3"), ("C", "4")]),
            command: None,
        };
        let (body, others) = body(&pattern(), &differences).unwrap();
        assert_eq!(
            (body.image.as_deref(), body.cmd),
            (Some("api:2"), Some(vec!["serve".to_owned()]))
        );
        assert_eq!(body.env.unwrap(), ["A=1", "B=3", "C=4"]);
        assert_eq!(body.labels.unwrap()["io.diapason.namespace"], "diapason-1");
        let endpoints = body.networking_config.unwrap().endpoints_config.unwrap();
        let inside = &endpoints["diapason-1_inside"];
        // An address would collide with the old container's.
        assert_eq!(
            (inside.aliases.clone().unwrap(), inside.ip_address.clone()),
            (vec!["api".to_owned()], None)
        );
        assert_eq!(others.len(), 1);
        assert_eq!(others[0].0, "diapason-1_data");
        assert!(body.host_config.unwrap().port_bindings.unwrap().contains_key("80/tcp"));
    }

    #[test]
    fn a_one_shot_container_takes_no_requests() {
        let command = ["migrate".to_owned()];
        let differences = Differences {
            command: Some(&command),
            ..Differences::default()
        };
        let (body, _) = body(&pattern(), &differences).unwrap();
        assert_eq!(body.cmd.unwrap(), ["migrate"]);
        assert!(body.host_config.unwrap().port_bindings.unwrap().is_empty());
        let endpoints = body.networking_config.unwrap().endpoints_config.unwrap();
        assert!(
            endpoints
                .values()
                .all(|endpoint| endpoint.aliases.as_ref().is_some_and(Vec::is_empty))
        );
    }
}
