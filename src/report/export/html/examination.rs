//! The examination of a system without load, and the checklists that people sign off: a section of a run, and a page of its own.

use maud::{DOCTYPE, Markup, html};

use super::kit::{facts, head, head_row, label, prose, skip_link, wide};
use super::languages::other_languages_of;
use crate::evidence::{CheckFinding, Examination, FindingGroup, FindingVerdict};
use crate::report::Document;
use crate::report::words::labels::examination as labels;
use crate::report::words::labels::examination::ChecklistPoint;
use crate::report::words::{examination as words, quoted, run};
use crate::words::Language;

/// The section of a run: its checklists, with what was found where it was examined.
pub(super) fn section(document: &Document, language: Language) -> Markup {
    let examination = document.examination.as_ref();
    html! {
        section #examination {
            h2 { (label(labels::EXAMINED, language)) }
            @match examination {
                Some(examination) => {
                    p.opening { (prose(&words::opening(examination, language), language)) }
                    (checklists(Some(examination), language))
                    details {
                        summary { (label(labels::FINDINGS, language)) }
                        @for group in FindingGroup::ALL { (findings(examination, group, language)) }
                    }
                },
                None => {
                    p { (label(labels::NOT_EXAMINED, language)) }
                    details {
                        summary { (label(labels::TO_CONFIRM, language)) }
                        (checklists(None, language))
                    }
                },
            }
        }
    }
}

/// A page of an examination in that language, with links to those of `all` whose names begin with `stem`.
pub(crate) fn page(examination: &Examination, stem: &str, language: Language, all: &[Language]) -> String {
    let failed = examination.count(FindingVerdict::Fail) > 0;
    let (class, word) = if failed {
        ("fail", FindingVerdict::Fail)
    } else {
        ("pass", FindingVerdict::Pass)
    };
    let scenario = &examination.scenario;
    let title = format!(
        "{} · {} · Diapason",
        language.label(labels::EXAMINATION),
        quoted(scenario)
    );
    let tags = examination.tags.iter();
    let tags: Vec<String> = tags.map(|(key, value)| quoted(&format!("{key} {value}"))).collect();
    let mut about = vec![
        (labels::FRONT_DOOR, quoted(&examination.front_door)),
        (labels::DATE, run::moment(examination.at, language)),
    ];
    if !tags.is_empty() {
        about.push((labels::RELEASE, tags.join(" · ")));
    }
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(&title, language))
            body {
                (skip_link(language))
                (other_languages_of(stem, language, all))
                main #content {
                    header {
                        div class={ "banner " (class) } {
                            div {
                                p.word { (language.label(labels::finding_word(word))) " · " span translate="no" { (scenario) } }
                                h1 { (prose(&words::answer(examination, language), language)) }
                            }
                        }
                        (facts(language, &about))
                    }
                    section #findings {
                        h2 { (label(labels::FINDINGS, language)) }
                        @for group in FindingGroup::ALL { (findings(examination, group, language)) }
                    }
                    section #checklists {
                        h2 { (label(labels::TO_CONFIRM, language)) }
                        (checklists(Some(examination), language))
                    }
                }
                footer { span translate="no" { "Diapason " (examination.diapason) } }
            }
        }
    };
    page.into_string()
}

fn findings(examination: &Examination, group: FindingGroup, language: Language) -> Markup {
    let title = labels::group(group);
    let findings: Vec<&CheckFinding> = examination
        .findings
        .iter()
        .filter(|finding| finding.group == group)
        .collect();
    html! {
        @if !findings.is_empty() {
            h3 { (label(title, language)) }
            (wide(language, language.label(title), &html! {
                table.words {
                    (head_row(language, &labels::FINDING_COLUMNS.of(language)))
                    tbody { @for finding in findings {
                        tr {
                            th scope="row" { (labels::check_name(&finding.check, language)) }
                            td { (badge(finding.word, language)) }
                            td { (prose(&language.wording().finding(&finding.fact), language)) }
                        }
                    } }
                }
            }))
        }
    }
}

/// The checklists of the deployment guide: each point with its worst finding, and the person who signs it off.
fn checklists(examination: Option<&Examination>, language: Language) -> Markup {
    html! {
        p.note { (label(labels::CHECKLISTS_NOTE, language)) }
        @for (title, points) in &labels::CHECKLISTS {
            h3 { (label(*title, language)) }
            (wide(language, language.label(*title), &html! {
                table.words.checklist {
                    (head_row(language, &labels::CHECKLIST_COLUMNS.of(language)))
                    tbody { @for point in *points { (checklist_row(point, examination, language)) } }
                }
            }))
        }
    }
}

/// Names of the checks that see a point.
fn seen_by(point: &ChecklistPoint, language: Language) -> String {
    let names = point.checks.iter().map(|check| labels::check_name(check, language));
    names.collect::<Vec<_>>().join(", ")
}

