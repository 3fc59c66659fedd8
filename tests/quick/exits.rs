//! Exit codes and output of `diapason report` on saved runs of each outcome.

use std::process::Stdio;

use crate::workspace::{Workspace, code, words};

/// A saved run of each outcome: two of them as they are, two that are changed in what decides it.
fn outcomes(workspace: &Workspace) {
    workspace.saved("compare-base", "met");
    workspace.saved("slow-api", "missed");
    let undecided = workspace.saved("compare-base", "undecided");
    // Too few slices and requests for these, which is why they do not gate.
    workspace.edit(&format!("{undecided}/plan.json"), |plan| {
        for objective in plan["objectives"].as_array_mut().unwrap() {
            objective["gate"] = true.into();
        }
    });
    let interrupted = workspace.saved("compare-base", "interrupted");
    workspace.edit(&format!("{interrupted}/run.json"), |run| {
        run["interrupted"] = true.into();
    });
}

#[test]
fn each_outcome_has_its_exit_code_and_of_several_the_worst_counts() {
    let workspace = Workspace::new();
    outcomes(&workspace);
    for (runs, expected) in [
        (&["met"][..], 0),
        (&["missed"], 1),
        (&["none"], 2),
        (&["undecided"], 3),
        (&["interrupted"], 130),
        (&["missed", "met"], 1),
        (&["met", "missed"], 1),
        (&["none", "missed"], 2),
        (&["undecided", "missed"], 1),
        (&["undecided", "missed", "none"], 2),
        (&["interrupted", "undecided"], 130),
    ] {
        let paths: Vec<String> = runs.iter().map(|name| format!("reports/{name}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let output = workspace.diapason(&[&["report"], &paths[..]].concat());
        let text = words(&output);
        assert_eq!(code(&output), expected, "{runs:?}: {text}");
        // One that cannot be read keeps none of the others from being told.
        let told = text.lines().filter(|line| line.starts_with("report: ")).count();
        assert_eq!(
            told,
            runs.iter().filter(|name| **name != "none").count(),
            "{runs:?}: {text}"
        );
    }
    // The acceptable limit suffices where it is asked for.
    let accepted = workspace.diapason(&["report", "reports/missed", "--accept", "acceptable"]);
    assert_eq!(code(&accepted), 0, "{}", words(&accepted));
}

#[test]
fn data_goes_to_standard_output_alone_and_talk_can_be_silenced() {
    let workspace = Workspace::new();
    let run = workspace.saved("compare-base", "run");
    let report = |more: &[&str]| {
        let output = workspace.diapason(&[&["report", run.as_str()], more].concat());
        assert_eq!(code(&output), 0, "{}", words(&output));
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())
    };
    let [table, talk] = report(&[]);
    assert!(
        table.starts_with("PASS") && talk.starts_with("report: "),
        "{table}{talk}"
    );
    assert_eq!(report(&["--quiet"]), [table.as_str(), ""]);
    let written = |file: &str| std::fs::read_to_string(workspace.path().join(file)).unwrap();
    // An export to standard output takes the place of the table.
    let [json, _] = report(&["--export", "json=-"]);
    assert_eq!(json, written("reports/run/report.json"));
    let [shown, _] = report(&["--export", "junit=j.xml", "--export", "markdown=-"]);
    assert_eq!(shown, written("reports/run/summary.md"));
    assert_eq!(written("j.xml"), written("reports/run/junit.xml"));
    // One to a file leaves it.
    assert_eq!(report(&["--export", "json=copy.json"])[0], table);
    assert_eq!(written("copy.json"), json);
    for (export, told) in [
        ("papyrus", "error: there is no format `papyrus`\nhint: use one of "),
        (
            "json=no/folder/report.json",
            "error: failed to write export: no/folder/report.json\n  caused by: ",
        ),
    ] {
        let output = workspace.diapason(&["report", &run, "--export", export]);
        assert_eq!((code(&output), output.stdout.is_empty()), (2, true), "{export}");
        assert!(words(&output).starts_with(told), "{}", words(&output));
    }
}

#[test]
fn data_that_cannot_be_written_is_an_error_where_it_was_asked_for() {
    let workspace = Workspace::new();
    let run = workspace.saved("compare-base", "run");
    let exit = |arguments: &[&str], to: Stdio| {
        let output = workspace.command().args(arguments).stdout(to).output().unwrap();
        (code(&output), String::from_utf8(output.stderr).unwrap())
    };
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    for arguments in [
        &["schema", "scenario"][..],
        &["list", "indicators"],
        &["report", &run, "--export", "json=-"],
    ] {
        let (code, said) = exit(arguments, full());
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains("error: failed to write to standard output\n"), "{said}");
        assert!(said.contains("hint: the disk is full"), "{said}");
    }
    // The summary is in the run's folder, too.
    assert_eq!(exit(&["report", &run], full()).0, 0);
    // A reader that has closed its end wants no more.
    for arguments in [&["schema", "scenario"][..], &["report", &run]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(exit(arguments, writer.into()).0, 0, "{arguments:?}");
    }
}
