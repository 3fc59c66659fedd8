//! Sentences on an examination without load.

use super::labels::examination::check_name;
use super::run::moment;
use super::{Language, quoted};
use crate::evidence::{CheckFinding, Examination, FindingVerdict};

/// The examination in one sentence.
pub(in crate::report) fn answer(examination: &Examination, language: Language) -> String {
    let count = |word| examination.count(word) as u64;
    let (failed, warned) = (count(FindingVerdict::Fail), count(FindingVerdict::Warn));
    let (unknown, passed) = (count(FindingVerdict::Unknown), count(FindingVerdict::Pass));
    match language {
        Language::English => format!(
            "{}, {}, {unknown} not observed; {passed} passed.",
            language.plural(failed, "failure", ""),
            language.plural(warned, "warning", ""),
        ),
        Language::French => format!(
            "{}, {}, {} ; {}.",
            language.plural(failed, "", "échec"),
            language.plural(warned, "", "avertissement"),
            not_observed(unknown),
            language.plural(passed, "", "point conforme")
        ),
    }
}

/// `1 point non observé`, `2 points non observés`: the negation has no plural.
fn not_observed(count: u64) -> String {
    let ends = if count < 2 { "" } else { "s" };
    format!("{count} point{ends} non observé{ends}")
}

/// The examination in the run's report: where, when, and with which result.
pub(in crate::report) fn opening(examination: &Examination, language: Language) -> String {
    let (door, at) = (quoted(&examination.front_door), moment(examination.at, language));
    let answer = answer(examination, language);
    match language {
        Language::English => format!("{door} was examined on {at}: {answer}"),
        Language::French => format!("{door} a été examinée le {at} : {answer}"),
    }
}

/// Findings of the examination that are not met, in one sentence; `None` without such a finding. It does not change the verdict.
pub(in crate::report) fn failures(examination: &Examination, language: Language) -> Option<String> {
    let failed = |finding: &&CheckFinding| finding.word == FindingVerdict::Fail;
    let mut checks: Vec<String> = Vec::new();
    for finding in examination.findings.iter().filter(failed) {
        let name = check_name(&finding.check, language).to_owned();
        if !checks.contains(&name) {
            checks.push(name);
        }
    }
    if checks.is_empty() {
        return None;
    }
    let list = language.list(&checks);
    Some(match language {
        Language::English => {
            format!("The examination without load found what is not met: {list}. The verdict does not depend on it.")
        }
        Language::French => {
            format!("L’examen sans charge a relevé des points non conformes : {list}. Le verdict n’en dépend pas.")
        }
    })
}