fn checklist_row(point: &ChecklistPoint, examination: Option<&Examination>, language: Language) -> Markup {
    let word = examination.and_then(|examination| examination.worst(point.checks));
    html! {
        tr {
            th scope="row" { (label(point.text, language)) }
            td {
                @match word {
                    Some(word) => (badge(word, language)),
                    None => span.open-point { (label(labels::CONFIRM, language)) },
                }
            }
            td { (if word.is_some() { seen_by(point, language) } else { "–".to_owned() }) }
            td { (label(point.who, language)) }
            td.to-sign {}
        }
    }
}

fn badge(word: FindingVerdict, language: Language) -> Markup {
    let class = match word {
        FindingVerdict::Pass => "pass",
        FindingVerdict::Unknown => "inconclusive",
        FindingVerdict::Warn => "warn",
        FindingVerdict::Fail => "fail",
    };
    html! { span class={ "badge " (class) } { (language.label(labels::finding_word(word))) } }
}

/// Names of the checks that some point of a checklist is seen by.
#[cfg(test)]
pub(crate) fn checklist_checks() -> Vec<&'static str> {
    let points = labels::CHECKLISTS.iter().flat_map(|(_, points)| points.iter());
    points.flat_map(|point| point.checks.iter().copied()).collect()
}

/// Names of the checks that have a name in every language.
#[cfg(test)]
pub(crate) fn named_checks() -> Vec<&'static str> {
    labels::CHECK_NAMES.iter().map(|(english, _)| *english).collect()
}

/// An examination with a finding of each word; one holds markup.
#[cfg(test)]
pub(crate) fn sample() -> Examination {
    let evil = "<script>alert('x')</script> \"seen\"";
    let finding = |group, check: &str, word, evidence: &str| CheckFinding {
        group,
        check: check.to_owned(),
        word,
        fact: crate::evidence::FindingFact::Verbatim {
            said: evidence.to_owned(),
        },
    };
    Examination {
        format: Examination::FORMAT,
        diapason: "0.1.0".to_owned(),
        scenario: "gate".to_owned(),
        tags: vec![("release".to_owned(), "1.4.2".to_owned())],
        at: jiff::Timestamp::from_second(1_772_352_900).unwrap_or_default(),
        front_door: "http://127.0.0.1:1".to_owned(),
        counts: ["FAIL", "PASS", "UNKNOWN", "WARN"]
            .map(|word| (word.to_owned(), 1))
            .into(),
        findings: vec![
            finding(FindingGroup::Health, "services", FindingVerdict::Pass, "all run"),
            finding(FindingGroup::Limits, "proxy", FindingVerdict::Warn, "close"),
            finding(FindingGroup::Production, "CORS", FindingVerdict::Fail, evil),
            finding(
                FindingGroup::Production,
                "backups",
                FindingVerdict::Unknown,
                "no folder",
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::document;

    /// Cells of the row of that point, without markup.
    fn row(page: &str, point: &str) -> Vec<String> {
        let (_, row) = page.split_once(&format!("<th scope=\"row\">{point}</th>")).unwrap();
        let cells = row.split("</tr>").next().unwrap().split("<td").skip(1);
        let text = |cell: &str| {
            let parts = cell.split('>').skip(1).map(|part| part.split('<').next().unwrap());
            parts.collect::<String>()
        };
        cells.map(text).collect()
    }

    #[test]
    fn each_point_has_its_finding_and_who_signs_it_off() {
        let page = page(&sample(), "examination", Language::English, &[Language::English]);
        let point = |name: &str| row(&page, name).join("|");
        assert_eq!(point("Every container is healthy"), "PASS|services|operations|");
        assert_eq!(
            point("Rate limiting is on"),
            "WARN|rate limiting, proxy, probe|security|"
        );
        assert_eq!(
            point("CORS admits the application's own domains only"),
            "FAIL|CORS|security|"
        );
        assert_eq!(point("Backups are made automatically"), "UNKNOWN|backups|operations|");
        // No tool sees it, and what was not found is not passed.
        assert_eq!(
            point("The documentation is up to date"),
            "to be confirmed|–|service owner|"
        );
        assert_eq!(
            point("Certificates are valid, and renewed without anybody's help"),
            "to be confirmed|–|operations|"
        );
        assert!(!page.contains("<script>"));
    }

    #[test]
    fn a_run_shows_its_examination_or_that_it_has_none() {
        let mut document = document();
        let without = section(&document, Language::French).into_string();
        assert!(without.contains("--examine") && !without.contains("CONFORME"));
        document.examination = Some(sample());
        let with = section(&document, Language::French).into_string();
        assert!(with.contains("CONFORME") && with.contains("ÉCHEC") && !with.contains("<script>"));
        assert_eq!(
            with.matches("<td class=\"to-sign\">").count(),
            without.matches("<td class=\"to-sign\">").count()
        );
    }
}
