//! The verdict table on the terminal.

use std::fmt::Write;

use super::text;
use super::Document;
use crate::slo::{Verdict, Word};

/// Widest objective name; with the other columns at their widest the table stays within 110 columns.
const LONGEST_NAME: usize = 26;

/// One cell with the words that colour it.
struct Row {
    cells: [String; 7],
    word: Option<Word>,
}

/// Verdict, table, validity problems and load identities, ready to print; ends with a line break.
pub fn terminal(document: &Document, colour: bool) -> String {
    let mut out = String::new();
    let word = document.judgement.overall;
    // Writing into a string cannot fail.
    let _ = writeln!(
        out,
        "{}  {}: {}\n",
        painted(text::word(word), word, colour),
        document.plan.scenario,
        document.exit.meaning
    );
    table(&mut out, document, colour);
    notes(&mut out, document, colour);
    out
}

fn table(out: &mut String, document: &Document, colour: bool) {
    let header = ["objective", "statistic", "measured [95 %]", "n", "target", "acceptable", "verdict"];
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
                (3, _) => line.push_str(&format!("{pad}{cell}  ")),
                _ => line.push_str(&format!("{cell}{pad}  ")),
            }
        }
        if row.word.is_none() {
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
            format!("{}{advisory}", text::word(verdict.word)),
        ],
        word: Some(verdict.word),
    }
}

fn notes(out: &mut String, document: &Document, colour: bool) {
    let _ = writeln!(out);
    for verdict in &document.judgement.verdicts {
        if verdict.word != Word::Pass {
            let _ = writeln!(out, "{}: {}", verdict.objective.name, verdict.reason);
        }
    }
    let broken: Vec<_> = document.judgement.validity.iter().filter(|check| !check.valid).collect();
    for check in &broken {
        let _ = writeln!(
            out,
            "{} {}: {}, threshold {}",
            painted("not valid:", Word::Invalid, colour),
            check.name,
            check.measured,
            check.threshold
        );
        if !check.hint.is_empty() {
            let _ = writeln!(out, "  {}", check.hint);
        }
    }
    if broken.is_empty() {
        let rules = document.judgement.validity.len() as u64;
        let _ = writeln!(out, "valid: {} held", text::plural(rules, "rule"));
    }
    for identity in &document.identities {
        let sign = if identity.holds { "" } else { "  DOES NOT ADD UP" };
        let _ = writeln!(out, "{}{sign}", dimmed(&identity.statement, colour));
    }
}

fn shortened(name: &str) -> String {
    if width(name) <= LONGEST_NAME {
        return name.to_owned();
    }
    let kept: String = name.chars().take(LONGEST_NAME - 1).collect();
    format!("{}…", kept.trim_end())
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn painted(text: &str, word: Word, colour: bool) -> String {
    let code = match word {
        Word::Pass => "1;32",
        Word::Warn => "1;33",
        Word::Inconclusive => "1;36",
        Word::Fail => "1;31",
        Word::Invalid => "1;35",
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
