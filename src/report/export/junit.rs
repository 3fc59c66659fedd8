//! One test case per objective, for the test tab of a CI server.

use std::fmt::Write;

use super::{Exporter, Rendering};
use crate::evidence::Decision;
use crate::report::{Document, ReportError};
use crate::slo::{ValidityCheck, Verdict, VerdictWord};
use crate::words::en::{self, text};

/// `junit.xml`.
pub(super) struct Junit;

impl Exporter for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn describe(&self) -> &'static str {
        "junit.xml: one test case per objective, for the test tab of a CI server"
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let mut cases = vec![validity(document)];
        cases.extend(deaths(document));
        cases.extend(
            document
                .judgement
                .verdicts
                .iter()
                .map(|verdict| case(document, verdict)),
        );
        let count = |kind: &str| cases.iter().filter(|case| case.kind == Some(kind)).count();
        let totals = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\"",
            cases.len(),
            count("failure"),
            count("error"),
            count("skipped"),
            document.seconds
        );
        let name = escaped(&document.plan.scenario);
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        // Writing into a string cannot fail.
        let _ = writeln!(xml, "<testsuites name=\"diapason\" {totals}>");
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{name}\" {totals} timestamp=\"{}\">",
            document.started.strftime("%Y-%m-%dT%H:%M:%S")
        );
        for case in &cases {
            write_case(&mut xml, &name, case);
        }
        xml.push_str("  </testsuite>\n</testsuites>\n");
        Ok(vec![Rendering::new("junit.xml", xml)])
    }
}

struct Case {
    name: String,
    /// `failure`, `error`, `skipped`, or none for a pass.
    kind: Option<&'static str>,
    message: String,
    details: String,
}

/// The test case of validity: a run with an invalid measurement must not look green to a server that only counts cases.
fn validity(document: &Document) -> Case {
    let checks = &document.judgement.validity;
    let describe = |check: &ValidityCheck| {
        let text = en::validity::check(check);
        format!("{}: {} ({})", text.rule, text.measured, text.threshold)
    };
    let broken: Vec<String> = checks.iter().filter(|check| !check.valid).map(describe).collect();
    let invalid = document.judgement.overall == VerdictWord::Invalid;
    Case {
        name: "measurement is valid".to_owned(),
        // An error and no failure: the measurement is at fault, not the system.
        kind: (invalid || document.judgement.interrupted).then_some("error"),
        message: if document.judgement.interrupted {
            "the run was stopped early".to_owned()
        } else {
            broken.join("; ")
        },
        details: checks.iter().map(describe).collect::<Vec<_>>().join("\n"),
    }
}

/// A failed test case where a service died under the load by itself; none in other runs.
fn deaths(document: &Document) -> Option<Case> {
    let deaths = document.judgement.deaths();
    let incidents: Vec<String> = deaths.iter().map(en::container_incident).collect();
    let mut details = String::new();
    for (service, lines) in document.last_lines() {
        let _ = writeln!(details, "last lines of {service}:\n{}", lines.join("\n"));
    }
    (!deaths.is_empty()).then(|| Case {
        name: "services survive the load".to_owned(),
        kind: Some("failure"),
        message: incidents.join("; "),
        details,
    })
}

fn case(document: &Document, verdict: &Verdict) -> Case {
    let objective = &verdict.objective;
    let judgement = &document.judgement;
    let kind = match verdict.accepted(judgement.accept) {
        Decision::Met => None,
        // An advisory objective is shown and never turns a build red.
        _ if !objective.gate => Some("skipped"),
        // Somebody answers for it; a broken measurement is another matter.
        _ if judgement.overall != VerdictWord::Invalid && verdict.acknowledged(judgement.accept).is_some() => {
            Some("skipped")
        }
        // An invalid measurement shows no miss: it is an error instead of a failure.
        Decision::Missed if judgement.overall != VerdictWord::Invalid => Some("failure"),
        Decision::Missed | Decision::Undecided => Some("error"),
    };
    let advisory = if objective.gate { "" } else { " (advisory)" };
    let mut details = format!("{}{advisory}: {}\n", verdict.word.name(), en::reason(verdict));
    if let Some(measurement) = &verdict.measurement {
        let _ = writeln!(
            details,
            "{} {} over {}",
            measurement.statistic,
            text::measured(measurement),
            text::plural(measurement.samples, "sample")
        );
    }
    let _ = write!(
        details,
        "target {}, acceptable {}",
        text::limit(objective, objective.target),
        text::limit(objective, objective.acceptable)
    );
    Case {
        name: objective.name.clone(),
        kind,
        message: format!("{}{advisory}: {}", verdict.word.name(), en::reason(verdict)),
        details,
    }
}

