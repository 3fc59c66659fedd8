//! The verdict table on the terminal.

use std::fmt::Write;

use super::Document;
use super::words::answer::acknowledgements;
use super::words::{browser, database as database_words, over_time};
use crate::slo::{Verdict, VerdictWord};
use crate::words::en::{self, failed, text};
use crate::words::{Language, unmarked};

/// Widest objective name; with the other columns at their widest the table stays within 110 columns.
const LONGEST_NAME: usize = 24;

/// Most kinds of failed requests that are listed.
const MOST_FAILED: usize = 5;

/// One row of the table, with the word that colours its verdict.
struct Row {
    cells: [String; 7],
    word: Option<VerdictWord>,
}

/// Verdict, table, validity problems and load identities, ready to print; ends with a line break.
pub fn terminal(document: &Document, colour: bool) -> String {
    let mut out = String::new();
    let word = document.judgement.overall;
    // Writing into a string cannot fail.
    let _ = writeln!(
        out,
        "{}  {}: {}\n",
        painted(word.name(), word, colour),
        document.plan.scenario,
        document.exit.meaning
    );
    table(&mut out, document, colour);
    notes(&mut out, document, colour);
    unmarked(&out)
}

fn table(out: &mut String, document: &Document, colour: bool) {
    let header = [
        "objective",
        "stat",
        "measured [95 %]",
        "n",
        "target",
        "acceptable",
        "verdict",
    ];
    let mut rows = vec![Row {
        cells: header.map(str::to_owned),
        word: None,
    }];
    rows.extend(document.judgement.verdicts.iter().map(row));
    let widths: Vec<usize> = (0..header.len())
        .map(|column| rows.iter().map(|row| width(&row.cells[column])).max().unwrap_or(0))
        .collect();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.cells.iter().enumerate() {
            let pad = " ".repeat(widths[column] - width(cell));
            match (column, row.word) {
                (6, Some(word)) => line.push_str(&painted(cell, word, colour)),
                (6, None) => line.push_str(cell),
                // Counts line up on their last digit.
                (3, _) => line.extend([&pad, cell.as_str(), "  "]),
                _ => line.extend([cell.as_str(), &pad, "  "]),
            }
        }
        if row.word.is_none() {
            // Whole, after the widths are counted: escape sequences have letters and no width.
            line = dimmed(&line, colour);
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn row(verdict: &Verdict) -> Row {
    let objective = &verdict.objective;
    let (statistic, measured, samples) = match &verdict.measurement {
        Some(measurement) => (
            measurement.statistic.clone(),
            text::measured(measurement),
            text::count(measurement.samples),
        ),
        None => ("–".to_owned(), "not measured".to_owned(), "–".to_owned()),
    };
    let advisory = if objective.gate { "" } else { " (advisory)" };
    Row {
        cells: [
            shortened(&objective.name),
            statistic,
            measured,
            samples,
            text::limit(objective, objective.target),
            text::limit(objective, objective.acceptable),
            format!("{}{advisory}", verdict.word.name()),
        ],
        word: Some(verdict.word),
    }
}

fn notes(out: &mut String, document: &Document, colour: bool) {
    let _ = writeln!(out);
    for told in acknowledgements(document, Language::English) {
        let _ = writeln!(out, "{}", text::sentence(&unmarked(&told)));
    }
    for verdict in &document.judgement.verdicts {
        if verdict.word != VerdictWord::Pass {
            let reason = text::sentence(&en::reason(verdict));
            let _ = writeln!(out, "{}: {reason}", verdict.objective.name);
        }
    }
    if let Some(next) = &document.attribution.next {
        let _ = writeln!(
            out,
            "{} {}",
            painted("why:", VerdictWord::Warn, colour),
            document.attribution.sentence
        );
        let _ = writeln!(out, "{} {next}", painted("next:", VerdictWord::Warn, colour));
    }
    // Phases with users are of the closed model: their load is no rate that the scenario names.
    for phase in document.plan.load.phases.iter().filter(|phase| phase.users.is_some()) {
        let judged = if phase.judged { "" } else { ", not judged" };
        let _ = writeln!(out, "phase {}: {}{judged}", phase.name, en::amount(phase));
    }
    for sentence in over_time::events(document, Language::English) {
        let _ = writeln!(out, "{sentence}");
    }
    failures(out, document, colour);
    deaths(out, document, colour);
    let pages = document.pages.iter();
    for sentence in pages.filter_map(|pages| browser::sentence(pages, Language::English)) {
        let _ = writeln!(out, "pages: {sentence}");
    }
    validity(out, document, colour);
    if let Some(database) = &document.database {
        if let Some(headline) = database_words::headline(database, Language::English) {
            let _ = writeln!(out, "database: {headline}");
        }
        if let Some(finding) = database_words::findings(database, Language::English).first() {
            let _ = writeln!(out, "database: {finding}");
        }
    }
    for identity in &document.identities {
        let sign = if identity.holds { "" } else { "  DOES NOT ADD UP" };
        let _ = writeln!(out, "{}{sign}", dimmed(&identity.statement, colour));
    }
    for correction in &document.corrections {
        let _ = writeln!(out, "{}", dimmed(&en::correction(correction), colour));
    }
}

/// Broken validity rules with their remedies, and what the limiter refused of the browser.
fn validity(out: &mut String, document: &Document, colour: bool) {
    let broken: Vec<_> = document
        .judgement
        .validity
        .iter()
        .filter(|check| !check.valid)
        .map(en::validity::check)
        .collect();
    let label = if document.judgement.overall == VerdictWord::Invalid {
        "not valid:"
    } else {
        "not valid by itself, but the verdict does not hang on it:"
    };
    for check in &broken {
        let _ = writeln!(
            out,
            "{} {} {}; threshold: {}",
            painted(label, VerdictWord::Invalid, colour),
            check.rule,
            check.measured,
            check.threshold
        );
        if !check.hint.is_empty() {
            let _ = writeln!(out, "  {}", text::sentence(&check.hint));
        }
    }
    let checks = document.judgement.validity.iter();
    for told in checks.filter_map(|check| en::validity::browser_refused(&check.facts)) {
        let _ = writeln!(
            out,
            "{} {}",
            painted("limiter:", VerdictWord::Warn, colour),
            text::sentence(&told)
        );
    }
    if broken.is_empty() {
        let rules = document.judgement.validity.len() as u64;
        let _ = writeln!(out, "valid: {} held", text::plural(rules, "rule"));
    }
}

/// Services that died by themselves, with their last log lines.
fn deaths(out: &mut String, document: &Document, colour: bool) {
    for death in document.judgement.deaths() {
        let incident = en::container_incident(death);
        let _ = writeln!(out, "{} {incident}", painted("died:", VerdictWord::Fail, colour));
    }
    for (service, lines) in document.last_lines() {
        let _ = writeln!(out, "last lines of {service}:");
        for line in lines {
            let _ = writeln!(out, "  {line}");
        }
    }
}

/// Requests that did not succeed, each kind with its first answer.
fn failures(out: &mut String, document: &Document, colour: bool) {
    // A terminal shows what comes last; the verdict above must not scroll away.
    for row in document.failed.iter().take(MOST_FAILED) {
        let judged = if row.judged { "" } else { ", not judged" };
        let _ = writeln!(
            out,
            "{} {} {}: {} in phase {}{judged}, {}",
            painted("failed:", VerdictWord::Warn, colour),
            row.series,
            failed::answer(row.status, row.outcome),
            failed::count(row.count, row.requests),
            row.phase,
            failed::seconds(row.seconds),
        );
        let examples = [("first", &row.first), ("last", &row.last)];
        for (which, example) in examples {
            if let Some(example) = example {
                let _ = writeln!(out, "  {which} {}", failed::example(example));
            }
        }
    }
    let more = document.failed.len().saturating_sub(MOST_FAILED) as u64;
    if more > 0 {
        let _ = writeln!(out, "failed: {} more in the report", text::plural(more, "kind"));
    }
}

fn shortened(name: &str) -> String {
    if width(name) <= LONGEST_NAME {
        return name.to_owned();
    }
    // One letter gives way to the ellipsis.
    let kept: String = name.chars().take(LONGEST_NAME - 1).collect();
    format!("{}…", kept.trim_end())
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn painted(text: &str, word: VerdictWord, colour: bool) -> String {
    let code = match word {
        VerdictWord::Pass => "1;32",
        VerdictWord::Warn => "1;33",
        VerdictWord::Inconclusive => "1;36",
        VerdictWord::Fail => "1;31",
        VerdictWord::Invalid => "1;35",
    };
    wrapped(text, code, colour)
}

fn dimmed(text: &str, colour: bool) -> String {
    wrapped(text, "2", colour)
}

fn wrapped(text: &str, code: &str, colour: bool) -> String {
    if colour {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_table_is_aligned_and_fits_a_terminal() {
        let mut document = sample::document();
        document.judgement.verdicts[0].objective.name = "API response time of every step".to_owned();
        let text = terminal(&document, false);
        insta::assert_snapshot!(text, @r#"
        PASS  gate: every gating objective met

        objective                 stat   measured [95 %]             n  target    acceptable  verdict
        API response time of ev…  p95    54.2 ms [51.0 – 58.1]   2,640  < 100 ms  < 300 ms    PASS
        Frontend load time        p95    702 ms [611 – 741]         20  < 2 s     < 5 s       PASS
        Database query time       p95    15.2 ms [15.1 – 15.4]   8,640  < 50 ms   < 150 ms    PASS
        Uptime                    share  98.33 % [91.1 – 99.96]     60  ≥ 99.9 %  ≥ 99.5 %    INCONCLUSIVE (advisory)
        Error rate                share  0.21 % [0.07 – 0.48]    2,880  < 0.1 %   < 1 %       PASS

        Uptime: 59 of 60 slices answered: too few slices to tell (2,995 would do).
        Event `restart of the web tier` (restart of web, 2.5 s from 40 s on): 1 s unavailable, 1 of 132 requests failed; back within the objective 0 s after its end; 0.039 % of a month's budget.
        failed: tasks.list 500 (server-error): 4 of 960 (0.42 %) in phase steady, 20–62 s
          first GET /api/tasks at 20.8 s: {"statusCode":500}
          last GET /api/tasks at 62.5 s: {"statusCode":500}
        failed: users.list 500 (server-error): 2 of 240 (0.83 %) in phase steady, 10–41 s
          first GET /api/users at 10.4 s: {"statusCode":500}
          last GET /api/users at 41.7 s: {"statusCode":500}
        pages: Chromium 141.0: 20 page loads, p75 676 ms; slowest page dashboard (709 ms); its scripts waited for the API during 18 % of the time; 1 failed load; 1 failed request; 1 console error; 1 browser restart; first failed load: dashboard: the page was not ready within 15 s; the browser itself 1.11 times as slow as before the load.
        valid: 3 rules held
        database: 8,640 statement executions (144/s), p95 15.2 ms; 44.08 % of their time in SELECT * FROM tasks WHERE project_id = $1 (2,880 calls, mean 1.50 ms).
        database: UPDATE tasks SET status = $1 WHERE id = $2 waited 2,400 ms for a lock on tasks (3 times, longest 1,100 ms) held by a session (idle in transaction) after UPDATE projects SET name = $1 WHERE id = $2.
        planned 1,120 = started 1,120 + dropped 0
        started 1,120 = completed 1,116 + failed 4 + interrupted 0
        requests 3,360 = sum of all seconds 3,360
        "#);
        for line in text.lines().skip(2).take(6) {
            assert!(width(line) <= 110, "{} columns: {line}", width(line));
        }
    }

    #[test]
    fn what_is_not_valid_is_named_with_its_hint() {
        let mut document = sample::document();
        document.judgement.validity[0].valid = false;
        document.judgement.overall = VerdictWord::Invalid;
        document.identities[0].holds = false;
        let text = terminal(&document, false);
        assert!(
            text.contains("not valid: send lag p99 0.15 ms; threshold: at most 10 ms"),
            "{text}"
        );
        assert!(text.contains("Give the generator a core of its own."), "{text}");
        assert!(text.contains("DOES NOT ADD UP"), "{text}");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let document = sample::document();
        let coloured = terminal(&document, true);
        assert!(coloured.contains("\u{1b}[1;32mPASS\u{1b}[0m"));
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        plain.push_str(rest);
        assert_eq!(plain, terminal(&document, false));
    }
}
