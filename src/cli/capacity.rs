//! `diapason capacity`.

use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::arguments::CapacityArguments;
use super::export::Export;
use super::output::Output;
use super::{Exit, stop_on_signal};
use crate::capacity::{CapacityError, CapacityOptions, Explored, Sweep, explore, parse_expected, render_again, resume};
use crate::error::Hint;
use crate::report::{CapacityDocument, Held, Stopped, capacity_terminal};
use crate::run::RunError;
use crate::sizing::End;
use crate::slo::Accept;

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
        Ok(explored) => conclude(&explored, &[], output),
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

/// A saved search that could not be told of as it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("a search for capacity is not judged again: the column of {} is `{}`", path.display(), column(*kept))]
struct OtherColumn {
    path: PathBuf,
    kept: Accept,
}

impl Hint for OtherColumn {
    fn hint(&self) -> Option<String> {
        Some(format!(
            "leave `--accept` out, or search with it: `diapason capacity --accept {}`",
            match self.kept {
                Accept::Target => column(Accept::Acceptable),
                Accept::Acceptable => column(Accept::Target),
            }
        ))
    }
}

fn column(column: Accept) -> &'static str {
    match column {
        Accept::Target => "target",
        Accept::Acceptable => "acceptable",
    }
}

/// `diapason report` of a search: renders it again and exits as the search did.
pub(super) fn report(path: &Path, accept: Option<Accept>, exports: &[Export], output: Output) -> Exit {
    let explored = match render_again(path) {
        Ok(explored) => explored,
        Err(error) => return output.fail(&error),
    };
    let kept = explored.document.accept;
    if accept.is_some_and(|accept| accept != kept) {
        let path = path.to_owned();
        return output.fail(&OtherColumn { path, kept });
    }
    conclude(&explored, exports, output)
}

fn conclude(explored: &Explored, exports: &[Export], output: Output) -> Exit {
    for export in exports {
        if let Err(error) = export.write_search(explored, output) {
            return output.fail(&error);
        }
    }
    if !exports.iter().any(Export::to_standard_output) {
        output.print(&capacity_terminal(&explored.document));
    }
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
