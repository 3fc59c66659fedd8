//! `diapason check --live`: findings about a running system.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::Exit;
use super::arguments::CheckArguments;
use super::output::Output;
use super::signal::stop_on_signal;
use crate::error::Hint;
use crate::evidence::{Examination, FindingGroup as CheckGroup, FindingVerdict};
use crate::live::{EXPORTS, examine, render};
use crate::scenario::Plan;
use crate::stack::ProgressSender;
use crate::words::Language;

#[derive(Debug, thiserror::Error)]
enum FailedExport {
    #[error("there is no format `{0}`")]
    Format(String),
    #[error("failed to write as JSON")]
    Json(#[from] serde_json::Error),
    #[error("failed to write {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl Hint for FailedExport {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Format(_) => {
                let known: Vec<&str> = EXPORTS.iter().map(|(name, _)| *name).collect();
                Some(format!("use one of {}", known.join(", ")))
            }
            Self::Json(_) | Self::Write { .. } => None,
        }
    }
}

pub(super) async fn live(plan: &Plan, arguments: &CheckArguments, output: Output) -> Exit {
    // A misspelt format must not cost an examination.
    let exports: Result<Vec<_>, _> = arguments.export.iter().map(|text| parsed(text)).collect();
    let exports = match exports {
        Ok(exports) => exports,
        Err(error) => return output.fail(&error),
    };
    let stop = stop_on_signal(output);
    let (talk, lines) = ProgressSender::channel();
    let talking = tokio::spawn(output.relay(lines));
    let outcome = tokio::select! {
        outcome = examine(plan, &talk) => outcome,
        // Dropping the half-started stack takes it down.
        () = stop.cancelled() => return Exit::Interrupted,
    };
    drop(talk);
    // Pending messages are printed first.
    let _ = talking.await;
    match outcome {
        Ok(examination) => {
            if let Err(error) = export(&examination, &exports, &arguments.lang, output) {
                return output.fail(&error);
            }
            if !exports.iter().any(|(_, path)| *path == "-") {
                output.deliver(&describe(&examination));
            }
            exit_of(&examination)
        }
        Err(error) => output.fail(&error),
    }
}

/// Parses `FORMAT[=PATH]`; without a path, the format's own file name in the current folder.
fn parsed(text: &str) -> Result<(&'static str, &str), FailedExport> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name, Some(path)),
        None => (text, None),
    };
    let known = EXPORTS.iter().find(|(format, _)| *format == name);
    let (format, file) = known.ok_or_else(|| FailedExport::Format(name.to_owned()))?;
    Ok((format, path.unwrap_or(file)))
}

fn export(
    examination: &Examination,
    exports: &[(&str, &str)],
    languages: &[Language],
    output: Output,
) -> Result<(), FailedExport> {
    for (format, path) in exports {
        let files = render(examination, format, path, languages)?;
        if *path == "-" {
            // Standard output holds one page.
            files.iter().take(1).for_each(|(_, text)| output.deliver(text));
            continue;
        }
        for (path, text) in files {
            std::fs::write(&path, text).map_err(|source| FailedExport::Write {
                path: PathBuf::from(&path),
                source,
            })?;
            output.say(&format!("examination: {path}"));
        }
    }
    Ok(())
}

/// Exit code of an examination: only a failed finding fails it, not one that could not be observed.
fn exit_of(examination: &Examination) -> Exit {
    // What could not be seen is no fault: UNKNOWN and WARN leave the exit code at 0.
    if examination.count(FindingVerdict::Fail) > 0 {
        Exit::Missed
    } else {
        Exit::Met
    }
}

fn describe(examination: &Examination) -> String {
    let mut text = format!("{}\n", examination.front_door);
    // Writing to a String cannot fail.
    for group in CheckGroup::ALL {
        let _ = writeln!(text, "\n{}", group.name());
        let findings = examination.findings.iter().filter(|finding| finding.group == group);
        for finding in findings {
            let told = Language::English.wording().finding(&finding.fact);
            let _ = writeln!(text, "  {:<8} {:<16} {told}", finding.word, finding.check);
        }
    }
    let count = |word| examination.count(word);
    let _ = writeln!(
        text,
        "\n{} PASS, {} WARN, {} FAIL, {} UNKNOWN",
        count(FindingVerdict::Pass),
        count(FindingVerdict::Warn),
        count(FindingVerdict::Fail),
        count(FindingVerdict::Unknown)
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{CheckFinding, FindingFact, ServiceFact};

    #[test]
    fn only_what_fails_fails_an_examination() {
        for (words, exit) in [
            (&[][..], Exit::Met),
            (
                &[FindingVerdict::Pass, FindingVerdict::Warn, FindingVerdict::Unknown],
                Exit::Met,
            ),
            (&[FindingVerdict::Pass, FindingVerdict::Fail], Exit::Missed),
        ] {
            let found = |word: &FindingVerdict| CheckFinding {
                group: CheckGroup::ALL[0],
                check: "check".to_owned(),
                word: *word,
                fact: FindingFact::Service(ServiceFact::Connected),
            };
            let examination = Examination {
                format: Examination::FORMAT,
                diapason: "0.1.0".to_owned(),
                scenario: "gate".to_owned(),
                tags: Vec::new(),
                at: jiff::Timestamp::UNIX_EPOCH,
                front_door: "http://127.0.0.1:1".to_owned(),
                counts: <_>::default(),
                findings: words.iter().map(found).collect(),
            };
            assert_eq!(exit_of(&examination), exit, "{words:?}");
            let text = describe(&examination);
            let count = |word| words.iter().filter(|other| **other == word).count();
            assert!(text.starts_with("http://127.0.0.1:1\n"), "{text}");
            assert!(
                text.ends_with(&format!(
                    "\n{} PASS, {} WARN, {} FAIL, {} UNKNOWN\n",
                    count(FindingVerdict::Pass),
                    count(FindingVerdict::Warn),
                    count(FindingVerdict::Fail),
                    count(FindingVerdict::Unknown)
                )),
                "{text}"
            );
        }
    }
}
