//! A summary that fits a comment on a pull request.

use std::fmt::Write;

use super::{Exporter, Rendering};
use crate::evidence::FindingVerdict;
use crate::report::words::labels::BASELINE_COLUMNS;
use crate::report::words::{
    baseline as baseline_words, database as database_words, examination as examination_words,
    fidelity as fidelity_words, proxy as proxy_words, resources,
};
use crate::report::{Document, ReportError, RequestRow};
use crate::slo::{Verdict, VerdictWord};
use crate::words::en::{self, failed, text};
use crate::words::{Language, folded, unmarked};

/// The summary is read by programs too: it is always in English.
const ENGLISH: Language = Language::English;

/// Most series that are listed.
const MOST_SERIES: usize = 12;

/// Most statements that are listed.
const MOST_STATEMENTS: usize = 5;
/// Most characters of each statement.
const LONGEST_STATEMENT: usize = 160;

/// `summary.md`.
pub(super) struct Markdown;

impl Exporter for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn describe(&self) -> &'static str {
        "summary.md: verdict, objectives and busiest series, for a comment on a pull request"
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = writeln!(
            out,
            "## {} {}: {}\n",
            sign(document.judgement.overall),
            document.judgement.overall.name(),
            escaped(&document.plan.scenario)
        );
        for sentence in &document.summary {
            let _ = writeln!(out, "- {}", escaped(sentence));
        }
        objectives(&mut out, document);
        baseline(&mut out, document);
        validity(&mut out, document);
        fidelity(&mut out, document);
        series(&mut out, document);
        failures(&mut out, document);
        last_lines(&mut out, document);
        database(&mut out, document);
        proxy(&mut out, document);
        containers(&mut out, document);
        examination(&mut out, document);
        origin(&mut out, document);
        Ok(vec![Rendering::new("summary.md", out)])
    }
}

/// The run held against its baseline.
fn baseline(out: &mut String, document: &Document) {
    let Some(comparison) = &document.baseline else {
        return;
    };
    let _ = writeln!(
        out,
        "\n{}",
        escaped(&unmarked(&baseline_words::opening(comparison, ENGLISH)))
    );
    let rows = comparison.objectives.iter().map(|row| {
        let mut cells = vec![
            format!("{} {}", row.name, row.statistic),
            ENGLISH.wording().change(row.change).to_owned(),
        ];
        cells.extend(baseline_words::values(row, ENGLISH));
        cells
    });
    table(out, &BASELINE_COLUMNS.english, rows);
}

/// Findings of the examination without load that are not met or should be improved.
fn examination(out: &mut String, document: &Document) {
    let Some(examination) = &document.examination else {
        return;
    };
    let told = unmarked(&examination_words::opening(examination, ENGLISH));
    let _ = writeln!(
        out,
        "\n<details><summary>Examination without load</summary>\n\n{}\n",
        escaped(&told)
    );
    let findings = examination.findings.iter();
    let rows = findings
        // A comment on a pull request names what somebody has to do; the page lists the rest.
        .filter(|finding| finding.word > FindingVerdict::Unknown)
        .map(|finding| {
            vec![
                finding.check.clone(),
                finding.word.name().to_owned(),
                unmarked(&ENGLISH.wording().finding(&finding.fact)),
            ]
        });
    table(out, &["check", "finding", "evidence"], rows);
    out.push_str("\n</details>\n");
}

fn fidelity(out: &mut String, document: &Document) {
    let Some((replay, found)) = document.plan.load.replay.as_ref().zip(document.fidelity.as_ref()) else {
        return;
    };
    out.push_str("\n<details><summary>Fidelity of the replay</summary>\n\n");
    for sentence in fidelity_words::sentences(replay, found, ENGLISH) {
        let _ = writeln!(out, "- {}", escaped(&sentence));
    }
    for (columns, rows) in [
        (
            &fidelity_words::LEFT_OUT_COLUMNS.english[..],
            fidelity_words::left_out(replay, ENGLISH),
        ),
        (
            &fidelity_words::MIX_COLUMNS.english[..],
            fidelity_words::mix(found, ENGLISH),
        ),
        (
            &fidelity_words::STATUS_COLUMNS.english[..],
            fidelity_words::statuses(found, ENGLISH),
        ),
        (
            &fidelity_words::TIMES_COLUMNS.english[..],
            fidelity_words::times(found, ENGLISH),
        ),
    ] {
        if !rows.is_empty() {
            out.push('\n');
            table(out, columns, rows.into_iter());
        }
    }
    out.push_str("\n</details>\n");
}

