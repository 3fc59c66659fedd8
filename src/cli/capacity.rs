//! `diapason capacity`.

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::Exit;
use super::arguments::CapacityArguments;
use super::export::Export;
use super::output::Output;
use super::signal::stop_on_signal;
use crate::capacity::{
    CapacityError, CapacityOptions, SearchOutcome, Sweep, explore, parse_expected, render_again, resume,
};
use crate::error::Hint;
use crate::evidence::Accept;
use crate::report::{CapacityDocument, ExpectedAnswer, StopCause, capacity_terminal};
use crate::run::RunError;
use crate::sizing::End;
use crate::stack::ProgressSender;
use crate::words::Language;

pub(super) async fn capacity(arguments: CapacityArguments, output: Output) -> Exit {
    let (talk, lines) = ProgressSender::channel();
    let options = match options(&arguments, stop_on_signal(output), talk) {
        Ok(options) => options,
        Err(error) => return output.fail(&error),
    };
    let talking = tokio::spawn(output.relay(lines));
    let outcome = match &arguments.resume {
        Some(folder) => resume(folder, &options).await,
        None => explore(&arguments.scenario, &options).await,
    };
    // The options hold the sender of the messages: while it is there, the relay goes on.
    drop(options);
    // Pending messages are printed first.
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

/// Options of a search from the command line.
fn options(
    arguments: &CapacityArguments,
    stop: CancellationToken,
    talk: ProgressSender,
) -> Result<CapacityOptions, CapacityError> {
    Ok(CapacityOptions {
        plan: arguments.plan.options(),
        out: arguments.out.clone(),
        accept: arguments.accept.map(Into::into),
        max_rate: arguments.max_rate,
        at_most_time: arguments.at_most_time,
        expected: arguments.expect.as_deref().map(parse_expected).transpose()?,
        keep_failed: arguments.keep_failed,
        languages: arguments.lang.clone(),
        sweep: arguments.sweep.as_deref().map(Sweep::parse).transpose()?,
        stop,
        talk,
    })
}

/// A saved search that was asked for by another column than the one it was judged by.
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
pub(super) fn report(
    path: &Path,
    accept: Option<Accept>,
    languages: &[Language],
    exports: &[Export],
    output: Output,
) -> Exit {
    let explored = match render_again(path, languages) {
        Ok(explored) => explored,
        Err(error) => return output.fail(&error),
    };
    let kept = explored.document.accept;
    // The column decided which rates were tried: another one cannot be read off the same steps.
    if accept.is_some_and(|accept| accept != kept) {
        let path = path.to_owned();
        return output.fail(&OtherColumn { path, kept });
    }
    conclude(&explored, exports, output)
}

fn conclude(explored: &SearchOutcome, exports: &[Export], output: Output) -> Exit {
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

/// Exit code of a search: the answer about the expected load; without one, the ends of the searches decide.
fn exit(document: &CapacityDocument) -> Exit {
    // First, because a search that somebody ended answers nothing, whatever its steps so far say.
    if document.stopped == Some(StopCause::ByUser) {
        return Exit::Interrupted;
    }
    match document.expected_answer() {
        Some(ExpectedAnswer::Yes) => return Exit::Met,
        Some(ExpectedAnswer::No) => return Exit::Missed,
        Some(ExpectedAnswer::Unknown) => return Exit::NoVerdict,
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

#[cfg(test)]
mod tests {
    use super::super::arguments::{Arguments, Command};
    use super::*;
    use crate::report::{ExpectedLoad, capacity_sample};

    fn asked(flags: &str) -> Result<CapacityOptions, CapacityError> {
        let Command::Capacity(arguments) = Arguments::parse_line(&format!("capacity {flags}")).unwrap().command else {
            panic!("no capacity");
        };
        let (talk, _) = ProgressSender::channel();
        options(&arguments, CancellationToken::new(), talk)
    }

    #[test]
    fn each_flag_becomes_an_option_of_the_search_and_changes_no_other() {
        for (flags, expected) in [
            ("", "reports None None None None None"),
            ("-o o", "o None None None None None"),
            ("--lang fr,en", "reports None None None None None fr,en"),
            ("--accept acceptable", "reports Some(Acceptable) None None None None"),
            ("--max-rate 85/s", "reports None Some(85/s) None None None"),
            ("--at-most-time 20m", "reports None None Some(20m) None None"),
            ("--expect 300users", "reports None None None Some(Users(300)) None"),
            ("--expect 85/s", "reports None None None Some(Rate(85.0)) None"),
            (
                "--sweep stack.replicas.api=1,2",
                "reports None None None None Some(stack.replicas.api [\"1\", \"2\"])",
            ),
        ] {
            let options = asked(flags).unwrap();
            let told = format!(
                "{} {:?} {} {} {:?} {}",
                options.out.display(),
                options.accept,
                shown(options.max_rate.as_ref()),
                shown(options.at_most_time.as_ref()),
                options.expected,
                options.sweep.map_or("None".to_owned(), |sweep| format!(
                    "Some({} {:?})",
                    sweep.key, sweep.values
                )),
            );
            let tags: Vec<&str> = options.languages.iter().map(|language| language.tag()).collect();
            let told = format!("{told} {}", tags.join(","));
            assert_eq!(told.trim_end(), expected, "{flags}");
        }
        for flags in ["--expect 85", "--expect 0users", "--sweep cpus", "--sweep a=1,,2"] {
            assert!(asked(flags).is_err(), "{flags}");
        }
    }

    fn shown(value: Option<&impl std::fmt::Display>) -> String {
        value.map_or("None".to_owned(), |value| format!("Some({value})"))
    }

    /// A search of one case with that end.
    fn ended(end: End) -> CapacityDocument {
        let mut document = capacity_sample::document();
        document.expected = None;
        document.stopped = None;
        document.cases[0].found.end = end;
        document
    }

    #[test]
    fn a_capacity_that_was_found_is_a_success_whatever_it_is() {
        for (end, expected) in [
            (End::Bracketed, Exit::Met),
            (End::TimeUp, Exit::Met),
            (End::NotBroken, Exit::Met),
            (End::NeverHeld, Exit::Missed),
            (End::Limited, Exit::NoVerdict),
            (End::Undecided, Exit::NoVerdict),
        ] {
            let mut document = ended(end);
            assert_eq!(exit(&document), expected, "{end:?}");
            document.cases[0].finished = false;
            assert_eq!(exit(&document), Exit::NoVerdict, "{end:?}, not finished");
            document.stopped = Some(StopCause::ByUser);
            assert_eq!(exit(&document), Exit::Interrupted, "{end:?}, interrupted");
        }
    }

    #[test]
    fn of_a_sweep_every_value_must_be_answered() {
        let sweep = |ends: [End; 2]| {
            let mut document = ended(ends[0]);
            document.cases.extend(ended(ends[1]).cases);
            exit(&document)
        };
        assert_eq!(sweep([End::Bracketed, End::NotBroken]), Exit::Met);
        assert_eq!(sweep([End::Bracketed, End::NeverHeld]), Exit::Missed);
        assert_eq!(sweep([End::Bracketed, End::Limited]), Exit::NoVerdict);
    }

    #[test]
    fn what_was_expected_decides_before_anything_else() {
        let held = |rate, end| {
            let mut document = ended(end);
            document.expected = Some(ExpectedLoad::Rate(rate));
            let found = &mut document.cases[0].found;
            (found.holds, found.broken) = (Some(40.0), Some(60.0));
            // The expected load decides even a search that did not finish.
            document.cases[0].finished = false;
            exit(&document)
        };
        assert_eq!(held(40.0, End::Limited), Exit::Met);
        assert_eq!(held(60.0, End::Bracketed), Exit::Missed);
        assert_eq!(held(50.0, End::Bracketed), Exit::NoVerdict);
    }
}
