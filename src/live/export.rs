//! Evidence of an examination: data, test cases for a CI server, and a page a language.

use std::fmt::Write as _;
use std::path::Path;

use crate::evidence::{Examination, FindingVerdict};
use crate::report::{examination_page, localized};
use crate::words::Language;

/// Formats by name, with the default file name of each.
pub const EXPORTS: &[(&str, &str)] = &[
    ("html", "examination.html"),
    ("json", "examination.json"),
    ("junit", "examination.xml"),
];

/// The examination in that format, as paths and contents: a page in each of the languages, the first at `path`; of the other
/// formats one file, in English. Empty if there is no such format.
pub fn render(
    examination: &Examination,
    format: &str,
    path: &str,
    languages: &[Language],
) -> serde_json::Result<Vec<(String, String)>> {
    let mut languages = languages.to_vec();
    languages.sort_unstable();
    languages.dedup();
    Ok(match format {
        "html" => {
            let stem = Path::new(path)
                .file_stem()
                .and_then(std::ffi::OsStr::to_str)
                .unwrap_or("examination");
            let pages = languages.iter().map(|language| {
                let page = examination_page(examination, stem, *language, &languages);
                (localized(path, *language, &languages), page)
            });
            pages.collect()
        }
        "json" => vec![(path.to_owned(), serde_json::to_string_pretty(examination)? + "\n")],
        "junit" => vec![(path.to_owned(), junit(examination))],
        _ => Vec::new(),
    })
}

/// A failure is a failed case; what could not be observed is skipped with its reason, as is a warning.
fn junit(examination: &Examination) -> String {
    let count = |word| examination.count(word);
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
        examination.findings.len(),
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
        escaped(&format!("examination of {}", examination.scenario)),
        examination.at.strftime("%Y-%m-%dT%H:%M:%S")
    );
    for finding in &examination.findings {
        let (name, class) = (escaped(&finding.check), escaped(finding.group.name()));
        let evidence = Language::English.wording().finding(&finding.fact);
        let told = escaped(&format!("{}: {evidence}", finding.word.name()));
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::examination_sample;

    fn rendered(format: &str, languages: &[Language]) -> Vec<(String, String)> {
        render(&examination_sample(), format, "out/examination.html", languages).unwrap()
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
        // What a run's report reads.
        assert_eq!(
            serde_json::from_str::<Examination>(&text).unwrap(),
            examination_sample()
        );
    }

    #[test]
    fn the_pages_lead_to_each_other() {
        let pages = rendered("html", &[Language::French, Language::English]);
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["out/examination.html", "out/examination.fr.html"]);
        for (_, page) in &pages {
            assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        }
        assert!(pages[0].1.contains("href=\"examination.fr.html\""));
        assert!(pages[1].1.contains("1\u{202f}échec") || pages[1].1.contains("1 échec"));
        assert!(rendered("pdf", &[Language::English]).is_empty());
    }
}