fn proxy(out: &mut String, document: &Document) {
    let Some(proxy) = &document.proxy else { return };
    out.push_str("\n<details><summary>Where the time went</summary>\n\n");
    table(
        out,
        &proxy_words::COLUMNS.english,
        proxy_words::rows(proxy, ENGLISH).into_iter(),
    );
    for note in proxy_words::notes(proxy, ENGLISH) {
        let _ = writeln!(out, "\n{}", escaped(&note));
    }
    out.push_str("\n</details>\n");
}

fn containers(out: &mut String, document: &Document) {
    if document.containers.is_empty() {
        return;
    }
    out.push_str("\n<details><summary>Containers</summary>\n\n");
    let rows = document
        .containers
        .iter()
        .map(|container| resources::row(container, ENGLISH));
    table(out, &resources::COLUMNS.english, rows);
    out.push('\n');
    let moved = document.containers.iter();
    let moved = moved.filter_map(|container| resources::changed_usage(container, ENGLISH));
    table(out, &resources::MOVED_COLUMNS.english, moved);
    out.push_str("\n</details>\n");
}

fn table(out: &mut String, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |\n|{}", header.join(" | "), "---|".repeat(header.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn objectives(out: &mut String, document: &Document) {
    out.push_str("\n| objective | statistic | measured [95 %] | n | target | acceptable | verdict |\n");
    out.push_str("|---|---|---|---:|---|---|---|\n");
    for verdict in &document.judgement.verdicts {
        let _ = writeln!(out, "{}", objective(verdict));
    }
}

fn objective(verdict: &Verdict) -> String {
    let objective = &verdict.objective;
    let (statistic, measured, samples) = verdict.measurement.as_ref().map_or_else(
        || ("–".to_owned(), "not measured".to_owned(), "–".to_owned()),
        |measurement| {
            (
                measurement.statistic.clone(),
                text::measured(measurement),
                text::count(measurement.samples),
            )
        },
    );
    let advisory = if objective.gate { "" } else { " (advisory)" };
    format!(
        "| {} | {} | {} | {samples} | {} | {} | {} {}{advisory} |",
        escaped(&objective.name),
        escaped(&statistic),
        escaped(&measured),
        escaped(&text::limit(objective, objective.target)),
        escaped(&text::limit(objective, objective.acceptable)),
        sign(verdict.word),
        verdict.word.name(),
    )
}

fn validity(out: &mut String, document: &Document) {
    let checks = &document.judgement.validity;
    let held = checks.iter().filter(|check| check.valid).count();
    let _ = writeln!(out, "\nValidity: {held} of {} rules held.", checks.len());
    for check in checks.iter().filter(|check| !check.valid).map(en::validity::check) {
        let _ = writeln!(
            out,
            "- **{}** {}; threshold: {}. {}",
            escaped(&check.rule),
            escaped(&check.measured),
            escaped(&check.threshold),
            escaped(&text::sentence(&check.hint))
        );
    }
    for told in checks
        .iter()
        .filter_map(|check| en::validity::browser_refused(&check.facts))
    {
        let _ = writeln!(out, "- {}", escaped(&text::sentence(&told)));
    }
    for sentence in &document.not_measured {
        let _ = writeln!(out, "- Not measured. {}", escaped(sentence));
    }
}

fn series(out: &mut String, document: &Document) {
    let rows: Vec<&RequestRow> = document.series.iter().filter(|row| row.requests > 0).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary>Busiest series</summary>\n");
    out.push_str("| series | requests | /s | p50 | p95 | p99 | errors | rate-limited |\n");
    out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for row in document.all().into_iter().chain(rows.into_iter().take(MOST_SERIES)) {
        let time = |value| text::percentile(value, row.requests);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            escaped(&row.label()),
            text::count(row.requests),
            text::digits(row.per_second),
            time(row.response.p50),
            time(row.response.p95),
            time(row.response.p99),
            text::count(row.errors),
            text::count(row.rate_limited)
        );
    }
    out.push_str("\n</details>\n");
    transactions(out, document);
}

