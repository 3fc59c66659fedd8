//! `diapason try`: one journey walked once, with everything that is sent and comes back.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::Exit;
use super::arguments::TryArguments;
use super::output::Output;
use super::signal::stop_on_signal;
use super::transcript::Transcript;
use crate::error::Hint;
use crate::journey::{Journeys, Lifecycle};
use crate::scenario::{Ground, PlanOptions, ScenarioError};
use crate::stack::{self, ProgressSender, RunningStack};
use crate::trial::{Har, Trial, TrialEvent, TrialTotals, play};

/// The archive could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the archive: {}", path.display())]
struct OutputError {
    path: PathBuf,
    #[source]
    source: std::io::Error,
}

impl Hint for OutputError {}

pub(super) async fn trial(arguments: TryArguments, output: Output) -> Exit {
    let (ground, name, journeys) = match prepared(&arguments) {
        Ok(prepared) => prepared,
        Err(error) => return output.fail(&error),
    };
    if let Some(path) = arguments.har.as_deref().filter(|path| *path != Path::new("-"))
        // Opened for appending, which tests writing without emptying a file that is there.
        && let Err(source) = OpenOptions::new().create(true).append(true).open(path)
    {
        // Told before anything is sent.
        let path = path.to_owned();
        return output.fail(&OutputError { path, source });
    }
    let stop = stop_on_signal(output);
    let stack = match up(&ground, arguments.stack.as_deref(), &stop, output).await {
        Ok(stack) => stack,
        Err(exit) => return exit,
    };
    let trial = Trial {
        journeys,
        journey: name,
        endpoints: stack.endpoints().clone(),
        timeout: ground.timeout,
        seed: ground.seed,
        users: arguments.users,
        iterations: arguments.iterations,
        secrets: stack.secrets().clone(),
        stop,
    };
    let exit = walk(trial, arguments.har.as_deref(), output).await;
    if arguments.keep_stack {
        stack.keep();
        return exit;
    }
    match stack.down().await {
        Ok(()) => exit,
        // The worse of both: a stack that stayed behind is told even if the journey went well.
        Err(error) => exit.and(output.fail(&error)),
    }
}

/// The system under test, the journey's name and the compiled journeys.
fn prepared(arguments: &TryArguments) -> Result<(Ground, String, Arc<Journeys>), ScenarioError> {
    let options = PlanOptions {
        overrides: arguments.overrides.clone(),
        seed: arguments.seed,
        target: arguments.target.clone(),
        own_hosts: arguments.own_hosts.clone(),
        ..PlanOptions::default()
    };
    let path = Path::new(&arguments.journey);
    let is_path = path.extension().is_some_and(|extension| extension == "toml");
    let named = is_path.then(|| path.file_stem()).flatten();
    let name = named.map_or_else(|| arguments.journey.clone(), |stem| stem.to_string_lossy().into_owned());
    let mut ground = match (&arguments.scenario, &arguments.target) {
        (None, Some(url)) => Ground::attached(url, &arguments.scenarios.join("journeys"), &options)?,
        (scenario, _) => Ground::load(scenario.as_deref().unwrap_or(Path::new("")), &options)?,
    };
    if is_path {
        path.parent().unwrap_or(Path::new("")).clone_into(&mut ground.journeys);
    }
    // A journey that is walked before or after the load is tried by itself.
    if ground.occasions.names().any(|other| *other == name) {
        ground.occasions = Lifecycle::default();
    }
    let tried = std::slice::from_ref(&name);
    let journeys = Journeys::load_around(&ground.journeys, tried, &ground.occasions, &ground.variables)?;
    Ok((ground, name, Arc::new(journeys)))
}

