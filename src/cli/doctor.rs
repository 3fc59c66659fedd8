//! `diapason doctor`: what this machine has of what a run needs.

use std::fmt::Write as _;

use super::Exit;
use super::arguments::DoctorFormat;
use super::output::Output;
use crate::doctor::{Finding, can_run, examine};

pub(super) async fn doctor(format: DoctorFormat, output: Output) -> Exit {
    let findings = examine().await;
    match format {
        DoctorFormat::Text => output.deliver(&describe(&findings)),
        // Only names, words and texts: there is nothing in it that cannot be JSON.
        DoctorFormat::Json => output.deliver(&serde_json::to_string_pretty(&findings).unwrap_or_default()),
    }
    if can_run(&findings) { Exit::Met } else { Exit::CouldNot }
}

fn describe(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let remedy = finding.remedy.iter().map(|remedy| format!(" – {remedy}"));
        let remedy: String = remedy.collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:<8} {:<17} {}{remedy}",
            finding.word.name(),
            finding.name,
            finding.found.replace('\n', " ")
        );
    }
    text
}
