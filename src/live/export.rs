//! Evidence of an examination: data, test cases for a CI server, and a page a language.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};
use serde_json::{Value, json};

use super::finding::{CheckGroup, Examination, Finding, FindingVerdict};
use crate::report::kit::{facts, head_row, label, prose, wide};
use crate::report::{head, localized, moment, other_languages_of, skip_link};
use crate::slo::Label;
use crate::words::{Language, quoted};

/// Formats by name, with the default file name of each.
pub const EXPORTS: &[(&str, &str)] = &[
    ("html", "examination.html"),
    ("json", "examination.json"),
    ("junit", "examination.xml"),
];

/// Version of `examination.json`, incremented when a field changes its meaning.
const FORMAT: u32 = 1;

/// An examination with its subject and time.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The findings.
    pub examination: &'a Examination,
    /// Name of the scenario whose system was examined.
    pub scenario: &'a str,
    /// Labels of the system: `("release", "1.4.2")`.
    pub tags: &'a [(String, String)],
    /// Wall-clock time of the examination.
    pub at: Timestamp,
}

impl Report<'_> {
    /// The report in that format, as paths and contents: a page in each of the languages, the first at `path`; of the other
    /// formats one file, in English. Empty if there is no such format.
    pub fn render(&self, format: &str, path: &str, languages: &[Language]) -> Vec<(String, String)> {
        let mut languages = languages.to_vec();
        languages.sort_unstable();
        languages.dedup();
        match format {
            "html" => {
                let stem = Path::new(path)
                    .file_stem()
                    .and_then(std::ffi::OsStr::to_str)
                    .unwrap_or("examination");
                let pages = languages.iter().map(|language| {
                    (
                        localized(path, *language, &languages),
                        self.page(stem, *language, &languages),
                    )
                });
                pages.collect()
            }
            "json" => vec![(path.to_owned(), format!("{:#}\n", self.data()))],
            "junit" => vec![(path.to_owned(), self.junit())],
            _ => Vec::new(),
        }
    }

    fn data(&self) -> Value {
        let findings = self.examination.findings.iter().map(|(group, check, finding)| {
            json!({
                "group": group.name(),
                "check": check,
                "word": finding.word.name(),
                "evidence": finding.evidence,
            })
        });
        let words = [
            FindingVerdict::Pass,
            FindingVerdict::Warn,
            FindingVerdict::Fail,
            FindingVerdict::Unknown,
        ];
        let counts = words.map(|word| (word.name().to_owned(), json!(self.examination.count(word))));
        json!({
            "format": FORMAT,
            "diapason": env!("CARGO_PKG_VERSION"),
            "scenario": self.scenario,
            "tags": self.tags,
            "at": self.at,
            "front_door": self.examination.front_door,
            "counts": serde_json::Map::from_iter(counts),
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    /// A failure is a failed case; what could not be observed is skipped with its reason, as is a warning.
    fn junit(&self) -> String {
        let count = |word| self.examination.count(word);
        let totals = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
            self.examination.findings.len(),
            count(FindingVerdict::Fail),
            count(FindingVerdict::Unknown) + count(FindingVerdict::Warn)
        );
        let escaped = |text: &str| html_escape::encode_quoted_attribute(text).into_owned();
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        // Writing into a string cannot fail.
        let _ = writeln!(xml, "<testsuites name=\"diapason\" {totals}>");
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{}\" {totals} timestamp=\"{}\">",
            escaped(&format!("examination of {}", self.scenario)),
            self.at.strftime("%Y-%m-%dT%H:%M:%S")
        );
        for (group, check, finding) in &self.examination.findings {
            let (name, class) = (escaped(check), escaped(group.name()));
            let told = escaped(&format!("{}: {}", finding.word.name(), finding.evidence));
            let inside = match finding.word {
                FindingVerdict::Pass => String::new(),
                FindingVerdict::Fail => format!("<failure message=\"{told}\"/>"),
                FindingVerdict::Warn | FindingVerdict::Unknown => format!("<skipped message=\"{told}\"/>"),
            };
            let _ = writeln!(
                xml,
                "    <testcase name=\"{name}\" classname=\"{class}\">{inside}</testcase>"
            );
        }
        xml.push_str("  </testsuite>\n</testsuites>\n");
        xml
    }

    fn page(&self, stem: &str, language: Language, all: &[Language]) -> String {
        let failed = self.examination.count(FindingVerdict::Fail);
        let class = if failed > 0 { "fail" } else { "pass" };
        let word = if failed > 0 {
            FindingVerdict::Fail
        } else {
            FindingVerdict::Pass
        };
        let title = format!("{} · {} · Diapason", language.label(EXAMINATION), quoted(self.scenario));
        let tags: Vec<String> = self
            .tags
            .iter()
            .map(|(key, value)| quoted(&format!("{key} {value}")))
            .collect();
        let mut about = vec![
            (FRONT_DOOR, quoted(&self.examination.front_door)),
            (DATE, moment(self.at, language)),
        ];
        if !tags.is_empty() {
            about.push((RELEASE, tags.join(" · ")));
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
                                    p.word { (language.label(named(word))) " · " span translate="no" { (self.scenario) } }
                                    h1 { (prose(&self.answer(language), language)) }
                                }
                            }
                            (facts(language, &about))
                        }
                        @for group in CheckGroup::ALL { (self.group(group, language)) }
                        (self.to_confirm(language))
                    }
                    footer { span translate="no" { "Diapason " (env!("CARGO_PKG_VERSION")) } }
                }
            }
        };
        page.into_string()
    }

    /// The examination in one sentence.
    fn answer(&self, language: Language) -> String {
        let count = |word| self.examination.count(word) as u64;
        let (failed, warned, unknown) = (
            count(FindingVerdict::Fail),
            count(FindingVerdict::Warn),
            count(FindingVerdict::Unknown),
        );
        match language {
            Language::English => format!(
                "{}, {}, {} not observed; {} passed.",
                language.plural(failed, "failure", ""),
                language.plural(warned, "warning", ""),
                unknown,
                count(FindingVerdict::Pass)
            ),
            Language::French => format!(
                "{}, {}, {} ; {}.",
                language.plural(failed, "", "échec"),
                language.plural(warned, "", "avertissement"),
                language.plural(unknown, "", "point non observé"),
                language.plural(count(FindingVerdict::Pass), "", "point conforme")
            ),
        }
    }

    fn group(&self, group: CheckGroup, language: Language) -> Markup {
        let title = match group {
            CheckGroup::Health => HEALTH,
            CheckGroup::Limits => LIMITS,
            CheckGroup::Production => PRODUCTION,
        };
        let findings: Vec<&(CheckGroup, &str, Finding)> = self
            .examination
            .findings
            .iter()
            .filter(|(of, ..)| *of == group)
            .collect();
        html! {
            @if !findings.is_empty() {
                section {
                    h2 { (label(title, language)) }
                    (wide(language, language.label(title), &html! {
                        table.words {
                            (head_row(language, &columns(language)))
                            tbody { @for (_, check, finding) in findings {
                                tr {
                                    th scope="row" translate="no" { (check) }
                                    td { (badge(finding.word, language)) }
                                    // Evidence is in English on every page: screen readers must not pronounce it as
                                    // French.
                                    td lang="en" translate="no" { (finding.evidence) }
                                }
                            } }
                        }
                    }))
                }
            }
        }
    }

    /// Points that no tool can see or that this examination did not see, with who can sign each off.
    fn to_confirm(&self, language: Language) -> Markup {
        let unknown = self
            .examination
            .findings
            .iter()
            .filter(|(_, _, finding)| finding.word == FindingVerdict::Unknown);
        html! {
            section #to-confirm {
                h2 { (label(TO_CONFIRM, language)) }
                p.opening { (label(TO_CONFIRM_NOTE, language)) }
                (wide(language, language.label(TO_CONFIRM), &html! {
                    table.words {
                        (head_row(language, &confirm_columns(language)))
                        tbody {
                            @for (point, who) in BY_PEOPLE {
                                tr { th scope="row" { (label(point, language)) } td { (label(who, language)) } td {} }
                            }
                            @for (_, check, finding) in unknown {
                                tr {
                                    th scope="row" {
                                        span translate="no" { (check) }
                                        span.why lang="en" translate="no" { (finding.evidence) }
                                    }
                                    td { (label(OPERATIONS, language)) }
                                    td {}
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// A text in both languages.
const fn text(english: &'static str, french: &'static str) -> Label {
    Label { english, french }
}

const EXAMINATION: Label = text("Examination", "Examen");
const FRONT_DOOR: Label = text("Front door", "Porte d’entrée");
const DATE: Label = text("Date", "Date");
const RELEASE: Label = text("Release", "Version");
const HEALTH: Label = text("Health", "État de santé");
const LIMITS: Label = text("Rate limits and the plan", "Limites de débit et plan de charge");
const PRODUCTION: Label = text("Production readiness", "Aptitude à la production");
const TO_CONFIRM: Label = text("To be confirmed by a person", "À confirmer par une personne");
const TO_CONFIRM_NOTE: Label = text(
    "No tool can see the first points; the others were not observed in this examination. Each needs a name and a date.",
    "Aucun outil ne peut voir les premiers points ; les autres n’ont pas été observés lors de cet examen. Chacun demande un nom \
     et une date.",
);
const OPERATIONS: Label = text("operations", "exploitation");
const SECURITY: Label = text("security", "sécurité");
const OWNER: Label = text("service owner", "responsable du service");
const BY_PEOPLE: [(Label, Label); 6] = [
    (
        text(
            "A backup was restored on another machine, and the application works on it",
            "Une sauvegarde a été restaurée sur une autre machine, et l’application y fonctionne",
        ),
        OPERATIONS,
    ),
    (
        text(
            "An alert reaches a person who is on call",
            "Une alerte parvient à une personne d’astreinte",
        ),
        OPERATIONS,
    ),
    (
        text(
            "The certificate is renewed without anybody's help",
            "Le certificat se renouvelle sans intervention",
        ),
        OPERATIONS,
    ),
    (
        text(
            "The way back to the version before was tried",
            "Le retour à la version précédente a été essayé",
        ),
        OPERATIONS,
    ),
    (
        text(
            "Production's secrets are its own, and who knows them is written down",
            "Les secrets de production lui sont propres, et la liste de qui les connaît est tenue",
        ),
        SECURITY,
    ),
    (
        text(
            "What is measured is what users do, at the load that is expected",
            "Ce qui est mesuré est ce que font les utilisateurs, à la charge attendue",
        ),
        OWNER,
    ),
];

fn columns(language: Language) -> [&'static str; 3] {
    match language {
        Language::English => ["Check", "Finding", "Evidence"],
        Language::French => ["Contrôle", "Constat", "Élément de preuve"],
    }
}

fn confirm_columns(language: Language) -> [&'static str; 3] {
    match language {
        Language::English => ["Point", "Who can confirm it", "Name, date"],
        Language::French => ["Point", "Qui peut le confirmer", "Nom, date"],
    }
}

fn named(word: FindingVerdict) -> Label {
    match word {
        FindingVerdict::Pass => text("PASS", "CONFORME"),
        FindingVerdict::Unknown => text("UNKNOWN", "NON OBSERVÉ"),
        FindingVerdict::Warn => text("WARN", "AVERTISSEMENT"),
        FindingVerdict::Fail => text("FAIL", "ÉCHEC"),
    }
}

fn badge(word: FindingVerdict, language: Language) -> Markup {
    let class = match word {
        FindingVerdict::Pass => "pass",
        FindingVerdict::Unknown => "inconclusive",
        FindingVerdict::Warn => "warn",
        FindingVerdict::Fail => "fail",
    };
    html! { span class={ "badge " (class) } { (language.label(named(word))) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examination() -> Examination {
        let evil = "<script>alert('x')</script> \"seen\"";
        Examination {
            front_door: "http://127.0.0.1:1".to_owned(),
            findings: vec![
                (CheckGroup::Health, "services", Finding::pass("all run")),
                (CheckGroup::Limits, "limits", Finding::warn("close")),
                (CheckGroup::Production, "cors", Finding::fail(evil)),
                (CheckGroup::Production, "backups", Finding::unknown("no folder")),
            ],
        }
    }

    fn rendered(format: &str, languages: &[Language]) -> Vec<(String, String)> {
        let examination = examination();
        let report = Report {
            examination: &examination,
            scenario: "gate",
            tags: &[("release".to_owned(), "1.4.2".to_owned())],
            at: "2026-03-01T08:15:00Z".parse().unwrap(),
        };
        report.render(format, "out/examination.html", languages)
    }

    #[test]
    fn each_finding_is_a_test_case_and_only_a_failure_fails() {
        let (_, xml) = rendered("junit", &[]).remove(0);
        assert!(
            xml.contains("tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\""),
            "{xml}"
        );
        assert!(
            xml.contains("<failure message=\"FAIL: &lt;script&gt;") && !xml.contains("<script"),
            "{xml}"
        );
        assert_eq!(xml.matches("<testcase").count(), 4);
    }

    #[test]
    fn the_data_holds_every_finding() {
        let (_, text) = rendered("json", &[]).remove(0);
        let data: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(data["findings"].as_array().unwrap().len(), 4);
        assert_eq!(
            (&data["counts"]["FAIL"], &data["findings"][3]["word"]),
            (&json!(1), &json!("UNKNOWN"))
        );
    }

    #[test]
    fn the_pages_lead_to_each_other_and_list_what_a_person_confirms() {
        let pages = rendered("html", &[Language::French, Language::English]);
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["out/examination.html", "out/examination.fr.html"]);
        for (_, page) in &pages {
            assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
            // The points for people, and what was not observed.
            let (_, confirm) = page.split_once("id=\"to-confirm\"").unwrap();
            assert_eq!(confirm.matches("<tr>").count(), 1 + BY_PEOPLE.len() + 1);
        }
        assert!(pages[0].1.contains("href=\"examination.fr.html\""));
        assert!(pages[1].1.contains("1\u{202f}échec") || pages[1].1.contains("1 échec"));
        assert!(rendered("pdf", &[Language::English]).is_empty());
    }
}
