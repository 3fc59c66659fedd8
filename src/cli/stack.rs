//! `diapason stack up|down|ps|prune`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Exit;
use super::arguments::StackCommand;
use super::output::Output;
use super::signal::stop_on_signal;
use crate::stack::{
    self, KEPT_PROJECTS, ProgressSender, ProjectImages, PruneSummary, StackError, StackFile, StackSettings,
};
use crate::units::Bytes;

pub(super) async fn stack(command: StackCommand, output: Output) -> Exit {
    let done = match command {
        StackCommand::Up {
            stack,
            environment,
            keep_failed,
            scenarios,
        } => {
            let settings = StackSettings {
                file: stack,
                env: environment.into_iter().collect(),
                keep_failed,
                ..StackSettings::default()
            };
            // A path is relative to the working directory, a name to the folder of stack files.
            let is_path = Path::new(&settings.file)
                .extension()
                .is_some_and(|extension| extension == "toml");
            let folder = if is_path {
                PathBuf::new()
            } else {
                scenarios.join("stacks")
            };
            match StackFile::load(&folder, &settings.file) {
                Ok(file) => return up(&file, &settings, output).await,
                Err(error) => Err(error),
            }
        }
        StackCommand::Down { namespace, all: _ } => down(namespace, output).await,
        StackCommand::Ps => ps(output).await,
        StackCommand::Prune { keep } => prune(keep, output).await,
    };
    match done {
        Ok(()) => Exit::Met,
        Err(error) => output.fail(&error),
    }
}

async fn up(file: &StackFile, settings: &StackSettings, output: Output) -> Exit {
    let stop = stop_on_signal(output);
    let (talk, lines) = ProgressSender::channel();
    let talking = tokio::spawn(output.relay(lines));
    let outcome = tokio::select! {
        outcome = stack::up(file, settings, &talk) => outcome,
        () = stop.cancelled() => return Exit::Interrupted,
    };
    drop(talk);
    // Pending messages are printed first.
    let _ = talking.await;
    match outcome {
        Ok(running) => {
            output.deliver(&format!(
                "{} {}",
                running.record().namespace,
                running.endpoints().front_door
            ));
            output.say(&format!(
                "remove it with: diapason stack down {}",
                running.record().namespace
            ));
            // Only now: a stack that did not come up in order is taken down when it is dropped.
            running.keep();
            Exit::Met
        }
        Err(error) => output.fail(&error),
    }
}

async fn down(namespace: Option<String>, output: Output) -> Result<(), StackError> {
    let all = namespace.is_none();
    let removed = match namespace {
        Some(namespace) => {
            stack::remove(&namespace).await?;
            vec![namespace]
        }
        None => stack::remove_idle().await?,
    };
    for namespace in &removed {
        output.say(&format!("removed {namespace}"));
    }
    if removed.is_empty() {
        output.say("nothing is left by any run; a stack whose process still runs is not touched");
    }
    if all {
        prune(KEPT_PROJECTS, output).await
    } else {
        Ok(())
    }
}

async fn prune(keep: usize, output: Output) -> Result<(), StackError> {
    let PruneSummary { images, folders } = stack::prune(keep).await?;
    let left = stack::leftovers().await?.projects.len();
    output.say(&format!(
        "removed {images} images and {folders} folders of browsers; {left} projects keep their images"
    ));
    Ok(())
}

async fn ps(output: Output) -> Result<(), StackError> {
    for stack in stack::list_running().await? {
        let door = stack.front_door.as_deref().unwrap_or("(no front door)");
        output.deliver(&format!("{}  {}  {door}", stack.namespace, stack.stack));
        for (service, state) in &stack.services {
            output.deliver(&format!("  {service:<12} {state}"));
        }
    }
    let left = stack::leftovers().await?;
    for project in &left.projects {
        output.deliver(&images(project));
    }
    for folder in &left.folders {
        output.deliver(&format!("folder of a browser  {}", folder.display()));
    }
    if !left.projects.is_empty() || !left.folders.is_empty() {
        output.say("`diapason stack prune` removes folders, and images but those of the 3 projects built last");
    }
    Ok(())
}

/// The images of a project in a line.
fn images(project: &ProjectImages) -> String {
    let built = Timestamp::from_second(project.built).unwrap_or_default();
    let day = built.to_zoned(TimeZone::UTC).date();
    let replaced = match project.replaced {
        0 => String::new(),
        replaced => format!(" and {replaced} replaced"),
    };
    let (name, named, size) = (&project.project, project.named, Bytes::new(project.size));
    format!("images of {name}  {named} built{replaced}, {size}, last on {day}")
}
