//! Builds and pulls the images before anything starts, so that a slow build counts against no deadline.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;

use super::command::talking;
use super::engine::{BUILT, BUILT_FOR, Engine};
use super::namespace::Namespace;
use super::value::{entries, text};
use crate::stack::{ProgressSender, StackError, StackFile};
use crate::wire::engine::docker;

/// Images that the files build, by their names in the files, each with a name of Diapason's own. Under the files' names, the
/// next `docker compose up` on this host would put them into production.
pub(super) fn own_names(configuration: &Value) -> BTreeMap<String, String> {
    let project = text(configuration, "name");
    let built = entries(configuration, "services").filter(|(_, service)| service["build"].is_object());
    built
        .map(|(name, service)| {
            let own = format!("{BUILT}{project}-{name}").to_lowercase();
            (image_name(project, name, service), own)
        })
        .collect()
}

/// The image of a service: Compose names one that is built without a name after the project.
pub(super) fn image_name(project: &str, name: &str, service: &Value) -> String {
    match text(service, "image") {
        "" => format!("{project}-{name}"),
        image => image.to_owned(),
    }
}

/// Builds the services with a build section, under names of Diapason's own, and pulls absent images.
pub(super) async fn prepare(
    configuration: &Value,
    namespace: &Namespace,
    engine: &Engine,
    talk: &ProgressSender,
) -> Result<(), StackError> {
    let own = own_names(configuration);
    let renamed = renamed(configuration, &own);
    let canonical = &namespace.write("original.json", &renamed.to_string())?;
    let prepared = of_file(canonical, &renamed, &own, engine, talk).await;
    // The file contains passwords and is no longer needed.
    let removed = fs::remove_file(canonical).map_err(|source| StackError::Scratch {
        path: canonical.clone(),
        source,
    });
    prepared.and(removed)
}

/// The configuration for building and pulling images.
fn renamed(configuration: &Value, own: &BTreeMap<String, String>) -> Value {
    let mut renamed = configuration.clone();
    let services = renamed["services"].as_object_mut();
    for (name, service) in services.into_iter().flatten() {
        let image = image_name(text(configuration, "name"), name, service);
        if let Some(own) = own.get(&image) {
            service["image"] = json!(own);
        }
        if let Some(service) = service.as_object_mut() {
            // Compose refuses several replicas under one name, before it builds anything.
            service.remove("container_name");
        }
        if let Some(build) = service.get_mut("build").and_then(Value::as_object_mut) {
            // Further tags and external caches are for publishing images.
            build.retain(|key, _| !["tags", "cache_to"].contains(&key.as_str()));
            // By this it is found when a later build has taken its name.
            let label = (BUILT_FOR, text(configuration, "name"));
            match build.entry("labels").or_insert_with(|| json!({})) {
                Value::Array(labels) => labels.push(json!(format!("{}={}", label.0, label.1))),
                labels => labels[label.0] = json!(label.1),
            }
        }
    }
    renamed
}

async fn of_file(
    canonical: &Path,
    configuration: &Value,
    own: &BTreeMap<String, String>,
    engine: &Engine,
    talk: &ProgressSender,
) -> Result<(), StackError> {
    let is_own = |service: &Value| own.values().any(|own| own == text(service, "image"));
    let (built, pulled): (Vec<_>, Vec<_>) =
        entries(configuration, "services").partition(|(_, service)| service["build"].is_object() || is_own(service));
    if !built.is_empty() {
        talk.say("building images");
        talking(compose(canonical, "build"), "building images", talk).await?;
    }
    let mut absent = Vec::new();
    for (name, service) in pulled {
        if engine.image_command(text(service, "image")).await?.is_none() {
            absent.push(name);
        }
    }
    if !absent.is_empty() {
        talk.say("pulling images");
        let mut command = compose(canonical, "pull");
        command.args(absent);
        talking(command, "pulling images", talk).await?;
    }
    Ok(())
}

/// Images that the files name and do not build, and that the engine does not have. A name that the engine does not understand is
/// left out.
pub(super) async fn absent(configuration: &Value, engine: &Engine) -> Vec<String> {
    let own = own_names(configuration);
    let mut absent = Vec::new();
    for (name, service) in entries(configuration, "services") {
        let image = image_name(text(configuration, "name"), name, service);
        let is_new = !own.contains_key(&image) && !absent.contains(&image);
        if is_new && matches!(engine.image_command(&image).await, Ok(None)) {
            absent.push(image);
        }
    }
    absent
}

/// The commands of the images of services that have arguments appended.
pub(super) async fn commands(
    configuration: &Value,
    file: &StackFile,
    engine: &Engine,
) -> Result<BTreeMap<String, Vec<String>>, StackError> {
    let own = own_names(configuration);
    let mut commands = BTreeMap::new();
    for (name, service) in entries(configuration, "services") {
        let appended = file
            .service
            .get(name)
            .is_some_and(|settings| !settings.arguments.is_empty());
        if appended && !service["command"].is_array() {
            let image = image_name(text(configuration, "name"), name, service);
            let image = own.get(&image).unwrap_or(&image);
            if let Some(command) = engine.image_command(image).await? {
                commands.insert(name.clone(), command);
            }
        }
    }
    Ok(commands)
}

/// Under the project's own name: Compose labels images with it, and under another they would be other images.
fn compose(canonical: &Path, what: &str) -> Command {
    let mut command = Command::from(docker());
    command.arg("compose").arg("--file").arg(canonical).arg(what);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_has_a_name_of_our_own() {
        let own = own_names(&json!({ "name": "shop", "services": {
            "Web": { "build": { "context": "." } },
            "api": { "build": { "context": "." }, "image": "registry.example/api:1" },
            "db": { "image": "postgres" },
        } }));
        let expected = [
            ("registry.example/api:1", "diapason-built/shop-api"),
            ("shop-Web", "diapason-built/shop-web"),
        ];
        assert_eq!(
            own,
            expected.map(|(name, own)| (name.to_owned(), own.to_owned())).into()
        );
    }

    #[test]
    fn replicas_are_built_without_the_one_name_they_cannot_share() {
        let configuration = json!({ "name": "shop", "services": { "api": {
            "container_name": "api", "deploy": { "replicas": 2 }, "image": "api:1",
            "build": { "context": ".", "tags": ["registry.example/api:1"] },
        } } });
        let renamed = renamed(&configuration, &own_names(&configuration));
        let expected = json!({
            "deploy": { "replicas": 2 }, "image": "diapason-built/shop-api",
            "build": { "context": ".", "labels": { "io.diapason.built-for": "shop" } },
        });
        assert_eq!(renamed["services"]["api"], expected);
    }
}