fn transactions(out: &mut String, document: &Document) {
    if document.transactions.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary>Transactions</summary>\n");
    out.push_str("| transaction | made | p50 | p95 | p99 |\n");
    out.push_str("|---|---:|---:|---:|---:|\n");
    for row in &document.transactions {
        let time = |value| text::percentile(value, row.requests);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            escaped(&row.label()),
            text::count(row.requests),
            time(row.response.p50),
            time(row.response.p95),
            time(row.response.p99)
        );
    }
    out.push_str("\n</details>\n");
}

fn last_lines(out: &mut String, document: &Document) {
    for (service, lines) in document.last_lines() {
        let _ = writeln!(
            out,
            "\n<details><summary>Last log lines of {}</summary>\n",
            escaped(service)
        );
        for line in lines {
            // Indented by four: a block of code in which a log line can close no fence.
            let _ = writeln!(out, "    {line}");
        }
        out.push_str("\n</details>\n");
    }
}

fn failures(out: &mut String, document: &Document) {
    if document.failed.is_empty() {
        return;
    }
    out.push_str("\n<details><summary>Requests that did not succeed</summary>\n\n");
    out.push_str("| series | phase | answer | requests | seconds | first example |\n");
    out.push_str("|---|---|---|---:|---:|---|\n");
    for row in document.failed.iter().take(MOST_SERIES) {
        let first = row.first.as_ref().map(failed::example);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            escaped(&row.series),
            escaped(&row.phase),
            failed::answer(row.status, row.outcome),
            failed::count(row.count, row.requests),
            failed::seconds(row.seconds),
            escaped(first.as_deref().unwrap_or("–"))
        );
    }
    out.push_str("\n</details>\n");
}

fn database(out: &mut String, document: &Document) {
    let Some(database) = &document.database else { return };
    let Some(headline) = database_words::headline(database, ENGLISH) else {
        return;
    };
    let _ = writeln!(
        out,
        "\n<details><summary>Database</summary>\n\n- {}",
        escaped(&headline)
    );
    for finding in database_words::findings(database, ENGLISH) {
        let _ = writeln!(out, "- {}", escaped(&finding));
    }
    out.push_str("\n| statement | share of time | calls | mean | p50 | p95 | longest | rows |\n");
    out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for statement in database.observed.statements.iter().take(MOST_STATEMENTS) {
        let percentile = |name| text::optional(statement.percentile(name));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            escaped(&folded(&statement.query, LONGEST_STATEMENT)),
            text::share(database.share(statement.total_ms)),
            text::count(statement.calls),
            text::millis(statement.mean_ms),
            percentile("p50"),
            percentile("p95"),
            text::millis(statement.max_ms),
            text::count(statement.rows)
        );
    }
    out.push_str("\n</details>\n");
}

fn origin(out: &mut String, document: &Document) {
    let environment = &document.environment;
    let _ = writeln!(
        out,
        "\n<sub>{} · {} · {} cores, {} · seed {} · diapason {}</sub>",
        document.started.strftime("%Y-%m-%d %H:%M UTC"),
        escaped(&environment.processor),
        environment.cores,
        text::bytes(environment.memory as f64),
        document.plan.seed,
        escaped(&environment.diapason)
    );
}

fn sign(word: VerdictWord) -> &'static str {
    match word {
        VerdictWord::Pass => "✅",
        VerdictWord::Warn => "⚠️",
        VerdictWord::Inconclusive => "❔",
        VerdictWord::Fail => "❌",
        VerdictWord::Invalid => "🚫",
    }
}

/// Text that neither ends a table's cell nor becomes markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in unmarked(text).chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '`' | '[' | ']' | '\\' | '#' => {
                out.push('\\');
                out.push(letter);
            }
            // A line break would end the row of a table.
            '\n' | '\r' => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn render(document: &Document) -> String {
        Markdown.render(document).unwrap().remove(0).content
    }

    #[test]
    fn every_objective_has_a_row_and_tables_stay_tables() {
        let mut document = sample::document();
        document.judgement.verdicts[0].objective.name = "a | b\n<script>".to_owned();
        let text = render(&document);
        assert!(text.contains("| a \\| b &lt;script> | p95 |"), "{text}");
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        for line in text.lines().filter(|line| line.starts_with('|')) {
            assert!(matches!(columns(line), 7..=9), "{line}");
        }
    }

    #[test]
    fn it_fits_a_comment() {
        let text = render(&sample::document());
        assert!(text.len() < 60_000, "{} bytes", text.len());
        assert!(text.starts_with("## ✅ PASS: gate"), "{text}");
    }
}
