//! The images are made before anything starts, so that a slow build counts against no deadline.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use super::command::talking;
use super::engine::Engine;
use super::namespace::Namespace;
use super::refusal::{entries, text};
use crate::stack::{StackError, StackFile, Talk};

/// Builds what has a build section and pulls what is absent, under the names the files give.
pub(super) async fn prepare(
    configuration: &Value,
    namespace: &Namespace,
    engine: &Engine,
    talk: &Talk,
) -> Result<(), StackError> {
    let canonical = &namespace.write("original.json", &configuration.to_string())?;
    let (built, pulled): (Vec<_>, Vec<_>) =
        entries(configuration, "services").partition(|(_, service)| service["build"].is_object());
    if !built.is_empty() {
        let _ = talk.send("building images".to_owned());
        talking(compose(canonical, "build"), "building images", talk).await?;
    }
    let mut absent = Vec::new();
    for (name, service) in pulled {
        if engine.image_command(text(service, "image")).await?.is_none() {
            absent.push(name);
        }
    }
    if !absent.is_empty() {
        let _ = talk.send("pulling images".to_owned());
        let mut command = compose(canonical, "pull");
        command.args(absent);
        talking(command, "pulling images", talk).await?;
    }
    Ok(())
}

/// The commands of the images of services that have arguments appended.
pub(super) async fn commands(
    configuration: &Value,
    file: &StackFile,
    engine: &Engine,
) -> Result<BTreeMap<String, Vec<String>>, StackError> {
    let mut commands = BTreeMap::new();
    for (name, service) in entries(configuration, "services") {
        let appended = file
            .service
            .get(name)
            .is_some_and(|settings| !settings.arguments.is_empty());
        if appended && !service["command"].is_array() {
            let image = match text(service, "image") {
                "" => format!("{}-{name}", text(configuration, "name")),
                image => image.to_owned(),
            };
            if let Some(command) = engine.image_command(&image).await? {
                commands.insert(name.clone(), command);
            }
        }
    }
    Ok(commands)
}

/// Under the project's own name: Compose labels images with it, and under another they would be other images.
fn compose(canonical: &Path, what: &str) -> Command {
    let mut command = Command::new("docker");
    command.arg("compose").arg("--file").arg(canonical).arg(what);
    command
}
