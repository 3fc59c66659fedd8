//! `diapason stack up|down|ps`.

use std::path::{Path, PathBuf};

use super::Exit;
use super::arguments::StackCommand;
use super::output::Output;
use super::signal::stop_on_signal;
use crate::stack::{self, StackError, StackFile, StackSettings, Talk};

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
    };
    match done {
        Ok(()) => Exit::Met,
        Err(error) => output.fail(&error),
    }
}

async fn up(file: &StackFile, settings: &StackSettings, output: Output) -> Exit {
    let stop = stop_on_signal(output);
    let (talk, lines) = Talk::channel();
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
            output.print(&format!(
                "{} {}",
                running.record().namespace,
                running.endpoints().front_door
            ));
            output.say(&format!(
                "remove it with: diapason stack down {}",
                running.record().namespace
            ));
            running.keep();
            Exit::Met
        }
        Err(error) => output.fail(&error),
    }
}

async fn down(namespace: Option<String>, output: Output) -> Result<(), StackError> {
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
    Ok(())
}

async fn ps(output: Output) -> Result<(), StackError> {
    for stack in stack::list_running().await? {
        let door = stack.front_door.as_deref().unwrap_or("(no front door)");
        output.print(&format!("{}  {}  {door}", stack.namespace, stack.stack));
        for (service, state) in &stack.services {
            output.print(&format!("  {service:<12} {state}"));
        }
    }
    Ok(())
}
