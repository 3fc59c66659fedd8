//! `diapason compare`, and the comparison of a run with its baseline.

use std::path::PathBuf;

use super::Exit;
use super::arguments::CompareArguments;
use super::output::Output;
use crate::compare::{
    BASELINES, BaselineOutcome, Change, CompareError, Comparison, FORMATS, load_side, render, terminal,
};
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
    let exit = match compare_sides(arguments, output) {
        Ok(comparison) => exit_of(&comparison, arguments.bisect),
        Err(error) => output.fail(&error),
    };
    if arguments.bisect { exit.for_bisect() } else { exit }
}

/// Exit code of a comparison. An undecided change counts only in a bisection, which would go on in the wrong half.
fn exit_of(comparison: &Comparison, bisect: bool) -> Exit {
    match comparison.change {
        Change::Regressed => Exit::Missed,
        // `git bisect` would take an undecided comparison for a good revision.
        Change::Undecided if bisect => Exit::NotTested,
        Change::Undecided | Change::Similar | Change::Unchanged | Change::Improved => Exit::Met,
    }
}

fn compare_sides(arguments: &CompareArguments, output: Output) -> Result<Comparison, FailedCompare> {
    // Before any run is read: a misspelt format must not cost the comparison.
    let exports: Vec<(&str, &str)> = arguments
        .export
        .iter()
        .map(|text| parsed(text))
        .collect::<Result<_, _>>()?;
    let baselines = arguments.out.join(BASELINES);
    // The names of baselines are looked up where runs save them.
    let [base, new] = sides(arguments);
    let (base, new) = (load_side(&base, &baselines)?, load_side(&new, &baselines)?);
    let comparison = crate::compare::compare(&base, &new, arguments.anyway)?;
    let mut printed = false;
    for (format, path) in exports {
        let files = render(&comparison, format, path, &arguments.lang)?;
        if path == "-" {
            // Standard output holds one page.
            files.iter().take(1).for_each(|(_, text)| output.deliver(text));
            printed = true;
            continue;
        }
        for (path, text) in files {
            std::fs::write(&path, text).map_err(|source| FailedCompare::Write {
                path: PathBuf::from(&path),
                source,
            })?;
            output.say(&format!("comparison: {path}"));
        }
    }
    if !printed {
        output.deliver(&terminal(&comparison, output.colour()));
    }
    Ok(comparison)
}

/// Runs or baselines that the command line names on each side.
fn sides(arguments: &CompareArguments) -> [Vec<String>; 2] {
    let side = |named: &Option<String>, listed: &[String]| match named {
        Some(names) => names.split(',').map(str::to_owned).collect(),
        None => listed.to_vec(),
    };
    [
        side(&arguments.base, &arguments.base_runs),
        side(&arguments.new, &arguments.new_runs),
    ]
}

/// Parses `FORMAT[=PATH]`; without a path, the format's own file name in the current folder.
fn parsed(text: &str) -> Result<(&'static str, &str), FailedCompare> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name, Some(path)),
        None => (text, None),
    };
    let known = FORMATS.iter().find(|(format, _)| *format == name);
    let (format, file) = known.ok_or_else(|| FailedCompare::Format(name.to_owned()))?;
    Ok((format, path.unwrap_or(file)))
}

