//! `diapason compare`, and what `run` says of its baseline.

use std::path::PathBuf;

use super::Exit;
use super::arguments::CompareArguments;
use super::output::Output;
use crate::compare::{BASELINES, Change, CompareError, Compared, Comparison, FORMATS, load_side, render, terminal};
use crate::error::Hint;

#[derive(Debug, thiserror::Error)]
enum FailedCompare {
    #[error(transparent)]
    Compare(#[from] CompareError),
    #[error("there is no format `{0}`")]
    Format(String),
    #[error("failed to write the comparison: {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl Hint for FailedCompare {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Compare(source) => source.hint(),
            Self::Format(_) => {
                let known: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
                Some(format!("use one of {}", known.join(", ")))
            }
            Self::Write { .. } => None,
        }
    }
}

pub(super) fn compare(arguments: &CompareArguments, output: Output) -> Exit {
    let exit = match made(arguments, output) {
        Ok(comparison) => exit_of(&comparison, arguments.bisect),
        Err(error) => output.fail(&error),
    };
    if arguments.bisect { exit.for_bisect() } else { exit }
}

/// Only a bisection needs to be told that nothing was shown: it would go on in the wrong half.
fn exit_of(comparison: &Comparison, bisect: bool) -> Exit {
    match comparison.change {
        Change::Regressed => Exit::Missed,
        Change::Undecided if bisect => Exit::NotTested,
        Change::Undecided | Change::Similar | Change::Unchanged | Change::Improved => Exit::Met,
    }
}

fn made(arguments: &CompareArguments, output: Output) -> Result<Comparison, FailedCompare> {
    let exports: Vec<(&str, PathBuf)> = arguments
        .export
        .iter()
        .map(|text| parsed(text))
        .collect::<Result<_, _>>()?;
    let baselines = arguments.out.join(BASELINES);
    let side = |named: &Option<String>, listed: &[String]| match named {
        Some(names) => load_side(&names.split(',').map(str::to_owned).collect::<Vec<_>>(), &baselines),
        None => load_side(listed, &baselines),
    };
    let base = side(&arguments.base, &arguments.base_runs)?;
    let new = side(&arguments.new, &arguments.new_runs)?;
    let comparison = crate::compare::compare(&base, &new, arguments.anyway)?;
    let mut printed = false;
    for (format, path) in exports {
        let text = render(&comparison, format)?.unwrap_or_default();
        if path.as_os_str() == "-" {
            output.print(&text);
            printed = true;
        } else {
            std::fs::write(&path, text).map_err(|source| FailedCompare::Write {
                path: path.clone(),
                source,
            })?;
            output.say(&format!("comparison: {}", path.display()));
        }
    }
    if !printed {
        output.print(&terminal(&comparison, output.colour()));
    }
    Ok(comparison)
}

/// `FORMAT[=PATH]`; a format's own file name in the current folder where no path is given.
fn parsed(text: &str) -> Result<(&'static str, PathBuf), FailedCompare> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name, Some(path)),
        None => (text, None),
    };
    let known = FORMATS.iter().find(|(format, _)| *format == name);
    let (format, file) = known.ok_or_else(|| FailedCompare::Format(name.to_owned()))?;
    Ok((format, PathBuf::from(path.unwrap_or(file))))
}

/// Tells how a run compares with its baseline, and says how the program would exit for it.
pub(super) fn told(compared: &Compared, fail: bool, output: Output) -> Exit {
    let mut exit = Exit::Met;
    match &compared.comparison {
        Some(Ok(comparison)) => {
            output.say("");
            output.say(terminal(comparison, output.live_colour()).trim_end());
            if fail && comparison.change == Change::Regressed {
                exit = Exit::Missed;
            }
        }
        Some(Err(error)) => {
            // Not being comparable fails a run only where a regression would.
            output.fail(error);
            if fail {
                exit = Exit::NoVerdict;
            }
        }
        None => {}
    }
    match &compared.saved {
        Some(Ok(path)) => output.say(&format!("baseline: {}", path.display())),
        Some(Err(error)) => exit = exit.max(output.fail(error)),
        None => {}
    }
    exit
}
