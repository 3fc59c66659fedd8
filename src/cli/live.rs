//! `diapason check --live`: findings about a running system.

use std::fmt::Write as _;

use super::Exit;
use super::output::Output;
use super::signal::stop_on_signal;
use crate::live::{Examination, Group, Word, examine};
use crate::scenario::Plan;
use crate::stack::Talk;

pub(super) async fn live(plan: &Plan, output: Output) -> Exit {
    let stop = stop_on_signal(output);
    let (talk, lines) = Talk::channel();
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
            output.deliver(&describe(&examination));
            exit_of(&examination)
        }
        Err(error) => output.fail(&error),
    }
}

/// Exit code of an examination: only a failed finding fails it, not one that could not be observed.
fn exit_of(examination: &Examination) -> Exit {
    if examination.count(Word::Fail) > 0 {
        Exit::Missed
    } else {
        Exit::Met
    }
}

fn describe(examination: &Examination) -> String {
    let mut text = format!("{}\n", examination.front_door);
    // Writing to a String cannot fail.
    for group in Group::ALL {
        let _ = writeln!(text, "\n{}", group.name());
        let findings = examination.findings.iter().filter(|(of, ..)| *of == group);
        for (_, name, finding) in findings {
            let _ = writeln!(text, "  {:<8} {name:<16} {}", finding.word, finding.evidence);
        }
    }
    let count = |word| examination.count(word);
    let _ = writeln!(
        text,
        "\n{} PASS, {} WARN, {} FAIL, {} UNKNOWN",
        count(Word::Pass),
        count(Word::Warn),
        count(Word::Fail),
        count(Word::Unknown)
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Finding;

    #[test]
    fn only_what_fails_fails_an_examination() {
        for (words, exit) in [
            (&[][..], Exit::Met),
            (&[Word::Pass, Word::Warn, Word::Unknown], Exit::Met),
            (&[Word::Pass, Word::Fail], Exit::Missed),
        ] {
            let found = |word: &Word| {
                let finding = Finding {
                    word: *word,
                    evidence: "seen".to_owned(),
                };
                (Group::ALL[0], "check", finding)
            };
            let examination = Examination {
                front_door: "http://127.0.0.1:1".to_owned(),
                findings: words.iter().map(found).collect(),
            };
            assert_eq!(exit_of(&examination), exit, "{words:?}");
            let text = describe(&examination);
            let count = |word| words.iter().filter(|other| **other == word).count();
            assert!(text.starts_with("http://127.0.0.1:1\n"), "{text}");
            assert!(
                text.ends_with(&format!(
                    "\n{} PASS, {} WARN, {} FAIL, {} UNKNOWN\n",
                    count(Word::Pass),
                    count(Word::Warn),
                    count(Word::Fail),
                    count(Word::Unknown)
                )),
                "{text}"
            );
        }
    }
}
