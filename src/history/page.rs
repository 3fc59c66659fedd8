//! Pages of all runs: how each scenario stands, the trend of every objective, and each run with its verdict.

use std::collections::BTreeMap;
use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::earlier::over_runs;
use super::{HistoryEntry, HistoryError, words};
use crate::compare::MeasureKind;
use crate::report::kit::{head_row, head_with, label, plain, prose, wide};
use crate::report::{ObjectiveHistory, badge, class, skip_link, sparkline};
use crate::runs::{notes, write_atomically};
use crate::slo::{Label, VerdictWord};
use crate::words::{Language, quoted};

/// Filters the runs; the page is complete without it.
const SCRIPT: &str = include_str!("runs.js");
/// Runs of a scenario that a trend is drawn of.
const DRAWN: usize = 50;
/// Letters of a commit's name that are shown.
const COMMIT: usize = 10;
/// Columns of all runs that can be filtered by, from the left.
const FILTERED: [(Label, usize); 3] = [(words::SCENARIO, 1), (words::BRANCH, 2), (words::VERDICT, 4)];

/// Writes `index.html` and `index.fr.html` with those runs, oldest first, into the folder that run folders are made in.
pub fn write_pages(out: &Path, runs: &[HistoryEntry]) -> Result<(), HistoryError> {
    for language in Language::ALL {
        write_atomically(&out.join(file_name(language)), page(out, runs, language).as_bytes())?;
    }
    Ok(())
}

fn file_name(language: Language) -> &'static str {
    match language {
        Language::English => "index.html",
        Language::French => "index.fr.html",
    }
}

/// The page of those runs, oldest first. A run is a link if its own page lies in `out`.
fn page(out: &Path, runs: &[HistoryEntry], language: Language) -> String {
    let mut scenarios: BTreeMap<&str, Vec<&HistoryEntry>> = BTreeMap::new();
    for run in runs {
        scenarios.entry(&run.scenario).or_default().push(run);
    }
    let title = format!("{} · Diapason", language.label(words::ALL_RUNS));
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head_with(&title, language, Some(SCRIPT)))
            body {
                (skip_link(language))
                (crate::report::other_languages(language, &Language::ALL))
                main #content {
                    h1 { (label(words::ALL_RUNS, language)) }
                    @match runs.last() {
                        Some(newest) => {
                            p.reason {
                                (prose(&words::opening(
                                    runs.len() as u64, scenarios.len() as u64, newest.started, language
                                ), language))
                            }
                            (filter(language))
                            (standing(out, &scenarios, language))
                            (trends(&scenarios, language))
                            (all(out, runs, language))
                        },
                        None => p.nodata { (label(words::NO_RUN, language)) },
                    }
                }
                footer { span translate="no" { "Diapason " (env!("CARGO_PKG_VERSION")) } }
                @if !runs.is_empty() { script { (PreEscaped(SCRIPT)) } }
            }
        }
    };
    page.into_string()
}

/// The form of the filter; the script fills it and shows it.
fn filter(language: Language) -> Markup {
    html! {
        form #filter .filter hidden role="search" aria-label=(language.label(words::FILTER))
            data-shown=(language.typeset(language.label(words::SHOWN))) {
            @for (name, column) in FILTERED {
                label {
                    (label(name, language))
                    select data-column=(column) autocomplete="off" {
                        option value="" { (label(words::ANY, language)) }
                    }
                }
            }
            button type="reset" { (label(words::RESET, language)) }
        }
    }
}

fn standing(out: &Path, scenarios: &BTreeMap<&str, Vec<&HistoryEntry>>, language: Language) -> Markup {
    let newest = scenarios
        .iter()
        .filter_map(|(name, runs)| Some((name, runs.last()?, runs.len())));
    html! {
        section #standing {
            h2 { (label(words::STANDING, language)) }
            (wide(language, language.label(words::STANDING), &html! {
                table.words {
                    (head_row(language, &words::standing_columns(language)))
                    tbody { @for (name, run, count) in newest {
                        tr data-scenario=(name) {
                            th scope="row" translate="no" { (name) }
                            td { (link(out, run, language)) }
                            td { (badge(run.verdict, language)) }
                            td translate="no" { (tag(run, &["branch"])) }
                            td translate="no" { (release(run)) }
                            td.number { (language.count(count as u64)) }
                        }
                    } }
                }
            }))
        }
    }
}