/// Prints the comparison of a run with its baseline, and returns the exit code for it.
pub(super) fn print_result(compared: &BaselineOutcome, fail: bool, output: Output) -> Exit {
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
            // A baseline that is not comparable fails a run only if a regression would.
            output.fail(error);
            if fail {
                exit = Exit::NoVerdict;
            }
        }
        None => {}
    }
    match &compared.saved {
        Some(Ok(path)) => output.say(&format!("baseline: {}", path.display())),
        // A baseline that was asked for and is not there would be missed by the next run only.
        Some(Err(error)) => exit = exit.max(output.fail(error)),
        None => {}
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::super::arguments::{Arguments, Command};
    use super::*;

    fn arguments(line: &str) -> CompareArguments {
        match Arguments::parse_line(line).unwrap().command {
            Command::Compare(arguments) => arguments,
            other => panic!("{other:?}"),
        }
    }

    fn comparison(change: Change) -> Comparison {
        Comparison {
            format: 1,
            scenario: "gate".to_owned(),
            base: Vec::new(),
            new: Vec::new(),
            change,
            differences: Vec::new(),
            overruled: Vec::new(),
            left_out: Vec::new(),
            rows: Vec::new(),
        }
    }

    #[test]
    fn each_side_is_a_list_of_runs_and_baselines() {
        for (line, base, new) in [
            ("compare main reports/latest", &["main"][..], &["reports/latest"][..]),
            ("compare a,b c", &["a", "b"], &["c"]),
            ("compare --base a b --new c d e", &["a", "b"], &["c", "d", "e"]),
            // Values of `--base` and `--new` are whole names: commas do not divide them.
            ("compare --base a,b --new c", &["a,b"], &["c"]),
        ] {
            assert_eq!(sides(&arguments(line)), [base, new].map(<[&str]>::to_vec), "{line}");
        }
    }

    #[test]
    fn only_a_regression_fails_and_only_a_bisection_is_told_of_doubt() {
        for (change, exit, bisecting) in [
            (Change::Regressed, Exit::Missed, Exit::Missed),
            (Change::Undecided, Exit::Met, Exit::NotTested),
            (Change::Similar, Exit::Met, Exit::Met),
            (Change::Unchanged, Exit::Met, Exit::Met),
            (Change::Improved, Exit::Met, Exit::Met),
        ] {
            assert_eq!(exit_of(&comparison(change), false), exit, "{change:?}");
            assert_eq!(exit_of(&comparison(change), true), bisecting, "{change:?}");
        }
    }

    #[test]
    fn an_export_without_a_path_has_a_file_of_its_own() {
        for (text, format, path) in [
            ("html", "html", "comparison.html"),
            ("json=-", "json", "-"),
            ("markdown=out/c.md", "markdown", "out/c.md"),
        ] {
            assert_eq!(parsed(text).unwrap(), (format, path));
        }
        let error = parsed("junit").unwrap_err();
        assert_eq!(error.to_string(), "there is no format `junit`");
        assert_eq!(error.hint().unwrap(), "use one of html, json, markdown");
    }

    #[test]
    fn a_runs_baseline_decides_its_exit_only_where_that_is_asked_for() {
        let against = |comparison| BaselineOutcome {
            comparison: Some(comparison),
            saved: None,
        };
        let other = || CompareError::NotComparable(vec!["hardware: cores: 2 → 4".to_owned()]);
        for (compared, shown, failing) in [
            (BaselineOutcome::default(), Exit::Met, Exit::Met),
            (against(Ok(comparison(Change::Regressed))), Exit::Met, Exit::Missed),
            (against(Ok(comparison(Change::Undecided))), Exit::Met, Exit::Met),
            (against(Ok(comparison(Change::Improved))), Exit::Met, Exit::Met),
            (against(Err(other())), Exit::Met, Exit::NoVerdict),
        ] {
            let quiet = Output::new(true);
            assert_eq!(print_result(&compared, false, quiet), shown, "{compared:?}");
            assert_eq!(print_result(&compared, true, quiet), failing, "{compared:?}");
        }
    }

    #[test]
    fn a_baseline_that_could_not_be_saved_is_told_whatever_the_comparison_says() {
        let unfit = || {
            Some(Err(CompareError::Unfit {
                reasons: "it was interrupted".to_owned(),
            }))
        };
        let mut compared = BaselineOutcome {
            comparison: None,
            saved: unfit(),
        };
        assert_eq!(print_result(&compared, false, Output::new(true)), Exit::CouldNot);
        compared.comparison = Some(Ok(comparison(Change::Regressed)));
        assert_eq!(print_result(&compared, true, Output::new(true)), Exit::CouldNot);
        compared.saved = Some(Ok(PathBuf::from("baselines/main/baseline.json")));
        assert_eq!(print_result(&compared, true, Output::new(true)), Exit::Missed);
    }
}