async fn up(
    ground: &Ground,
    namespace: Option<&str>,
    stop: &CancellationToken,
    output: Output,
) -> Result<RunningStack, Exit> {
    if let Some(namespace) = namespace {
        let found = stack::find_running(&ground.stack_file, &ground.stack, namespace).await;
        return found.map_err(|error| output.fail(&error));
    }
    let (talk, lines) = ProgressSender::channel();
    let talking = tokio::spawn(output.relay(lines));
    let outcome = tokio::select! {
        outcome = stack::up(&ground.stack_file, &ground.stack, &talk) => outcome,
        // Dropping the half-started stack takes it down.
        () = stop.cancelled() => return Err(Exit::Interrupted),
    };
    drop(talk);
    // Pending messages are printed first.
    let _ = talking.await;
    outcome.map_err(|error| output.fail(&error))
}

async fn walk(trial: Trial, har: Option<&Path>, output: Output) -> Exit {
    let (sender, seen) = unbounded_channel();
    // The archive then stands alone on standard output, for whatever reads it.
    let to_stdout = har == Some(Path::new("-"));
    let printing = tokio::spawn(print(seen, trial.users > 1 || trial.iterations > 1, !to_stdout, output));
    let walked = play(trial, sender).await;
    // The sender is dropped with the users' thread, so that everything is printed before the summary.
    let archive = printing.await.unwrap_or_default();
    let walked = match walked {
        Ok(walked) => walked,
        Err(error) => return output.fail(&error),
    };
    if let Some(path) = har.filter(|_| !to_stdout)
        && let Err(source) = std::fs::write(path, archive.json())
    {
        let path = path.to_owned();
        return output.fail(&OutputError { path, source });
    }
    if to_stdout {
        output.deliver(&archive.json());
    }
    output.say(&summary(&walked));
    exit_of(&walked)
}

/// Prints everything as it comes; returns the archive of it.
async fn print(mut seen: UnboundedReceiver<TrialEvent>, numbered: bool, wanted: bool, output: Output) -> Har {
    let mut archive = Har::default();
    while let Some(event) = seen.recv().await {
        match event {
            TrialEvent::Iteration { user, iteration } if numbered && wanted => {
                output.deliver(&format!("── user {user}, iteration {iteration}\n"));
            }
            TrialEvent::Iteration { .. } => {}
            // On a terminal only: it is overwritten by the answer.
            TrialEvent::Sending { method, url } => output.draw(&format!("{method} {url} …")),
            TrialEvent::Step(entry) => {
                archive.add(&entry);
                if wanted {
                    output.draw("");
                    output.deliver(&Transcript(&entry).to_string());
                }
            }
        }
    }
    archive
}

fn summary(walked: &TrialTotals) -> String {
    let TrialTotals {
        completed,
        failed,
        steps,
        unsuccessful,
        stopped,
    } = walked;
    let end = if *stopped { "; stopped early" } else { "" };
    format!(
        "{} of {steps} steps succeeded; {completed} of {} iterations completed{end}",
        steps - unsuccessful,
        completed + failed + u32::from(*stopped)
    )
}

fn exit_of(walked: &TrialTotals) -> Exit {
    if walked.stopped {
        Exit::Interrupted
    } else if walked.unsuccessful > 0 || walked.failed > 0 {
        Exit::Missed
    } else {
        Exit::Met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_is_a_failed_trial() {
        let walked = |completed, failed, unsuccessful, stopped| TrialTotals {
            completed,
            failed,
            steps: 5,
            unsuccessful,
            stopped,
        };
        for (walked, exit, said) in [
            (
                walked(1, 0, 0, false),
                Exit::Met,
                "5 of 5 steps succeeded; 1 of 1 iterations completed",
            ),
            (
                walked(1, 0, 1, false),
                Exit::Missed,
                "4 of 5 steps succeeded; 1 of 1 iterations completed",
            ),
            (
                walked(0, 1, 1, false),
                Exit::Missed,
                "4 of 5 steps succeeded; 0 of 1 iterations completed",
            ),
            (
                walked(1, 0, 0, true),
                Exit::Interrupted,
                "5 of 5 steps succeeded; 1 of 2 iterations completed; stopped early",
            ),
        ] {
            assert_eq!(exit_of(&walked), exit, "{walked:?}");
            assert_eq!(summary(&walked), said);
        }
    }
}
