//! The comparison in Markdown, short enough for a comment on a pull request.

use std::fmt::Write;

use super::super::{Change, Comparison, MeasureKind, Row, wording};
use crate::words::{Language, unmarked};

/// `comparison.md`.
pub(super) fn page(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(
        out,
        "## {} {}: {}\n",
        sign(comparison.change),
        escaped(&comparison.scenario),
        escaped(&unmarked(&wording::answer(comparison, Language::English)))
    );
    let _ = writeln!(
        out,
        "- base: {}",
        escaped(&unmarked(&wording::side(&comparison.base, Language::English)))
    );
    let _ = writeln!(
        out,
        "- new: {}",
        escaped(&unmarked(&wording::side(&comparison.new, Language::English)))
    );
    for reason in &comparison.overruled {
        let _ = writeln!(out, "- **compared although** {}", escaped(reason));
    }
    table(&mut out, "objective", comparison.of(MeasureKind::Objective));
    out.push_str("\n<details><summary>Series</summary>\n");
    table(&mut out, "series", comparison.of(MeasureKind::Series));
    out.push_str("\n</details>\n");
    let named: Vec<_> = comparison
        .differences
        .iter()
        .filter(|difference| !difference.blocks)
        .collect();
    if !named.is_empty() {
        out.push_str("\n<details><summary>What else differs between the runs</summary>\n\n");
        for difference in named {
            let _ = writeln!(out, "- {}", escaped(&difference.to_string()));
        }
        out.push_str("\n</details>\n");
    }
    let _ = writeln!(out, "\n{}", wording::method(comparison, Language::English));
    out
}

fn table<'a>(out: &mut String, title: &str, rows: impl Iterator<Item = &'a Row>) {
    let _ = writeln!(out, "\n| {title} | base | new | change |\n|---|---:|---:|---|");
    for row in rows {
        let ranks = wording::ranks(row, Language::English)
            .map(|ranks| format!("; {ranks}"))
            .unwrap_or_default();
        let advisory = if row.kind == MeasureKind::Objective && !row.gate {
            " (advisory)"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {}{}{advisory} |",
            escaped(&wording::name(row)),
            escaped(&wording::value(row.base, row.unit)),
            escaped(&wording::value(row.new, row.unit)),
            escaped(&wording::sentence(row, Language::English)),
            escaped(&ranks),
        );
    }
}

fn sign(change: Change) -> &'static str {
    match change {
        Change::Regressed => "❌",
        Change::Undecided => "❔",
        Change::Similar | Change::Unchanged | Change::Improved => "✅",
    }
}

/// Escapes text so that it neither ends a table cell nor begins a tag.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
