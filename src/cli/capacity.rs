//! `diapason capacity`.

use tokio::sync::mpsc;

use super::arguments::CapacityArguments;
use super::output::Output;
use super::{Exit, stop_on_signal};
use crate::capacity::{CapacityError, CapacityOptions, Explored, Sweep, explore, parse_expected, resume};
use crate::report::{CapacityDocument, Held, Stopped, capacity_terminal};
use crate::run::RunError;
use crate::sizing::End;

pub(super) async fn capacity(arguments: CapacityArguments, output: Output) -> Exit {
    let (talk, mut lines) = mpsc::unbounded_channel::<String>();
    let options = CapacityOptions {
        plan: arguments.plan.options(),
        out: arguments.out.clone(),
        accept: arguments.accept.into(),
        max_rate: arguments.max_rate,
        at_most_time: arguments.at_most_time,
        expected: None,
        sweep: None,
        stop: stop_on_signal(output),
        talk,
    };
    let options = match asked(&arguments, options) {
        Ok(options) => options,
        Err(error) => return output.fail(&error),
    };
    let talking = tokio::spawn(async move {
        while let Some(line) = lines.recv().await {
            output.say(&line);
        }
    });
    let outcome = match &arguments.resume {
        Some(folder) => resume(folder, &options).await,
        None => explore(&arguments.scenario, &options).await,
    };
    drop(options);
    // What was still to be said comes first.
    let _ = talking.await;
    match outcome {
        Ok(explored) => conclude(&explored, output),
        Err(error) => {
            let stopped = matches!(error, CapacityError::Run(RunError::Interrupted));
            let exit = output.fail(&error);
            if stopped { Exit::Interrupted } else { exit }
        }
    }
}

/// The options with what has a grammar of its own.
fn asked(arguments: &CapacityArguments, options: CapacityOptions) -> Result<CapacityOptions, CapacityError> {
    Ok(CapacityOptions {
        expected: arguments.expect.as_deref().map(parse_expected).transpose()?,
        sweep: arguments.sweep.as_deref().map(Sweep::parse).transpose()?,
        ..options
    })
}

fn conclude(explored: &Explored, output: Output) -> Exit {
    output.print(&capacity_terminal(&explored.document));
    let page = explored.folder.path().join("index.html");
    output.say(&format!("report: {}", page.display()));
    exit(&explored.document)
}

/// What was asked for decides; where nothing was, whether a capacity was found.
fn exit(document: &CapacityDocument) -> Exit {
    if document.stopped == Some(Stopped::ByUser) {
        return Exit::Interrupted;
    }
    match document.held() {
        Some(Held::Yes) => return Exit::Met,
        Some(Held::No) => return Exit::Missed,
        Some(Held::Unknown) => return Exit::NoVerdict,
        None => {}
    }
    let answered = |end| matches!(end, End::Bracketed | End::TimeUp | End::NotBroken);
    if document.cases.iter().any(|case| !case.finished) {
        Exit::NoVerdict
    } else if document.cases.iter().all(|case| answered(case.found.end)) {
        Exit::Met
    } else if document.cases.iter().any(|case| case.found.end == End::NeverHeld) {
        Exit::Missed
    } else {
        Exit::NoVerdict
    }
}