fn write_case(xml: &mut String, suite: &str, case: &Case) {
    let (name, details) = (escaped(&case.name), escaped(&case.details));
    let _ = writeln!(
        xml,
        "    <testcase classname=\"diapason.{suite}\" name=\"{name}\" time=\"0\">"
    );
    match case.kind {
        Some("skipped") => {
            let _ = writeln!(xml, "      <skipped message=\"{}\"/>", escaped(&case.message));
        }
        Some(kind) => {
            let message = escaped(&case.message);
            let _ = writeln!(xml, "      <{kind} message=\"{message}\">{details}</{kind}>");
        }
        None => {}
    }
    let _ = writeln!(xml, "      <system-out>{details}</system-out>\n    </testcase>");
}

/// Escapes for text and attributes. Colours of terminals are left out, and characters that XML 1.0 forbids are replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' && letters.next_if_eq(&'[').is_some() {
            // A control sequence ends with a letter (ECMA-48, section 5.4).
            letters.by_ref().find(|letter| ('@'..='~').contains(letter));
            continue;
        }
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            // XML 1.0 cannot hold them, not even as references (section 2.2, `Char`).
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Accept;
    use crate::report::sample;

    fn render(document: &Document) -> String {
        Junit.render(document).unwrap().remove(0).content
    }

    #[test]
    fn logs_in_colour_are_plain_text_in_xml() {
        assert_eq!(
            escaped("\u{1b}[1;31mred\u{1b}[0m & <b>\n\u{0}\u{ffff}\u{1b}x"),
            "red &amp; &lt;b&gt;\n\u{fffd}\u{fffd}\u{fffd}x"
        );
        assert_eq!(escaped("cut \u{1b}[3"), "cut ");
    }

    #[test]
    fn decisions_become_failures_errors_and_skips() {
        use Decision::{Met, Missed, Undecided};
        let mut document = sample::document();
        let decisions = [(Missed, Missed), (Missed, Met), (Undecided, Met)];
        for (verdict, decisions) in document.judgement.verdicts.iter_mut().zip(decisions) {
            (verdict.target, verdict.acceptable) = decisions;
        }
        let xml = render(&document);
        assert!(
            xml.contains("tests=\"6\" failures=\"2\" errors=\"1\" skipped=\"1\""),
            "{xml}"
        );
        document.judgement.accept = Accept::Acceptable;
        let xml = render(&document);
        assert!(xml.contains("failures=\"1\" errors=\"0\""), "{xml}");
        document.judgement.overall = VerdictWord::Invalid;
        let xml = render(&document);
        assert!(xml.contains("failures=\"0\" errors=\"2\""), "{xml}");
    }

    #[test]
    fn a_broken_measurement_is_an_error() {
        let mut document = sample::document();
        assert!(!render(&document).contains("<error"));
        document.judgement.validity[0].valid = false;
        document.judgement.overall = VerdictWord::Invalid;
        assert!(render(&document).contains("<error message=\"send lag: "));
    }

    #[test]
    fn markup_and_control_characters_are_escaped() {
        let mut document = sample::document();
        document.judgement.verdicts[0].objective.name = "a < b & \"c\" \u{1}".to_owned();
        let xml = render(&document);
        assert!(xml.contains("name=\"a &lt; b &amp; &quot;c&quot; \u{fffd}\""), "{xml}");
        sample::assert_well_formed(&xml);
    }
}