fn trends(scenarios: &BTreeMap<&str, Vec<&HistoryEntry>>, language: Language) -> Markup {
    html! {
        section #trends {
            h2 { (label(words::TRENDS, language)) }
            @for (name, runs) in scenarios {
                @let histories = histories(runs);
                @if !histories.is_empty() {
                    div data-scenario=(name) {
                        h3 translate="no" { (name) }
                        (wide(language, name, &html! {
                            table.words {
                                (head_row(language, &words::trend_columns(language)))
                                tbody { @for history in &histories { (trend(history, language)) } }
                            }
                        }))
                    }
                }
            }
            p.note { (label(words::COMPARABLE, language)) }
        }
    }
}

/// The objectives of the newest valid run over the runs that are comparable with it.
fn histories(runs: &[&HistoryEntry]) -> Vec<ObjectiveHistory> {
    // The figures of an invalid run are about the generator, or about a load that was not applied.
    let valid = || runs.iter().copied().filter(|run| run.verdict != VerdictWord::Invalid);
    let Some(newest) = valid().next_back() else {
        return Vec::new();
    };
    let comparable: Vec<&HistoryEntry> = valid().filter(|run| run.comparable == newest.comparable).collect();
    let drawn = comparable
        .get(comparable.len().saturating_sub(DRAWN)..)
        .unwrap_or_default();
    let objectives = newest
        .measured
        .iter()
        .filter(|measured| measured.kind == MeasureKind::Objective);
    objectives.map(|measured| over_runs(drawn, measured)).collect()
}

fn trend(history: &ObjectiveHistory, language: Language) -> Markup {
    let finite = || history.values.iter().flatten().copied();
    let extent = finite().min_by(f64::total_cmp).zip(finite().max_by(f64::total_cmp));
    let newest = history.values.last().copied().flatten();
    html! {
        tr {
            th scope="row" {
                span translate="no" { (history.name) } " "
                span.advisory { (language.statistic(&history.statistic)) }
            }
            td.number { strong { (prose(&language.value(newest, history.unit), language)) } }
            td { (sparkline(history, language)) }
            td.tight {
                @match extent {
                    Some((low, high)) => (prose(&words::extent(low, high, history.unit, language), language)),
                    None => "–",
                }
            }
            td {
                @match history.changes.last() {
                    Some(change) => {
                        (prose(&format!(
                            "{} → {}, {} ({})",
                            language.value(Some(change.before), history.unit),
                            language.value(Some(change.after), history.unit),
                            quoted(&change.run),
                            crate::report::day(change.started, language),
                        ), language))
                    },
                    None => "–",
                }
            }
        }
    }
}

fn all(out: &Path, runs: &[HistoryEntry], language: Language) -> Markup {
    html! {
        section #all {
            h2 { (label(words::RUNS, language)) }
            p #count role="status" {}
            (wide(language, language.label(words::RUNS), &html! {
                table.words.runs {
                    (head_row(language, &words::run_columns(language)))
                    tbody { @for run in runs.iter().rev() { (row(out, run, language)) } }
                }
            }))
        }
    }
}

fn row(out: &Path, run: &HistoryEntry, language: Language) -> Markup {
    let objectives = run
        .measured
        .iter()
        .filter(|measured| measured.kind == MeasureKind::Objective);
    html! {
        tr {
            th scope="row" { (link(out, run, language)) }
            td translate="no" { (run.scenario) }
            td translate="no" { (tag(run, &["branch"])) }
            td translate="no" { (release(run)) }
            td { span class={ "badge " (class(run.verdict)) } { (language.wording().word(run.verdict)) } }
            td { @for note in notes(&out.join(run.name())).unwrap_or_default() {
                p.remark translate="no" { (note.by) ": " (note.text) }
            } ul { @for measured in objectives {
                li {
                    span translate="no" { (measured.name) } " "
                    b { (plain(&language.value(measured.value, measured.unit), language)) }
                }
            } } }
        }
    }
}

/// The start of the run as a link to its page, if that lies in the folder of the page.
fn link(out: &Path, run: &HistoryEntry, language: Language) -> Markup {
    let started = match language {
        Language::English => run.started.strftime("%Y-%m-%d %H:%M"),
        Language::French => run.started.strftime("%d/%m/%Y %H:%M"),
    };
    let text = html! { time datetime=(run.started.strftime("%Y-%m-%dT%H:%MZ")) { (started) } };
    if let Some(href) = target(out, run, language) {
        html! { a href=(href) title=(run.name()) { (text) } }
    } else {
        html! { span title=(run.name()) { (text) } }
    }
}

/// Path of the run's page from the folder, in the language if there is one.
fn target(out: &Path, run: &HistoryEntry, language: Language) -> Option<String> {
    let name = run.name();
    // A run that was rendered in one language only has one page.
    let names = [format!("index.{}.html", language.tag()), "index.html".to_owned()];
    let file = names.into_iter().find(|file| out.join(name).join(file).is_file())?;
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    // Dots, hyphens and underscores stand for themselves in a path.
    let name = encoded
        .to_string()
        .replace("%2D", "-")
        .replace("%2E", ".")
        .replace("%5F", "_");
    Some(format!("{name}/{file}"))
}

/// The first of those labels that the run has, or a dash.
fn tag<'a>(run: &'a HistoryEntry, keys: &[&str]) -> &'a str {
    let found = keys.iter().find_map(|key| run.tags.iter().find(|(own, _)| own == key));
    found.map_or("–", |(_, value)| value)
}

/// The release by its name, else the first letters of its commit.
fn release(run: &HistoryEntry) -> String {
    let release = tag(run, &["release", "version", "commit"]);
    let is_commit = release.len() > COMMIT && release.chars().all(|letter| letter.is_ascii_hexdigit());
    let letters = if is_commit { COMMIT } else { usize::MAX };
    release.chars().take(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::super::MeasuredValue;
    use super::super::fixture::{entry, measured};
    use super::*;

    fn runs(count: u32) -> Vec<HistoryEntry> {
        let start: jiff::Timestamp = "2026-03-01T08:15:00Z".parse().unwrap();
        let run = |index: u32| {
            let of = |name: &str| MeasuredValue {
                name: name.to_owned(),
                ..measured(Some(f64::from(40 + index % 7)))
            };
            let scenario = ["gate", "soak"][(index % 2) as usize];
            HistoryEntry {
                run: format!("{index}-{scenario}"),
                folder: format!("reports/20260301-081500-{scenario}-{index}"),
                scenario: scenario.to_owned(),
                started: start + jiff::SignedDuration::from_hours(i64::from(index)),
                tags: vec![
                    ("branch".to_owned(), format!("feature/number-{}", index % 40)),
                    ("commit".to_owned(), format!("{index:040x}")),
                ],
                measured: [
                    "API response time",
                    "Frontend load time",
                    "Database query time",
                    "Uptime",
                    "Error rate",
                ]
                .map(of)
                .to_vec(),
                ..entry("", "2026-03-01T08:15:00Z")
            }
        };
        (0..count).map(run).collect()
    }

    #[test]
    fn a_thousand_runs_are_less_than_a_megabyte() {
        for language in Language::ALL {
            let page = page(Path::new("reports"), &runs(1_000), language);
            assert!(page.len() < 1_000_000, "{} bytes", page.len());
            assert_eq!(page.matches("<time ").count(), 1_002);
            // One sparkline for each objective of each scenario.
            assert_eq!(page.matches("<svg class=\"spark\"").count(), 10);
        }
    }

    #[test]
    fn names_from_outside_cannot_become_markup() {
        let evil = "</script><script>alert('x')</script>";
        let mut run = runs(1).remove(0);
        run.scenario = evil.to_owned();
        run.folder = evil.to_owned();
        run.tags = vec![
            ("branch".to_owned(), evil.to_owned()),
            ("release".to_owned(), evil.to_owned()),
        ];
        run.measured[0].name = evil.to_owned();
        let page = page(Path::new("reports"), &[run], Language::French);
        // The page's own script alone.
        assert_eq!(page.matches("<script").count(), 1);
        assert!(page.contains("&lt;script&gt;"));
        assert!(page.contains("script-src 'sha256-") && !page.contains("style=\""));
    }

    #[test]
    fn a_run_is_a_link_where_its_page_is() {
        let out = tempfile::tempdir().unwrap();
        let runs = runs(3);
        for (run, files) in runs
            .iter()
            .zip([&[][..], &["index.html"], &["index.html", "index.fr.html"]])
        {
            let folder = out.path().join(run.name());
            std::fs::create_dir(&folder).unwrap();
            for file in files {
                std::fs::write(folder.join(file), "").unwrap();
            }
        }
        let targets = |language| -> Vec<Option<String>> {
            let targets = runs.iter().map(|run| target(out.path(), run, language));
            targets.collect()
        };
        let page = |name: &str, file: &str| Some(format!("20260301-081500-{name}/{file}"));
        assert_eq!(
            targets(Language::English),
            [None, page("soak-1", "index.html"), page("gate-2", "index.html")]
        );
        assert_eq!(targets(Language::French)[2], page("gate-2", "index.fr.html"));
        write_pages(out.path(), &runs).unwrap();
        let french = std::fs::read_to_string(out.path().join("index.fr.html")).unwrap();
        assert!(french.contains("<html lang=\"fr\">") && french.contains("href=\"index.html\""));
    }

    #[test]
    fn a_history_without_runs_says_so() {
        let page = page(Path::new("reports"), &[], Language::English);
        assert!(page.contains("No run is in the history yet") && !page.contains("<script>"));
    }
}
